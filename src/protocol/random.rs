//! Random types and values for the tests of the encodings.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::framework::number::Number;
use crate::framework::ty::Type;
use crate::framework::value::{Refinement, Value};
use crate::protocol::codec::normalised;

/// Any type, a few levels deep.
pub(super) fn ty() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::btree_map("[a-z_]{1,6}", inner, 0..4).prop_map(Type::Object),
        ]
    })
}

/// Any type and any value of it.
pub(super) fn typed_value() -> impl Strategy<Value = (Type, Value)> {
    ty().prop_flat_map(|ty| (Just(ty.clone()), value(&ty)))
}

fn value(ty: &Type) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => number().prop_map(Value::Number).boxed(),
        Type::String => any::<String>().prop_map(|text| Value::String(normalised(&text))).boxed(),
        Type::List(element) => prop::collection::vec(value(element), 0..4).prop_map(Value::List).boxed(),
        Type::Set(element) => prop::collection::vec(value(element), 0..4).prop_map(Value::set).boxed(),
        Type::Map(element) => {
            prop::collection::btree_map(any::<String>().prop_map(|key| normalised(&key)), value(element), 0..4)
                .prop_map(Value::Map)
                .boxed()
        }
        Type::Object(attributes) => {
            let mut object = Just(BTreeMap::new()).boxed();
            for (name, ty) in attributes {
                let name = name.clone();
                object = (object, value(ty))
                    .prop_map(move |(mut object, value)| {
                        object.insert(name.clone(), value);
                        object
                    })
                    .boxed();
            }
            object.prop_map(Value::Object).boxed()
        }
    };
    let is_collection = matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_));
    let unknown = (any::<bool>(), 0..4_u64).prop_map(move |(not_null, length)| {
        Value::Unknown(Refinement { not_null, min_length: if is_collection { length } else { 0 } })
    });
    prop_oneof![8 => known, 1 => Just(Value::Null), 1 => unknown].boxed()
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        (-200..200_i64).prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        "-?[1-9][0-9]{0,30}(\\.[0-9]{1,20})?(e-?[1-9][0-9]{0,2})?"
            .prop_filter_map("a number", |text| text.parse().ok()),
    ]
}
