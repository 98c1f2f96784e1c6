//! The resource: hands each operation of Terraform to the part that knows it.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::endpoint::nlb::apply::failure::Failure;
use crate::endpoint::nlb::apply::remove;
use crate::endpoint::nlb::apply::run::Run;
use crate::endpoint::nlb::model::inventory::{BalancerFacts, GroupFacts, Parts};
use crate::endpoint::nlb::model::marker::MARKER;
use crate::endpoint::nlb::model::private::{CREATING, MISROUTED, UNEVEN};
use crate::endpoint::nlb::model::schema::SCHEMA;
use crate::endpoint::nlb::plan;
use crate::endpoint::nlb::plan::import::id::{self, Id, only_network};
use crate::endpoint::nlb::plan::import::{assign::assign, base::base, marks};
use crate::endpoint::nlb::plan::outputs::configured_host;
use crate::endpoint::nlb::plan::{defaults, replacement, rules};
use crate::endpoint::nlb::read::current::{Look, behind, look};
use crate::endpoint::nlb::read::refresh::{Uneven, is_uneven, refresh};
use crate::endpoint::{aws_access, timeouts};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::engine;
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::resource::{
    ApplyRequest, DeleteRequest, ImportRequest, Plan, ReadRequest, ReadResponse, Resource,
};
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};
use crate::remote::aws::{Access, AwsAccess};
use crate::remote::elb::Elb;

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

    fn validate(&self, config: &Object, diagnostics: &mut Diagnostics) {
        let mut effective = engine::with_defaults(&SCHEMA.attributes, config);
        defaults::fill(config, &mut effective);
        rules::rules(&Reader::new(&effective), configured_host(config, None), diagnostics);
    }

    fn complete(&self, config: &Object, planned: &mut Object) {
        defaults::fill(config, planned);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        plan::plan(plan, aws_access::default_tags(&self.access));
    }

    fn plan_destroy(&self, prior: &Object, _private: &Private, diagnostics: &mut Diagnostics) {
        replacement::protected(prior, "destroyed", diagnostics);
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let region = text(&request.config, "region");
        if let Err(diagnostic) = aws_access::check_account(&self.access, region.as_deref()).await {
            return diagnostic.into();
        }
        self.apply(request, progress, region, "create").await
    }

    async fn update(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let region = request.prior.as_ref().and_then(|prior| text(prior, "region"));
        if let Err(diagnostic) = self.check_account_of(request.prior.as_ref()) {
            return diagnostic.into();
        }
        self.apply(request, progress, region, "update").await
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let ReadRequest { state, private, .. } = request;
        match self.look_at(&state).await {
            Ok(None) => ReadResponse::default(),
            Ok(Some((elb, found))) => {
                let mut private = settle_markers(&elb, &found, private).await;
                if is_uneven(&state, &found.observed) {
                    private.set(UNEVEN, Json::from(true));
                } else {
                    private.remove(UNEVEN);
                }
                let refreshed = refresh(&state, &found, elb.region(), Uneven::Differing);
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
        let region = text(&request.prior, "region");
        match aws_access::elb(&self.access, region.as_deref()).await {
            Ok(elb) => {
                let ec2 = aws_access::ec2(&self.access, region.as_deref()).await.ok();
                remove::delete(&elb, ec2.as_ref(), request, progress, limit).await
            }
            Err(diagnostic) => diagnostic.into(),
        }
    }

    async fn import(&self, request: ImportRequest) -> ReadResponse {
        match self.find(&request.id).await {
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
        let parts = Parts {
            load_balancer: Some(BalancerFacts::from(&balancer)),
            groups: assigned.roles.iter().map(|(role, (_, group))| (*role, GroupFacts::from(group))).collect(),
            listeners: assigned.roles.iter().map(|(role, (listener, _))| (*role, listener.arn.clone())).collect(),
            ..Parts::default()
        };
        let found = look(&elb, &parts).await.map_err(Failure::from)?;
        if found.marked.contains_key(&balancer.arn) {
            return Err(Failure::Unfinished { arn: balancer.arn }.into());
        }
        let state = refresh(&base(&balancer, &assigned), &found, elb.region(), Uneven::Differing);
        let diagnostics = assigned.warning().map(Diagnostics::from).unwrap_or_default();
        Ok(ReadResponse { state: Some(state), private: marks::mark(&balancer, &assigned), diagnostics })
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

    async fn look_at(&self, state: &Object) -> Result<Option<(Elb, Look)>, Diagnostic> {
        let parts = Parts::from_state(state);
        if parts.is_empty() {
            return Ok(None);
        }
        self.check_account_of(Some(state))?;
        let elb = aws_access::elb(&self.access, text(state, "region").as_deref()).await?;
        let found = look(&elb, &parts).await.map_err(|error| aws_access::failed(&error))?;
        Ok((!found.parts.is_empty()).then_some((elb, found)))
    }

    fn check_account_of(&self, state: Option<&Object>) -> Result<(), Diagnostic> {
        match state.and_then(|state| Parts::from_state(state).arns().into_iter().next()) {
            Some(arn) => aws_access::check_account_of(&self.access, &arn),
            None => Ok(()),
        }
    }
}

/// Takes off the marker of the run that made this object and was ended before it could, and notes what the outputs can't show.
async fn settle_markers(elb: &Elb, found: &Look, mut private: Private) -> Private {
    let nonce = private.get(CREATING).and_then(Json::as_str).map(str::to_owned);
    let of_us = |value: &str| value.split_once('/').is_some_and(|(own, _)| Some(own) == nonce.as_deref());
    let ours: Vec<String> = found.marked.iter().filter(|(_, value)| of_us(value)).map(|(arn, _)| arn.clone()).collect();
    if !ours.is_empty() {
        // Without the permission to change tags the marker stays, which the next read tries again.
        let _ = elb.remove_tags(&ours, &[MARKER.to_owned()]).await;
    } else {
        private.remove(CREATING);
    }
    if found.observed.misrouted.is_empty() {
        private.remove(MISROUTED);
    } else {
        let names: Vec<&str> = found.observed.misrouted.iter().map(|role| role.name()).collect();
        private.set(MISROUTED, Json::from(names));
    }
    private
}

fn text(object: &Object, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}
