//! Typed reads from an object in which anything may be null or unknown.

use std::collections::BTreeMap;

use super::value::{Object, Value};

/// Something that may not be known before apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Maybe<T> {
    /// It is this.
    Known(T),
    /// It will be known at apply.
    Unknown,
}

impl<T> Maybe<T> {
    /// The value, if it is known.
    pub fn known(self) -> Option<T> {
        match self {
            Maybe::Known(value) => Some(value),
            Maybe::Unknown => None,
        }
    }

    /// A borrowed view.
    pub fn as_ref(&self) -> Maybe<&T> {
        match self {
            Maybe::Known(value) => Maybe::Known(value),
            Maybe::Unknown => Maybe::Unknown,
        }
    }

    /// The result of `function`, known where this is.
    pub fn map<U>(self, function: impl FnOnce(T) -> U) -> Maybe<U> {
        match self {
            Maybe::Known(value) => Maybe::Known(function(value)),
            Maybe::Unknown => Maybe::Unknown,
        }
    }

    /// True if it is known and `predicate` holds.
    pub fn is_known_and(&self, predicate: impl FnOnce(&T) -> bool) -> bool {
        matches!(self, Maybe::Known(value) if predicate(value))
    }
}

impl<T> Maybe<Option<T>> {
    /// True if it is known to have no value.
    pub fn is_absent(&self) -> bool {
        matches!(self, Maybe::Known(None))
    }

    /// The value, if it is known and there is one.
    pub fn present(self) -> Option<T> {
        self.known().flatten()
    }
}

impl<T: Into<Value>> From<Maybe<T>> for Value {
    fn from(maybe: Maybe<T>) -> Self {
        match maybe {
            Maybe::Known(value) => value.into(),
            Maybe::Unknown => Value::UNKNOWN,
        }
    }
}

/// Reads the attributes of one object. An attribute that the schema doesn't have reads as null and, in debug builds, panics: it is a
/// misspelt name.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// `None` where the object itself is unknown: then every attribute is.
    object: Option<&'a Object>,
}

impl<'a> Reader<'a> {
    /// Reads from `object`.
    pub fn new(object: &'a Object) -> Reader<'a> {
        Reader { object: Some(object) }
    }

    /// The attribute as it is.
    pub fn value(&self, name: &str) -> &'a Value {
        match self.object {
            Some(object) => {
                debug_assert!(object.contains_key(name), "no attribute {name} in {:?}", object.keys());
                object.get(name).unwrap_or(&Value::Null)
            }
            None => &Value::UNKNOWN,
        }
    }

    /// Text.
    pub fn text(&self, name: &str) -> Maybe<Option<&'a str>> {
        read(self.value(name), Value::as_str)
    }

    /// A truth value.
    pub fn bool(&self, name: &str) -> Maybe<Option<bool>> {
        read(self.value(name), Value::as_bool)
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Maybe<Option<i64>> {
        read(self.value(name), Value::as_i64)
    }

    /// The elements of a list or set of texts, each of which may be unknown.
    pub fn texts(&self, name: &str) -> Maybe<Option<Vec<Maybe<&'a str>>>> {
        read(self.value(name), |value| value.elements().map(|items| items.iter().map(element_text).collect()))
    }

    /// The entries of a map of texts; unknown if one of them is.
    pub fn text_map(&self, name: &str) -> Maybe<Option<BTreeMap<String, String>>> {
        let value = self.value(name);
        if !value.is_wholly_known() {
            return Maybe::Unknown;
        }
        read(value, |value| {
            let entries = value.entries()?.iter();
            Some(entries.filter_map(|(key, item)| Some((key.clone(), item.as_str()?.to_owned()))).collect())
        })
    }

    /// A nested object.
    pub fn nested(&self, name: &str) -> Maybe<Option<Reader<'a>>> {
        match self.value(name) {
            Value::Object(object) => Maybe::Known(Some(Reader::new(object))),
            Value::Unknown(_) => Maybe::Unknown,
            _ => Maybe::Known(None),
        }
    }

    /// The objects of a nested map by key; one that is unknown reads as unknown attributes.
    pub fn nested_map(&self, name: &str) -> Maybe<Option<BTreeMap<&'a str, Reader<'a>>>> {
        read(self.value(name), |value| {
            let items = value.entries()?.iter();
            Some(items.map(|(key, item)| (key.as_str(), Reader { object: item.entries() })).collect())
        })
    }

    /// The objects of a nested list or set; one that is unknown reads as unknown attributes.
    pub fn nested_items(&self, name: &str) -> Maybe<Option<Vec<Reader<'a>>>> {
        read(self.value(name), |value| {
            let items = value.elements()?.iter();
            Some(items.map(|item| Reader { object: item.entries() }).collect())
        })
    }
}

fn read<'a, T>(value: &'a Value, take: impl FnOnce(&'a Value) -> Option<T>) -> Maybe<Option<T>> {
    if value.is_unknown() { Maybe::Unknown } else { Maybe::Known(take(value)) }
}

fn element_text(value: &Value) -> Maybe<&str> {
    match value.as_str() {
        Some(text) => Maybe::Known(text),
        None => Maybe::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_unknown_and_known_are_told_apart() {
        let object = Object::from([
            ("null".into(), Value::Null),
            ("unknown".into(), Value::UNKNOWN),
            ("text".into(), "x".into()),
            ("list".into(), Value::list(["a".into(), Value::UNKNOWN])),
        ]);
        let reader = Reader::new(&object);
        assert_eq!(reader.text("null"), Maybe::Known(None));
        assert_eq!(reader.text("unknown"), Maybe::Unknown);
        assert_eq!(reader.text("text"), Maybe::Known(Some("x")));
        assert_eq!(reader.texts("list"), Maybe::Known(Some(vec![Maybe::Known("a"), Maybe::Unknown])));
        assert!(matches!(reader.nested("unknown"), Maybe::Unknown));
    }

    #[test]
    fn a_map_has_its_keys_before_its_objects() {
        let node = Object::from([("address".into(), "10.0.0.1".into())]);
        let nodes = Value::Map([("a".to_owned(), node.into()), ("b".to_owned(), Value::UNKNOWN)].into());
        let object = Object::from([("nodes".into(), nodes), ("unknown".into(), Value::UNKNOWN)]);
        let read = Reader::new(&object).nested_map("nodes").present().unwrap();
        assert_eq!(read["a"].text("address"), Maybe::Known(Some("10.0.0.1")));
        assert_eq!(read["b"].text("address"), Maybe::Unknown);
        assert!(matches!(Reader::new(&object).nested_map("unknown"), Maybe::Unknown));
    }
}
