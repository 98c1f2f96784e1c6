//! A resource with no mind of its own: everything that is still unknown at apply becomes some value of the right type.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;

use crate::choices::Choices;
use crate::f::diagnostic::Diagnostics;
use crate::f::engine::{ApplyRequest, Engine, PlanRequest, PlanResponse, StateResponse};
use crate::f::private::Private;
use crate::f::progress::Progress;
use crate::f::provider::Provider;
use crate::f::resource::{self, DeleteRequest, ReadRequest, ReadResponse, Resource};
use crate::f::schema::Schema;
use crate::f::value::{Object, Value};
use crate::{generate, proposed};

pub const NAME: &str = "oracle_thing";

/// A resource of a schema; `seed` decides what unknown values become.
pub struct Generic {
    pub name: &'static str,
    pub schema: Schema,
    pub seed: Vec<u8>,
}

impl Generic {
    fn made(&self, request: resource::ApplyRequest, progress: &Progress) -> Diagnostics {
        let mut choices = Choices::new(self.seed.clone());
        let made = generate::filled(&mut choices, &self.schema.object_type(), &Value::Object(request.planned));
        progress.report(made.into_object().expect("an object"), request.private);
        Diagnostics::new()
    }
}

#[async_trait]
impl Resource for Generic {
    fn name(&self) -> &'static str {
        self.name
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn create(&self, request: resource::ApplyRequest, progress: &Progress) -> Diagnostics {
        self.made(request, progress)
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        ReadResponse { state: Some(request.state), private: request.private, diagnostics: Diagnostics::new() }
    }

    async fn update(&self, request: resource::ApplyRequest, progress: &Progress) -> Diagnostics {
        self.made(request, progress)
    }

    async fn delete(&self, _: DeleteRequest, progress: &Progress) -> Diagnostics {
        progress.gone();
        Diagnostics::new()
    }
}

/// A provider of generic resources with an empty configuration.
pub struct Generics {
    block: Schema,
    resources: Vec<Arc<dyn Resource>>,
}

impl Generics {
    pub fn new(resources: impl IntoIterator<Item = Generic>) -> Generics {
        let resources = resources.into_iter().map(|resource| Arc::new(resource) as Arc<dyn Resource>);
        Generics { block: Schema::default(), resources: resources.collect() }
    }
}

#[async_trait]
impl Provider for Generics {
    fn schema(&self) -> &Schema {
        &self.block
    }

    async fn configure(&self, _: Object) -> Diagnostics {
        Diagnostics::new()
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        self.resources.clone()
    }
}

/// The engine over one generic resource.
pub struct Subject {
    pub engine: Engine,
    pub schema: Schema,
}

impl Subject {
    pub fn new(schema: &Schema, seed: Vec<u8>) -> Subject {
        let provider = Generics::new([Generic { name: NAME, schema: schema.clone(), seed }]);
        Subject { engine: Engine::new(Arc::new(provider)), schema: schema.clone() }
    }

    /// What the engine plans, given what Terraform would give it.
    pub fn plan(&self, prior: &Value, config: &Value) -> PlanResponse {
        let request = PlanRequest {
            config: config.clone(),
            prior: prior.clone(),
            proposed: proposed::proposed(&self.schema, prior, config),
            private: Private::new(),
        };
        self.engine.plan(NAME, request, std::future::pending()).now_or_never().expect("nothing to wait for")
    }

    /// What the engine makes of a plan.
    pub fn apply(&self, prior: &Value, config: &Value, planned: &Value) -> StateResponse {
        let request = ApplyRequest {
            config: config.clone(),
            prior: prior.clone(),
            planned: planned.clone(),
            private: Private::new(),
        };
        self.engine.apply(NAME, request).now_or_never().expect("nothing to wait for")
    }
}
