//! Defaults that depend on other attributes: what is left out takes its default already in the plan.

use std::collections::BTreeSet;

use crate::endpoint::contract::CONTROL_PLANE;
use crate::endpoint::static_endpoint::model::inputs::{Inputs, Kind, record_type};
use crate::endpoint::static_endpoint::model::schema::names::{EXTERNAL, RECORD_TYPES};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Fills in every dependent default. `planned` holds the configuration with the schema's defaults. Writes every one of them, null
/// included, so that running it twice changes nothing.
pub fn defaults(config: &Object, planned: &mut Object) {
    let absent = |name: &str| config.get(name).is_none_or(Value::is_null);
    if absent(EXTERNAL) {
        let external = match Reader::new(planned).nested_map(CONTROL_PLANE) {
            Maybe::Known(nodes) => nodes.unwrap_or_default().is_empty().into(),
            Maybe::Unknown => Value::UNKNOWN_NOT_NULL,
        };
        planned.insert(EXTERNAL.to_owned(), external);
    }
    if absent(RECORD_TYPES) {
        let types = record_types(&Inputs::read(config, planned));
        planned.insert(RECORD_TYPES.to_owned(), types);
    }
}

/// The types of the nodes' addresses; none where no records are needed.
fn record_types(inputs: &Inputs) -> Value {
    match (inputs.kind(), inputs.addresses()) {
        (Maybe::Known(Kind::Name), Maybe::Known(addresses)) => {
            let types: BTreeSet<&str> = addresses.into_iter().map(record_type).collect();
            Value::set(types.into_iter().map(Value::from))
        }
        (Maybe::Known(Kind::Name), Maybe::Unknown) => Value::UNKNOWN_NOT_NULL,
        (Maybe::Known(_), _) => Value::set([]),
        (Maybe::Unknown, _) => Value::UNKNOWN_NOT_NULL,
    }
}
