//! The engine over generated schemas, configurations and stored objects.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::choices::Choices;
use crate::f::engine::schema_problems;
use crate::f::schema::{Attribute, AttributeType, Behaviour, Schema};
use crate::f::value::Value;
use crate::generate;
use crate::generic::Subject;
use crate::rules::{APPLY_RULES, ApplyCase, FINAL_RULES, FinalCase, PLAN_RULES, PlanCase, Rule, judge};

const CASES: u32 = 1500;

#[test]
fn every_generated_change_keeps_the_rules() {
    let counts = RefCell::new(Counts::default());
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let bytes = prop::collection::vec(any::<u8>(), 600..1600);
    let result = TestRunner::new(config).run(&bytes, |bytes| {
        let case = Case::new(bytes);
        let kind = case.check()?;
        counts.borrow_mut().add(&kind);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    let counts = counts.into_inner();
    println!("{counts:?}");
    assert!(
        counts.rich * 2 >= counts.all,
        "too few cases with nested computed values, unknowns and a prior: {counts:?}"
    );
    assert!(counts.replaced * 20 >= counts.all, "too few replacements: {counts:?}");
    assert!(counts.applied * 10 >= counts.all * 9, "too few cases came to the apply: {counts:?}");
    assert!(counts.updated * 10 >= counts.all, "too few updates: {counts:?}");
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    rich: usize,
    replaced: usize,
    updated: usize,
    applied: usize,
}

impl Counts {
    fn add(&mut self, kind: &Kind) {
        self.all += 1;
        self.rich += usize::from(kind.nested_computed && kind.unknowns && kind.prior);
        self.replaced += usize::from(kind.replaced);
        self.applied += usize::from(kind.applied);
        self.updated += usize::from(kind.prior && !kind.replaced);
    }
}

#[derive(Default)]
struct Kind {
    nested_computed: bool,
    unknowns: bool,
    prior: bool,
    replaced: bool,
    applied: bool,
}

struct Case {
    subject: Subject,
    schema: Schema,
    /// What the stored object was made from; null where it came from elsewhere.
    before: Value,
    prior: Value,
    config: Value,
    choices: RefCell<Choices>,
}

fn holds(broken: Vec<String>, what: &str, values: &[&Value]) -> Result<(), TestCaseError> {
    prop_assert!(broken.is_empty(), "{what}: {broken:#?}\n{values:#?}");
    Ok(())
}

fn obeys<C>(rules: &[Rule<C>], case: &C, what: &str, values: &[&Value]) -> Result<(), TestCaseError> {
    holds(judge(rules, case), what, values)
}

impl Case {
    fn new(bytes: Vec<u8>) -> Case {
        let seed = bytes.iter().rev().take(200).copied().collect();
        let mut choices = Choices::new(bytes);
        let schema = generate::schema(&mut choices);
        let problems = schema_problems(&schema);
        assert!(problems.is_empty(), "the generator makes bad schemas: {problems:?}");
        let subject = Subject::new(&schema, seed);
        let before = generate::config(&mut choices, &schema, false);
        let (before, prior) = match choices.below(8) {
            0 => (before, Value::Null),
            1 => (Value::Null, generate::stored(&mut choices, &schema)),
            _ => {
                let planned = subject.plan(&Value::Null, &before).planned;
                let state = subject.apply(&Value::Null, &before, &planned).state;
                (before, state)
            }
        };
        let base = if before.is_null() { generate::config(&mut choices, &schema, true) } else { before.clone() };
        let config = generate::mutated(&mut choices, &schema.attributes, &base);
        let config = if choices.chance(3, 4) { generate::less_known(config) } else { config };
        Case { subject, schema, before, prior, config, choices: RefCell::new(choices) }
    }

    fn check(&self) -> Result<Kind, TestCaseError> {
        let mut kind = Kind {
            nested_computed: nested_computed(&self.schema.attributes, &self.config, false),
            unknowns: !self.config.is_wholly_known(),
            prior: !self.prior.is_null(),
            replaced: false,
            applied: false,
        };
        self.nothing_changed()?;
        let (first, replace) = self.planned(&self.prior, &self.config)?;
        kind.replaced = replace;
        // A replacement is a second plan, as of a new object.
        let prior = if replace { Value::Null } else { self.prior.clone() };
        let first = if replace { self.planned(&prior, &self.config)?.0 } else { first };
        let config = generate::settled(&mut self.choices.borrow_mut(), &self.schema.attributes, &self.config);
        if self.subject.engine.validate_resource(crate::generic::NAME, config.clone()).has_error() {
            // Elements of a set that were unknown have become the same: Terraform's user is told so.
            return Ok(kind);
        }
        let (second, replace) = self.planned(&prior, &config)?;
        if !replace {
            let case = FinalCase { prior: prior.clone(), first: first.clone(), second: second.clone() };
            obeys(&FINAL_RULES, &case, "final plan", &[&prior, &self.config, &first, &config, &second])?;
        }
        self.applied(&prior, &config, &second)?;
        kind.applied = true;
        Ok(kind)
    }

    /// An apply, and a plan of the same configuration, change nothing.
    fn nothing_changed(&self) -> Result<(), TestCaseError> {
        if !self.before.is_null() && !self.prior.is_null() {
            let answer = self.subject.plan(&self.prior, &self.before);
            prop_assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
            prop_assert_eq!(&answer.planned, &self.prior, "the same again is no change");
            prop_assert!(answer.replace.is_empty());
        }
        let destroyed = self.subject.plan(&self.prior, &Value::Null);
        prop_assert!(destroyed.planned.is_null());
        Ok(())
    }

    /// A plan that keeps the rules, and whether it replaces.
    fn planned(&self, prior: &Value, config: &Value) -> Result<(Value, bool), TestCaseError> {
        let answer = self.subject.plan(prior, config);
        prop_assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
        let again = self.subject.plan(prior, config);
        prop_assert_eq!(&answer.planned, &again.planned, "planning twice");
        prop_assert_eq!(&answer.replace, &again.replace, "planning twice");
        let case = PlanCase {
            schema: self.schema.clone(),
            config: config.clone(),
            prior: prior.clone(),
            planned: answer.planned.clone(),
            replace: answer.replace.clone(),
        };
        obeys(&PLAN_RULES, &case, "plan", &[prior, config, &answer.planned])?;
        Ok((answer.planned, !answer.replace.is_empty()))
    }

    fn applied(&self, prior: &Value, config: &Value, planned: &Value) -> Result<(), TestCaseError> {
        let answer = self.subject.apply(prior, config, planned);
        prop_assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
        let case = ApplyCase { schema: self.schema.clone(), planned: planned.clone(), applied: answer.state.clone() };
        obeys(&APPLY_RULES, &case, "apply", &[prior, config, planned, &answer.state])?;
        let next = self.subject.plan(&answer.state, config);
        prop_assert_eq!(&next.planned, &answer.state, "after an apply nothing is left to change");
        Ok(())
    }
}

/// True if the configuration holds a nested object with a member that the provider computes.
fn nested_computed(attributes: &[Attribute], object: &Value, nested: bool) -> bool {
    attributes.iter().any(|attribute| {
        let value = object.attribute(attribute.name).unwrap_or(&Value::Null);
        let computed = matches!(attribute.behaviour, Behaviour::Computed | Behaviour::OptionalComputed);
        let here = nested && matches!(object, Value::Object(_)) && computed && value.is_null();
        let AttributeType::Nested(_, members) = &attribute.ty else { return here };
        here || match value {
            Value::List(items) | Value::Set(items) => items.iter().any(|item| nested_computed(members, item, true)),
            Value::Map(items) => items.values().any(|item| nested_computed(members, item, true)),
            Value::Object(_) => nested_computed(members, value, true),
            _ => false,
        }
    })
}
