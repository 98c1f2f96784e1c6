//! A Terraform in miniature: it plans and applies over the wire, and checks answers as Terraform does.
//!
//! The types come from another process of the same program: the one that is asked never got GetProviderSchema, as it is with
//! Terraform's cache of schemas.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
};

use talosendpoint::{
    framework::{
        ty::Type,
        value::{Object, Value},
    },
    protocol::{
        json, msgpack,
        pb::tfplugin6::{self as pb, provider_client::ProviderClient},
    },
};
use tonic::{Request, transport::Channel};

use crate::client::{Launch, Plugin};

/// tests/fixture/main.rs.
pub fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| lab::build::example("fixture_provider"))
}

/// What GetProviderSchema of a fresh process answers; that process ends.
pub async fn schemas(program: &Path) -> pb::get_provider_schema::Response {
    static KNOWN: Mutex<BTreeMap<PathBuf, pb::get_provider_schema::Response>> = Mutex::new(BTreeMap::new());
    if let Some(known) = KNOWN.lock().unwrap().get(program) {
        return known.clone();
    }
    let plugin = Launch::of(program).start().await;
    let request = Request::new(pb::get_provider_schema::Request {});
    let answer = plugin.provider().await.get_provider_schema(request).await.unwrap().into_inner();
    KNOWN.lock().unwrap().insert(program.to_owned(), answer.clone());
    answer
}

/// A running provider and the types of what it offers.
pub struct Core {
    pub plugin: Plugin,
    pub client: ProviderClient<Channel>,
    pub schemas: pb::get_provider_schema::Response,
}

/// A change to plan: null `prior` for a create, null `config` for a destroy.
#[derive(Clone, Debug)]
pub struct Change {
    pub prior: Value,
    pub config: Value,
    pub private: Vec<u8>,
}

impl Core {
    /// The fixture provider.
    pub async fn fixture() -> Core {
        Core::start(program()).await
    }

    pub async fn start(program: &Path) -> Core {
        let schemas = schemas(program).await;
        let plugin = Launch::of(program).start().await;
        let client = plugin.provider().await;
        Core { plugin, client, schemas }
    }

    pub fn resource(&self, name: &str) -> Type {
        schema_type(&self.schemas.resource_schemas[name])
    }

    pub fn data_source(&self, name: &str) -> Type {
        schema_type(&self.schemas.data_source_schemas[name])
    }

    pub fn provider(&self) -> Type {
        schema_type(self.schemas.provider.as_ref().unwrap())
    }

    /// A configuration or state of the resource `name`: what is not given is null.
    pub fn object<'a>(&self, name: &str, given: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
        object(&self.resource(name), given)
    }

    pub async fn validate(&self, name: &str, config: &Value) -> Vec<pb::Diagnostic> {
        let config = Some(packed(config, &self.resource(name)));
        let request =
            pb::validate_resource_config::Request { type_name: name.into(), config, client_capabilities: None };
        self.client.clone().validate_resource_config(request).await.unwrap().into_inner().diagnostics
    }

    pub async fn plan(&self, name: &str, change: &Change) -> pb::plan_resource_change::Response {
        let ty = self.resource(name);
        let proposed = proposed(&self.schemas.resource_schemas[name], change);
        let request = pb::plan_resource_change::Request {
            type_name: name.into(),
            prior_state: Some(packed(&change.prior, &ty)),
            proposed_new_state: Some(packed(&proposed, &ty)),
            config: Some(packed(&change.config, &ty)),
            prior_private: change.private.clone(),
            ..Default::default()
        };
        let answer = self.client.clone().plan_resource_change(request).await.unwrap().into_inner();
        assert!(!answer.legacy_type_system && answer.deferred.is_none());
        self.check_identity(name, answer.planned_state.as_ref(), answer.planned_identity.as_ref(), &answer.diagnostics);
        check_severities(&answer.diagnostics);
        answer
    }

    /// Applies what was planned for `change`.
    pub async fn apply(
        &self,
        name: &str,
        change: &Change,
        planned: &pb::plan_resource_change::Response,
    ) -> pb::apply_resource_change::Response {
        let ty = self.resource(name);
        let request = pb::apply_resource_change::Request {
            type_name: name.into(),
            prior_state: Some(packed(&change.prior, &ty)),
            planned_state: planned.planned_state.clone(),
            config: Some(packed(&change.config, &ty)),
            planned_private: planned.planned_private.clone(),
            ..Default::default()
        };
        let answer = self.client.clone().apply_resource_change(request).await.unwrap().into_inner();
        assert!(!answer.legacy_type_system);
        self.check_identity(name, answer.new_state.as_ref(), answer.new_identity.as_ref(), &answer.diagnostics);
        check_severities(&answer.diagnostics);
        let new = unpacked(answer.new_state.clone(), &ty);
        assert!(new.is_wholly_known(), "{new:?}");
        if errors(&answer.diagnostics).is_empty() {
            let planned = unpacked(planned.planned_state.clone(), &ty);
            assert_eq!(new.is_null(), planned.is_null());
            assert!(keeps(&planned, &new), "planned {planned:?}, applied {new:?}");
        }
        answer
    }

    /// Plans and applies; both without an error. The new state and its private data.
    pub async fn change(&self, name: &str, change: &Change) -> (Value, Vec<u8>) {
        let planned = self.plan(name, change).await;
        assert_eq!(errors(&planned.diagnostics), [""; 0]);
        let applied = self.apply(name, change, &planned).await;
        assert_eq!(errors(&applied.diagnostics), [""; 0]);
        (unpacked(applied.new_state, &self.resource(name)), applied.private)
    }

    pub async fn read(&self, name: &str, state: &Value, private: &[u8]) -> pb::read_resource::Response {
        let request = pb::read_resource::Request {
            type_name: name.into(),
            current_state: Some(packed(state, &self.resource(name))),
            private: private.into(),
            ..Default::default()
        };
        let answer = self.client.clone().read_resource(request).await.unwrap().into_inner();
        assert!(answer.deferred.is_none());
        self.check_identity(name, answer.new_state.as_ref(), answer.new_identity.as_ref(), &answer.diagnostics);
        check_severities(&answer.diagnostics);
        answer
    }

    pub async fn upgrade(&self, name: &str, version: i64, json: &str) -> pb::upgrade_resource_state::Response {
        let raw_state = Some(pb::RawState { json: json.into(), flatmap: BTreeMap::new() });
        let request = pb::upgrade_resource_state::Request { type_name: name.into(), version, raw_state };
        let answer = self.client.clone().upgrade_resource_state(request).await.unwrap().into_inner();
        check_severities(&answer.diagnostics);
        let state = unpacked(answer.upgraded_state.clone(), &self.resource(name));
        assert!(!state.is_null() || !errors(&answer.diagnostics).is_empty(), "neither a state nor an error");
        answer
    }

    /// An object that exists has its whole identity in the answer, where its type has one; nothing else has any. An answer that is nothing
    /// but what is wrong repeats what was sent, and these tests send none.
    fn check_identity(
        &self,
        name: &str,
        state: Option<&pb::DynamicValue>,
        identity: Option<&pb::ResourceIdentityData>,
        diagnostics: &[pb::Diagnostic],
    ) {
        if identity.is_none() && !errors(diagnostics).is_empty() {
            return;
        }
        let state = unpacked(state.cloned(), &self.resource(name));
        let id = state.attribute("id").filter(|id| name == "fixture_unruly" && id.as_str().is_some());
        let identity = identity.map(|data| unpacked(data.identity_data.clone(), &identity_type()));
        assert_eq!(identity, id.map(|id| Value::Object([("id".to_owned(), id.clone())].into())), "{name}: {state:?}");
    }

    /// True if the process still serves.
    pub async fn alive(&self) -> bool {
        self.client.clone().get_metadata(pb::get_metadata::Request {}).await.is_ok()
    }
}

impl Change {
    pub fn create(config: Value) -> Change {
        Change { prior: Value::Null, config, private: Vec::new() }
    }

    pub fn update((prior, private): (Value, Vec<u8>), config: Value) -> Change {
        Change { prior, config, private }
    }

    pub fn destroy(state: (Value, Vec<u8>)) -> Change {
        Change::update(state, Value::Null)
    }
}

/// The summaries of the errors.
pub fn errors(diagnostics: &[pb::Diagnostic]) -> Vec<&str> {
    let errors = diagnostics.iter().filter(|it| it.severity() == pb::diagnostic::Severity::Error);
    errors.map(|it| it.summary.as_str()).collect()
}

/// A diagnostic of severity 0 would pass unseen.
pub fn check_severities(diagnostics: &[pb::Diagnostic]) {
    assert!(diagnostics.iter().all(|it| it.severity() != pb::diagnostic::Severity::Invalid), "{diagnostics:?}");
}

pub fn packed(value: &Value, ty: &Type) -> pb::DynamicValue {
    pb::DynamicValue { msgpack: msgpack::encode(value, ty).unwrap(), json: Vec::new() }
}

pub fn unpacked(value: Option<pb::DynamicValue>, ty: &Type) -> Value {
    value.map_or(Value::Null, |value| msgpack::decode(&value.msgpack, ty).unwrap())
}

pub fn object<'a>(ty: &Type, given: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let Type::Object(attributes) = ty else { panic!("an object type") };
    let mut object: Object = attributes.keys().map(|name| (name.clone(), Value::Null)).collect();
    for (name, value) in given {
        assert!(object.insert(name.into(), value).is_some(), "no attribute {name}");
    }
    Value::Object(object)
}

/// State as Terraform stores it.
pub fn stored(value: &Value, ty: &Type) -> String {
    String::from_utf8(json::encode(value, ty).unwrap()).unwrap()
}

/// The type that a schema of the wire implies.
pub fn schema_type(schema: &pb::Schema) -> Type {
    attributes_type(&schema.block.as_ref().expect("a block").attributes)
}

fn attributes_type(attributes: &[pb::schema::Attribute]) -> Type {
    Type::Object(attributes.iter().map(|it| (it.name.clone(), attribute_type(it))).collect())
}

pub fn attribute_type(attribute: &pb::schema::Attribute) -> Type {
    use pb::schema::object::NestingMode;
    let Some(nested) = &attribute.nested_type else {
        return named_type(&serde_json::from_slice(&attribute.r#type).expect("a type"));
    };
    assert!(attribute.r#type.is_empty(), "{}: type and nested type", attribute.name);
    let object = attributes_type(&nested.attributes);
    match nested.nesting() {
        NestingMode::Single => object,
        NestingMode::List => Type::list(object),
        NestingMode::Set => Type::set(object),
        NestingMode::Map => Type::map(object),
        NestingMode::Invalid => panic!("{}: no nesting", attribute.name),
    }
}

pub fn named_type(json: &serde_json::Value) -> Type {
    match (json.as_str(), json.as_array().map(Vec::as_slice)) {
        (Some("string"), _) => Type::String,
        (Some("number"), _) => Type::Number,
        (Some("bool"), _) => Type::Bool,
        (_, Some([kind, inner])) => match kind.as_str() {
            Some("list") => Type::list(named_type(inner)),
            Some("set") => Type::set(named_type(inner)),
            Some("map") => Type::map(named_type(inner)),
            Some("object") => {
                let members = inner.as_object().expect("members").iter();
                Type::Object(members.map(|(name, json)| (name.clone(), named_type(json))).collect())
            }
            _ => panic!("type {json}"),
        },
        _ => panic!("type {json}"),
    }
}

/// Terraform's merge, as far as it matters here: a computed attribute that isn't configured keeps its stored value.
fn proposed(schema: &pb::Schema, change: &Change) -> Value {
    let Value::Object(mut proposed) = change.config.clone() else { return Value::Null };
    for attribute in &schema.block.as_ref().unwrap().attributes {
        let prior = change.prior.attribute(&attribute.name);
        if attribute.computed && proposed[&attribute.name].is_null() {
            proposed.insert(attribute.name.clone(), prior.cloned().unwrap_or(Value::Null));
        }
    }
    Value::Object(proposed)
}

/// True if all that was known at plan is what apply gave.
fn keeps(planned: &Value, new: &Value) -> bool {
    match (planned, new) {
        (Value::Unknown(refined), new) => !(refined.not_null && new.is_null()),
        (Value::List(planned), Value::List(new)) => {
            planned.len() == new.len() && planned.iter().zip(new).all(|(planned, new)| keeps(planned, new))
        }
        (Value::Set(planned), Value::Set(new)) => {
            new.len() <= planned.len() && planned.iter().all(|planned| new.iter().any(|new| keeps(planned, new)))
        }
        (Value::Map(planned), Value::Map(new)) | (Value::Object(planned), Value::Object(new)) => {
            planned.keys().eq(new.keys()) && planned.iter().all(|(name, planned)| keeps(planned, &new[name]))
        }
        (planned, new) => planned == new,
    }
}

/// The type of the one identity of the fixture.
pub fn identity_type() -> Type {
    Type::object([("id", Type::String)])
}
