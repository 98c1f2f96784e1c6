//! The resource: hands each operation of Terraform to the part that knows it.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::diff::diff;
use super::driver::{Clients, Driver, Tell};
use super::failure::diagnostics;
use super::observe::look;
use super::refresh::refresh;
use super::schema::SCHEMA;
use super::spec::{Spec, with_groups};
use super::{import, plan, rules};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::{aws_access, timeouts};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::reader::Reader;
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

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        rules::rules(&Reader::new(config), diagnostics);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        plan::plan(plan);
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let Some(wanted) = Spec::read(&request.planned) else { return not_known() };
        let deadline = Deadline::new(timeouts::limit(&request.planned, "create"), request.stop.clone());
        let tell = telling(&request.planned, progress);
        let told = self.change(BTreeSet::new(), &wanted, &deadline, tell).await;
        finish(told, request.planned, progress)
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let ReadRequest { state, private, .. } = request;
        match self.look_at(&state).await {
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
        let tell = telling(&prior, progress);
        let told = self.change(existing.groups, &wanted, &deadline, tell).await;
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
        tell: Tell<'_>,
    ) -> Diagnostics {
        let waves = diff(&existing, &wanted.groups, wanted.drain);
        if waves.is_empty() {
            return Diagnostics::new();
        }
        let clients = match self.clients(existing.union(&wanted.groups)).await {
            Ok(clients) => clients,
            Err(problems) => return problems,
        };
        let driver = Driver::new(&clients, &wanted.target, deadline, existing, tell);
        let done = driver.run(waves).await;
        let mut told = driver.warnings();
        told.append(diagnostics(done.err().unwrap_or_default()));
        told
    }

    async fn look_at(&self, state: &Object) -> Result<Option<Object>, Diagnostics> {
        let Some(spec) = Spec::read(state) else { return Ok(None) };
        let clients = self.clients(spec.groups.iter()).await?;
        let present = look(&clients, &spec).await.map_err(|error| aws_access::failed(&error))?;
        Ok(refresh(state, &present))
    }

    /// A client for each group, of the region that its ARN names.
    async fn clients<'a>(&self, groups: impl Iterator<Item = &'a String>) -> Result<Clients, Diagnostics> {
        let mut clients = Clients::new();
        let mut problems = Diagnostics::new();
        for arn in groups {
            match aws_access::check_account_of(&self.access, arn) {
                Ok(()) => match aws_access::elb(&self.access, aws_access::region_of(arn)).await {
                    Ok(elb) => drop(clients.insert(arn.clone(), elb)),
                    Err(problem) => problems.push(problem),
                },
                Err(problem) => problems.push(problem.at(Path::of("target_group_arns"))),
            }
        }
        if problems.is_empty() { Ok(clients) } else { Err(problems) }
    }
}

/// Tells what exists after each step: `base` in the groups of that moment, or nothing.
fn telling<'a>(base: &'a Object, progress: &'a Progress) -> Tell<'a> {
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
