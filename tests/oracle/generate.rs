//! Generated schemas, configurations and stored objects.

use std::collections::BTreeMap;

use crate::choices::Choices;
use crate::f::schema::{Attribute, AttributeType, Behaviour, Default, Nesting, Schema};
use crate::f::ty::Type;
use crate::f::value::{Object, Refinement, Value};

const NAMES: [&str; 5] = ["alpha", "beta", "gamma", "delta", "epsilon"];
const KEYS: [&str; 3] = ["k", "l", "m"];
const DEPTH: usize = 3;

/// An attribute that is often unknown, so that most cases have something unknown.
const INPUT: &str = "input";

/// The configuration with something unknown in it, if it has a place for that.
pub fn less_known(config: Value) -> Value {
    match config {
        Value::Object(mut object) if object.contains_key(INPUT) => {
            object.insert(INPUT.to_owned(), Value::UNKNOWN);
            Value::Object(object)
        }
        other => other,
    }
}

/// What surrounds an attribute.
#[derive(Clone, Copy)]
struct Within {
    depth: usize,
    set: bool,
    computed: bool,
}

/// A schema that the self-check accepts, mostly with computed members in its first attribute.
pub fn schema(choices: &mut Choices) -> Schema {
    let mut attributes = attributes(choices, Within { depth: 1, set: false, computed: false });
    if choices.below(16) != 1 {
        let members = vec![
            Attribute::string("id").computed().describe("Computed."),
            Attribute::string("kept").computed().keep_prior().describe("Computed."),
            Attribute::number("size").default(1).describe("Defaulted."),
            Attribute::string("name").describe("Optional."),
        ];
        let nesting = choices.pick(&[Nesting::Single, Nesting::List, Nesting::Map]);
        attributes.push(Attribute::nested("sure", nesting, members).required().describe("Nested."));
        attributes.push(Attribute::string(INPUT).describe("Often unknown."));
    }
    Schema { version: 0, description: "Generated.", attributes }
}

fn attributes(choices: &mut Choices, within: Within) -> Vec<Attribute> {
    let count = 1 + choices.below(if within.depth == 1 { NAMES.len() } else { 3 });
    (0..count).map(|i| attribute(choices, NAMES[i], within)).collect()
}

fn attribute(choices: &mut Choices, name: &'static str, within: Within) -> Attribute {
    let behaviour = match within {
        Within { computed: true, .. } => Behaviour::Computed,
        Within { set: true, .. } => {
            choices.pick(&[Behaviour::Optional, Behaviour::Required, Behaviour::OptionalComputed])
        }
        _ => choices.pick(&[
            Behaviour::Optional,
            Behaviour::OptionalComputed,
            Behaviour::Computed,
            Behaviour::OptionalComputed,
            Behaviour::Required,
        ]),
    };
    let mut attribute = Attribute::plain(name, Type::String).describe("Generated.");
    attribute.behaviour = behaviour;
    attribute.ty = attribute_type(choices, behaviour, within);
    if behaviour == Behaviour::OptionalComputed && (within.set || choices.chance(1, 2)) {
        attribute.default = Some(default(choices, &attribute, within));
    } else if matches!(behaviour, Behaviour::OptionalComputed | Behaviour::Computed) {
        attribute.keep_prior = choices.chance(1, 3);
    }
    if !within.set && !within.computed {
        attribute.requires_replace = choices.chance(1, 4);
    }
    attribute
}

fn attribute_type(choices: &mut Choices, behaviour: Behaviour, within: Within) -> AttributeType {
    if within.depth < DEPTH && choices.chance(2, 5) {
        let nesting = choices.pick(&[Nesting::Single, Nesting::List, Nesting::Map, Nesting::Set]);
        let within = Within {
            depth: within.depth + 1,
            set: within.set || nesting == Nesting::Set,
            computed: within.computed || behaviour == Behaviour::Computed,
        };
        return AttributeType::Nested(nesting, attributes(choices, within));
    }
    AttributeType::Plain(choices.pick(&[
        Type::String,
        Type::Number,
        Type::Bool,
        Type::list(Type::String),
        Type::set(Type::String),
        Type::map(Type::Number),
        Type::object([("p", Type::String), ("q", Type::list(Type::Bool))]),
    ]))
}

fn default(choices: &mut Choices, attribute: &Attribute, within: Within) -> Default {
    if let AttributeType::Nested(Nesting::Single, members) = &attribute.ty {
        let possible = members.iter().all(|member| member.behaviour != Behaviour::Required);
        if possible && !within.set && choices.chance(2, 3) {
            return Default::Members;
        }
    }
    Default::Value(given(choices, attribute, false))
}

/// A configuration of the schema.
pub fn config(choices: &mut Choices, schema: &Schema, unknowns: bool) -> Value {
    members(choices, &schema.attributes, unknowns)
}

fn members(choices: &mut Choices, attributes: &[Attribute], unknowns: bool) -> Value {
    let member = |attribute: &Attribute| (attribute.name.to_owned(), configured(choices, attribute, unknowns));
    Value::Object(attributes.iter().map(member).collect::<Object>())
}

fn configured(choices: &mut Choices, attribute: &Attribute, unknowns: bool) -> Value {
    match attribute.behaviour {
        Behaviour::Computed => Value::Null,
        Behaviour::Required => given(choices, attribute, unknowns),
        Behaviour::Optional if choices.chance(2, 3) => given(choices, attribute, unknowns),
        Behaviour::OptionalComputed if choices.chance(1, 2) => given(choices, attribute, unknowns),
        Behaviour::Optional | Behaviour::OptionalComputed => Value::Null,
    }
}

/// A value that is not null, as a user may write it.
fn given(choices: &mut Choices, attribute: &Attribute, unknowns: bool) -> Value {
    if unknowns && choices.chance(1, 5) {
        return unknown(choices, &attribute.value_type());
    }
    match &attribute.ty {
        AttributeType::Plain(ty) => of_type(choices, ty, unknowns),
        AttributeType::Nested(Nesting::Single, inner) => members(choices, inner, unknowns),
        AttributeType::Nested(nesting, inner) => {
            let items: Vec<Value> = {
                let count = choices.pick(&[1, 0, 2, 2]);
                (0..count).map(|_| members(choices, inner, unknowns)).collect()
            };
            collected(*nesting, items, inner)
        }
    }
}

fn collected(nesting: Nesting, items: Vec<Value>, inner: &[Attribute]) -> Value {
    match nesting {
        Nesting::Map => Value::Map(KEYS.iter().map(|key| (*key).to_owned()).zip(items).collect()),
        // A user cannot write two elements that a default makes one: the validation refuses them.
        Nesting::Set => {
            let mut distinct: BTreeMap<Value, Value> = BTreeMap::new();
            for item in items {
                distinct.entry(with_defaults(inner, &item)).or_insert(item);
            }
            Value::set(distinct.into_values())
        }
        Nesting::List | Nesting::Single => Value::list(items),
    }
}

/// An element of a set with the literal defaults of its members.
fn with_defaults(attributes: &[Attribute], object: &Value) -> Value {
    let member = |attribute: &Attribute| {
        let value = object.attribute(attribute.name).cloned().unwrap_or(Value::Null);
        let filled = match &attribute.ty {
            _ if value.is_null() => attribute.default_value().unwrap_or(Value::Null),
            AttributeType::Nested(_, inner) => match value {
                Value::List(items) => Value::list(items.iter().map(|item| with_defaults(inner, item))),
                Value::Set(items) => Value::set(items.iter().map(|item| with_defaults(inner, item))),
                Value::Map(items) => {
                    Value::Map(items.iter().map(|(key, item)| (key.clone(), with_defaults(inner, item))).collect())
                }
                Value::Object(_) => with_defaults(inner, &value),
                other => other,
            },
            AttributeType::Plain(_) => value,
        };
        (attribute.name.to_owned(), filled)
    };
    match object {
        Value::Object(_) => Value::Object(attributes.iter().map(member).collect::<Object>()),
        other => other.clone(),
    }
}

fn unknown(choices: &mut Choices, ty: &Type) -> Value {
    let collection = matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_));
    match choices.below(3) {
        0 => Value::UNKNOWN,
        1 if collection => Value::Unknown(Refinement { not_null: true, min_length: 1 }),
        _ => Value::UNKNOWN_NOT_NULL,
    }
}

/// A known value of the type; unknown parts where `unknowns`.
pub fn of_type(choices: &mut Choices, ty: &Type, unknowns: bool) -> Value {
    let part = |choices: &mut Choices, ty: &Type| {
        if unknowns && choices.chance(1, 6) { unknown(choices, ty) } else { of_type(choices, ty, unknowns) }
    };
    match ty {
        Type::Bool => Value::Bool(choices.chance(1, 2)),
        Type::Number => {
            Value::Number(choices.pick(&["0", "1", "0.1", "9223372036854775808"]).parse().expect("a number"))
        }
        Type::String => Value::from(choices.pick(&["", "a", "b", "é"])),
        Type::List(element) => Value::list((0..choices.below(3)).map(|_| part(choices, element)).collect::<Vec<_>>()),
        Type::Set(element) => Value::set((0..choices.below(3)).map(|_| part(choices, element)).collect::<Vec<_>>()),
        Type::Map(element) => {
            let count = choices.below(3);
            Value::Map(KEYS[..count].iter().map(|key| ((*key).to_owned(), part(choices, element))).collect())
        }
        Type::Object(types) => {
            Value::Object(types.iter().map(|(name, ty)| (name.clone(), part(choices, ty))).collect::<Object>())
        }
    }
}

/// The configuration after the user edited it here and there; unknown values come in.
pub fn mutated(choices: &mut Choices, attributes: &[Attribute], config: &Value) -> Value {
    let Value::Object(object) = config else { return config.clone() };
    let member = |attribute: &Attribute| {
        let value = object.get(attribute.name).unwrap_or(&Value::Null);
        let new = match (choices.below(4), &attribute.ty) {
            (0, _) => value.clone(),
            (1 | 2, AttributeType::Nested(_, inner)) => match value {
                Value::Object(_) => mutated(choices, inner, value),
                Value::List(items) => {
                    Value::list(items.iter().map(|item| mutated(choices, inner, item)).collect::<Vec<_>>())
                }
                Value::Map(items) => {
                    Value::Map(items.iter().map(|(key, item)| (key.clone(), mutated(choices, inner, item))).collect())
                }
                other => other.clone(),
            },
            (1, _) => value.clone(),
            _ => configured(choices, attribute, true),
        };
        (attribute.name.to_owned(), new)
    };
    Value::Object(attributes.iter().map(member).collect::<Object>())
}

/// The configuration when everything has become known, within what was known before.
pub fn settled(choices: &mut Choices, attributes: &[Attribute], config: &Value) -> Value {
    let Value::Object(object) = config else { return config.clone() };
    let member = |attribute: &Attribute| {
        let value = object.get(attribute.name).unwrap_or(&Value::Null);
        let new = match (value, &attribute.ty) {
            (Value::Unknown(refinement), _) => {
                let may_be_null = !refinement.not_null && attribute.behaviour != Behaviour::Required;
                if may_be_null && choices.chance(1, 3) {
                    Value::Null
                } else {
                    long_enough(choices, attribute, refinement)
                }
            }
            (_, AttributeType::Plain(ty)) => filled(choices, ty, value),
            (Value::Object(_), AttributeType::Nested(_, inner)) => settled(choices, inner, value),
            (Value::List(items), AttributeType::Nested(_, inner)) => {
                Value::list(items.iter().map(|item| settled(choices, inner, item)).collect::<Vec<_>>())
            }
            (Value::Set(items), AttributeType::Nested(_, inner)) => {
                Value::set(items.iter().map(|item| settled(choices, inner, item)).collect::<Vec<_>>())
            }
            (Value::Map(items), AttributeType::Nested(_, inner)) => {
                Value::Map(items.iter().map(|(key, item)| (key.clone(), settled(choices, inner, item))).collect())
            }
            (other, _) => other.clone(),
        };
        (attribute.name.to_owned(), new)
    };
    Value::Object(attributes.iter().map(member).collect::<Object>())
}

fn long_enough(choices: &mut Choices, attribute: &Attribute, refinement: &Refinement) -> Value {
    let value = given(choices, attribute, false);
    let length = value.elements().map_or_else(|| value.entries().map_or(1, BTreeMap::len), <[_]>::len);
    if length as u64 >= refinement.min_length {
        return value;
    }
    match &attribute.ty {
        AttributeType::Plain(ty) => at_least_one(choices, ty),
        AttributeType::Nested(nesting, inner) => collected(*nesting, vec![members(choices, inner, false)], inner),
    }
}

fn at_least_one(choices: &mut Choices, ty: &Type) -> Value {
    match ty {
        Type::List(element) => Value::list([of_type(choices, element, false)]),
        Type::Set(element) => Value::set([of_type(choices, element, false)]),
        Type::Map(element) => Value::Map(BTreeMap::from([("k".to_owned(), of_type(choices, element, false))])),
        other => of_type(choices, other, false),
    }
}

/// `value` with every unknown part replaced by a value of the type, within its refinement.
pub fn filled(choices: &mut Choices, ty: &Type, value: &Value) -> Value {
    match (ty, value) {
        (_, Value::Unknown(refinement)) => {
            if refinement.not_null && refinement.min_length > 0 {
                at_least_one(choices, ty)
            } else if !refinement.not_null && choices.chance(1, 4) {
                Value::Null
            } else {
                of_type(choices, ty, false)
            }
        }
        (Type::List(ty), Value::List(items)) => {
            Value::list(items.iter().map(|item| filled(choices, ty, item)).collect::<Vec<_>>())
        }
        (Type::Set(ty), Value::Set(items)) => {
            Value::set(items.iter().map(|item| filled(choices, ty, item)).collect::<Vec<_>>())
        }
        (Type::Map(ty), Value::Map(items)) => {
            Value::Map(items.iter().map(|(key, item)| (key.clone(), filled(choices, ty, item))).collect())
        }
        (Type::Object(types), Value::Object(items)) => Value::Object(
            items.iter().map(|(name, item)| (name.clone(), filled(choices, &types[name], item))).collect(),
        ),
        (_, other) => other.clone(),
    }
}

/// A stored object that no configuration of ours made: computed values are anything.
pub fn stored(choices: &mut Choices, schema: &Schema) -> Value {
    let config = config(choices, schema, false);
    let mut object = config.into_object().expect("an object");
    for attribute in &schema.attributes {
        if matches!(attribute.behaviour, Behaviour::Computed | Behaviour::OptionalComputed) {
            object.insert(attribute.name.to_owned(), of_type(choices, &attribute.value_type(), false));
        }
    }
    Value::Object(object)
}
