//! The resource: hands each operation of Terraform to the part that knows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use super::apply::context::Context;
use super::apply::failure::Failure;
use super::apply::run::apply;
use super::apply::{marker, recovery, remove};
use super::model::inventory::Inventory;
use super::model::marker::nonce;
use super::model::memory::Memory;
use super::model::schema::{IDENTITY, SCHEMA, names};
use super::model::settings::SETTINGS;
use super::plan::import::id::{self, Id, only_network};
use super::plan::import::marks;
use super::plan::{change, defaults, replacement, rules};
use super::read::current::current;
use super::read::importable::{Importable, importable};
use super::read::other_states::{shared, unknown_update};
use super::read::refresh::{Mixed, is_mixed, refresh};
use super::read::stored::{self, PlannedChange, Shared, Stored};
use super::read::{other_resources, taken};
use crate::endpoint::aws_access::{Access, AwsAccess};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::interruption::unread;
use crate::endpoint::target_groups::{KnownGroup, TargetGroups};
use crate::endpoint::timeouts::Operation;
use crate::endpoint::{aws_access, timeouts};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::identity::Identity;
use crate::framework::path::Path;
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::resource::{
    ApplyRequest, DeleteRequest, ImportRequest, Plan, Preflight, ReadRequest, ReadResponse, Resource,
};
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};
use crate::remote::aws_error::Cause;
use crate::remote::elb::Elb;

/// `talosendpoint_nlb`.
#[derive(Debug)]
pub struct Nlb {
    access: Arc<AwsAccess>,
    stored: Stored,
    target_groups: Arc<TargetGroups>,
    /// A read was refused the permission to take a marker off.
    may_not_untag: AtomicBool,
}

impl Nlb {
    /// The resource, with the access that the provider configures.
    pub fn new(access: Arc<AwsAccess>, target_groups: Arc<TargetGroups>) -> Nlb {
        Nlb { stored: Stored::new(Arc::clone(&access)), access, target_groups, may_not_untag: AtomicBool::new(false) }
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

    fn identity(&self) -> Option<&'static Identity> {
        Some(&IDENTITY)
    }

    fn instead_of_moving(&self) -> &'static str {
        "For an `aws_lb` with its listeners and target groups, `terraform show -json | \
         terraform-provider-talosendpoint migrate` prints these blocks."
    }

    fn validate(&self, config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
        rules::rules(config, planned, diagnostics);
    }

    fn defaults(&self, config: &Object, planned: &mut Object) {
        defaults::defaults(config, planned);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        change::plan(plan, aws_access::default_tags(&self.access));
    }

    fn plan_destroy(&self, prior: &Object, _private: &Private, diagnostics: &mut Diagnostics) {
        replacement::protected(prior, "destroyed", diagnostics);
    }

    async fn preflight(&self, preflight: Preflight<'_>) {
        let Preflight { config, prior, planned, replace, private, diagnostics } = preflight;
        match (prior, planned, config) {
            (Some(prior), planned, _) => {
                let change = change(prior, planned, replace);
                let found = self.stored.plan(prior, change);
                found
                    .shared
                    .into_iter()
                    .for_each(|shared| diagnostics.push(other_resources::diagnostic(shared, prior)));
                if planned.is_some() {
                    stored::note_predecessor(private, prior);
                }
                match change {
                    PlannedChange::Destroyed if found.create_planned_first => diagnostics.push(taken::not_moved(prior)),
                    PlannedChange::Kept | PlannedChange::Replaced { same_name: true } if found.create_planned_first => {
                        diagnostics.push(taken::name_asked_for(prior));
                    }
                    _ => {}
                }
            }
            (None, Some(planned), Some(config)) => {
                let checked = taken::check(&self.access, &self.stored, config, planned, private).await;
                checked.err().into_iter().for_each(|problem| diagnostics.push(problem));
            }
            _ => {}
        }
    }

    fn note_stored(&self, state: &Object) {
        self.stored.note_stored(state);
        self.note_groups(state);
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let region = text(&request.config, names::REGION);
        if let Err(diagnostic) = aws_access::check_account(&self.access, region.as_deref()).await {
            return diagnostic.into();
        }
        self.apply(request, progress, region, Operation::Create).await
    }

    async fn update(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        let region = request.prior.as_ref().and_then(|prior| text(prior, names::REGION));
        if let Err(diagnostic) = self.check_account_of(request.prior.as_ref()) {
            return diagnostic.into();
        }
        self.apply(request, progress, region, Operation::Update).await
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let ReadRequest { state, private, stop } = request;
        self.stored.note(&state);
        self.note_groups(&state);
        if self.stored.is_imported_twice(&state) {
            let diagnostics = other_resources::diagnostic(Shared::Imported, &state).into();
            return ReadResponse { state: Some(state), private, diagnostics };
        }
        let read = Deadline::of_read(stop).hold(self.current(&state)).await;
        match read.unwrap_or_else(|why| Err(unread(why))) {
            Ok(None) => ReadResponse::default(),
            Ok(Some((elb, found))) => {
                let mut memory = Memory::read(&private);
                let diagnostics = shared(&found, &memory).or_else(|| unknown_update(&found, &memory));
                let diagnostics = diagnostics.map(Diagnostics::from).unwrap_or_default();
                memory.note_handover(found.handover.as_deref());
                self.take_tags_off(&elb, &found, &mut memory).await;
                memory.misrouted.clone_from(&found.misrouted);
                memory.mixed_settings = is_mixed(&state, &found, SETTINGS);
                let mut private = private;
                memory.write(&mut private);
                let refreshed = refresh(&state, &found, elb.region(), Mixed::Differing, SETTINGS);
                ReadResponse { state: Some(refreshed), private, diagnostics }
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
        let limit = timeouts::limit(&request.prior, Operation::Delete);
        let (prior, region) = (request.prior.clone(), text(&request.prior, names::REGION));
        let diagnostics = match aws_access::elb(&self.access, region.as_deref()).await {
            Ok(elb) => {
                let ec2 = aws_access::ec2(&self.access, region.as_deref()).await.ok();
                remove::delete(&elb, ec2.as_ref(), request, progress, limit).await
            }
            Err(diagnostic) => diagnostic.into(),
        };
        if !diagnostics.has_error() {
            self.stored.forget(&prior);
        }
        diagnostics
    }

    async fn import(&self, request: ImportRequest) -> ReadResponse {
        let deadline = Deadline::of_read(request.stop);
        let found = deadline.hold(self.find(&request.id, &deadline)).await;
        match found.unwrap_or_else(|why| Err(unread(why).into())) {
            Ok(ReadResponse { state: Some(state), .. }) if self.stored.import(&state).await => {
                let diagnostics = other_resources::diagnostic(Shared::Imported, &state).into();
                ReadResponse { diagnostics, ..ReadResponse::default() }
            }
            Ok(found) => found,
            Err(diagnostics) => ReadResponse { diagnostics, ..ReadResponse::default() },
        }
    }
}

impl Nlb {
    /// Attachments to these groups are checked against it.
    fn note_groups(&self, object: &Object) {
        let Some(target_type) = text(object, names::TARGET_TYPE) else { return };
        for group in Inventory::from_state(object).groups.values() {
            let known = KnownGroup {
                target_type: target_type.clone(),
                port: group.settings.port,
                load_balancer_arn: text(object, names::ARN),
            };
            self.target_groups.note(&group.arn, known);
        }
    }

    /// Finds what the user calls `id`, and everything behind it that is ours.
    async fn find(&self, id: &str, deadline: &Deadline) -> Result<ReadResponse, Diagnostics> {
        let (elb, found) = match id::id(id)? {
            Id::Arn(arn) => {
                aws_access::check_account_of(&self.access, &arn)?;
                let elb = aws_access::elb(&self.access, aws_access::region_of(&arn)).await?;
                let found = elb.load_balancer(&arn).await.map_err(Failure::from)?;
                (elb, found.into_iter().collect())
            }
            Id::Name(name) => {
                let elb = aws_access::aws(&self.access)?.elb(None).await;
                let elb = elb.map_err(|error| match error.cause {
                    Cause::NoRegion => id::no_region(&name),
                    _ => aws_access::failed(&error),
                })?;
                let found = elb.load_balancers_named(&name).await.map_err(Failure::from)?;
                (elb, found)
            }
        };
        let balancer = only_network(found, id, elb.region())?;
        aws_access::check_account_of(&self.access, &balancer.arn)?;
        let Importable { assigned, found, state } = importable(&elb, &balancer).await.map_err(Failure::from)?;
        let marked = found.markers();
        if recovery::silent(&elb, deadline, marked.clone()).await? != marked {
            return Err(Failure::Unfinished { arn: balancer.arn }.into());
        }
        let mut private = Private::new();
        let mut memory = marks::mark(&balancer, &assigned);
        memory.markers = marked.values().filter_map(|value| nonce(value)).map(str::to_owned).collect();
        memory.markers.dedup();
        // Whether the run that made parts here was finished can't be known: the first apply searches for what it has left.
        memory.handover.clone_from(&found.handover);
        memory.write(&mut private);
        let diagnostics = assigned.warning().map(Diagnostics::from).unwrap_or_default();
        Ok(ReadResponse { state: Some(state), private, diagnostics })
    }

    async fn apply(
        &self,
        mut request: ApplyRequest,
        progress: &Progress,
        region: Option<String>,
        operation: Operation,
    ) -> Diagnostics {
        if let Some(problem) =
            rules::versions::addresses_without_version(&request.config, request.prior.as_ref(), &request.planned)
        {
            return problem.into();
        }
        stored::forget_predecessor(&mut request.private);
        let limit = timeouts::limit(&request.planned, operation);
        let tags = match aws_access::default_tags(&self.access) {
            Maybe::Known(tags) => tags,
            Maybe::Unknown => Default::default(), // there is no access either: the next line says so
        };
        let diagnostics = match aws_access::elb(&self.access, region.as_deref()).await {
            Ok(elb) => {
                let context = Context::new(&elb, request, progress, limit, tags);
                apply(context).await
            }
            Err(diagnostic) => diagnostic.into(),
        };
        if let Some(made) = progress.reported().state {
            self.note_groups(&made);
        }
        diagnostics
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

    /// Takes off the tags of the runs that made this object. A role that only plans may lack the permission; then they stay, and this
    /// process doesn't try again.
    async fn take_tags_off(&self, elb: &Elb, found: &Inventory, memory: &mut Memory) {
        let is_refused = self.may_not_untag.load(Ordering::Relaxed);
        if !is_refused && let Err(stay) = marker::take_off(elb, found.tags(), memory).await {
            self.may_not_untag.fetch_or(stay.error.is_denied(), Ordering::Relaxed);
        }
        memory.forget_gone(found.tags().map(|(_, tags)| tags));
    }

    fn check_account_of(&self, state: Option<&Object>) -> Result<(), Diagnostic> {
        match state.and_then(|state| Inventory::from_state(state).arns().into_iter().next()) {
            Some(arn) => aws_access::check_account_of(&self.access, &arn),
            None => Ok(()),
        }
    }
}

/// What a plan does with a stored load balancer.
fn change(prior: &Object, planned: Option<&Object>, replace: &[Path]) -> PlannedChange {
    let name = |object: &Object| replacement::balancer_name(&Reader::new(object)).map(|(_, name)| name);
    match planned {
        None => PlannedChange::Destroyed,
        Some(_) if replace.is_empty() => PlannedChange::Kept,
        Some(planned) => PlannedChange::Replaced { same_name: name(prior) == name(planned) },
    }
}

fn text(object: &Object, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}
