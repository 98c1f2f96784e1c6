//! A provider for the tests of the engine: one resource, one data source and one function whose behaviour a test scripts.

use std::future::ready;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};

use super::Engine;
use crate::framework::data_source::DataSource;
use crate::framework::diagnostic::Diagnostics;
use crate::framework::function::{Function, FunctionError, Parameter, Signature};
use crate::framework::identity::Identity;
use crate::framework::list_resource::{List, ListRequest, ListResource};
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::provider::Provider;
use crate::framework::resource::{
    ApplyRequest, DeleteRequest, ImportRequest, Plan, Preflight, ReadRequest, ReadResponse, Resource, Upgrader,
};
use crate::framework::schema::{Attribute, Schema};
use crate::framework::stop::Stop;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

/// An object from names and values.
pub fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The resource's object.
pub fn thing(name: Value, size: Value, id: Value) -> Value {
    object([("name", name), ("size", size), ("id", id)])
}

type Work<R> = Box<dyn Fn(R, &Progress) -> Diagnostics + Send + Sync>;

/// What the sample does; each part can be replaced.
pub struct Script {
    pub defaults: fn(&Object, &mut Object),
    pub plan: fn(&mut Plan<'_>),
    pub plan_destroy: fn(&Object, &mut Diagnostics),
    pub preflight: for<'a> fn(Preflight<'a>) -> BoxFuture<'a, ()>,
    pub note_stored: Box<dyn Fn(&Object) + Send + Sync>,
    pub make: Work<ApplyRequest>,
    pub delete: Work<DeleteRequest>,
    pub read: fn(ReadRequest) -> ReadResponse,
    pub import: fn(ImportRequest) -> ReadResponse,
    pub upgrade: fn(Object) -> Result<Object, Diagnostics>,
    pub data: fn(Object) -> (Option<Object>, Diagnostics),
    pub list: fn(ListRequest) -> List,
    pub call: fn(&[Value]) -> Result<Value, FunctionError>,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            defaults: |_, _| {},
            plan: |_| {},
            plan_destroy: |_, _| {},
            preflight: |_| Box::pin(ready(())),
            note_stored: Box::new(|_| {}),
            make: Box::new(|mut request, progress| {
                if request.planned["id"].is_unknown() {
                    request.planned.insert("id".into(), "i-1".into());
                }
                progress.report(request.planned, request.private);
                Diagnostics::new()
            }),
            delete: Box::new(|_, progress| {
                progress.gone();
                Diagnostics::new()
            }),
            read: |request| ReadResponse {
                state: Some(request.state),
                private: request.private,
                diagnostics: Diagnostics::new(),
            },
            import: |_| ReadResponse::default(),
            upgrade: Ok,
            data: |config| (Some(config), Diagnostics::new()),
            list: |_| stream::empty().boxed(),
            call: |arguments| Ok(arguments[0].clone()),
        }
    }
}

impl Script {
    /// An engine over the sample.
    pub fn engine(self) -> Engine {
        let attributes = vec![
            Attribute::string("name").required().requires_replace(),
            Attribute::number("size").default(1),
            Attribute::string("id").computed(),
        ];
        let schema = Schema { version: 2, description: "Sample.", attributes };
        let filters = Schema { attributes: vec![Attribute::number("count").required()], ..Schema::default() };
        let finder = Arc::new(Finder { schema: filters, list: self.list });
        Engine::new(Arc::new(Sample {
            block: Schema::default(),
            thing: Arc::new(Thing { schema, script: self }),
            finder,
        }))
    }
}

struct Sample {
    block: Schema,
    thing: Arc<Thing>,
    finder: Arc<Finder>,
}

struct Finder {
    schema: Schema,
    list: fn(ListRequest) -> List,
}

struct Thing {
    schema: Schema,
    script: Script,
}

#[async_trait]
impl Provider for Sample {
    fn schema(&self) -> &Schema {
        &self.block
    }

    async fn configure(&self, _: Object) -> Diagnostics {
        Diagnostics::new()
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![self.thing.clone()]
    }

    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        vec![self.thing.clone()]
    }

    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        vec![self.finder.clone()]
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        vec![self.thing.clone()]
    }
}

#[async_trait]
impl Resource for Thing {
    fn name(&self) -> &'static str {
        "sample"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn identity(&self) -> Option<&'static Identity> {
        static IDENTITY: Identity =
            Identity { version: 0, attributes: &["id"], optional: &[], import_id: |_| Ok(String::new()) };
        Some(&IDENTITY)
    }

    fn defaults(&self, config: &Object, planned: &mut Object) {
        (self.script.defaults)(config, planned);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        (self.script.plan)(plan);
    }

    fn plan_destroy(&self, prior: &Object, _: &Private, diagnostics: &mut Diagnostics) {
        (self.script.plan_destroy)(prior, diagnostics);
    }

    async fn preflight(&self, preflight: Preflight<'_>) {
        (self.script.preflight)(preflight).await;
    }

    fn note_stored(&self, state: &Object) {
        (self.script.note_stored)(state);
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        (self.script.make)(request, progress)
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        (self.script.read)(request)
    }

    async fn update(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        (self.script.make)(request, progress)
    }

    async fn delete(&self, request: DeleteRequest, progress: &Progress) -> Diagnostics {
        (self.script.delete)(request, progress)
    }

    async fn import(&self, request: ImportRequest) -> ReadResponse {
        (self.script.import)(request)
    }

    fn upgraders(&self) -> Vec<Upgrader> {
        let schema = Schema { version: 1, attributes: vec![Attribute::string("title")], ..Schema::default() };
        vec![Upgrader { from: 1, schema, upgrade: self.script.upgrade }]
    }
}

#[async_trait]
impl DataSource for Thing {
    fn name(&self) -> &'static str {
        "sample"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn read(&self, config: Object, _: Stop) -> (Option<Object>, Diagnostics) {
        (self.script.data)(config)
    }
}

impl ListResource for Finder {
    fn name(&self) -> &'static str {
        "sample"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn list(&self, request: ListRequest) -> List {
        (self.list)(request)
    }
}

impl Function for Thing {
    fn name(&self) -> &'static str {
        "sample"
    }

    fn signature(&self) -> Signature {
        let parameter =
            |name, ty, allow_null| Parameter { name, ty, allow_null, allow_unknown: false, description: "" };
        Signature {
            parameters: vec![parameter("first", Type::String, false)],
            variadic: Some(parameter("rest", Type::Number, true)),
            result: Type::String,
            summary: "",
            description: "",
            deprecated: None,
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        (self.script.call)(arguments)
    }
}
