//! Configurations for the tests of this folder, written as JSON, and what the whole provider's machinery makes of them.

use serde_json::{Value as Json, json};

use super::resource::Vip;
use crate::endpoint::sample::{self, typed};
pub use crate::endpoint::sample::{UNKNOWN, reported, shown};
use crate::endpoint::vip::model::schema::SCHEMA;
use crate::framework::diagnostic::Diagnostics;
use crate::framework::engine::{ApplyRequest, Engine, PlanRequest, PlanResponse};
use crate::framework::private::Private;
use crate::framework::value::{Object, Value};

const NAME: &str = "talosendpoint_vip";

/// Three nodes on `eth0`, addressed in 192.168.0.0/24, and `changes`: arguments of null are left out.
pub fn config(changes: Json) -> Value {
    let mut all = json!({
        "vip": "192.168.0.15",
        "talos_version": "v1.13",
        "interface": "eth0",
        "control_plane": {
            "cp-1": {"address": "192.168.0.10/24"},
            "cp-2": {"address": "192.168.0.11/24"},
            "cp-3": {"address": "192.168.0.12/24"},
        },
    });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    typed(&SCHEMA.object_type(), &all)
}

/// The attributes of a configuration.
pub fn object(config: &Value) -> &Object {
    match config {
        Value::Object(attributes) => attributes,
        other => panic!("{other:?} is no object"),
    }
}

/// Three nodes of these members.
pub fn nodes(members: [Json; 3]) -> Json {
    let [first, second, third] = members;
    json!({"cp-1": first, "cp-2": second, "cp-3": third})
}

fn engine() -> Engine {
    sample::engine(Vip)
}

/// What is wrong with a configuration.
pub fn validate(config: &Value) -> Diagnostics {
    engine().validate_resource(NAME, config.clone())
}

/// The plan of a create, or of an update of `prior`.
pub fn plan(config: &Value, prior: Option<&Value>) -> PlanResponse {
    let prior = prior.cloned().unwrap_or(Value::Null);
    let proposed = config.clone();
    let request = PlanRequest { config: config.clone(), prior, proposed, private: Private::new() };
    let response = sample::planned(&engine(), NAME, request);
    assert!(!response.diagnostics.has_error(), "{:?}", response.diagnostics);
    response
}

/// The stored object after `planned` is applied with a configuration that is wholly known. Whatever it was that the plan promised, the
/// engine holds it to that.
pub async fn apply(config: &Value, planned: Value) -> (Value, Diagnostics) {
    let request = ApplyRequest { config: config.clone(), prior: Value::Null, planned, private: Private::new() };
    let response = engine().apply(NAME, request).await;
    (response.state, response.diagnostics)
}
