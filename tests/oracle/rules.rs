//! Terraform's rules, one function each. They answer with the places that break them.

use crate::f::path::{Path, Step};
use crate::f::schema::{AttributeType, Behaviour, Nesting, Schema};

use crate::f::value::{Refinement, Value};
use crate::walk::{Place, places};

/// A plan to be judged.
#[derive(Clone)]
pub struct PlanCase {
    pub schema: Schema,
    pub config: Value,
    pub prior: Value,
    pub planned: Value,
    pub replace: Vec<Path>,
}

/// Two plans of one change, the second made when more was known.
#[derive(Clone)]
pub struct FinalCase {
    pub prior: Value,
    pub first: Value,
    pub second: Value,
}

/// A result to be judged.
#[derive(Clone)]
pub struct ApplyCase {
    pub schema: Schema,
    pub planned: Value,
    pub applied: Value,
}

/// A rule about `C`, with the name that tests and messages use.
pub struct Rule<C> {
    pub name: &'static str,
    pub broken_at: fn(&C) -> Vec<String>,
}

pub const PLAN_RULES: [Rule<PlanCase>; 11] = [
    Rule { name: "planned is null exactly for a destroy", broken_at: null_exactly_for_destroy },
    Rule { name: "planned fits the schema", broken_at: planned_fits },
    Rule { name: "a configured value stays", broken_at: configured_value_stays },
    Rule { name: "only computed attributes get values", broken_at: only_computed_get_values },
    Rule { name: "a configured object stays known", broken_at: configured_object_stays },
    Rule { name: "a list has as many elements as configured", broken_at: list_counts },
    Rule { name: "a map has the configured keys", broken_at: map_keys },
    Rule { name: "a set can have as many elements as configured", broken_at: set_counts },
    Rule { name: "replace paths lead somewhere", broken_at: replace_paths_resolve },
    Rule { name: "replace paths are sorted and single", broken_at: replace_paths_sorted },
    Rule { name: "nothing becomes unknown without a change", broken_at: unknown_without_change },
];

pub const FINAL_RULES: [Rule<FinalCase>; 2] = [
    Rule { name: "the final plan keeps what was known", broken_at: final_keeps_known },
    Rule { name: "the final plan keeps the action", broken_at: final_keeps_action },
];

pub const APPLY_RULES: [Rule<ApplyCase>; 8] = [
    Rule { name: "applied is null exactly for a destroy", broken_at: applied_null },
    Rule { name: "applied fits the schema", broken_at: applied_fits },
    Rule { name: "applied is wholly known", broken_at: applied_known },
    Rule { name: "planned leaves stay", broken_at: leaves_stay },
    Rule { name: "planned nulls stay null", broken_at: nulls_stay },
    Rule { name: "elements neither go nor come", broken_at: elements_stay },
    Rule { name: "set elements correlate both ways", broken_at: set_elements_correlate },
    Rule { name: "refinements hold", broken_at: refinements_hold },
];

/// Every broken rule, as `RULE: PLACE`.
pub fn judge<C>(rules: &[Rule<C>], case: &C) -> Vec<String> {
    let one = |rule: &Rule<C>| {
        (rule.broken_at)(case).into_iter().map(|place| format!("{}: {place}", rule.name)).collect::<Vec<_>>()
    };
    rules.iter().flat_map(one).collect()
}

fn when(broken: bool, place: &str) -> Vec<String> {
    if broken { vec![place.to_owned()] } else { Vec::new() }
}

// --- the plan (3.3) ---------------------------------------------------------------------------------

fn null_exactly_for_destroy(case: &PlanCase) -> Vec<String> {
    when(case.config.is_null() != case.planned.is_null(), "root")
}

fn planned_fits(case: &PlanCase) -> Vec<String> {
    let whole = case.planned.is_null() || matches!(case.planned, Value::Object(_));
    when(!whole || !case.schema.object_type().admits(&case.planned), "root")
}

/// The places that `broken` names. An attribute that equals its configuration, or its prior value where it is configured, is right
/// with everything in it.
fn plan_places(case: &PlanCase, broken: impl Fn(&Place<'_>) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    places(&case.schema.attributes, [&case.config, &case.prior, &case.planned], "", &mut |place| {
        let settled = alike(place.config, place.planned)
            || (place.planned == place.prior && !place.prior.is_null() && !place.config.is_null());
        if !settled && broken(place) {
            found.push(place.path.clone());
        }
        !settled
    });
    found
}

fn nesting(place: &Place<'_>) -> Option<Nesting> {
    match place.attribute.ty {
        AttributeType::Plain(_) => None,
        AttributeType::Nested(nesting, _) => Some(nesting),
    }
}

fn configured_value_stays(case: &PlanCase) -> Vec<String> {
    plan_places(case, |place| !place.config.is_null() && (place.config.is_unknown() || nesting(place).is_none()))
}

fn only_computed_get_values(case: &PlanCase) -> Vec<String> {
    plan_places(case, |place| {
        let computed = matches!(place.attribute.behaviour, Behaviour::Computed | Behaviour::OptionalComputed);
        place.config.is_null() && !computed && !place.planned.is_null()
    })
}

fn configured_object_stays(case: &PlanCase) -> Vec<String> {
    plan_places(case, |place| {
        let configured = !place.config.is_null() && !place.config.is_unknown();
        nesting(place).is_some() && configured && (place.planned.is_null() || place.planned.is_unknown())
    })
}

fn list_counts(case: &PlanCase) -> Vec<String> {
    plan_places(case, |place| match (nesting(place), place.config, place.planned) {
        (Some(Nesting::List), Value::List(config), Value::List(planned)) => config.len() != planned.len(),
        _ => false,
    })
}

fn map_keys(case: &PlanCase) -> Vec<String> {
    plan_places(case, |place| match (nesting(place), place.config, place.planned) {
        (Some(Nesting::Map), Value::Map(config), Value::Map(planned)) => !config.keys().eq(planned.keys()),
        _ => false,
    })
}

fn set_counts(case: &PlanCase) -> Vec<String> {
    // Elements that are not wholly known may still become one.
    let range = |items: &[Value]| {
        let known = items.iter().filter(|item| item.is_wholly_known()).count();
        let open = items.len() - known;
        (if open > 0 { known.max(1) } else { known }, items.len())
    };
    plan_places(case, |place| match (nesting(place), place.config, place.planned) {
        (Some(Nesting::Set), Value::Set(config), Value::Set(planned)) => {
            let ((low, high), (from, to)) = (range(config), range(planned));
            high < from || to < low
        }
        _ => false,
    })
}

/// A create replaces nothing: its paths are not looked at.
fn replace_paths_resolve(case: &PlanCase) -> Vec<String> {
    if case.prior.is_null() {
        return Vec::new();
    }
    let lost = |path: &&Path| lookup(&case.prior, path).is_none() && lookup(&case.planned, path).is_none();
    case.replace.iter().filter(lost).map(Path::to_string).collect()
}

fn replace_paths_sorted(case: &PlanCase) -> Vec<String> {
    case.replace.windows(2).filter(|pair| pair[0] >= pair[1]).map(|pair| pair[1].to_string()).collect()
}

/// With every unknown that the configuration didn't bring put back to what is stored, is the plan what is stored? Then nothing changes,
/// and the unknown values make an update that never ends.
fn unknown_without_change(case: &PlanCase) -> Vec<String> {
    if case.prior.is_null() || case.planned == case.prior {
        return Vec::new();
    }
    when(put_back(&case.config, &case.prior, &case.planned) == case.prior, "root")
}

fn put_back(config: &Value, prior: &Value, planned: &Value) -> Value {
    let (config_map, prior_map) = (config.entries(), prior.entries());
    let entry = |key: &String, planned: &Value| {
        let config = config_map.and_then(|map| map.get(key)).unwrap_or(&Value::Null);
        let prior = prior_map.and_then(|map| map.get(key)).unwrap_or(&Value::Null);
        (key.clone(), put_back(config, prior, planned))
    };
    match planned {
        Value::Unknown(_) if !config.is_unknown() => prior.clone(),
        Value::Object(items) => Value::Object(items.iter().map(|(key, item)| entry(key, item)).collect()),
        Value::Map(items) => Value::Map(items.iter().map(|(key, item)| entry(key, item)).collect()),
        Value::List(items) => {
            let item = |value: &Value, i: usize| value.elements().and_then(|items| items.get(i)).cloned();
            let back = |i, planned| {
                let config = item(config, i).unwrap_or(Value::Null);
                put_back(&config, &item(prior, i).unwrap_or(Value::Null), planned)
            };
            Value::List(items.iter().enumerate().map(|(i, planned)| back(i, planned)).collect())
        }
        other => other.clone(),
    }
}

fn lookup<'a>(root: &'a Value, path: &Path) -> Option<&'a Value> {
    let mut here = root;
    for step in path.steps() {
        if here.is_unknown() {
            return Some(here);
        }
        here = match step {
            Step::Attribute(name) => here.attribute(name)?,
            Step::Key(key) => match here {
                Value::Map(items) => items.get(key)?,
                _ => return None,
            },
            Step::Index(index) => match here {
                Value::List(items) => items.get(*index as usize)?,
                _ => return None,
            },
        };
    }
    Some(here)
}

/// Equal, refinements aside.
fn alike(a: &Value, b: &Value) -> bool {
    fn plain(value: &Value) -> Value {
        match value {
            Value::Unknown(_) => Value::UNKNOWN,
            Value::List(items) => Value::list(items.iter().map(plain)),
            Value::Set(items) => Value::set(items.iter().map(plain)),
            Value::Map(items) => Value::Map(items.iter().map(|(key, item)| (key.clone(), plain(item))).collect()),
            Value::Object(items) => Value::Object(items.iter().map(|(key, item)| (key.clone(), plain(item))).collect()),
            other => other.clone(),
        }
    }
    plain(a) == plain(b)
}

// --- the final plan (3.4) ---------------------------------------------------------------------------

fn final_keeps_known(case: &FinalCase) -> Vec<String> {
    differences(&case.first, &case.second).into_iter().map(|(path, _)| path).collect()
}

fn final_keeps_action(case: &FinalCase) -> Vec<String> {
    let action = |planned: &Value| match (case.prior.is_null(), planned.is_null()) {
        (true, true) => "none",
        (true, false) => "create",
        (false, true) => "delete",
        (false, false) if *planned == case.prior => "none",
        (false, false) => "update",
    };
    let (first, second) = (action(&case.first), action(&case.second));
    when(first != second && (first, second) != ("update", "none"), "root")
}

// --- the result (3.5) -------------------------------------------------------------------------------

fn applied_null(case: &ApplyCase) -> Vec<String> {
    when(case.planned.is_null() != case.applied.is_null(), "root")
}

fn applied_fits(case: &ApplyCase) -> Vec<String> {
    let whole = case.applied.is_null() || matches!(case.applied, Value::Object(_));
    when(!whole || !case.schema.object_type().admits(&case.applied), "root")
}

fn applied_known(case: &ApplyCase) -> Vec<String> {
    when(!case.applied.is_wholly_known(), "root")
}

fn apply_places(case: &ApplyCase, kinds: &[Difference]) -> Vec<String> {
    if case.planned.is_null() || case.applied.is_null() {
        return Vec::new();
    }
    let found = differences(&case.planned, &case.applied);
    found.into_iter().filter(|(_, kind)| kinds.contains(kind)).map(|(path, _)| path).collect()
}

fn leaves_stay(case: &ApplyCase) -> Vec<String> {
    apply_places(case, &[Difference::Leaf])
}

fn nulls_stay(case: &ApplyCase) -> Vec<String> {
    apply_places(case, &[Difference::Null])
}

fn elements_stay(case: &ApplyCase) -> Vec<String> {
    apply_places(case, &[Difference::Elements])
}

fn set_elements_correlate(case: &ApplyCase) -> Vec<String> {
    apply_places(case, &[Difference::Set])
}

fn refinements_hold(case: &ApplyCase) -> Vec<String> {
    apply_places(case, &[Difference::Refinement])
}

/// How a later value departs from an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    Leaf,
    Null,
    Elements,
    Set,
    Refinement,
}

fn differences(earlier: &Value, later: &Value) -> Vec<(String, Difference)> {
    let mut found = Vec::new();
    compare(earlier, later, "root", &mut found);
    found
}

fn compare(earlier: &Value, later: &Value, path: &str, found: &mut Vec<(String, Difference)>) {
    let mut push = |kind| found.push((path.to_owned(), kind));
    match (earlier, later) {
        // Unknown may stay unknown in a final plan; that a result is known is a rule of its own.
        (Value::Unknown(_), Value::Unknown(_)) | (Value::Null, Value::Null) => {}
        (Value::Unknown(refinement), later) if !within(refinement, later) => push(Difference::Refinement),
        (Value::Unknown(_), _) => {}
        (Value::Null, _) => push(Difference::Null),
        (Value::List(e), Value::List(l)) if e.len() != l.len() => push(Difference::Elements),
        (Value::List(e), Value::List(l)) => {
            e.iter().zip(l).enumerate().for_each(|(i, (e, l))| compare(e, l, &format!("{path}[{i}]"), found));
        }
        (Value::Map(e), Value::Map(l)) | (Value::Object(e), Value::Object(l)) => {
            if !e.keys().eq(l.keys()) {
                return push(Difference::Elements);
            }
            e.iter().for_each(|(key, e)| compare(e, &l[key], &format!("{path}.{key}"), found));
        }
        (Value::Set(e), Value::Set(l)) => {
            let fits = |e: &Value, l: &Value| differences(e, l).is_empty();
            let forth = e.iter().all(|e| l.iter().any(|l| fits(e, l)));
            let back = l.iter().all(|l| e.iter().any(|e| fits(e, l)));
            if l.len() > e.len() || !forth || !back {
                push(Difference::Set);
            }
        }
        _ if earlier != later => push(Difference::Leaf),
        _ => {}
    }
}

fn within(refinement: &Refinement, value: &Value) -> bool {
    let length = match value {
        Value::List(items) | Value::Set(items) => items.len() as u64,
        Value::Map(items) => items.len() as u64,
        Value::Null => return !refinement.not_null,
        _ => return true,
    };
    length >= refinement.min_length
}
