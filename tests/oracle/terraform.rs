//! The ten fixed schemas before the oracle and before the real Terraform: both must give the same verdict on every right and wrong answer.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use lab::process::Outcome;
use lab::terraform::{Workspace, required};
use lab::{build, need, programs};

use crate::f::path::Path as ValuePath;
use crate::f::value::Value;
use crate::fixed::{Fixed, RIGHT, all, answering, damaged, known};
use crate::generic::Subject;
use crate::rules::{APPLY_RULES, ApplyCase, FINAL_RULES, FinalCase, PLAN_RULES, PlanCase, Rule, judge};

/// Rules of the protocol or of ours that Terraform itself doesn't enforce.
const NOT_ENFORCED: [&str; 2] = ["replace paths are sorted and single", "nothing becomes unknown without a change"];

/// What Terraform says of a wrong answer.
const REFUSALS: [&str; 4] = [
    "Provider produced invalid plan",
    "Provider produced inconsistent final plan",
    "Provider produced inconsistent result after apply",
    "Provider returned invalid result object after apply",
];

// --- verdicts ---------------------------------------------------------------------------------------

/// One resource of the configuration: a fixed schema and a way to answer.
struct Instance<'a> {
    fixed: &'a Fixed,
    answer: &'static str,
    /// Unlike that of any other instance, so that messages can be assigned.
    label: String,
}

fn instances(fixed: &[Fixed]) -> Vec<Instance<'_>> {
    let one = |fixed| move |answer| Instance { fixed, answer, label: String::new() };
    let all = fixed.iter().flat_map(|fixed| [RIGHT].iter().chain(fixed.answers).copied().map(one(fixed)));
    all.enumerate().map(|(number, instance)| Instance { label: format!("m{number:03}"), ..instance }).collect()
}

impl Instance<'_> {
    fn stage(&self) -> &str {
        self.answer.split(' ').next().unwrap_or_default()
    }

    /// The value with the answer's operation done to it.
    fn damaged(&self, value: &Value) -> Value {
        let mut words = self.answer.split(' ').skip(1);
        damaged(value, words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    fn before(&self, answer: &str) -> Value {
        answering(&self.fixed.before, answer)
    }

    fn after(&self, answer: &str) -> Value {
        answering(&self.fixed.after, answer)
    }

    /// What the oracle holds against the change from `prior` to `config`, at plan and after it.
    fn judged(&self, prior: &Value, config: &Value) -> [Vec<String>; 2] {
        let subject = Subject::new(&self.fixed.schema, Vec::new());
        let plan = |prior: &Value, config: &Value| {
            let answer = subject.plan(prior, config);
            assert!(answer.diagnostics.is_empty(), "{}: {:?}", self.label, answer.diagnostics);
            let lies = self.stage() == "plan" || (self.stage() == "final" && config.is_wholly_known());
            let planned = if lies { self.damaged(&answer.planned) } else { answer.planned };
            (planned, answer.replace)
        };
        let (first, mut replace) = plan(prior, config);
        let replaced = !replace.is_empty();
        if self.stage() == "replace" {
            let path = self.answer.split(' ').nth(1).unwrap_or_default().split('.');
            replace = vec![path.fold(ValuePath::root(), |path, step| match step.parse() {
                Ok(index) => path.index(index),
                Err(_) => path.attribute(step),
            })];
        }
        let at_plan = enforced(&PLAN_RULES, &self.plan_case(prior, config, &first, replace));
        // What is replaced is planned again, as new; and everything is planned again when all is known.
        let prior = if replaced { &Value::Null } else { prior };
        let first = if replaced { plan(prior, config).0 } else { first };
        let config = known(config);
        let (second, _) = plan(prior, &config);
        let mut later = enforced(&PLAN_RULES, &self.plan_case(prior, &config, &second, Vec::new()));
        later.extend(enforced(&FINAL_RULES, &FinalCase { prior: prior.clone(), first, second: second.clone() }));
        let honest = subject.apply(prior, &config, &second).state;
        let applied = if self.stage() == "apply" { self.damaged(&honest) } else { honest };
        let case = ApplyCase { schema: self.fixed.schema.clone(), planned: second, applied };
        later.extend(enforced(&APPLY_RULES, &case));
        [at_plan, later]
    }

    fn plan_case(&self, prior: &Value, config: &Value, planned: &Value, replace: Vec<ValuePath>) -> PlanCase {
        PlanCase {
            schema: self.fixed.schema.clone(),
            config: config.clone(),
            prior: prior.clone(),
            planned: planned.clone(),
            replace,
        }
    }

    /// What a right answer makes of the configuration before the change.
    fn made(&self) -> Value {
        let subject = Subject::new(&self.fixed.schema, Vec::new());
        let config = self.before(RIGHT);
        let planned = subject.plan(&Value::Null, &config).planned;
        subject.apply(&Value::Null, &config, &planned).state
    }
}

fn enforced<C>(rules: &[Rule<C>], case: &C) -> Vec<String> {
    let found = judge(rules, case);
    found.into_iter().filter(|text| !NOT_ENFORCED.iter().any(|rule| text.starts_with(rule))).collect()
}

// --- configurations ---------------------------------------------------------------------------------

const ADDRESS: &str = "registry.terraform.io/test/oracle";

/// The configuration of these instances, each with what it is to be; `later` names what its unknown values come from.
fn configuration(instances: &[(&Instance<'_>, Value)], later: &str) -> String {
    let mut text = required(ADDRESS);
    let _ = writeln!(text, "resource \"terraform_data\" \"{later}\" {{\n  input = \"later\"\n}}");
    for (instance, config) in instances {
        let _ = writeln!(text, "resource \"{}\" \"{}\" {{", instance.fixed.name, instance.label);
        for (name, value) in config.entries().into_iter().flatten() {
            let _ = writeln!(text, "  {name} = {}", hcl(value, later));
        }
        text.push_str("}\n");
    }
    text
}

fn hcl(value: &Value, later: &str) -> String {
    let items = |items: &[Value]| items.iter().map(|item| hcl(item, later)).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null => "null".to_owned(),
        Value::Unknown(refinement) if refinement.not_null => format!("\"x${{terraform_data.{later}.output}}\""),
        Value::Unknown(_) => format!("terraform_data.{later}.output"),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::List(list) | Value::Set(list) => format!("[{}]", items(list)),
        Value::Map(map) | Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(key, item)| format!("{key} = {}", hcl(item, later))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

// --- the real program -------------------------------------------------------------------------------

struct Terraform(Workspace);

impl Terraform {
    fn new(program: &Path, provider: &Path) -> Terraform {
        Terraform(Workspace::overriding(program, &[ADDRESS], provider))
    }

    fn run(&self, configuration: &str, arguments: &[&str]) -> Outcome {
        self.0.main(configuration);
        self.0.run(arguments)
    }

    /// What Terraform holds against each instance, by label; anything else that goes wrong fails the test.
    fn refusals(&self, configuration: &str, arguments: &[&str]) -> BTreeMap<String, Vec<String>> {
        let output = self.run(configuration, arguments);
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in output.stdout.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            if line["diagnostic"]["severity"] != "error" {
                continue;
            }
            let text = |key: &str| line["diagnostic"][key].as_str().unwrap_or_default().to_owned();
            let (summary, detail) = (text("summary"), text("detail"));
            assert!(REFUSALS.contains(&summary.as_str()), "{summary}: {detail}");
            found.entry(label(&detail)).or_default().push(format!("{summary}: {detail}"));
        }
        assert!(output.status == 0 || !found.is_empty(), "{}", output.stderr);
        found
    }
}

/// The label of the instance that a message is about: `.m` and three digits.
fn label(detail: &str) -> String {
    let at = detail.match_indices(".m").map(|(at, _)| &detail[at + 1..]);
    let mut labels = at.filter_map(|rest| rest.get(..4)).filter(|text| text[1..].chars().all(|c| c.is_ascii_digit()));
    labels.next().unwrap_or_else(|| panic!("no instance in {detail}")).to_owned()
}

// --- the comparison ---------------------------------------------------------------------------------

/// Verdicts that differ, and how many there were of each kind.
#[derive(Default)]
struct Comparison {
    refused: usize,
    accepted: usize,
    differences: Vec<String>,
}

impl Comparison {
    fn add(&mut self, what: &str, instance: &Instance<'_>, oracle: &[String], terraform: Option<&Vec<String>>) {
        *(if oracle.is_empty() { &mut self.accepted } else { &mut self.refused }) += 1;
        if oracle.is_empty() != terraform.is_none() {
            self.differences.push(format!(
                "{what} of {} answering \"{}\": oracle {oracle:?}, terraform {terraform:?}",
                instance.fixed.name, instance.answer
            ));
        }
    }

    /// Plans, then applies: wrong answers to a plan are not there for the apply, because none would begin.
    fn change(&mut self, what: &str, terraform: &Terraform, instances: &[Instance<'_>], step: &Step<'_>) {
        let config = |instance: &Instance<'_>, answer: &str| (step.config)(instance, answer);
        let verdict =
            |instance: &Instance<'_>| instance.judged(&(step.prior)(instance), &config(instance, instance.answer));
        let planned: Vec<_> = instances.iter().map(|i| (i, config(i, i.answer))).collect();
        let refusals = terraform.refusals(&configuration(&planned, step.later), &["plan", "-json"]);
        for instance in instances {
            self.add(&format!("{what}, plan"), instance, &verdict(instance)[0], refusals.get(&instance.label));
        }
        let late = |instance: &Instance<'_>| matches!(instance.stage(), "final" | "apply");
        let answer = |instance: &Instance<'_>| if late(instance) { instance.answer } else { RIGHT };
        let applied: Vec<_> = instances.iter().map(|i| (i, config(i, answer(i)))).collect();
        let refusals = terraform.refusals(&configuration(&applied, step.later), &["apply", "-auto-approve", "-json"]);
        for instance in instances {
            let oracle = if late(instance) { verdict(instance)[1].clone() } else { Vec::new() };
            self.add(&format!("{what}, apply"), instance, &oracle, refusals.get(&instance.label));
        }
    }
}

/// A change of every instance.
struct Step<'a> {
    prior: &'a dyn Fn(&Instance<'_>) -> Value,
    config: &'a dyn Fn(&Instance<'_>, &str) -> Value,
    /// What the unknown values come from: made by this step, so that they are unknown.
    later: &'static str,
}

#[test]
fn terraform_gives_the_oracles_verdicts() {
    let program = need!(programs::terraform());
    let provider = build::example("oracle_provider");
    let fixed = all();
    let instances = instances(&fixed);
    let mut comparison = Comparison::default();

    let creates = Terraform::new(&program, &provider);
    let nothing = |_: &Instance<'_>| Value::Null;
    let step = Step { prior: &nothing, config: &|i, answer| i.after(answer), later: "first" };
    comparison.change("create", &creates, &instances, &step);

    let updates = Terraform::new(&program, &provider);
    let right: Vec<_> = instances.iter().map(|i| (i, i.before(RIGHT))).collect();
    let right = configuration(&right, "first");
    assert!(updates.refusals(&right, &["apply", "-auto-approve", "-json"]).is_empty(), "right answers");
    let again = updates.run(&right, &["plan", "-detailed-exitcode"]);
    assert_eq!(again.status, 0, "a second plan changes nothing: {}", again.said());
    let made = |instance: &Instance<'_>| instance.made();
    let step = Step { prior: &made, config: &|i, answer| i.after(answer), later: "second" };
    comparison.change("update", &updates, &instances, &step);

    println!("{} answers accepted, {} refused", comparison.accepted, comparison.refused);
    assert_eq!(comparison.differences, Vec::<String>::new());
    assert!(comparison.refused > 100 && comparison.accepted > 100, "both verdicts must occur");
}

/// Every schema passes with right answers and has wrong ones that the oracle refuses, with or without the real program.
#[test]
fn every_fixed_schema_has_right_and_wrong_answers() {
    let fixed = all();
    assert_eq!(fixed.len(), 10);
    let instances = instances(&fixed);
    for schema in &fixed {
        let verdicts: Vec<bool> = instances
            .iter()
            .filter(|instance| instance.fixed.name == schema.name)
            .map(|instance| instance.judged(&instance.made(), &instance.after(instance.answer)).concat().is_empty())
            .collect();
        assert!(verdicts[0], "{}: the right answer", schema.name);
        assert!(verdicts.iter().filter(|fine| !**fine).count() >= 3, "{}: {verdicts:?}", schema.name);
    }
}
