//! The stages of planning that give values to attributes without configuration: defaults, then stored values or unknown ones.
//!
//! Each stage is a pure function from values to values. Stored values are taken from the prior object itself rather than from
//! Terraform's merge: the merge proposes null for an optional computed nested attribute as soon as the stored value holds parts that are
//! not computed, which would plan an update of an unchanged object again and again.

use crate::framework::schema::{Attribute, AttributeType, Behaviour, Default, Nesting};
use crate::framework::value::{Object, Refinement, Value};

/// The configuration with the schema's defaults, at every depth. Attributes that only the provider can give are null.
pub fn with_defaults(attributes: &[Attribute], config: &Object) -> Object {
    attributes
        .iter()
        .map(|attribute| {
            let value = config.get(attribute.name).unwrap_or(&Value::Null);
            (attribute.name.to_owned(), with_default(attribute, value))
        })
        .collect()
}

fn with_default(attribute: &Attribute, config: &Value) -> Value {
    match (&attribute.ty, config) {
        (AttributeType::Nested(_, members), Value::Null) if matches!(attribute.default, Some(Default::Members)) => {
            Value::Object(with_defaults(members, &Object::new()))
        }
        (_, Value::Null) => attribute.default_value().unwrap_or(Value::Null),
        (AttributeType::Nested(_, members), config) => {
            each_object(config, None, &mut |object, _| with_defaults(members, object))
        }
        (AttributeType::Plain(_), config) => config.clone(),
    }
}

/// Stands where neither the configuration nor a default of the schema gives a computed attribute its value. A resource's own defaults
/// replace it, by null too; to whoever reads it, it is an unknown value. No other unknown value equals it.
const OPEN: Value = Value::Unknown(Refinement { not_null: false, min_length: u64::MAX });

/// `given`, a configuration with the schema's defaults, where every computed attribute that is null is open.
pub fn opened(attributes: &[Attribute], given: &Object) -> Object {
    fill(attributes, given, None, &Value::Null, &|_, _| OPEN)
}

/// `object` where every open attribute is null.
pub fn with_nulls(attributes: &[Attribute], object: &Object) -> Object {
    fill(attributes, object, None, &OPEN, &|_, _| Value::Null)
}

/// `object` where every open attribute has its stored value; null where nothing is stored.
pub fn with_prior(attributes: &[Attribute], object: &Object, prior: Option<&Object>) -> Object {
    fill(attributes, object, prior, &OPEN, &|_, stored| stored.cloned().unwrap_or(Value::Null))
}

/// `object` where every open attribute is unknown, save those that keep a stored value.
pub fn with_unknowns(attributes: &[Attribute], object: &Object, prior: Option<&Object>) -> Object {
    fill(attributes, object, prior, &OPEN, &|attribute, stored| match stored {
        Some(stored) if attribute.keep_prior => stored.clone(),
        _ => Value::UNKNOWN,
    })
}

/// What to write in the place of a computed attribute, given its stored value if its object is stored.
type Close<'a> = &'a dyn Fn(&Attribute, Option<&Value>) -> Value;

/// `object` where every computed attribute without a default of the schema that is `placeholder` is what `close` says.
fn fill(
    attributes: &[Attribute],
    object: &Object,
    prior: Option<&Object>,
    placeholder: &Value,
    close: Close<'_>,
) -> Object {
    attributes
        .iter()
        .map(|attribute| {
            let value = object.get(attribute.name).unwrap_or(&Value::Null);
            let stored = prior.and_then(|prior| prior.get(attribute.name));
            let filled = match &attribute.ty {
                _ if value == placeholder && is_up_to_the_provider(attribute) => close(attribute, stored),
                AttributeType::Nested(_, members) => {
                    let stored = Stored { members, value: stored };
                    each_object(value, Some(stored), &mut |object, prior| {
                        fill(members, object, prior, placeholder, close)
                    })
                }
                AttributeType::Plain(_) => value.clone(),
            };
            (attribute.name.to_owned(), filled)
        })
        .collect()
}

/// True if the provider gives it a value where the configuration doesn't, and the schema doesn't say which.
fn is_up_to_the_provider(attribute: &Attribute) -> bool {
    matches!(attribute.behaviour, Behaviour::Computed | Behaviour::OptionalComputed) && attribute.default.is_none()
}

/// The stored value of a nested attribute.
struct Stored<'a> {
    members: &'a [Attribute],
    value: Option<&'a Value>,
}

/// `value` with every object of the nested attribute replaced by what `change` makes of it and of the stored object that corresponds:
/// the one at the same index or key; in a set the first one that could have come from it.
fn each_object<'a>(
    value: &Value,
    stored: Option<Stored<'a>>,
    change: &mut dyn FnMut(&Object, Option<&'a Object>) -> Object,
) -> Value {
    let prior = stored.as_ref().and_then(|stored| stored.value);
    let mut one = |item: &Value, prior: Option<&'a Value>| match item {
        Value::Object(object) => Value::Object(change(object, prior.and_then(as_object))),
        other => other.clone(),
    };
    match value {
        Value::Object(_) => one(value, prior),
        Value::List(items) => {
            let prior = prior.and_then(Value::elements).unwrap_or_default();
            Value::List(items.iter().enumerate().map(|(i, item)| one(item, prior.get(i))).collect())
        }
        Value::Map(items) => {
            let prior = prior.and_then(Value::entries);
            let entries = items.iter().map(|(key, item)| (key.clone(), one(item, prior.and_then(|p| p.get(key)))));
            Value::Map(entries.collect())
        }
        Value::Set(items) => {
            let members = stored.map(|stored| stored.members).unwrap_or_default();
            let mut left: Vec<&Value> = prior.and_then(Value::elements).unwrap_or_default().iter().collect();
            Value::set(items.iter().map(|item| {
                let found = left.iter().position(|prior| could_come_from(members, prior, item));
                one(item, found.map(|at| left.remove(at)))
            }))
        }
        other => other.clone(),
    }
}

/// True if `stored` equals `item` wherever `item` is not open.
fn could_come_from(members: &[Attribute], stored: &Value, item: &Value) -> bool {
    let (Some(stored), Some(item)) = (as_object(stored), as_object(item)) else { return false };
    with_prior(members, item, Some(stored)) == *stored
}

fn as_object(value: &Value) -> Option<&Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// The nesting of an attribute, if it has one.
pub fn nesting(attribute: &Attribute) -> Option<(Nesting, &[Attribute])> {
    match &attribute.ty {
        AttributeType::Nested(nesting, members) => Some((*nesting, members)),
        AttributeType::Plain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::engine::sample::object;

    fn members() -> Vec<Attribute> {
        vec![
            Attribute::string("name").required(),
            Attribute::number("port").default(6443),
            Attribute::string("id").computed(),
            Attribute::string("kept").computed().keep_prior(),
        ]
    }

    fn member<const N: usize>(given: [(&str, Value); N]) -> Value {
        let mut all = [("name", Value::Null), ("port", Value::Null), ("id", Value::Null), ("kept", Value::Null)]
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect::<Object>();
        all.extend(given.map(|(name, value)| (name.to_owned(), value)));
        Value::Object(all)
    }

    fn check_defaults(attribute: &Attribute, config: Value, want: Value) {
        assert_eq!(with_default(attribute, &config), want, "{config:?}");
    }

    #[test]
    fn defaults_stand_where_the_configuration_is_null() {
        let port = Attribute::number("port").default(6443);
        check_defaults(&port, Value::Null, 6443.into());
        check_defaults(&port, 1.into(), 1.into());
        let refined = Value::Unknown(Refinement { not_null: true, min_length: 0 });
        check_defaults(&port, refined.clone(), refined);
        check_defaults(&Attribute::string("x"), Value::Null, Value::Null);
    }

    #[test]
    fn defaults_reach_members_of_every_nesting() {
        let (bare, full) =
            (|| member([("name", "n".into())]), || member([("name", "n".into()), ("port", 6443.into())]));
        let nested = |nesting| Attribute::nested("x", nesting, members());
        check_defaults(&nested(Nesting::Single), bare(), full());
        check_defaults(
            &nested(Nesting::List),
            Value::list([bare(), Value::UNKNOWN]),
            Value::list([full(), Value::UNKNOWN]),
        );
        check_defaults(&nested(Nesting::Set), Value::set([bare()]), Value::set([full()]));
        let map = |value| Value::Map([("k".to_owned(), value)].into());
        check_defaults(&nested(Nesting::Map), map(bare()), map(full()));
        check_defaults(&nested(Nesting::Single), Value::Null, Value::Null);
        check_defaults(&nested(Nesting::Single), Value::UNKNOWN, Value::UNKNOWN);
    }

    #[test]
    fn member_defaults_make_the_object() {
        let inner = Attribute::nested("inner", Nesting::Single, vec![Attribute::bool("on").default(true)]);
        let attributes = vec![inner.default_members(), Attribute::string("free"), Attribute::number("n").default(2)];
        let attribute = Attribute::nested("x", Nesting::Single, attributes).default_members();
        let inner = object([("on", true.into())]);
        check_defaults(&attribute, Value::Null, object([("inner", inner), ("free", Value::Null), ("n", 2.into())]));
    }

    #[test]
    fn a_new_object_has_unknown_computed_members() {
        let attributes = [Attribute::nested("x", Nesting::List, members())];
        let defaulted = object([("x", Value::list([member([("name", "a".into())]), member([("name", "b".into())])]))]);
        let stored = || member([("name", "a".into()), ("id", "1".into()), ("kept", "k".into())]);
        let prior = object([("x", Value::list([stored()]))]);
        let open = opened(&attributes, defaulted.entries().unwrap());
        let filled = with_unknowns(&attributes, &open, prior.entries());
        let first = member([("name", "a".into()), ("id", Value::UNKNOWN), ("kept", "k".into())]);
        let second = member([("name", "b".into()), ("id", Value::UNKNOWN), ("kept", Value::UNKNOWN)]);
        assert_eq!(filled["x"], Value::list([first, second]), "a default that was taken away stays away");
        let stored_ones = with_prior(&attributes, &open, prior.entries());
        assert_eq!(stored_ones["x"].elements().unwrap()[0], stored());
    }

    #[test]
    fn what_a_resource_decides_is_not_open_any_more() {
        let attributes = [Attribute::nested("x", Nesting::Single, members())];
        let given = object([("x", member([("name", "a".into())]))]);
        let prior = object([("x", member([("id", "stored".into())]))]);
        for decided in [Value::Null, Value::UNKNOWN, Value::UNKNOWN_NOT_NULL, "it".into()] {
            let mut open = opened(&attributes, given.entries().unwrap());
            let Some(Value::Object(x)) = open.get_mut("x") else { panic!() };
            x.insert("id".to_owned(), decided.clone());
            let ends = [
                with_unknowns(&attributes, &open, prior.entries()),
                with_prior(&attributes, &open, prior.entries()),
                with_nulls(&attributes, &open),
            ];
            for end in ends {
                assert_eq!(end["x"].attribute("id"), Some(&decided));
                assert_ne!(end["x"].attribute("kept"), Some(&OPEN));
            }
        }
    }

    #[test]
    fn a_whole_object_without_configuration_is_stored_kept_or_unknown() {
        let attribute = Attribute::nested("x", Nesting::Single, members()).optional_computed();
        let (defaulted, prior) = (object([("x", Value::Null)]), object([("x", member([("name", "a".into())]))]));
        let run = |attribute: Attribute| {
            let attributes = [attribute];
            let (open, prior) = (opened(&attributes, defaulted.entries().unwrap()), prior.entries());
            [with_prior(&attributes, &open, prior), with_unknowns(&attributes, &open, prior)]
        };
        let [stored, unknown] = run(attribute.clone());
        assert_eq!((&stored["x"], &unknown["x"]), (prior.attribute("x").unwrap(), &Value::UNKNOWN));
        let [_, kept] = run(attribute.keep_prior());
        assert_eq!(&kept["x"], prior.attribute("x").unwrap());
    }

    #[test]
    fn elements_of_sets_find_the_stored_one_they_came_from() {
        let attributes = [Attribute::nested("x", Nesting::Set, members())];
        let stored = |name: &str, id: &str| member([("name", name.into()), ("id", id.into())]);
        let defaulted = object([("x", Value::set([member([("name", "b".into())]), member([("name", "a".into())])]))]);
        let prior = object([("x", Value::set([stored("a", "1"), stored("b", "2")]))]);
        let open = opened(&attributes, defaulted.entries().unwrap());
        let filled = with_prior(&attributes, &open, prior.entries());
        assert_eq!(&filled["x"], prior.attribute("x").unwrap());
    }
}
