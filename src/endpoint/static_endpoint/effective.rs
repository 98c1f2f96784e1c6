//! Defaults that depend on other attributes: what is left out takes its effective value already in the plan.

use std::collections::BTreeSet;

use super::spec::{Kind, Spec, record_type};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Fills in every dependent default. `planned` holds the configuration with the schema's defaults. Writes every one of them, null
/// included, so that running it twice changes nothing.
pub fn fill(config: &Object, planned: &mut Object) {
    let absent = |name: &str| config.get(name).is_none_or(Value::is_null);
    if absent("external") {
        let external = match Reader::new(planned).nested_map("control_plane") {
            Maybe::Known(nodes) => nodes.unwrap_or_default().is_empty().into(),
            Maybe::Unknown => Value::UNKNOWN_NOT_NULL,
        };
        planned.insert("external".to_owned(), external);
    }
    if absent("record_types") {
        let types = record_types(&Spec::read(&Reader::new(planned), Reader::new(config).text("host")));
        planned.insert("record_types".to_owned(), types);
    }
}

/// The types of the nodes' addresses; none where no records are needed.
fn record_types(spec: &Spec) -> Value {
    match (spec.kind(), spec.addresses()) {
        (Maybe::Known(Kind::Name), Maybe::Known(addresses)) => {
            let types: BTreeSet<&str> = addresses.into_iter().map(record_type).collect();
            Value::set(types.into_iter().map(Value::from))
        }
        (Maybe::Known(Kind::Name), Maybe::Unknown) => Value::UNKNOWN_NOT_NULL,
        (Maybe::Known(_), _) => Value::set([]),
        (Maybe::Unknown, _) => Value::UNKNOWN_NOT_NULL,
    }
}
