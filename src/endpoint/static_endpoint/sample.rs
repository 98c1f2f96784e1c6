//! Configurations for the tests of this folder, written as JSON, and what the whole provider's machinery makes of them.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use super::resource::Static;
use super::schema::SCHEMA;
use crate::endpoint::computation::Computed;
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::engine::{ApplyRequest, Engine, PlanRequest, PlanResponse};
use crate::framework::private::Private;
use crate::framework::provider::Provider;
use crate::framework::resource::Resource;
use crate::framework::schema::Schema;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

/// Stands in a configuration for a value that is known only at apply.
pub const UNKNOWN: &str = "(known after apply)";

const NAME: &str = "talosendpoint_static";

/// A configuration of these arguments.
pub fn config(arguments: Json) -> Value {
    typed(&SCHEMA.object_type(), &arguments)
}

/// Nodes `cp-1`, `cp-2`, … with these addresses.
pub fn nodes(addresses: &[&str]) -> Json {
    (1..).zip(addresses).map(|(number, address)| (format!("cp-{number}"), json!({"address": address}))).collect()
}

fn typed(ty: &Type, json: &Json) -> Value {
    match (ty, json) {
        (_, Json::Null) => Value::Null,
        (_, Json::String(text)) if text == UNKNOWN => Value::UNKNOWN,
        (Type::Bool, Json::Bool(value)) => (*value).into(),
        (Type::Number, Json::Number(number)) => number.as_i64().unwrap().into(),
        (Type::String, Json::String(text)) => text.as_str().into(),
        (Type::List(element), Json::Array(items)) => Value::list(items.iter().map(|item| typed(element, item))),
        (Type::Set(element), Json::Array(items)) => Value::set(items.iter().map(|item| typed(element, item))),
        (Type::Map(element), Json::Object(items)) => {
            Value::Map(items.iter().map(|(key, item)| (key.clone(), typed(element, item))).collect())
        }
        (Type::Object(attributes), Json::Object(items)) => {
            let unknown = items.keys().find(|name| !attributes.contains_key(*name));
            assert_eq!(unknown, None, "no such argument");
            let member =
                |(name, ty): (&String, &Type)| (name.clone(), typed(ty, items.get(name).unwrap_or(&Json::Null)));
            Value::Object(attributes.iter().map(member).collect())
        }
        _ => panic!("{json} is no {ty:?}"),
    }
}

/// A value as JSON, what is unknown as [`UNKNOWN`].
pub fn shown(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Unknown(_) => UNKNOWN.into(),
        Value::Bool(value) => (*value).into(),
        Value::String(text) => text.as_str().into(),
        Value::Number(_) => value.as_i64().unwrap().into(),
        Value::Map(entries) | Value::Object(entries) => {
            entries.iter().map(|(key, value)| (key.clone(), shown(value))).collect()
        }
        _ => value.elements().unwrap().iter().map(shown).collect(),
    }
}

/// A provider of this resource alone.
struct Alone(Schema);

#[async_trait]
impl Provider for Alone {
    fn schema(&self) -> &Schema {
        &self.0
    }

    async fn configure(&self, _config: Object) -> Diagnostics {
        Diagnostics::new()
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![Arc::new(Computed(Static))]
    }
}

fn engine() -> Engine {
    Engine::new(Arc::new(Alone(Schema::default())))
}

/// What is wrong with a configuration, `PATH: TITLE` each.
pub fn errors(arguments: Json) -> Vec<String> {
    said(&engine().validate_resource(NAME, config(arguments)), Severity::Error)
}

/// The plan of a create, or of an update of `prior`.
pub fn plan(arguments: &Json, prior: Option<&Value>) -> PlanResponse {
    let config = config(arguments.clone());
    let problems = engine().validate_resource(NAME, config.clone());
    assert!(!problems.has_error(), "{problems:?}");
    let prior = prior.cloned().unwrap_or(Value::Null);
    let request = PlanRequest { config: config.clone(), prior, proposed: config, private: Private::new() };
    let response = engine().plan(NAME, request);
    assert!(!response.diagnostics.has_error(), "{:?}", response.diagnostics);
    response
}

/// The stored object after a create that was planned as `first`, with some arguments unknown, and is applied with `arguments`. As
/// Terraform does, it plans once more with what is known by then, and holds the second plan to the first.
pub fn applied(first: &Value, arguments: &Json) -> (Value, Diagnostics) {
    let config = config(arguments.clone());
    let request =
        PlanRequest { config: config.clone(), prior: Value::Null, proposed: config.clone(), private: Private::new() };
    let second = engine().plan(NAME, request);
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

/// `PATH: TITLE` of each diagnostic of this severity.
pub fn said(diagnostics: &Diagnostics, severity: Severity) -> Vec<String> {
    let wanted = diagnostics.iter().filter(|said| said.severity == severity);
    wanted.map(|said| format!("{}: {}", said.path, said.title)).collect()
}
