//! Values as Terraform knows them: null, unknown or known.

use std::collections::BTreeMap;

use super::number::Number;

/// The attributes of an object by name. Every attribute of the schema is present, null where it has no value.
pub type Object = BTreeMap<String, Value>;

/// A value of any type. The type itself is the schema's: `Null` and `Unknown` carry none.
///
/// Equality is structural. Sets are kept sorted, and equal known elements merged, so that order never matters; build them with
/// [`Value::set`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// No value.
    Null,
    /// A value that is not known before apply, and what is known about it all the same.
    Unknown(Refinement),
    /// `true` or `false`.
    Bool(bool),
    /// An exact decimal number.
    Number(Number),
    /// Text in Unicode normal form C.
    String(String),
    /// A list, in order.
    List(Vec<Value>),
    /// A set: sorted, without equal known elements.
    Set(Vec<Value>),
    /// A map from text to values of one type.
    Map(BTreeMap<String, Value>),
    /// An object with a fixed set of attributes.
    Object(Object),
}

/// What is known about an unknown value. A refinement in a plan is a promise that the applied value must keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refinement {
    /// The value will not be null.
    pub not_null: bool,
    /// A collection will have at least this many elements.
    pub min_length: u64,
}

impl Value {
    /// An unknown value of which nothing is known.
    pub const UNKNOWN: Value = Value::Unknown(Refinement { not_null: false, min_length: 0 });

    /// An unknown value that will not be null.
    pub const UNKNOWN_NOT_NULL: Value = Value::Unknown(Refinement { not_null: true, min_length: 0 });

    /// A set of these elements: sorted, equal known elements merged. Elements that are not wholly known never merge, because each
    /// may become something else.
    pub fn set(elements: impl IntoIterator<Item = Value>) -> Value {
        let mut elements: Vec<Value> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|a, b| a == b && a.is_wholly_known());
        Value::Set(elements)
    }

    /// A list of these elements.
    pub fn list(elements: impl IntoIterator<Item = Value>) -> Value {
        Value::List(elements.into_iter().collect())
    }

    /// True for null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// True for an unknown value (not for a known collection that holds unknown elements).
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown(_))
    }

    /// True if neither the value nor anything inside it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Value::Unknown(_) => false,
            Value::List(items) | Value::Set(items) => items.iter().all(Value::is_wholly_known),
            Value::Map(items) | Value::Object(items) => items.values().all(Value::is_wholly_known),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }

    /// The value with every unknown inside it replaced by null: the only form in which a half-made object may be saved.
    pub fn unknowns_as_null(self) -> Value {
        match self {
            Value::Unknown(_) => Value::Null,
            Value::List(items) => Value::List(items.into_iter().map(Value::unknowns_as_null).collect()),
            Value::Set(items) => Value::set(items.into_iter().map(Value::unknowns_as_null)),
            Value::Map(items) => Value::Map(nulled(items)),
            Value::Object(items) => Value::Object(nulled(items)),
            other => other,
        }
    }

    /// The text, if this is known text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if this is a known one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The whole number, if this is a known one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Number(number) => number.to_i64(),
            _ => None,
        }
    }

    /// The elements of a known list or set.
    pub fn elements(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) | Value::Set(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a known map or object.
    pub fn entries(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Value::Map(items) | Value::Object(items) => Some(items),
            _ => None,
        }
    }

    /// An attribute of a known object; `None` where this is no known object or has no such attribute.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(attributes) => attributes.get(name),
            _ => None,
        }
    }

    /// The attributes of a known object, taken out.
    pub fn into_object(self) -> Option<Object> {
        match self {
            Value::Object(attributes) => Some(attributes),
            _ => None,
        }
    }
}

fn nulled(items: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    items.into_iter().map(|(name, value)| (name, value.unknowns_as_null())).collect()
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Number(value.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl From<Object> for Value {
    fn from(attributes: Object) -> Self {
        Value::Object(attributes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_ignore_order_and_merge_known_elements() {
        assert_eq!(Value::set(["b".into(), "a".into(), "b".into()]), Value::set(["a".into(), "b".into()]));
        let unknowns = Value::set([Value::UNKNOWN, Value::UNKNOWN]);
        assert_eq!(unknowns.elements().map(<[_]>::len), Some(2), "two unknown elements may become two values");
    }

    /// Every value of a request takes it, a null too, and a request may hold a million: see `protocol::limits`.
    #[test]
    fn a_value_is_small() {
        assert_eq!(size_of::<Value>(), 32);
    }

    #[test]
    fn unknowns_become_null_at_every_depth() {
        let value = Value::Object(Object::from([("a".into(), Value::list([Value::UNKNOWN, "x".into()]))]));
        assert!(!value.is_wholly_known());
        let nulled = value.unknowns_as_null();
        assert_eq!(nulled.attribute("a"), Some(&Value::list([Value::Null, "x".into()])));
    }
}
