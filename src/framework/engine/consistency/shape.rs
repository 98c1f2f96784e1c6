//! Whether a value fits its schema, and where it doesn't.

use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::{Path, Step};
use crate::framework::schema::{Attribute, Schema};
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

/// The places where `value` is not of type `ty`, each with what is expected there. Paths stop at sets.
pub fn mismatches(ty: &Type, value: &Value) -> Vec<(Path, String)> {
    let mut found = Vec::new();
    collect(ty, value, &Path::root(), false, &mut found);
    found
}

fn collect(ty: &Type, value: &Value, path: &Path, in_set: bool, found: &mut Vec<(Path, String)>) {
    let step = |next: Path| if in_set { path.clone() } else { next };
    match (ty, value) {
        (Type::List(element), Value::List(items)) => {
            (0..).zip(items).for_each(|(i, item)| collect(element, item, &step(path.index(i)), in_set, found));
        }
        (Type::Set(element), Value::Set(items)) => {
            items.iter().for_each(|item| collect(element, item, path, true, found));
        }
        (Type::Map(element), Value::Map(items)) => {
            items.iter().for_each(|(key, item)| collect(element, item, &step(path.key(key)), in_set, found));
        }
        (Type::Object(attributes), Value::Object(items)) => {
            for (name, ty) in attributes {
                match items.get(name) {
                    Some(item) => collect(ty, item, &step(path.attribute(name)), in_set, found),
                    None => found.push((path.clone(), format!("an object with the attribute {name}"))),
                }
            }
            for name in items.keys().filter(|name| !attributes.contains_key(*name)) {
                found.push((path.clone(), format!("an object without the attribute {name}")));
            }
        }
        _ if ty.admits(value) => {}
        _ => found.push((path.clone(), ty.describe())),
    }
}

/// The object in `value`, if it is one of this schema; unknown values inside are fine.
///
/// # Errors
/// A diagnostic for each place that is not; `what` says what the value is, for example `stored state`.
pub fn object(schema: &Schema, value: Value, what: &str) -> Result<Object, Diagnostics> {
    let problems = misshapen(schema, &value, what);
    match value {
        Value::Object(object) if problems.is_empty() => Ok(object),
        Value::Object(_) => Err(problems),
        _ if problems.is_empty() => {
            Err(Diagnostic::bug("Missing object", format!("The {what} is not a known object.")).into())
        }
        _ => Err(problems),
    }
}

/// A diagnostic for each place where `value` doesn't fit the schema.
pub fn misshapen(schema: &Schema, value: &Value, what: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    // Nearly every value fits: only for one that doesn't are type and paths worth building.
    if schema.admits(value) {
        return diagnostics;
    }
    for (path, expected) in mismatches(&schema.object_type(), value) {
        let place = if path.is_root() { "at its root".to_owned() } else { format!("at `{path}`") };
        let detail = format!("The {what} does not fit the schema {place}: {expected} is expected.");
        diagnostics.push(Diagnostic::bug("Unexpected type", detail).at(path));
    }
    diagnostics
}

/// The places that are unknown. Paths stop at sets.
pub fn unknowns(value: &Value) -> Vec<Path> {
    fn walk(value: &Value, path: &Path, found: &mut Vec<Path>) {
        match value {
            Value::Unknown(_) => found.push(path.clone()),
            Value::Set(_) if !value.is_wholly_known() => found.push(path.clone()),
            Value::List(items) => (0..).zip(items).for_each(|(i, item)| walk(item, &path.index(i), found)),
            Value::Map(items) => items.iter().for_each(|(key, item)| walk(item, &path.key(key), found)),
            Value::Object(items) => items.iter().for_each(|(name, item)| walk(item, &path.attribute(name), found)),
            Value::Set(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    walk(value, &Path::root(), &mut found);
    found
}

/// A `bug` diagnostic for each unknown place in `value`.
pub fn unknown_values(value: &Value, what: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for path in unknowns(value) {
        let detail = format!("The {what} is still unknown at `{path}`.");
        diagnostics.push(Diagnostic::bug("Value still unknown", detail).at(path));
    }
    diagnostics
}

/// What `path` leads to in `root`; `None` where it leads nowhere. Everything inside an unknown value is unknown.
pub fn at<'a>(root: &'a Value, path: &Path) -> Option<&'a Value> {
    path.steps().iter().try_fold(root, |value, step| match (step, value) {
        (Step::Attribute(name), Value::Object(attributes)) => attributes.get(name),
        (Step::Key(key), Value::Map(items)) => items.get(key),
        (Step::Index(index), Value::List(items)) => items.get(usize::try_from(*index).ok()?),
        (_, Value::Unknown(_)) => Some(value),
        _ => None,
    })
}

/// `root` where what is at `path` is unknown.
pub fn forgotten(root: Value, path: &Path) -> Value {
    fn forget(value: &mut Value, steps: &[Step]) {
        let inner = match (steps.first(), &mut *value) {
            (Some(Step::Attribute(name)), Value::Object(attributes)) => attributes.get_mut(name),
            (Some(Step::Key(key)), Value::Map(items)) => items.get_mut(key),
            (Some(Step::Index(index)), Value::List(items)) => {
                usize::try_from(*index).ok().and_then(|i| items.get_mut(i))
            }
            (Some(_), _) => None,
            (None, value) => return *value = Value::UNKNOWN,
        };
        if let Some(inner) = inner {
            forget(inner, &steps[1..]);
        }
    }
    let mut root = root;
    forget(&mut root, path.steps());
    root
}

/// `object` made to fit the schema by force: missing attributes become null, unfitting ones too, foreign ones are dropped. A half-made
/// object that cannot be saved would be lost.
pub fn forced(schema: &Schema, object: &Object) -> Object {
    let fitting = |attribute: &Attribute| object.get(attribute.name).filter(|value| attribute.admits(value)).cloned();
    schema.attributes.iter().map(|a| (a.name.to_owned(), fitting(a).unwrap_or(Value::Null))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::schema::Nesting;

    fn object_of<const N: usize>(entries: [(&str, Value); N]) -> Value {
        Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn schema() -> Schema {
        let members = || vec![Attribute::number("n")];
        Schema {
            attributes: vec![
                Attribute::nested("list", Nesting::List, members()),
                Attribute::nested("set", Nesting::Set, members()),
            ],
            ..Schema::default()
        }
    }

    #[test]
    fn mismatches_have_paths_that_stop_at_sets() {
        let wrong = || object_of([("n", "x".into())]);
        let value = object_of([("list", Value::list([wrong()])), ("set", Value::set([wrong()]))]);
        let found: Vec<String> =
            mismatches(&schema().object_type(), &value).iter().map(|(path, want)| format!("{path} {want}")).collect();
        assert_eq!(found, ["list[0].n number", "set number"]);
        assert_eq!(mismatches(&schema().object_type(), &object_of([("list", Value::Null)])).len(), 1);
        assert!(mismatches(&schema().object_type(), &Value::UNKNOWN).is_empty());
    }

    #[test]
    fn what_a_schema_admits_has_no_mismatch() {
        let item = |value: Value| object_of([("n", value)]);
        let values = [Value::Null, Value::UNKNOWN, 1.into(), "x".into(), Value::list([]), item(1.into())];
        for list in values.iter().flat_map(|value| [value.clone(), Value::list([item(value.clone())])]) {
            for set in values.iter().flat_map(|value| [value.clone(), Value::set([item(value.clone())])]) {
                let value = object_of([("list", list.clone()), ("set", set)]);
                assert_eq!(
                    schema().admits(&value),
                    mismatches(&schema().object_type(), &value).is_empty(),
                    "{value:?}"
                );
            }
        }
        assert!(!schema().admits(&object_of([])) && !schema().admits(&1.into()));
    }

    #[test]
    fn only_a_known_object_is_an_object() {
        assert!(object(&schema(), Value::Null, "state").is_err());
        assert!(object(&schema(), Value::UNKNOWN, "state").is_err());
        assert!(object(&schema(), object_of([]), "state").is_err());
        assert!(object(&schema(), schema().null_object().into(), "state").is_ok());
    }

    #[test]
    fn unknown_places_are_found() {
        let part = || object_of([("n", Value::UNKNOWN)]);
        let value = object_of([("list", Value::list([part()])), ("set", Value::set([part()])), ("x", Value::Null)]);
        let found: Vec<String> = unknowns(&value).iter().map(Path::to_string).collect();
        assert_eq!(found, ["list[0].n", "set"]);
    }

    #[test]
    fn paths_lead_somewhere_or_nowhere() {
        let value = object_of([("list", Value::list([object_of([("n", 1.into())])]))]);
        let path = Path::of("list").index(0).attribute("n");
        assert_eq!(at(&value, &path), Some(&Value::from(1)));
        assert_eq!(at(&value, &Path::of("list").index(1)), None);
        assert_eq!(at(&value, &Path::of("list").key("n")), None);
        assert_eq!(at(&object_of([("list", Value::UNKNOWN)]), &path), Some(&Value::UNKNOWN));
    }

    #[test]
    fn force_keeps_what_fits() {
        let broken = object_of([("list", Value::list([])), ("set", true.into()), ("foreign", true.into())]);
        let forced = forced(&schema(), &broken.into_object().unwrap());
        assert_eq!(Value::from(forced), object_of([("list", Value::list([])), ("set", Value::Null)]));
    }
}
