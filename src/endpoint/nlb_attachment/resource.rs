//! The resource: hands each operation of Terraform to the part that knows it.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::apply::driver::{Driver, Report};
use super::apply::failure::diagnostics;
use super::model::schema::SCHEMA;
use super::model::spec::{Spec, with_groups};
use super::plan::diff::diff;
use super::plan::{import, outputs, rules};
use super::read::clients::clients;
use super::read::current::current;
use super::read::refresh::refresh;
use crate::endpoint::deadline::Deadline;
use crate::endpoint::interruption::unread;
use crate::endpoint::{aws_access, timeouts};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::resource::{
    ApplyRequest, DeleteRequest, ImportRequest, Plan, ReadRequest, ReadResponse, Resource,
};
use crate::framework::schema::Schema;
use crate::framework::value::Object;
use crate::remote::aws::{Access, AwsAccess};

/// `talosendpoint_nlb_attachment`.
#[derive(Debug)]
pub struct NlbAttachment {
    access: Arc<AwsAccess>,
}

impl NlbAttachment {
    /// The resource, with the access that the provider configures.
    pub fn new(access: Arc<AwsAccess>) -> NlbAttachment {
        NlbAttachment { access }
    }
}

#[async_trait]
impl Resource for NlbAttachment {
    fn name(&self) -> &'static str {
        "talosendpoint_nlb_attachment"
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Object, _planned: &Object, diagnostics: &mut Diagnostics) {
        rules::rules(config, diagnostics);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        outputs::outputs(plan.planned);
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let Some(wanted) = Spec::read(&request.planned) else { return not_known() };
        let deadline = Deadline::new(timeouts::limit(&request.planned, "create"), request.stop.clone());
        let report = reporting(&request.planned, progress);
        let told = self.change(BTreeSet::new(), &wanted, &deadline, report).await;
        finish(told, request.planned, progress)
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let ReadRequest { state, private, stop } = request;
        let read = Deadline::of_read(stop).hold(self.refreshed(&state)).await;
        match read.unwrap_or_else(|why| Err(unread(why).into())) {
            Ok(None) => ReadResponse::default(),
            Ok(found) => ReadResponse { state: found, private, diagnostics: Diagnostics::new() },
            Err(problems) if matches!(self.access.get(), Access::NotYetKnown) => {
                let mut diagnostics = Diagnostics::new();
                problems.iter().for_each(|problem| diagnostics.push(aws_access::not_read(problem)));
                ReadResponse { state: Some(state), private, diagnostics }
            }
            Err(diagnostics) => ReadResponse { state: Some(state), private, diagnostics },
        }
    }

    async fn update(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let prior = request.prior.unwrap_or_default();
        let (Some(existing), Some(wanted)) = (Spec::read(&prior), Spec::read(&request.planned)) else {
            return not_known();
        };
        let deadline = Deadline::new(timeouts::limit(&request.planned, "update"), request.stop.clone());
        // Until the end the other inputs are those before: what was not done yet must stay a difference.
        let report = reporting(&prior, progress);
        let told = self.change(existing.groups, &wanted, &deadline, report).await;
        finish(told, request.planned, progress)
    }

    async fn delete(&self, request: DeleteRequest, progress: &Progress) -> Diagnostics {
        let Some(existing) = Spec::read(&request.prior) else { return not_known() };
        let deadline = Deadline::new(timeouts::limit(&request.prior, "delete"), request.stop.clone());
        let nowhere = Spec { groups: BTreeSet::new(), ..existing.clone() };
        // Nothing is told on the way: a delete that ends early is repeated as a whole, its wait included.
        let told = self.change(existing.groups, &nowhere, &deadline, Box::new(|_| {})).await;
        if !told.has_error() {
            progress.gone();
        }
        told
    }

    async fn import(&self, request: ImportRequest) -> ReadResponse {
        match import::state(&request.id) {
            Ok(state) => ReadResponse { state: Some(state), private: Private::new(), diagnostics: Diagnostics::new() },
            Err(problem) => ReadResponse { state: None, private: Private::new(), diagnostics: problem.into() },
        }
    }
}

impl NlbAttachment {
    /// Leads from `existing` to `wanted`. Without a difference nothing is asked of AWS, not even access.
    async fn change(
        &self,
        existing: BTreeSet<String>,
        wanted: &Spec,
        deadline: &Deadline,
        report: Report<'_>,
    ) -> Diagnostics {
        let waves = diff(&existing, &wanted.groups, wanted.drain);
        if waves.is_empty() {
            return Diagnostics::new();
        }
        let clients = match clients(&self.access, existing.union(&wanted.groups)).await {
            Ok(clients) => clients,
            Err(problems) => return problems,
        };
        let driver = Driver::new(&clients, &wanted.target, deadline, existing, report);
        let done = driver.run(waves).await;
        let mut told = driver.warnings();
        told.append(diagnostics(done.err().unwrap_or_default()));
        told
    }

    async fn refreshed(&self, state: &Object) -> Result<Option<Object>, Diagnostics> {
        let Some(spec) = Spec::read(state) else { return Ok(None) };
        let clients = clients(&self.access, spec.groups.iter()).await?;
        let present = current(&clients, &spec).await.map_err(|error| aws_access::failed(&error))?;
        Ok(refresh(state, &present))
    }
}

/// Tells what exists after each step: `base` in the groups of that moment, or nothing.
fn reporting<'a>(base: &'a Object, progress: &'a Progress) -> Report<'a> {
    Box::new(move |groups| {
        if groups.is_empty() {
            progress.gone();
        } else {
            progress.tell(with_groups(base, groups), Private::new());
        }
    })
}

fn finish(told: Diagnostics, planned: Object, progress: &Progress) -> Diagnostics {
    if !told.has_error() {
        progress.tell(planned, Private::new());
    }
    told
}

fn not_known() -> Diagnostics {
    Diagnostic::bug("Values are not known", "Something in the planned or stored attachment is unknown at apply.").into()
}
