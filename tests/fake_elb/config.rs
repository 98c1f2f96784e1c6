//! Configurations of the resource.

use talosendpoint::endpoint::nlb::model::schema::SCHEMA;
use talosendpoint::framework::ty::Type;
use talosendpoint::framework::value::{Object, Value};

/// A subnet in the first zone.
pub const A: &str = "subnet-0000000000000000a";
/// A subnet in the second.
pub const B: &str = "subnet-0000000000000000b";

/// Two listeners under the name `prod`, and `changes`.
pub fn config<const N: usize>(changes: [(&str, Value); N]) -> Value {
    let mut object = SCHEMA.null_object();
    object.insert("name".into(), "prod".into());
    object.insert("subnet_ids".into(), Value::set([A.into(), B.into()]));
    object.extend(changes.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(object)
}

/// The nested attribute `name` with these members, the others null.
pub fn nested<const N: usize>(name: &str, members: [(&str, Value); N]) -> (&'static str, Value) {
    let attribute = SCHEMA.attribute(name).unwrap();
    let Type::Object(types) = attribute.value_type() else { panic!("{name} is no nested object") };
    let mut object: Object = types.keys().map(|name| (name.clone(), Value::Null)).collect();
    object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    (attribute.name, Value::Object(object))
}

/// The workers' listener on a port of its own: the third.
pub fn worker() -> (&'static str, Value) {
    nested("worker_talos_api", [("port", 50010.into())])
}

/// A time limit for creates and updates.
pub fn limit(time: &str) -> (&'static str, Value) {
    nested("timeouts", [("create", time.into()), ("update", time.into())])
}
