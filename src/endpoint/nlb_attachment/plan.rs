//! Completes a planned create or update.

use crate::framework::resource::Plan;
use crate::framework::value::Value;

/// The id is the target's, whenever that is known.
pub fn plan(plan: &mut Plan<'_>) {
    let id = match plan.planned.get("target_id") {
        Some(known @ Value::String(_)) => known.clone(),
        _ => Value::UNKNOWN_NOT_NULL,
    };
    plan.planned.insert("id".to_owned(), id);
}
