//! The operations of Terraform over any provider: rules common to all resources, one operation per file.
//!
//! The engine never trusts its caller: a name it doesn't know, a value of the wrong shape or a panicking resource is a diagnostic.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::data_source::DataSource;
use super::diagnostic::Diagnostics;
use super::function::{Function, FunctionError};
use super::path::Path;
use super::private::Private;
use super::provider::Provider;
use super::resource::Resource;
use super::schema::Schema;
use super::stop::Stop;
use super::ty::Type;
use super::value::Value;

/// A provider, ready to be asked.
pub struct Engine {
    provider: Arc<dyn Provider>,
    resources: BTreeMap<&'static str, Arc<dyn Resource>>,
    data_sources: BTreeMap<&'static str, Arc<dyn DataSource>>,
    functions: BTreeMap<&'static str, Arc<dyn Function>>,
    stop: Mutex<Stop>,
}

/// A change to be planned. `prior` is null for a create, `config` and `proposed` are null for a destroy.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// What the user wrote.
    pub config: Value,
    /// The stored object.
    pub prior: Value,
    /// Terraform's own merge of configuration and stored object.
    pub proposed: Value,
    /// What is stored beside the object.
    pub private: Private,
}

/// A planned change.
#[derive(Clone, Debug)]
pub struct PlanResponse {
    /// The object to be; null for a destroy.
    pub planned: Value,
    /// Attributes whose change needs a new object: sorted, without repetition.
    pub replace: Vec<Path>,
    /// Handed to apply.
    pub private: Private,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// A change to be made. `prior` is null for a create, `config` and `planned` for a destroy.
#[derive(Clone, Debug)]
pub struct ApplyRequest {
    /// What the user wrote.
    pub config: Value,
    /// The stored object.
    pub prior: Value,
    /// The object to make.
    pub planned: Value,
    /// The private entries of the plan.
    pub private: Private,
}

/// An object as it now is: the answer of apply, read, import and upgrade. Null means that there is none.
#[derive(Clone, Debug)]
pub struct StateResponse {
    /// The object, wholly known.
    pub state: Value,
    /// What to store beside it.
    pub private: Private,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

impl Engine {
    /// Indexes what the provider offers.
    pub fn new(provider: Arc<dyn Provider>) -> Engine {
        let resources = provider.resources().into_iter().map(|resource| (resource.name(), resource)).collect();
        let data_sources = provider.data_sources().into_iter().map(|source| (source.name(), source)).collect();
        let functions = provider.functions().into_iter().map(|function| (function.name(), function)).collect();
        Engine { provider, resources, data_sources, functions, stop: Mutex::default() }
    }

    /// The schema of the provider block.
    pub fn provider_schema(&self) -> &Schema {
        self.provider.schema()
    }

    /// The resource types by name.
    pub fn resources(&self) -> &BTreeMap<&'static str, Arc<dyn Resource>> {
        &self.resources
    }

    /// The data source types by name.
    pub fn data_sources(&self) -> &BTreeMap<&'static str, Arc<dyn DataSource>> {
        &self.data_sources
    }

    /// The functions by name.
    pub fn functions(&self) -> &BTreeMap<&'static str, Arc<dyn Function>> {
        &self.functions
    }

    /// Gives the stop signal to all running work.
    pub fn stop(&self) {
        todo!()
    }

    /// Checks a provider block; values may be unknown.
    pub fn validate_provider(&self, _config: Value) -> Diagnostics {
        todo!()
    }

    /// Hands the provider its configuration. A stop signal given earlier is forgotten: a process in debug mode serves several runs.
    pub async fn configure(&self, _config: Value) -> Diagnostics {
        todo!()
    }

    /// Checks a resource block; values may be unknown.
    pub fn validate_resource(&self, _name: &str, _config: Value) -> Diagnostics {
        todo!()
    }

    /// Checks a data block; values may be unknown.
    pub fn validate_data_source(&self, _name: &str, _config: Value) -> Diagnostics {
        todo!()
    }

    /// Plans a create, an update or a destroy.
    pub fn plan(&self, _name: &str, _request: PlanRequest) -> PlanResponse {
        todo!()
    }

    /// Makes a planned change.
    pub async fn apply(&self, _name: &str, _request: ApplyRequest) -> StateResponse {
        todo!()
    }

    /// Reads a stored object.
    pub async fn read(&self, _name: &str, _state: Value, _private: Private) -> StateResponse {
        todo!()
    }

    /// Finds an existing object by the user's `id`.
    pub async fn import(&self, _name: &str, _id: String) -> StateResponse {
        todo!()
    }

    /// The type in which state of schema version `version` was stored.
    ///
    /// # Errors
    /// If the resource or the version is not known.
    pub fn stored_type(&self, _name: &str, _version: i64) -> Result<Type, Diagnostics> {
        todo!()
    }

    /// Brings state of schema version `version`, decoded with [`Engine::stored_type`], to the current version. Never answers null
    /// without an error: Terraform would take the object for gone.
    pub fn upgrade(&self, _name: &str, _version: i64, _state: Value) -> StateResponse {
        todo!()
    }

    /// Reads a data source.
    pub async fn read_data_source(&self, _name: &str, _config: Value) -> (Value, Diagnostics) {
        todo!()
    }

    /// Calls a function.
    ///
    /// # Errors
    /// What the function answers, or that it is not known.
    pub fn call_function(&self, _name: &str, _arguments: Vec<Value>) -> Result<Value, FunctionError> {
        todo!()
    }
}
