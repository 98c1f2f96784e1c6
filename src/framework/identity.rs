//! What names an object outside of Terraform for as long as it exists.

use std::collections::BTreeMap;

use super::diagnostic::Diagnostic;
use super::ty::Type;
use super::value::{Object, Value};

/// The identity of a resource type. Terraform (1.12 and newer) stores it beside the state, shows it, and imports by it.
///
/// It consists of attributes of the state, so that nothing has to be kept twice: their names, types and descriptions are the schema's.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// To be raised when the attributes change.
    pub version: i64,
    /// Attributes of the schema's top level: text, numbers or bools that stay the same while the object exists.
    pub attributes: &'static [&'static str],
    /// Those of them that may be null: null names the object as well as a value does, and an import may leave it out.
    pub optional: &'static [&'static str],
    /// What a user would give to `terraform import` for the object with this identity, of which no part is missing; or what is wrong with a
    /// part.
    pub import_id: fn(&Object) -> Result<String, Diagnostic>,
}

impl Identity {
    /// True if the attribute `name` of it may be null.
    pub fn is_optional(&self, name: &str) -> bool {
        self.optional.contains(&name)
    }

    /// The type of its values, `whole` being the type of the state.
    pub fn object_type(&self, whole: &Type) -> Type {
        let Type::Object(types) = whole else { return Type::Object(BTreeMap::new()) };
        let parts = types.iter().filter(|(name, _)| self.attributes.contains(&name.as_str()));
        Type::Object(parts.map(|(name, ty)| (name.clone(), ty.clone())).collect())
    }

    /// The identity of an object. None while a part of it is unknown, or null where it mustn't be: it exists when the object does.
    pub fn of(&self, state: &Value) -> Option<Value> {
        let parts = self.attributes.iter().map(|name| {
            let part = state.attribute(name)?;
            let is_there = !part.is_null() || self.is_optional(name);
            (is_there && part.is_wholly_known()).then(|| ((*name).to_owned(), part.clone()))
        });
        Some(Value::Object(parts.collect::<Option<BTreeMap<_, _>>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTITY: Identity =
        Identity { version: 0, attributes: &["arn"], optional: &[], import_id: |_| Ok(String::new()) };

    fn state(arn: Value) -> Value {
        Value::Object([("arn".to_owned(), arn), ("name".to_owned(), "x".into())].into())
    }

    #[test]
    fn an_identity_is_complete_or_there_is_none() {
        let whole = IDENTITY.of(&state("a".into()));
        assert_eq!(whole, Some(Value::Object([("arn".to_owned(), "a".into())].into())));
        for nothing in [state(Value::Null), state(Value::UNKNOWN), Value::Null, Value::UNKNOWN] {
            assert_eq!(IDENTITY.of(&nothing), None);
        }
    }

    #[test]
    fn a_part_that_may_be_null_is_no_gap() {
        let identity = Identity { attributes: &["arn", "name"], optional: &["name"], ..IDENTITY };
        let state = |name| Value::Object([("arn".to_owned(), "a".into()), ("name".to_owned(), name)].into());
        assert_eq!(identity.of(&state(Value::Null)), Some(state(Value::Null)));
        assert_eq!(identity.of(&state(Value::UNKNOWN)), None, "it is decided at apply");
    }

    #[test]
    fn its_type_is_that_of_the_state() {
        let whole = Type::object([("arn", Type::String), ("port", Type::Number)]);
        assert_eq!(IDENTITY.object_type(&whole), Type::object([("arn", Type::String)]));
    }
}
