//! One cell: a fault at a call of a step, what the user does next, and what must hold.

use std::collections::BTreeSet;

use lab::call::Call;
use lab::fake::{Account, Moment, watch};

use crate::configuration::Configuration;
use crate::fault::Kind;
use crate::holdings;
use crate::lifecycle::{self, Act, Step};
use crate::terraform::{Outcome, State, Terraform};
use crate::wire::{Order, Wire};

/// What the user does after the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Next {
    /// The same again.
    Again,
    /// Destroys everything.
    Destroy,
    /// Takes the change back.
    Back,
    /// Makes another change.
    Other,
}

impl Next {
    pub const ALL: [Next; 4] = [Next::Again, Next::Destroy, Next::Back, Next::Other];
}

/// A step whose beginning, calls and results are known.
pub struct Prepared {
    pub step: Step,
    begin: Moment,
    state: State,
    foreign: Vec<String>,
    others: String,
    /// The calls of the step without a fault.
    pub calls: Vec<Call>,
    /// How many of them come before the apply: reads.
    pub reads: usize,
    /// What a user expects to have after each of the continuations.
    before: String,
    after: String,
    other: String,
}

/// What was broken, for a person.
pub type Broken = String;

impl Prepared {
    /// Does the step without a fault.
    pub async fn new(step: Step) -> Prepared {
        let wire = Wire::to(Account::default());
        let foreign = lifecycle::foreign(&wire.account);
        let mut terraform = Terraform { wire: wire.clone(), state: State::new() };
        well(&terraform.apply(&step.before).await, step.name);
        lifecycle::guests(&wire.account);
        well(&terraform.refresh().await, step.name);
        let before = holdings::ours(&wire.account);
        (step.outside)(&wire.account);
        if matches!(step.act, Act::Import(_)) {
            terraform.state.clear();
        }
        let mut prepared = Prepared {
            begin: wire.account.moment(),
            state: terraform.state,
            others: holdings::of(&wire.account, &foreign),
            step,
            foreign,
            calls: Vec::new(),
            reads: 0,
            before,
            after: String::new(),
            other: String::new(),
        };
        let mut again = prepared.start();
        again.wire.order(None);
        let outcome = perform(&mut again, &prepared.step.act).await;
        well(&outcome, prepared.step.name);
        prepared.calls = again.wire.calls();
        prepared.reads = prepared.calls.iter().position(Call::is_mutating).unwrap_or(prepared.calls.len());
        well(&again.refresh().await, prepared.step.name);
        prepared.after = holdings::ours(&again.wire.account);
        let mut other = prepared.start();
        if matches!(prepared.step.act, Act::Import(_)) {
            well(&perform(&mut other, &prepared.step.act).await, prepared.step.name);
        }
        well(&other.apply(&prepared.step.other).await, prepared.step.name);
        well(&other.refresh().await, prepared.step.name);
        prepared.other = holdings::ours(&other.wire.account);
        prepared
    }

    fn start(&self) -> Terraform {
        Terraform { wire: Wire::to(Account::at(&self.begin)), state: self.state.clone() }
    }

    /// The faults that make sense at this call.
    pub fn faults(&self, call: usize) -> Vec<Kind> {
        let of_apply = call >= self.reads;
        Kind::ALL.into_iter().filter(|kind| of_apply || !(kind.is_kill() || *kind == Kind::Stopped)).collect()
    }

    /// A fault at a call, and then each of the ways to go on.
    pub async fn run(&self, order: Order) -> Vec<(Next, Result<(), Broken>)> {
        let mut terraform = self.start();
        terraform.wire.order(Some(order));
        let stored = terraform.state.clone();
        let outcome = perform(&mut terraform, &self.step.act).await;
        let calls = terraform.wire.calls();
        if order.kind == Kind::KilledUnstored {
            terraform.state = stored;
        }
        let at_once = self.check_fault(order.kind, &outcome, &calls, &terraform);
        let moment = terraform.wire.account.moment();
        let mut results = Vec::new();
        for next in Next::ALL {
            let wire = Wire::to(Account::at(&moment));
            let mut on = Terraform { wire: wire.clone(), state: terraform.state.clone() };
            let result = match &at_once {
                Ok(()) => self.go_on(&mut on, next, order.kind).await,
                Err(broken) => Err(broken.clone()),
            };
            let result = result.map_err(|broken| {
                let text = |calls: &[Call]| calls.iter().map(shown).collect::<Vec<_>>().join("\n  ");
                let then: Vec<Call> = on.wire.calls().into_iter().filter(Call::is_mutating).collect();
                let (first, then) = (text(&calls), text(&then));
                format!("{broken}\n\nThe faulty command was told:\n{}\nIts calls:\n  {first}\nThen:\n  {then}\n", outcome.text())
            });
            results.push((next, result));
        }
        results
    }

    fn check_fault(&self, kind: Kind, outcome: &Outcome, calls: &[Call], terraform: &Terraform) -> Result<(), Broken> {
        let text = outcome.text();
        demand(!text.contains("bug in the provider"), || format!("the provider blames itself: {text}"))?;
        demand(!kind.passes() || !outcome.failed(), || format!("a fault that passes failed the command: {text}"))?;
        self.check_others(terraform)?;
        if !outcome.failed() && !matches!(self.step.act, Act::Refresh(_)) {
            let now = unmarked(&holdings::ours(&terraform.wire.account));
            demand(now == unmarked(&self.after), || {
                format!("success was reported, but the account holds\n{}", difference(&unmarked(&self.after), &now))
            })?;
        }
        if kind.is_broken_answer() {
            let own = ["AddTags", "RemoveTags", "DeleteListener"];
            let usual: BTreeSet<&str> = self.calls.iter().map(|call| call.action.as_str()).chain(own).collect();
            let odd: Vec<String> =
                calls.iter().filter(|call| call.is_mutating() && !usual.contains(call.action.as_str())).map(shown).collect();
            demand(odd.is_empty(), || format!("steps were taken on a broken answer: {odd:?}"))?;
        }
        Ok(())
    }

    async fn go_on(&self, terraform: &mut Terraform, next: Next, kind: Kind) -> Result<(), Broken> {
        let none = Configuration::none();
        let (config, expected) = match next {
            Next::Again => (self.step.act.configuration(), &self.after),
            Next::Back => (&self.step.before, &self.before),
            Next::Other => (&self.step.other, &self.other),
            Next::Destroy => (&none, &String::new()),
        };
        let imports = matches!(self.step.act, Act::Import(_));
        if imports {
            let outcome = import(terraform, self.step.act.configuration()).await;
            demand(!outcome.failed(), || format!("{next:?}: the import fails: {}", outcome.text()))?;
        }
        let mut outcome = terraform.apply(config).await;
        if outcome.failed() && kind == Kind::KilledUnstored && outcome.text().contains("import {") {
            let told = outcome.text();
            outcome = import(terraform, config).await;
            demand(!outcome.failed(), || format!("{next:?}: the import that was proposed fails: {}\n{told}", outcome.text()))?;
            outcome = terraform.apply(config).await;
        }
        demand(!outcome.failed(), || format!("{next:?}: the next apply fails: {}", outcome.text()))?;
        let plan = terraform.plan(config).await;
        demand(!plan.failed(), || format!("{next:?}: the next plan fails: {}", plan.text()))?;
        demand(plan.changes.is_empty(), || format!("{next:?}: the next plan isn't empty: {}", plan.text()))?;
        let now = holdings::ours(&terraform.wire.account);
        demand(now == *expected, || format!("{next:?}: the account holds\n{}", difference(expected, &now)))?;
        self.check_others(terraform)?;
        // A load balancer that is made anew has new listeners, so this looks at what stays.
        let snapshots = terraform.wire.account.snapshots();
        let lost = watch::first_loss(&snapshots, |view| view.registered);
        let may_lose = self.may_lose() || next == Next::Destroy || config.balancer.is_none();
        demand(may_lose || lost.is_none(), || format!("{next:?}: a listener lost its last target: {lost:#?}"))?;
        let outcome = terraform.apply(&none).await;
        demand(!outcome.failed(), || format!("{next:?}: the destroy at the end fails: {}", outcome.text()))?;
        let left = holdings::ours(&terraform.wire.account);
        demand(left.is_empty(), || format!("{next:?}: the destroy at the end leaves {left}"))?;
        self.check_others(terraform)
    }

    /// Whether the step itself takes a listener's last target away.
    fn may_lose(&self) -> bool {
        ["detached", "other groups", "drift", "replaced"].contains(&self.step.name)
    }

    fn check_others(&self, terraform: &Terraform) -> Result<(), Broken> {
        let now = holdings::of(&terraform.wire.account, &self.foreign);
        demand(now == self.others, || format!("something of others was touched:\n{}", difference(&self.others, &now)))
    }
}

async fn perform(terraform: &mut Terraform, act: &Act) -> Outcome {
    match act {
        Act::Apply(config) => terraform.apply(config).await,
        Act::Refresh(_) => terraform.refresh().await,
        Act::Import(config) => {
            let outcome = import(terraform, config).await;
            if outcome.failed() { outcome } else { terraform.apply(config).await }
        }
    }
}

/// Imports what the configuration names and the state doesn't have.
async fn import(terraform: &mut Terraform, config: &Configuration) -> Outcome {
    if !terraform.state.contains_key(&None) {
        let account = terraform.wire.account.clone();
        let Some(arn) = lifecycle::ours(&account, "LoadBalancerName", "prod-api-nlb") else { return Outcome::default() };
        let outcome = terraform.import(&None, &arn).await;
        if outcome.failed() {
            return outcome;
        }
    }
    let balancer = terraform.state[&None].object.clone();
    for (name, node) in &config.attachments {
        let address = Some(name.clone());
        if terraform.state.contains_key(&address) {
            continue;
        }
        let config = node.config(&balancer);
        let groups = config.attribute("target_group_arns").and_then(|groups| groups.elements()).unwrap_or_default();
        let arns: Vec<&str> = groups.iter().filter_map(|arn| arn.as_str()).collect();
        let outcome = terraform.import(&address, &format!("{},{}", node.target, arns.join(","))).await;
        if outcome.failed() {
            return outcome;
        }
    }
    Outcome::default()
}

fn demand(holds: bool, broken: impl FnOnce() -> Broken) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(broken()) }
}

#[track_caller]
fn well(outcome: &Outcome, step: &str) {
    assert!(!outcome.failed(), "{step}, without a fault: {}", outcome.text());
}

/// Without the tags of ours that come off with the next read.
fn unmarked(text: &str) -> String {
    let pattern = regex::Regex::new(r#""talosendpoint:[a-z]+": "[^"]*"(, )?"#).unwrap();
    pattern.replace_all(text, "").replace(", }", "}")
}

/// A call on one line.
pub fn shown(call: &Call) -> String {
    let short = |value: &str| value.rsplit_once(":123456789012:").map_or(value.to_owned(), |(_, rest)| rest.to_owned());
    let params = call.params.iter().filter(|(key, _)| !key.starts_with("HealthCheck"));
    let params: Vec<String> = params.map(|(key, value)| format!("{}={}", key.replace(".member", ""), short(value))).collect();
    format!("{} {}", call.action, params.join(" "))
}

fn difference(wanted: &str, found: &str) -> String {
    let only = |left: &str, right: &str, sign: char| {
        let lines: Vec<&str> = right.lines().collect();
        left.lines().filter(|line| !lines.contains(line)).map(|line| format!("{sign} {line}\n")).collect::<String>()
    };
    only(wanted, found, '-') + &only(found, wanted, '+')
}
