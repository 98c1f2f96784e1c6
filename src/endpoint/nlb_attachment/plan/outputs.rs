//! The computed attributes of a planned create or update.

use crate::endpoint::nlb_attachment::model::schema::names::{ID, TARGET_ID};
use crate::framework::value::{Object, Value};

/// The id is the target's, whenever that is known.
pub fn outputs(planned: &mut Object) {
    let id = match planned.get(TARGET_ID) {
        Some(known @ Value::String(_)) => known.clone(),
        _ => Value::UNKNOWN_NOT_NULL,
    };
    planned.insert(ID.to_owned(), id);
}
