//! Proof that the oracle can say no: for each rule an answer that breaks it.

use std::collections::BTreeSet;

use crate::f::path::Path;
use crate::f::schema::{Attribute, Nesting, Schema};
use crate::f::ty::Type;
use crate::f::value::{Refinement, Value};
use crate::generic::Subject;
use crate::rules::{APPLY_RULES, ApplyCase, FINAL_RULES, FinalCase, PLAN_RULES, PlanCase, Rule, judge};

fn schema() -> Schema {
    let members = || vec![Attribute::string("name"), Attribute::string("id").computed()];
    Schema {
        attributes: vec![
            Attribute::string("required").required(),
            Attribute::string("optional"),
            Attribute::string("computed").computed(),
            Attribute::plain("tags", Type::set(Type::String)),
            Attribute::plain("later", Type::list(Type::String)),
            Attribute::nested("single", Nesting::Single, members()),
            Attribute::nested("list", Nesting::List, members()),
            Attribute::nested("map", Nesting::Map, members()),
            Attribute::nested("set", Nesting::Set, vec![Attribute::string("name")]),
        ],
        ..Schema::default()
    }
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn config() -> Value {
    let member = || object([("name", "n".into()), ("id", Value::Null)]);
    object([
        ("required", "r".into()),
        ("optional", Value::Null),
        ("computed", Value::Null),
        ("tags", Value::set(["x".into(), "y".into()])),
        ("later", Value::Unknown(Refinement { not_null: true, min_length: 1 })),
        ("single", member()),
        ("list", Value::list([member()])),
        ("map", Value::Map([("k".to_owned(), member())].into())),
        ("set", Value::set([object([("name", "s".into())])])),
    ])
}

/// `root` with another value at a path of attribute names and keys; indexes are numbers.
fn with(root: &Value, path: &str, new: Value) -> Value {
    let Some((step, rest)) = path.split_once('.').or((!path.is_empty()).then_some((path, ""))) else { return new };
    match root {
        Value::Object(items) => {
            let mut items = items.clone();
            let inner = with(&items[step], rest, new);
            items.insert(step.to_owned(), inner);
            Value::Object(items)
        }
        Value::Map(items) => {
            let mut items = items.clone();
            let inner = with(&items[step], rest, new);
            items.insert(step.to_owned(), inner);
            Value::Map(items)
        }
        Value::List(items) => {
            let mut items = items.clone();
            let at: usize = step.parse().expect("an index");
            items[at] = with(&items[at], rest, new);
            Value::List(items)
        }
        other => panic!("{path} leads into {other:?}"),
    }
}

/// The configuration when its unknown value is known.
fn known() -> Value {
    with(&config(), "later", Value::list(["z".into()]))
}

fn state() -> Value {
    let subject = Subject::new(&schema(), vec![1; 50]);
    let planned = subject.plan(&Value::Null, &known()).planned;
    subject.apply(&Value::Null, &known(), &planned).state
}

fn legal_plan() -> PlanCase {
    let prior = with(&state(), "required", "before".into());
    let answer = Subject::new(&schema(), Vec::new()).plan(&prior, &config());
    PlanCase { schema: schema(), config: config(), prior, planned: answer.planned, replace: vec![Path::of("required")] }
}

fn legal_final() -> FinalCase {
    let prior = legal_plan().prior;
    let subject = Subject::new(&schema(), Vec::new());
    let (first, second) = (subject.plan(&prior, &config()).planned, subject.plan(&prior, &known()).planned);
    FinalCase { prior, first, second }
}

fn legal_apply() -> ApplyCase {
    let case = legal_plan();
    let subject = Subject::new(&schema(), vec![2; 50]);
    // A final plan may leave refined unknowns to the apply.
    let applied = subject.apply(&case.prior, &known(), &case.planned).state;
    ApplyCase { schema: schema(), planned: case.planned, applied }
}

/// A rule's name and what breaks it.
type Mutants<C> = Vec<(&'static str, Vec<fn(&mut C)>)>;

fn plan_mutants() -> Mutants<PlanCase> {
    vec![
        (
            "planned is null exactly for a destroy",
            vec![|case| case.planned = Value::Null, |case| case.config = Value::Null],
        ),
        (
            "planned fits the schema",
            vec![
                |case| case.planned = with(&case.planned, "computed", true.into()),
                |case| case.planned = object([]),
                |case| case.planned = Value::UNKNOWN,
            ],
        ),
        (
            "a configured value stays",
            vec![
                |case| case.planned = with(&case.planned, "required", "R".into()),
                |case| case.planned = with(&case.planned, "required", Value::UNKNOWN),
                |case| case.planned = with(&case.planned, "required", Value::Null),
                |case| case.planned = with(&case.planned, "later", Value::list(["q".into()])),
                |case| case.planned = with(&case.planned, "list.0.name", "N".into()),
                |case| case.planned = with(&case.planned, "map.k.name", Value::Null),
                |case| case.planned = with(&case.planned, "tags", Value::set(["x".into()])),
            ],
        ),
        (
            "only computed attributes get values",
            vec![
                |case| case.planned = with(&case.planned, "optional", "o".into()),
                |case| case.planned = with(&case.planned, "optional", Value::UNKNOWN),
                |case| {
                    // Even the prior value may not stay where the argument was removed.
                    case.prior = with(&case.prior, "optional", "o".into());
                    case.planned = with(&case.planned, "optional", "o".into());
                },
            ],
        ),
        (
            "a configured object stays known",
            vec![
                |case| case.planned = with(&case.planned, "single", Value::Null),
                |case| case.planned = with(&case.planned, "single", Value::UNKNOWN),
                |case| case.planned = with(&case.planned, "list", Value::UNKNOWN),
                |case| case.planned = with(&case.planned, "set", Value::Null),
            ],
        ),
        (
            "a list has as many elements as configured",
            vec![|case| case.planned = with(&case.planned, "list", Value::list([]))],
        ),
        (
            "a map has the configured keys",
            vec![|case| case.planned = with(&case.planned, "map", Value::Map([("l".to_owned(), Value::Null)].into()))],
        ),
        (
            "a set can have as many elements as configured",
            vec![|case| case.planned = with(&case.planned, "set", Value::set([]))],
        ),
        (
            "replace paths lead somewhere",
            vec![
                |case| case.replace = vec![Path::of("nowhere")],
                |case| case.replace = vec![Path::of("list").index(7)],
                |case| case.replace = vec![Path::of("map").key("zzz")],
                |case| case.replace = vec![Path::of("set").index(0)],
            ],
        ),
        (
            "replace paths are sorted and single",
            vec![|case| case.replace = vec![Path::of("required"), Path::of("required")], |case| {
                case.replace = vec![Path::of("required"), Path::of("computed")]
            }],
        ),
        (
            "nothing becomes unknown without a change",
            vec![|case| {
                case.config = known();
                case.prior = state();
                case.planned = with(&state(), "computed", Value::UNKNOWN);
            }],
        ),
    ]
}

fn final_mutants() -> Mutants<FinalCase> {
    vec![
        (
            "the final plan keeps what was known",
            vec![
                |case| case.second = with(&case.second, "required", "other".into()),
                |case| case.second = with(&case.second, "required", Value::UNKNOWN),
                |case| case.second = with(&case.second, "optional", "o".into()),
                |case| case.second = with(&case.second, "later", Value::list([])),
                |case| case.second = with(&case.second, "later", Value::Null),
            ],
        ),
        (
            "the final plan keeps the action",
            vec![|case| case.first = case.prior.clone(), |case| case.second = Value::Null, |case| {
                (case.prior, case.second) = (Value::Null, Value::Null)
            }],
        ),
    ]
}

fn apply_mutants() -> Mutants<ApplyCase> {
    vec![
        (
            "applied is null exactly for a destroy",
            vec![|case| case.applied = Value::Null, |case| case.planned = Value::Null],
        ),
        ("applied fits the schema", vec![|case| case.applied = with(&case.applied, "computed", true.into())]),
        (
            "applied is wholly known",
            vec![|case| case.applied = with(&case.applied, "computed", Value::UNKNOWN), |case| {
                case.applied = with(&case.applied, "list.0.id", Value::UNKNOWN)
            }],
        ),
        (
            "planned leaves stay",
            vec![
                |case| case.applied = with(&case.applied, "required", "R".into()),
                |case| case.applied = with(&case.applied, "required", Value::Null),
                |case| case.applied = with(&case.applied, "map.k.name", "N".into()),
                |case| case.applied = with(&case.applied, "single", Value::Null),
            ],
        ),
        ("planned nulls stay null", vec![|case| case.applied = with(&case.applied, "optional", "".into())]),
        (
            "elements neither go nor come",
            vec![|case| case.applied = with(&case.applied, "list", Value::list([])), |case| {
                case.applied = with(&case.applied, "map", Value::Map([].into()))
            }],
        ),
        (
            "set elements correlate both ways",
            vec![
                |case| case.applied = with(&case.applied, "tags", Value::set(["x".into()])),
                |case| case.applied = with(&case.applied, "tags", Value::set(["x".into(), "y".into(), "z".into()])),
                |case| case.applied = with(&case.applied, "set", Value::set([object([("name", "t".into())])])),
            ],
        ),
        (
            "refinements hold",
            vec![|case| case.applied = with(&case.applied, "later", Value::Null), |case| {
                case.applied = with(&case.applied, "later", Value::list([]))
            }],
        ),
    ]
}

/// The legal case passes, each rule has mutants, and each mutant is refused by its rule.
fn prove<C: Clone>(rules: &[Rule<C>], legal: &C, mutants: &Mutants<C>) {
    assert_eq!(judge(rules, legal), Vec::<String>::new(), "the legal case");
    let names = |list: Vec<&'static str>| list.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(
        names(rules.iter().map(|rule| rule.name).collect()),
        names(mutants.iter().map(|(name, _)| *name).collect()),
        "a rule without a mutant proves nothing"
    );
    for (name, mutations) in mutants {
        let rule = rules.iter().find(|rule| rule.name == *name).expect("compared above");
        assert!(!mutations.is_empty(), "{name}");
        for (number, mutation) in mutations.iter().enumerate() {
            let mut case = legal.clone();
            mutation(&mut case);
            assert!(!(rule.broken_at)(&case).is_empty(), "mutant {number} of \"{name}\" passes");
        }
    }
}

#[test]
fn every_plan_rule_refuses_its_mutants() {
    prove(&PLAN_RULES, &legal_plan(), &plan_mutants());
}

#[test]
fn every_final_plan_rule_refuses_its_mutants() {
    prove(&FINAL_RULES, &legal_final(), &final_mutants());
}

#[test]
fn every_apply_rule_refuses_its_mutants() {
    prove(&APPLY_RULES, &legal_apply(), &apply_mutants());
}
