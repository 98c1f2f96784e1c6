//! Schemas as data.
//!
//! One schema drives decoding, validation, defaults, planning, state upgrade and the documentation. Required, optional and computed
//! are one enum, so that a combination Terraform refuses cannot be written.

use std::collections::BTreeMap;

use super::ty::Type;
use super::validator::Validator;
use super::value::{Object, Value};

/// The attributes of a provider, resource or data source.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Raised when stored state needs an upgrade.
    pub version: i64,
    /// What the thing is, in Markdown.
    pub description: &'static str,
    /// The attributes, in the order in which the documentation shows them.
    pub attributes: Vec<Attribute>,
}

/// Who gives an attribute its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// The configuration must.
    Required,
    /// The configuration may; else the value is null.
    Optional,
    /// The configuration may; else the provider does (a default, or a computed value).
    OptionalComputed,
    /// Only the provider does.
    Computed,
}

/// The type of an attribute: plain, or an object (or collection of objects) whose attributes have behaviours of their own.
#[derive(Clone, Debug)]
pub enum AttributeType {
    /// A value whose parts have no behaviour of their own.
    Plain(Type),
    /// Nested attributes.
    Nested(Nesting, Vec<Attribute>),
}

/// How nested attributes are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects.
    Map,
}

/// The value that an attribute without configuration takes at plan. Never a stored one: removing an argument returns to the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Default {
    /// This value.
    Value(Value),
    /// For [`Nesting::Single`]: an object of the defaults of its attributes (null for those that have none).
    Members,
}

/// One attribute. Built from a type constructor and refined by the methods, each of which returns the attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name: `^[a-z_][a-z0-9_]*$`.
    pub name: &'static str,
    /// A plain type, or attributes of its own.
    pub ty: AttributeType,
    /// Who gives it a value.
    pub behaviour: Behaviour,
    /// True if it must not be shown.
    pub sensitive: bool,
    /// What to use instead, for an attribute that will go.
    pub deprecated: Option<&'static str>,
    /// Meaning, unit and default, in Markdown, ending in a full stop.
    pub description: &'static str,
    /// Only for [`Behaviour::OptionalComputed`].
    pub default: Option<Default>,
    /// Checks of a known, non-null value.
    pub validators: Vec<Validator>,
    /// Whether a change needs a new object.
    pub requires_replace: bool,
    /// True if a computed value stays what it was when the object is updated: without it, every update makes the value unknown.
    pub keep_prior: bool,
}

impl Attribute {
    /// An attribute of a plain type; optional until said otherwise.
    pub fn plain(name: &'static str, ty: Type) -> Attribute {
        Attribute::new(name, AttributeType::Plain(ty))
    }

    /// Text.
    pub fn string(name: &'static str) -> Attribute {
        Attribute::plain(name, Type::String)
    }

    /// A number.
    pub fn number(name: &'static str) -> Attribute {
        Attribute::plain(name, Type::Number)
    }

    /// A truth value.
    pub fn bool(name: &'static str) -> Attribute {
        Attribute::plain(name, Type::Bool)
    }

    /// Nested attributes.
    pub fn nested(name: &'static str, nesting: Nesting, attributes: Vec<Attribute>) -> Attribute {
        Attribute::new(name, AttributeType::Nested(nesting, attributes))
    }

    fn new(name: &'static str, ty: AttributeType) -> Attribute {
        Attribute {
            name,
            ty,
            behaviour: Behaviour::Optional,
            sensitive: false,
            deprecated: None,
            description: "",
            default: None,
            validators: Vec::new(),
            requires_replace: false,
            keep_prior: false,
        }
    }

    /// The configuration must set it.
    #[must_use]
    pub fn required(self) -> Attribute {
        Attribute { behaviour: Behaviour::Required, ..self }
    }

    /// The configuration may set it, else it takes `default`.
    #[must_use]
    pub fn default(self, default: impl Into<Value>) -> Attribute {
        Attribute { default: Some(Default::Value(default.into())), ..self.optional_computed() }
    }

    /// The configuration may set it, else it takes the defaults of its members ([`Default::Members`]).
    #[must_use]
    pub fn default_members(self) -> Attribute {
        Attribute { default: Some(Default::Members), ..self.optional_computed() }
    }

    /// The configuration may set it, else the provider does.
    #[must_use]
    pub fn optional_computed(self) -> Attribute {
        Attribute { behaviour: Behaviour::OptionalComputed, ..self }
    }

    /// Only the provider sets it.
    #[must_use]
    pub fn computed(self) -> Attribute {
        Attribute { behaviour: Behaviour::Computed, ..self }
    }

    /// A computed value that an update does not change.
    #[must_use]
    pub fn keep_prior(self) -> Attribute {
        Attribute { keep_prior: true, ..self }
    }

    /// Not to be shown to anybody.
    #[must_use]
    pub fn sensitive(self) -> Attribute {
        Attribute { sensitive: true, ..self }
    }

    /// Will go; `instead` says what to use.
    #[must_use]
    pub fn deprecated(self, instead: &'static str) -> Attribute {
        Attribute { deprecated: Some(instead), ..self }
    }

    /// Meaning, unit and default.
    #[must_use]
    pub fn describe(self, description: &'static str) -> Attribute {
        Attribute { description, ..self }
    }

    /// Adds a check.
    #[must_use]
    pub fn check(mut self, validator: Validator) -> Attribute {
        self.validators.push(validator);
        self
    }

    /// Every change needs a new object.
    #[must_use]
    pub fn requires_replace(self) -> Attribute {
        Attribute { requires_replace: true, ..self }
    }

    /// The type of its value.
    pub fn value_type(&self) -> Type {
        match &self.ty {
            AttributeType::Plain(ty) => ty.clone(),
            AttributeType::Nested(nesting, attributes) => {
                let object = object_type(attributes);
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::list(object),
                    Nesting::Set => Type::set(object),
                    Nesting::Map => Type::map(object),
                }
            }
        }
    }

    /// Whether `value` is of its type, as [`Attribute::value_type`] would say, without making that type.
    pub fn admits(&self, value: &Value) -> bool {
        match (&self.ty, value) {
            (_, Value::Null | Value::Unknown(_)) => true,
            (AttributeType::Plain(ty), value) => ty.admits(value),
            (AttributeType::Nested(Nesting::Single, attributes), value) => is_object_of(attributes, value),
            (AttributeType::Nested(Nesting::List, attributes), Value::List(items))
            | (AttributeType::Nested(Nesting::Set, attributes), Value::Set(items)) => {
                items.iter().all(|item| is_object_of(attributes, item))
            }
            (AttributeType::Nested(Nesting::Map, attributes), Value::Map(items)) => {
                items.values().all(|item| is_object_of(attributes, item))
            }
            (AttributeType::Nested(..), _) => false,
        }
    }

    /// The value of the default, if there is one.
    pub fn default_value(&self) -> Option<Value> {
        match (&self.default, &self.ty) {
            (Some(Default::Value(value)), _) => Some(value.clone()),
            (Some(Default::Members), AttributeType::Nested(Nesting::Single, attributes)) => {
                let members = attributes
                    .iter()
                    .map(|member| (member.name.to_owned(), member.default_value().unwrap_or(Value::Null)));
                Some(Value::Object(members.collect()))
            }
            (Some(Default::Members), _) | (None, _) => None,
        }
    }
}

impl Schema {
    /// The type of the whole object.
    pub fn object_type(&self) -> Type {
        object_type(&self.attributes)
    }

    /// Whether `value` is of that type.
    pub fn admits(&self, value: &Value) -> bool {
        is_object_of(&self.attributes, value)
    }

    /// The attribute `name` of the root.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// An object with every attribute null.
    pub fn null_object(&self) -> Object {
        self.attributes.iter().map(|attribute| (attribute.name.to_owned(), Value::Null)).collect()
    }
}

fn is_object_of(attributes: &[Attribute], value: &Value) -> bool {
    match value {
        Value::Null | Value::Unknown(_) => true,
        Value::Object(items) => {
            let fits = |attribute: &Attribute| items.get(attribute.name).is_some_and(|value| attribute.admits(value));
            attributes.len() == items.len() && attributes.iter().all(fits)
        }
        _ => false,
    }
}

fn object_type(attributes: &[Attribute]) -> Type {
    let types: BTreeMap<String, Type> =
        attributes.iter().map(|attribute| (attribute.name.to_owned(), attribute.value_type())).collect();
    Type::Object(types)
}
