//! The operations of Terraform over any provider: rules common to all resources, one operation per file.
//!
//! The engine never trusts its caller: a name it doesn't know, a value of the wrong shape or a panicking resource is a diagnostic. In
//! reading order:

mod validate;
mod plan;
mod preflight;
mod defaults;
mod replace;
mod apply;
mod read;
mod import;
mod generate;
mod list;
mod upgrade;
mod functions;
mod consistency;
mod isolate;
mod schema_problems;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use schema_problems::{provider_schema_problems, schema_problems};

pub use defaults::with_defaults;
pub use list::{Found, FoundObjects, ListQuery};
pub use preflight::PREFLIGHT_LIMIT;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::data_source::DataSource;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::function::Function;
use super::identity::Identity;
use super::list_resource::ListResource;
use super::path::Path;
use super::private::Private;
use super::provider::Provider;
use super::resource::Resource;
use super::schema::Schema;
use super::stop::Stop;
use super::value::Value;

/// A provider, ready to be asked.
pub struct Engine {
    provider: Arc<dyn Provider>,
    resources: BTreeMap<&'static str, Arc<dyn Resource>>,
    data_sources: BTreeMap<&'static str, Arc<dyn DataSource>>,
    list_resources: BTreeMap<&'static str, Arc<dyn ListResource>>,
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
        let list_resources = provider.list_resources().into_iter().map(|one| (one.name(), one)).collect();
        Engine { provider, resources, data_sources, list_resources, functions, stop: Mutex::default() }
    }

    /// The schema of the provider block.
    pub fn provider_schema(&self) -> &Schema {
        self.provider.schema()
    }

    /// The resource types by name.
    pub fn resources(&self) -> &BTreeMap<&'static str, Arc<dyn Resource>> {
        &self.resources
    }

    /// What names the objects of a resource type.
    pub fn identity(&self, name: &str) -> Option<&'static Identity> {
        self.resources.get(name)?.identity()
    }

    /// The data source types by name.
    pub fn data_sources(&self) -> &BTreeMap<&'static str, Arc<dyn DataSource>> {
        &self.data_sources
    }

    /// The list resources by name.
    pub fn list_resources(&self) -> &BTreeMap<&'static str, Arc<dyn ListResource>> {
        &self.list_resources
    }

    /// The functions by name.
    pub fn functions(&self) -> &BTreeMap<&'static str, Arc<dyn Function>> {
        &self.functions
    }

    /// Gives the stop signal to all running work.
    pub fn stop(&self) {
        self.current_stop().stop();
    }

    /// Hands the provider its configuration. A stop signal given earlier is forgotten: a process in debug mode serves several runs.
    pub async fn configure(&self, config: Value) -> Diagnostics {
        // A panic cannot leave half a signal behind, so a poisoned lock is as good as any.
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = Stop::new();
        let config = match consistency::shape::object(self.provider.schema(), config, "provider configuration") {
            Ok(config) => config,
            Err(diagnostics) => return diagnostics,
        };
        isolate::future(self.provider.configure(config)).await.unwrap_or_else(Diagnostics::from)
    }

    /// The signal that work which begins now obeys.
    fn current_stop(&self) -> Stop {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn resource(&self, name: &str) -> Result<&dyn Resource, Diagnostic> {
        self.resources.get(name).map(|resource| &**resource).ok_or_else(|| unknown_name("resource type", name))
    }

    fn data_source(&self, name: &str) -> Result<&dyn DataSource, Diagnostic> {
        self.data_sources.get(name).map(|source| &**source).ok_or_else(|| unknown_name("data source", name))
    }
}

impl StateResponse {
    /// Nothing there, and why.
    fn none(diagnostics: impl Into<Diagnostics>) -> StateResponse {
        StateResponse { state: Value::Null, private: Private::new(), diagnostics: diagnostics.into() }
    }
}

fn unknown_name(kind: &str, name: &str) -> Diagnostic {
    Diagnostic::failed(
        format!("Unknown {kind}"),
        format!("This version of the provider has no {kind} \"{name}\". Check the name and the provider's version."),
    )
}
