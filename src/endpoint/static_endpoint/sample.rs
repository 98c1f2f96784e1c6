//! Configurations for the tests of this folder, written as JSON, and what the whole provider's machinery makes of them.

use serde_json::{Value as Json, json};

use super::resource::Static;
use crate::endpoint::sample::{self, typed};
pub use crate::endpoint::sample::{UNKNOWN, reported, shown};
use crate::endpoint::static_endpoint::model::schema::SCHEMA;
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::engine::{ApplyRequest, Engine, PlanRequest, PlanResponse};
use crate::framework::private::Private;
use crate::framework::value::Value;

const NAME: &str = "talosendpoint_static";

/// A configuration of these arguments.
pub fn config(arguments: Json) -> Value {
    typed(&SCHEMA.object_type(), &arguments)
}

/// Nodes `cp-1`, `cp-2`, … with these addresses.
pub fn nodes(addresses: &[&str]) -> Json {
    (1..).zip(addresses).map(|(number, address)| (format!("cp-{number}"), json!({"address": address}))).collect()
}

fn engine() -> Engine {
    sample::engine(Static)
}

/// What is wrong with a configuration, `PATH: TITLE` each.
pub fn errors(arguments: Json) -> Vec<String> {
    reported(&engine().validate_resource(NAME, config(arguments)), Severity::Error)
}

/// The plan of a create, or of an update of `prior`.
pub fn plan(arguments: &Json, prior: Option<&Value>) -> PlanResponse {
    let config = config(arguments.clone());
    let problems = engine().validate_resource(NAME, config.clone());
    assert!(!problems.has_error(), "{problems:?}");
    let prior = prior.cloned().unwrap_or(Value::Null);
    let request = PlanRequest { config: config.clone(), prior, proposed: config, private: Private::new() };
    let response = sample::planned(&engine(), NAME, request);
    assert!(!response.diagnostics.has_error(), "{:?}", response.diagnostics);
    response
}

/// The stored object after a create that was planned as `first`, with some arguments unknown, and is applied with `arguments`. As
/// Terraform does, it plans once more with what is known by then, and holds the second plan to the first.
pub fn applied(first: &Value, arguments: &Json) -> (Value, Diagnostics) {
    let config = config(arguments.clone());
    let request =
        PlanRequest { config: config.clone(), prior: Value::Null, proposed: config.clone(), private: Private::new() };
    let second = sample::planned(&engine(), NAME, request);
    if second.diagnostics.has_error() {
        return (Value::Null, second.diagnostics);
    }
    assert_kept(&shown(first), &shown(&second.planned));
    let request = ApplyRequest { config, prior: Value::Null, planned: second.planned.clone(), private: Private::new() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let response = runtime.block_on(engine().apply(NAME, request));
    (response.state, response.diagnostics)
}

/// What was known before is the same afterwards.
fn assert_kept(before: &Json, after: &Json) {
    match (before, after) {
        (Json::String(text), _) if text == UNKNOWN => {}
        (Json::Object(before), Json::Object(after)) => {
            assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
            before.iter().for_each(|(name, value)| assert_kept(value, &after[name]));
        }
        (Json::Array(before), Json::Array(after)) => {
            assert_eq!(before.len(), after.len());
            before.iter().zip(after).for_each(|(before, after)| assert_kept(before, after));
        }
        _ => assert_eq!(before, after),
    }
}
