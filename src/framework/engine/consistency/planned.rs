//! Whether a planned object keeps to the configuration.
//!
//! Terraform refuses a plan that changes what the user wrote or gives a value to what only the user may set. Checked here first, so that
//! the message names the place and blames the right program.

use std::collections::BTreeSet;

use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::engine::defaults::nesting;
use crate::framework::path::Path;
use crate::framework::schema::{Attribute, Behaviour, Nesting};
use crate::framework::value::{Object, Value};

/// A place where a plan departs from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Where.
    pub path: Path,
    /// What is wrong there, to complete "The planned value of `x` …".
    pub reason: &'static str,
}

/// Every place where `planned` departs from `config`. A planned value may equal the prior one instead of the configured one: that says
/// that the two mean the same.
pub fn departures(
    attributes: &[Attribute],
    config: &Object,
    prior: Option<&Object>,
    planned: &Object,
) -> Vec<Departure> {
    let mut found = Vec::new();
    members(attributes, &Trio { config, prior, planned }, &Path::root(), &mut found);
    found
}

/// The departures as diagnostics; `who` did it, for example `The resource's plan`.
pub fn diagnostics(departures: Vec<Departure>, who: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for Departure { path, reason } in departures {
        let detail = format!("{who} is wrong at `{path}`: the planned value {reason}.");
        diagnostics.push(Diagnostic::bug("Plan departs from the configuration", detail).at(path));
    }
    diagnostics
}

/// One object three times.
struct Trio<'a> {
    config: &'a Object,
    prior: Option<&'a Object>,
    planned: &'a Object,
}

fn members(attributes: &[Attribute], trio: &Trio<'_>, path: &Path, found: &mut Vec<Departure>) {
    for attribute in attributes {
        let config = trio.config.get(attribute.name).unwrap_or(&Value::Null);
        let planned = trio.planned.get(attribute.name).unwrap_or(&Value::Null);
        let prior = trio.prior.and_then(|prior| prior.get(attribute.name)).unwrap_or(&Value::Null);
        one(attribute, [config, prior, planned], &path.attribute(attribute.name), found);
    }
}

fn one(attribute: &Attribute, [config, prior, planned]: [&Value; 3], path: &Path, found: &mut Vec<Departure>) {
    let mut wrong = |reason| found.push(Departure { path: path.clone(), reason });
    if same(config, planned) || (planned == prior && !prior.is_null() && !config.is_null()) {
        return;
    }
    if config.is_null() {
        if matches!(attribute.behaviour, Behaviour::Required | Behaviour::Optional) {
            wrong("is set, but the configuration leaves it out and it is not computed");
        }
        return;
    }
    match nesting(attribute) {
        _ if config.is_unknown() => wrong("differs from the configured one, which is not yet known"),
        None => wrong("differs from the configured one"),
        Some(_) if planned.is_null() => wrong("is null, but it is configured"),
        Some(_) if planned.is_unknown() => wrong("is unknown, but it is configured"),
        Some((nesting, attributes)) => nested(nesting, attributes, [config, prior, planned], path, found),
    }
}

fn nested(
    nesting: Nesting,
    attributes: &[Attribute],
    [config, prior, planned]: [&Value; 3],
    path: &Path,
    found: &mut Vec<Departure>,
) {
    let mut element = |config: &Value, prior: Option<&Value>, planned: &Value, path: &Path| match (config, planned) {
        (Value::Object(config), Value::Object(planned)) => {
            let prior = prior.and_then(object);
            members(attributes, &Trio { config, prior, planned }, path, found);
        }
        _ if same(config, planned) => {}
        _ => found.push(Departure { path: path.clone(), reason: "is not the configured object" }),
    };
    match (nesting, config, planned) {
        (Nesting::Single, _, _) => element(config, Some(prior), planned, path),
        (Nesting::List, Value::List(config), Value::List(planned)) if config.len() == planned.len() => {
            let prior = prior.elements().unwrap_or_default();
            for (i, (config, planned)) in config.iter().zip(planned).enumerate() {
                element(config, prior.get(i), planned, &path.index(i as u64));
            }
        }
        (Nesting::Map, Value::Map(config), Value::Map(planned)) if config.keys().eq(planned.keys()) => {
            for (key, config) in config {
                let prior = prior.entries().and_then(|prior| prior.get(key));
                element(config, prior, &planned[key], &path.key(key));
            }
        }
        (Nesting::Set, Value::Set(config), Value::Set(planned)) if config.len() == planned.len() => {
            if !pairs(config.len(), &|c, p| agrees(attributes, &config[c], &planned[p])) {
                found.push(Departure { path: path.clone(), reason: "holds other elements than the configured ones" });
            }
        }
        _ => found.push(Departure { path: path.clone(), reason: "has other elements than the configured one" }),
    }
}

fn agrees(attributes: &[Attribute], config: &Value, planned: &Value) -> bool {
    match (config, planned) {
        (Value::Object(config), Value::Object(planned)) => departures(attributes, config, None, planned).is_empty(),
        _ => same(config, planned),
    }
}

/// Equal, where any unknown equals any other: what is known about an unknown value may be lost on the way.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Unknown(_), Value::Unknown(_)) => true,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Set(a), Value::Set(b)) => a.len() == b.len() && pairs(a.len(), &|i, j| same(&a[i], &b[j])),
        (Value::Map(a), Value::Map(b)) | (Value::Object(a), Value::Object(b)) => {
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| same(a, b))
        }
        _ => a == b,
    }
}

/// True if `count` things can be paired with `count` others so that `fits` holds for every pair.
pub fn pairs(count: usize, fits: &dyn Fn(usize, usize) -> bool) -> bool {
    let mut partner: Vec<Option<usize>> = vec![None; count];
    (0..count).all(|left| find_partner(left, fits, &mut partner, &mut BTreeSet::new()))
}

/// Finds a partner for `left`, moving earlier pairs where that helps (Kuhn's method).
fn find_partner(
    left: usize,
    fits: &dyn Fn(usize, usize) -> bool,
    partner: &mut [Option<usize>],
    tried: &mut BTreeSet<usize>,
) -> bool {
    for right in 0..partner.len() {
        if !fits(left, right) || !tried.insert(right) {
            continue;
        }
        if partner[right].is_none_or(|other| find_partner(other, fits, partner, tried)) {
            partner[right] = Some(left);
            return true;
        }
    }
    false
}

fn object(value: &Value) -> Option<&Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::sample::object;

    fn attributes() -> Vec<Attribute> {
        let members = || vec![Attribute::string("name"), Attribute::string("id").computed()];
        vec![
            Attribute::string("plain"),
            Attribute::string("both").optional_computed(),
            Attribute::nested("list", Nesting::List, members()),
            Attribute::nested("set", Nesting::Set, members()),
        ]
    }

    fn member(name: Value, id: Value) -> Value {
        object([("name", name), ("id", id)])
    }

    fn whole(plain: Value, both: Value, list: Value, set: Value) -> Object {
        object([("plain", plain), ("both", both), ("list", list), ("set", set)]).into_object().unwrap()
    }

    fn check(config: Object, planned: Object, want: &[&str]) {
        let found = departures(&attributes(), &config, None, &planned);
        let paths: Vec<String> = found.iter().map(|departure| departure.path.to_string()).collect();
        assert_eq!(paths, want, "{found:?}");
    }

    #[test]
    fn only_computed_values_may_be_added() {
        let one = |name: &str, id: Value| Value::list([member(name.into(), id)]);
        let set = |id: Value| Value::set([member("s".into(), id)]);
        let config = || whole("p".into(), Value::Null, one("n", Value::Null), set(Value::Null));
        check(config(), config(), &[]);
        check(config(), whole("p".into(), "b".into(), one("n", "i".into()), set(Value::UNKNOWN)), &[]);
        check(
            config(),
            whole("q".into(), "b".into(), one("m", "i".into()), Value::set([])),
            &["plain", "list[0].name", "set"],
        );
        check(config(), whole("p".into(), Value::Null, Value::UNKNOWN, Value::Null), &["list", "set"]);
        let nothing = || whole(Value::Null, Value::Null, Value::Null, Value::Null);
        check(nothing(), whole("p".into(), "b".into(), Value::list([]), Value::Null), &["plain", "list"]);
        check(whole(Value::UNKNOWN, Value::Null, Value::Null, Value::Null), nothing(), &["plain"]);
        check(
            whole(Value::UNKNOWN_NOT_NULL, Value::UNKNOWN, Value::Null, Value::Null),
            whole(Value::UNKNOWN, Value::UNKNOWN, Value::Null, Value::Null),
            &[],
        );
    }

    #[test]
    fn the_prior_value_may_stand_for_a_configured_one() {
        let with = |text: &str| whole(text.into(), Value::Null, Value::Null, Value::Null);
        assert!(departures(&attributes(), &with("A"), Some(&with("a")), &with("a")).is_empty());
        assert_eq!(departures(&attributes(), &with("A"), Some(&with("a")), &with("b")).len(), 1);
    }

    #[test]
    fn pairs_are_found_where_the_first_try_fails() {
        let fits = |left: usize, right: usize| matches!((left, right), (0, 0 | 1) | (1, 0) | (2, 2));
        assert!(pairs(3, &fits));
        assert!(!pairs(2, &|_, right| right == 0));
    }
}
