//! The types of values.

use std::collections::BTreeMap;

use super::value::{Object, Value};

/// The type of a value. Terraform's dynamic and tuple types are absent: nothing needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// An exact decimal number.
    Number,
    /// Text.
    String,
    /// An ordered collection of one type.
    List(Box<Type>),
    /// An unordered collection of one type.
    Set(Box<Type>),
    /// Values of one type by text key.
    Map(Box<Type>),
    /// Attributes by name, each of its own type.
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// A list of `element`.
    pub fn list(element: Type) -> Type {
        Type::List(Box::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Type) -> Type {
        Type::Set(Box::new(element))
    }

    /// A map of `element`.
    pub fn map(element: Type) -> Type {
        Type::Map(Box::new(element))
    }

    /// An object type from names and types.
    pub fn object<'a>(attributes: impl IntoIterator<Item = (&'a str, Type)>) -> Type {
        Type::Object(attributes.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect())
    }

    /// An object of this type: `members`, and every other one null. Of a type that is no object's, `members` alone.
    pub fn object_of<'a>(&self, members: impl IntoIterator<Item = (&'a str, Value)>) -> Object {
        let mut object = match self {
            Type::Object(attributes) => attributes.keys().map(|name| (name.clone(), Value::Null)).collect(),
            _ => Object::new(),
        };
        object.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
        object
    }

    /// True if `value` could be of this type: null and unknown always can.
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null | Value::Unknown(_)) => true,
            (Type::Bool, Value::Bool(_)) | (Type::Number, Value::Number(_)) | (Type::String, Value::String(_)) => true,
            (Type::List(element), Value::List(items)) | (Type::Set(element), Value::Set(items)) => {
                items.iter().all(|item| element.admits(item))
            }
            (Type::Map(element), Value::Map(items)) => items.values().all(|item| element.admits(item)),
            (Type::Object(attributes), Value::Object(items)) => {
                attributes.len() == items.len()
                    && attributes.iter().all(|(name, ty)| items.get(name).is_some_and(|item| ty.admits(item)))
            }
            _ => false,
        }
    }

    /// The type as a person writes it in Terraform: `list(string)`.
    pub fn describe(&self) -> String {
        match self {
            Type::Bool => "bool".to_owned(),
            Type::Number => "number".to_owned(),
            Type::String => "string".to_owned(),
            Type::List(element) => format!("list({})", element.describe()),
            Type::Set(element) => format!("set({})", element.describe()),
            Type::Map(element) => format!("map({})", element.describe()),
            Type::Object(attributes) => {
                let attributes: Vec<String> =
                    attributes.iter().map(|(name, ty)| format!("{name} = {}", ty.describe())).collect();
                format!("object({{{}}})", attributes.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_null() {
        let ty = Type::object([("a", Type::String), ("b", Type::Bool)]);
        assert_eq!(
            ty.object_of([("b", true.into())]),
            Object::from([("a".into(), Value::Null), ("b".into(), true.into())])
        );
        assert_eq!(Type::Bool.object_of([]), Object::new());
    }

    #[test]
    fn objects_need_exactly_their_attributes() {
        let ty = Type::object([("a", Type::String)]);
        assert!(ty.admits(&Value::Object(Object::from([("a".into(), "x".into())]))));
        assert!(ty.admits(&Value::UNKNOWN));
        assert!(!ty.admits(&Value::Object(Object::new())));
        assert!(!ty.admits(&Value::Object(Object::from([("a".into(), true.into())]))));
        assert_eq!(ty.describe(), "object({a = string})");
    }
}
