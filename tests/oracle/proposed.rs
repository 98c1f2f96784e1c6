//! Terraform's merge of configuration and stored object, which it hands to the provider as the proposed object.

use crate::f::schema::{Attribute, AttributeType, Behaviour, Nesting, Schema};
use crate::f::value::{Object, Value};

/// The proposed object: stored values where the configuration is silent and the attribute computed, else the configuration.
pub fn proposed(schema: &Schema, prior: &Value, config: &Value) -> Value {
    if config.is_null() { Value::Null } else { object(&schema.attributes, prior, config) }
}

fn object(attributes: &[Attribute], prior: &Value, config: &Value) -> Value {
    if !matches!(config, Value::Object(_)) {
        return config.clone();
    }
    let member = |attribute: &Attribute| {
        let prior = prior.attribute(attribute.name).unwrap_or(&Value::Null);
        let config = config.attribute(attribute.name).unwrap_or(&Value::Null);
        (attribute.name.to_owned(), value(attribute, prior, config))
    };
    Value::Object(attributes.iter().map(member).collect::<Object>())
}

fn value(attribute: &Attribute, prior: &Value, config: &Value) -> Value {
    match &attribute.ty {
        _ if config.is_null() && is_computed(attribute) => {
            if was_configured(attribute, prior) {
                Value::Null
            } else {
                prior.clone()
            }
        }
        AttributeType::Plain(_) => config.clone(),
        AttributeType::Nested(nesting, members) => nested(*nesting, members, prior, config),
    }
}

fn nested(nesting: Nesting, members: &[Attribute], prior: &Value, config: &Value) -> Value {
    match (nesting, config) {
        (Nesting::Single, _) => object(members, prior, config),
        (Nesting::List, Value::List(items)) => {
            let prior = prior.elements().unwrap_or_default();
            Value::list(
                items.iter().enumerate().map(|(i, item)| object(members, prior.get(i).unwrap_or(&Value::Null), item)),
            )
        }
        (Nesting::Map, Value::Map(items)) => {
            let prior = |key: &String| prior.entries().and_then(|prior| prior.get(key)).unwrap_or(&Value::Null);
            Value::Map(items.iter().map(|(key, item)| (key.clone(), object(members, prior(key), item))).collect())
        }
        (Nesting::Set, Value::Set(items)) => {
            let mut left: Vec<&Value> = prior.elements().unwrap_or_default().iter().collect();
            Value::set(items.iter().map(|item| {
                let found = left.iter().position(|prior| came_from(members, prior, item));
                object(members, found.map_or(&Value::Null, |at| left.remove(at)), item)
            }))
        }
        (_, config) => config.clone(),
    }
}

/// An optional computed nested attribute that holds anything not computed must have been configured once.
fn was_configured(attribute: &Attribute, prior: &Value) -> bool {
    let AttributeType::Nested(_, members) = &attribute.ty else { return false };
    attribute.behaviour == Behaviour::OptionalComputed && holds_configured(members, prior)
}

fn holds_configured(members: &[Attribute], value: &Value) -> bool {
    match value {
        Value::List(items) | Value::Set(items) => items.iter().any(|item| holds_configured(members, item)),
        Value::Map(items) => items.values().any(|item| holds_configured(members, item)),
        Value::Object(object) => members.iter().any(|member| {
            let value = object.get(member.name).unwrap_or(&Value::Null);
            let deeper = match &member.ty {
                AttributeType::Plain(_) => false,
                AttributeType::Nested(_, members) => holds_configured(members, value),
            };
            (!is_computed(member) && !value.is_null()) || deeper
        }),
        _ => false,
    }
}

/// True if `prior` equals `config` wherever the configuration says something, or could say something and nothing computes it.
fn came_from(members: &[Attribute], prior: &Value, config: &Value) -> bool {
    members.iter().all(|member| {
        let prior = prior.attribute(member.name).unwrap_or(&Value::Null);
        let config = config.attribute(member.name).unwrap_or(&Value::Null);
        value(member, prior, config) == *prior
    })
}

fn is_computed(attribute: &Attribute) -> bool {
    matches!(attribute.behaviour, Behaviour::Computed | Behaviour::OptionalComputed)
}
