//! Configurations for the tests of this folder, written as JSON, and what the whole provider's machinery makes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use super::resource::Vip;
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

/// Three nodes of these members.
pub fn nodes(members: [Json; 3]) -> Json {
    let [first, second, third] = members;
    json!({"cp-1": first, "cp-2": second, "cp-3": third})
}

fn typed(ty: &Type, json: &Json) -> Value {
    match (ty, json) {
        (_, Json::Null) => Value::Null,
        (_, Json::String(text)) if text == UNKNOWN => Value::UNKNOWN,
        (Type::Bool, Json::Bool(value)) => (*value).into(),
        (Type::Number, Json::Number(number)) => number.as_i64().unwrap().into(),
        (Type::String, Json::String(text)) => text.as_str().into(),
        (Type::List(element), Json::Array(items)) => Value::list(items.iter().map(|item| typed(element, item))),
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
        vec![Arc::new(Computed(Vip))]
    }
}

fn engine() -> Engine {
    Engine::new(Arc::new(Alone(Schema::default())))
}

/// What is wrong with a configuration.
pub fn validate(config: &Value) -> Diagnostics {
    engine().validate_resource(NAME, config.clone())
}

/// The plan of a create, or of an update of `prior`.
pub fn plan(config: &Value, prior: Option<&Value>) -> PlanResponse {
    let prior = prior.cloned().unwrap_or(Value::Null);
    let proposed = config.clone();
    let response =
        engine().plan(NAME, PlanRequest { config: config.clone(), prior, proposed, private: Private::new() });
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

/// `PATH: TITLE` of each diagnostic of one kind.
pub fn said(diagnostics: &Diagnostics, severity: Severity) -> Vec<String> {
    let of_kind = diagnostics.iter().filter(|said| said.severity == severity);
    of_kind.map(|said| format!("{}: {}", said.path, said.title)).collect()
}

/// A value as Terraform shows it in JSON, with [`UNKNOWN`] for what is not known.
pub fn shown(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Unknown(_) => UNKNOWN.into(),
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number.to_i64().into(),
        Value::String(text) => text.as_str().into(),
        Value::List(items) | Value::Set(items) => items.iter().map(shown).collect(),
        Value::Map(items) | Value::Object(items) => {
            items.iter().map(|(key, item)| (key.clone(), shown(item))).collect::<BTreeMap<_, _>>().into_iter().collect()
        }
    }
}
