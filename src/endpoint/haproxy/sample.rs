//! Objects for the tests of this folder: configurations, and what becomes of them.

use super::schema::SCHEMA;
use super::{effective, outputs};
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::engine::with_defaults;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

/// The guide's layout, and `changes`.
pub fn config<const N: usize>(changes: [(&str, Value); N]) -> Object {
    let mut object = SCHEMA.null_object();
    object.insert("control_plane".into(), nodes(&["192.168.30.31", "192.168.30.32", "192.168.30.33"]));
    object.insert("load_balancers".into(), hosts(&["192.168.30.21/24", "192.168.30.22/24"]));
    object.insert("vip".into(), "192.168.30.30".into());
    object.extend(changes.map(|(name, value)| (name.to_owned(), value)));
    object
}

/// A configuration with one load balancer, and `changes`.
pub fn single<const N: usize>(changes: [(&str, Value); N]) -> Object {
    let mut object = config([("load_balancers", hosts(&["192.168.30.21/24"])), ("vip", Value::Null)]);
    object.extend(changes.map(|(name, value)| (name.to_owned(), value)));
    object
}

/// Control-plane nodes `cp-01`, `cp-02`, … with these addresses.
pub fn nodes(addresses: &[&str]) -> Value {
    let node = |(index, address): (usize, &&str)| {
        (format!("cp-{:02}", index + 1), element("control_plane", [("address", (*address).into())]))
    };
    Value::Map(addresses.iter().enumerate().map(node).collect())
}

/// Load balancers `lb-01`, `lb-02`, … with these addresses on `eth0`.
pub fn hosts(addresses: &[&str]) -> Value {
    let host = |(index, address): (usize, &&str)| {
        let members = [("address", (*address).into()), ("interface", "eth0".into())];
        (format!("lb-{:02}", index + 1), element("load_balancers", members))
    };
    Value::Map(addresses.iter().enumerate().map(host).collect())
}

/// The value with `members` of the element `key` changed.
pub fn with<const N: usize>(mut map: Value, key: &str, members: [(&str, Value); N]) -> Value {
    let Value::Map(elements) = &mut map else { panic!("no map") };
    let Some(Value::Object(element)) = elements.get_mut(key) else { panic!("no {key}") };
    element.extend(members.map(|(name, value)| (name.to_owned(), value)));
    map
}

/// `additional_vips` with these addresses.
pub fn vips(addresses: &[&str]) -> Value {
    Value::list(addresses.iter().map(|address| element("additional_vips", [("address", (*address).into())])))
}

/// The nested attribute `name` with these members, the others null.
pub fn nested<const N: usize>(name: &'static str, members: [(&str, Value); N]) -> (&'static str, Value) {
    (name, object_of(&SCHEMA.attribute(name).unwrap().value_type(), members))
}

/// The member `member` of the nested attribute `name`, itself an object with these members, the others null.
pub fn inner<const N: usize>(name: &str, member: &str, members: [(&str, Value); N]) -> Value {
    let Type::Object(types) = SCHEMA.attribute(name).unwrap().value_type() else { panic!("{name} is no object") };
    object_of(&types[member], members)
}

/// An element of the nested list or map `name` with these members, the others null.
pub fn element<const N: usize>(name: &str, members: [(&str, Value); N]) -> Value {
    match SCHEMA.attribute(name).unwrap().value_type() {
        Type::Map(element) | Type::List(element) => object_of(&element, members),
        other => panic!("{name} is {other:?}"),
    }
}

fn object_of<const N: usize>(ty: &Type, members: [(&str, Value); N]) -> Value {
    let Type::Object(types) = ty else { panic!("no object type") };
    let mut object: Object = types.keys().map(|name| (name.clone(), Value::Null)).collect();
    for (name, value) in members {
        assert!(object.insert(name.to_owned(), value).is_some(), "no attribute {name}");
    }
    Value::Object(object)
}

/// The configuration with every default.
pub fn effective(config: &Object) -> Object {
    let mut object = with_defaults(&SCHEMA.attributes, config);
    effective::fill(config, &mut object);
    object
}

/// What becomes of a configuration: inputs, defaults and outputs.
pub fn whole(config: &Object) -> Object {
    let mut object = effective(config);
    outputs::write(config, &mut object);
    object
}

/// `PATH: TITLE` of each problem; warnings begin with `warning: `.
pub fn said(diagnostics: &Diagnostics) -> Vec<String> {
    let said = diagnostics.iter().map(|told| {
        let kind = if told.severity == Severity::Warning { "warning: " } else { "" };
        format!("{kind}{}: {}", told.path, told.title)
    });
    said.collect()
}
