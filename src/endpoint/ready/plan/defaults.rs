//! What the configuration leaves out.

use crate::endpoint::readiness::rules::is_on;
use crate::endpoint::readiness::target::Api;
use crate::endpoint::ready::model::schema::names::WAIT_FOR;
use crate::framework::value::{Object, Value};

/// Waits for each API that the endpoint has.
pub fn defaults(config: &Object, planned: &mut Object) {
    if !config.get(WAIT_FOR).is_some_and(Value::is_null) {
        return;
    }
    let on: Option<Vec<(Api, bool)>> =
        Api::ALL.into_iter().map(|api| Some((api, is_on(config, api).known()?))).collect();
    let wait_for = on.map_or(Value::UNKNOWN_NOT_NULL, |apis| {
        Value::set(apis.into_iter().filter(|(_, on)| *on).map(|(api, _)| Value::from(api.name())))
    });
    planned.insert(WAIT_FOR.to_owned(), wait_for);
}
