//! The resource: hands each operation of Terraform to the part that knows it.

use std::sync::Arc;

use async_trait::async_trait;

use super::apply::failure::Failure;
use super::apply::remove;
use super::apply::run::Run;
use super::model::desired::{GroupSettings, ListenerSettings};
use super::model::inventory::{Balancer, Existing, Inventory};
use super::model::marker::MARKER;
use super::model::memory::Memory;
use super::model::schema::{SCHEMA, names};
use super::model::settings::SETTINGS;
use super::plan;
use super::plan::import::id::{self, Id, only_network};
use super::plan::import::{assign::assign, base::base, marks};
use super::plan::{defaults, replacement, rules};
use super::read::current::{behind, current};
use super::read::refresh::{Mixed, is_mixed, refresh};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::interruption::unread;
use crate::endpoint::{aws_access, timeouts};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::reader::Maybe;
use crate::framework::resource::{
    ApplyRequest, DeleteRequest, ImportRequest, Plan, ReadRequest, ReadResponse, Resource,
};
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};
use crate::remote::aws::{Access, AwsAccess};
use crate::remote::elb::{Attributes, Elb, Tags};

/// `talosendpoint_nlb`.
#[derive(Debug)]
pub struct Nlb {
    access: Arc<AwsAccess>,
}

impl Nlb {
    /// The resource, with the access that the provider configures.
    pub fn new(access: Arc<AwsAccess>) -> Nlb {
        Nlb { access }
    }
}

#[async_trait]
impl Resource for Nlb {
    fn name(&self) -> &'static str {
        "talosendpoint_nlb"
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
        rules::rules(config, planned, diagnostics);
    }

    fn defaults(&self, config: &Object, planned: &mut Object) {
        defaults::defaults(config, planned);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        plan::plan(plan, aws_access::default_tags(&self.access));
    }

    fn plan_destroy(&self, prior: &Object, _private: &Private, diagnostics: &mut Diagnostics) {
        replacement::protected(prior, "destroyed", diagnostics);
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let region = text(&request.config, names::REGION);
        if let Err(diagnostic) = aws_access::check_account(&self.access, region.as_deref()).await {
            return diagnostic.into();
        }
        self.apply(request, progress, region, "create").await
    }

    async fn update(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let region = request.prior.as_ref().and_then(|prior| text(prior, names::REGION));
        if let Err(diagnostic) = self.check_account_of(request.prior.as_ref()) {
            return diagnostic.into();
        }
        self.apply(request, progress, region, "update").await
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let ReadRequest { state, private, stop } = request;
        let read = Deadline::of_read(stop).hold(self.current(&state)).await;
        match read.unwrap_or_else(|why| Err(unread(why))) {
            Ok(None) => ReadResponse::default(),
            Ok(Some((elb, found))) => {
                let mut memory = Memory::read(&private);
                take_marker_off(&elb, &found, &mut memory).await;
                memory.misrouted.clone_from(&found.misrouted);
                memory.mixed_settings = is_mixed(&state, &found, SETTINGS);
                let mut private = private;
                memory.write(&mut private);
                let refreshed = refresh(&state, &found, elb.region(), Mixed::Differing, SETTINGS);
                ReadResponse { state: Some(refreshed), private, diagnostics: Diagnostics::new() }
            }
            Err(reason) if matches!(self.access.get(), Access::NotYetKnown) => {
                ReadResponse { state: Some(state), private, diagnostics: aws_access::not_read(&reason).into() }
            }
            Err(reason) => ReadResponse { state: Some(state), private, diagnostics: reason.into() },
        }
    }

    async fn delete(&self, request: DeleteRequest, progress: &Progress) -> Diagnostics {
        if let Err(diagnostic) = self.check_account_of(Some(&request.prior)) {
            return diagnostic.into();
        }
        let limit = timeouts::limit(&request.prior, "delete");
        let region = text(&request.prior, names::REGION);
        match aws_access::elb(&self.access, region.as_deref()).await {
            Ok(elb) => {
                let ec2 = aws_access::ec2(&self.access, region.as_deref()).await.ok();
                remove::delete(&elb, ec2.as_ref(), request, progress, limit).await
            }
            Err(diagnostic) => diagnostic.into(),
        }
    }

    async fn import(&self, request: ImportRequest) -> ReadResponse {
        let found = Deadline::of_read(request.stop.clone()).hold(self.find(&request.id)).await;
        match found.unwrap_or_else(|why| Err(unread(why).into())) {
            Ok(found) => found,
            Err(diagnostics) => ReadResponse { diagnostics, ..ReadResponse::default() },
        }
    }
}

impl Nlb {
    /// Finds what the user calls `id`, and everything behind it that is ours.
    async fn find(&self, id: &str) -> Result<ReadResponse, Diagnostics> {
        let (elb, found) = match id::id(id)? {
            Id::Arn(arn) => {
                aws_access::check_account_of(&self.access, &arn)?;
                let elb = aws_access::elb(&self.access, aws_access::region_of(&arn)).await?;
                let found = elb.load_balancer(&arn).await.map_err(Failure::from)?;
                (elb, found.into_iter().collect())
            }
            Id::Name(name) => {
                let elb = aws_access::elb(&self.access, None).await?;
                let found = elb.load_balancers_named(&name).await.map_err(Failure::from)?;
                (elb, found)
            }
        };
        let balancer = only_network(found, id, elb.region())?;
        aws_access::check_account_of(&self.access, &balancer.arn)?;
        let (listeners, groups) = behind(&elb, &balancer.arn).await.map_err(Failure::from)?;
        let assigned = assign(&balancer, &listeners, &groups);
        let groups = assigned.roles.iter().map(|(role, (_, group))| {
            (*role, Existing::<GroupSettings>::described(group, Attributes::new(), Tags::new()))
        });
        let listeners = assigned.roles.iter().map(|(role, (listener, _))| {
            (*role, Existing::<ListenerSettings>::described(listener, Attributes::new(), Tags::new()))
        });
        let known = Inventory {
            balancer: Some(Balancer::described(&balancer, Attributes::new(), Tags::new())),
            groups: groups.collect(),
            listeners: listeners.collect(),
            ..Inventory::default()
        };
        let found = current(&elb, &known).await.map_err(Failure::from)?;
        if found.markers().contains_key(&balancer.arn) {
            return Err(Failure::Unfinished { arn: balancer.arn }.into());
        }
        let base = base(&balancer, &assigned, SETTINGS);
        let state = refresh(&base, &found, elb.region(), Mixed::Differing, SETTINGS);
        let mut private = Private::new();
        marks::mark(&balancer, &assigned).write(&mut private);
        let diagnostics = assigned.warning().map(Diagnostics::from).unwrap_or_default();
        Ok(ReadResponse { state: Some(state), private, diagnostics })
    }

    async fn apply(
        &self,
        request: ApplyRequest,
        progress: &Progress,
        region: Option<String>,
        operation: &str,
    ) -> Diagnostics {
        let limit = timeouts::limit(&request.planned, operation);
        let tags = match aws_access::default_tags(&self.access) {
            Maybe::Known(tags) => tags,
            Maybe::Unknown => Default::default(), // there is no access either: the next line says so
        };
        match aws_access::elb(&self.access, region.as_deref()).await {
            Ok(elb) => Run::new(&elb, request, progress, limit, tags).apply().await,
            Err(diagnostic) => diagnostic.into(),
        }
    }

    async fn current(&self, state: &Object) -> Result<Option<(Elb, Inventory)>, Diagnostic> {
        let known = Inventory::from_state(state);
        if known.is_empty() {
            return Ok(None);
        }
        self.check_account_of(Some(state))?;
        let elb = aws_access::elb(&self.access, text(state, names::REGION).as_deref()).await?;
        let found = current(&elb, &known).await.map_err(|error| aws_access::failed(&error))?;
        Ok((!found.is_empty()).then_some((elb, found)))
    }

    fn check_account_of(&self, state: Option<&Object>) -> Result<(), Diagnostic> {
        match state.and_then(|state| Inventory::from_state(state).arns().into_iter().next()) {
            Some(arn) => aws_access::check_account_of(&self.access, &arn),
            None => Ok(()),
        }
    }
}

/// Takes off the marker of the run that made this object and was ended before it could.
async fn take_marker_off(elb: &Elb, found: &Inventory, memory: &mut Memory) {
    let of_us = |value: &str| value.split_once('/').is_some_and(|(nonce, _)| Some(nonce) == memory.marker.as_deref());
    let ours = found.markers().into_iter().filter(|(_, value)| of_us(value));
    let ours: Vec<String> = ours.map(|(arn, _)| arn).collect();
    if ours.is_empty() {
        memory.marker = None;
    } else {
        // Without the permission to change tags the marker stays, which the next read tries again.
        let _ = elb.remove_tags(&ours, &[MARKER.to_owned()]).await;
    }
}

fn text(object: &Object, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}
