//! The computed attributes of a planned create or update.

use crate::endpoint::nlb_attachment::model::schema::names::{ID, REGISTERED, TARGET_ID};
use crate::framework::value::{Object, Value};

/// The id is the target's, whenever that is known. What has to be registered again differs from what is stored, so that the apply is
/// called for it.
pub fn outputs(_config: &Object, planned: &mut Object, registers_again: bool) {
    let id = match planned.get(TARGET_ID) {
        Some(known @ Value::String(_)) => known.clone(),
        _ => Value::UNKNOWN_NOT_NULL,
    };
    planned.insert(ID.to_owned(), id);
    let registered = if registers_again { Value::UNKNOWN_NOT_NULL } else { Value::from(true) };
    planned.insert(REGISTERED.to_owned(), registered);
}
