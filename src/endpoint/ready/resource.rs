//! The resource: hands each operation of Terraform to the part that knows it.

use std::sync::Arc;

use async_trait::async_trait;

use super::apply::failure::ended;
use super::apply::run::Wait;
use super::model::schema::names::{ENDPOINT, TRIGGERS, WAIT_FOR};
use super::model::schema::{SCHEMA, apis};
use super::plan::{defaults, outputs, rules};
use crate::endpoint::aws_access::AwsAccess;
use crate::endpoint::deadline::Deadline;
use crate::endpoint::readiness::spec::Endpoint;
use crate::endpoint::timeouts::{self, Operation};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::progress::Progress;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::resource::{ApplyRequest, DeleteRequest, Plan, ReadRequest, ReadResponse, Resource};
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};

/// `talosendpoint_ready`.
#[derive(Debug)]
pub struct Ready {
    access: Arc<AwsAccess>,
}

impl Ready {
    /// The resource, with the access that the provider configures.
    pub fn new(access: Arc<AwsAccess>) -> Ready {
        Ready { access }
    }

    /// Waits for what `object` says.
    async fn wait(&self, request: &ApplyRequest, object: &Object, operation: Operation) -> Diagnostics {
        let Some(endpoint) = Endpoint::read(object) else {
            return Diagnostic::bug("Values are not known", "Something in the planned object is unknown at apply.")
                .into();
        };
        let names = Reader::new(object).texts(WAIT_FOR).present().unwrap_or_default();
        let names: Vec<&str> = names.into_iter().filter_map(Maybe::known).collect();
        let deadline = Deadline::new(timeouts::limit(object, operation), request.stop.clone());
        let wait = Wait { access: &self.access, endpoint: &endpoint, wait_for: &apis(&names), deadline: &deadline };
        match wait.run().await {
            Ok(()) => Diagnostics::new(),
            Err((why, course)) => ended(why, &course).into(),
        }
    }

    /// The planned object with what has become known, after a wait where `waits`.
    async fn apply(
        &self,
        request: ApplyRequest,
        progress: &Progress,
        operation: Operation,
        waits: bool,
    ) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        rules::rules(&request.config, &mut diagnostics);
        if diagnostics.has_error() {
            return diagnostics;
        }
        let mut object = request.planned.clone();
        defaults::defaults(&request.config, &mut object);
        outputs::outputs(&request.config, &mut object);
        if waits {
            diagnostics = self.wait(&request, &object, operation).await;
        }
        if !diagnostics.has_error() {
            progress.report(object, request.private);
        }
        diagnostics
    }
}

#[async_trait]
impl Resource for Ready {
    fn name(&self) -> &'static str {
        "talosendpoint_ready"
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Object, _planned: &Object, diagnostics: &mut Diagnostics) {
        rules::rules(config, diagnostics);
    }

    fn defaults(&self, config: &Object, planned: &mut Object) {
        defaults::defaults(config, planned);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        outputs::outputs(plan.config, plan.planned);
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        self.apply(request, progress, Operation::Create, true).await
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        ReadResponse { state: Some(request.state), private: request.private, diagnostics: Diagnostics::new() }
    }

    async fn update(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let differs =
            |name: &str| request.prior.as_ref().is_none_or(|prior| prior.get(name) != request.planned.get(name));
        // What is waited for in addition has never been found serving.
        let names = |object: Option<&Object>| match object.and_then(|object| object.get(WAIT_FOR)) {
            Some(Value::Set(names)) => names.clone(),
            _ => Vec::new(),
        };
        let before = names(request.prior.as_ref());
        let grown = names(Some(&request.planned)).iter().any(|name| !before.contains(name));
        let waits = differs(ENDPOINT) || differs(TRIGGERS) || grown;
        self.apply(request, progress, Operation::Update, waits).await
    }

    async fn delete(&self, _request: DeleteRequest, progress: &Progress) -> Diagnostics {
        progress.gone();
        Diagnostics::new()
    }
}
