//! Configurations written as JSON, for the tests of computed endpoints, and what the whole provider's machinery makes of them.

use std::future::pending;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use serde_json::Value as Json;

use crate::endpoint::computation::{Computation, Computed};
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::engine::{Engine, PlanRequest, PlanResponse};
use crate::framework::provider::Provider;
use crate::framework::resource::Resource;
use crate::framework::schema::Schema;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

/// Stands in a configuration for a value that is known only at apply.
pub const UNKNOWN: &str = "(known after apply)";

/// A value of this type from JSON; what an object lacks is null.
pub fn typed(ty: &Type, json: &Json) -> Value {
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
        Value::List(items) | Value::Set(items) => items.iter().map(shown).collect(),
    }
}

/// `PATH: TITLE` of each diagnostic of this severity.
pub fn reported(diagnostics: &Diagnostics, severity: Severity) -> Vec<String> {
    let of_severity = diagnostics.iter().filter(|found| found.severity == severity);
    of_severity.map(|found| format!("{}: {}", found.path, found.title)).collect()
}

/// A provider of one resource.
struct Alone<C> {
    schema: Schema,
    computation: C,
}

#[async_trait]
impl<C: Computation + Copy + 'static> Provider for Alone<C> {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn configure(&self, _config: Object) -> Diagnostics {
        Diagnostics::new()
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![Arc::new(Computed(self.computation))]
    }
}

/// What `engine` plans, without anything outside.
pub fn planned(engine: &Engine, name: &str, request: PlanRequest) -> PlanResponse {
    engine.plan(name, request, pending()).now_or_never().expect("a computed endpoint waits for nothing")
}

/// The engine over a provider of this endpoint alone.
pub fn engine(computation: impl Computation + Copy + 'static) -> Engine {
    Engine::new(Arc::new(Alone { schema: Schema::default(), computation }))
}
