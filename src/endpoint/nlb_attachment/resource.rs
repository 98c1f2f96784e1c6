//! The resource: hands each operation of Terraform to the part that knows it.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;

use super::apply::driver::{Driver, Job, Report};
use super::apply::failure::diagnostics;
use super::apply::ledger::Ledger;
use super::model::decision::{self, Decision};
use super::model::filters;
use super::model::registration::{Claim, registrations};
use super::model::schema::names::{LOAD_BALANCER_ARN, REGISTERED};
use super::model::schema::{IDENTITY, SCHEMA};
use super::model::spec::{Spec, with_groups};
use super::plan::diff::diff;
use super::plan::import::Place;
use super::plan::registrations::{Moved, Registrations};
use super::plan::{import, outputs, rules, warnings};
use super::read::clients::clients;
use super::read::current::current;
use super::read::load_balancer::load_balancer;
use super::read::refresh::refresh;
use crate::endpoint::aws_access::{Access, AwsAccess};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::interruption::unread;
use crate::endpoint::target_groups::TargetGroups;
use crate::endpoint::timeouts::Operation;
use crate::endpoint::{aws_access, timeouts};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::identity::Identity;
use crate::framework::path::Path;
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::resource::{
    ApplyRequest, DeleteRequest, ImportRequest, Plan, Preflight, ReadRequest, ReadResponse, Resource,
};
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};

/// `talosendpoint_nlb_attachment`.
#[derive(Debug)]
pub struct NlbAttachment {
    access: Arc<AwsAccess>,
    target_groups: Arc<TargetGroups>,
    ledger: Ledger,
}

impl NlbAttachment {
    /// The resource, with the access that the provider configures.
    pub fn new(access: Arc<AwsAccess>, target_groups: Arc<TargetGroups>) -> NlbAttachment {
        NlbAttachment { ledger: Ledger::new(Arc::clone(&access)), access, target_groups }
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

    fn identity(&self) -> Option<&'static Identity> {
        Some(&IDENTITY)
    }

    fn validate(&self, config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
        rules::rules(config, planned, diagnostics);
    }

    fn plan(&self, plan: &mut Plan<'_>) {
        rules::groups(plan.planned, |group| self.target_groups.of(group), plan.diagnostics);
        warnings::warnings(plan.prior, plan.planned, |group| self.target_groups.of(group), plan.diagnostics);
        let prior = plan.prior.and_then(Spec::read).map(|spec| registrations(&spec));
        let (number, claim) = (decision::number(plan.private), Claim::of(plan.planned));
        let planned = self.ledger.with(|known| known.plan(number, claim, prior.as_ref(), !plan.replace.is_empty()));
        decision::set_number(plan.private, planned.number);
        outputs::outputs(plan.prior, plan.planned, planned.registers_again);
    }

    async fn preflight(&self, preflight: Preflight<'_>) {
        let Preflight { prior, private, diagnostics, .. } = preflight;
        let prior = prior.and_then(Spec::read).map(|spec| registrations(&spec));
        let number = preflight.planned.and(decision::number(private));
        let left = match (number, prior) {
            (Some(number), prior) => self.ledger.with(|known| known.given_up_by(number, prior.as_ref())),
            (None, prior) => prior.unwrap_or_default(),
        };
        if left.is_empty() {
            if preflight.planned.is_some() {
                self.moved_to(diagnostics);
            }
            return;
        }
        let departure = self.ledger.with(|known| known.depart(left, decision::shared(private), number));
        let (decision, moved) = self.ledger.decide(departure).await;
        decision.write(private);
        if !moved.is_empty() {
            diagnostics.push(warnings::moved(&moved, false));
        }
    }

    fn note_stored(&self, state: &Object) {
        if let Some(spec) = Spec::read(state) {
            self.ledger.with(|known| known.store(registrations(&spec)));
        }
    }

    async fn create(&self, request: ApplyRequest, progress: &Progress) -> Diagnostics {
        self.ledger.with(Registrations::begin_apply);
        let Some(desired) = Spec::read(&request.planned) else { return not_known() };
        let deadline = Deadline::new(timeouts::limit(&request.planned, Operation::Create), request.stop.clone());
        let change = Change {
            existing: BTreeSet::new(),
            missing: BTreeSet::new(),
            desired: &desired,
            private: &request.private,
            deadline: &deadline,
        };
        let diagnostics = self.change(change, reporting(&request.planned, progress)).await;
        self.finish(diagnostics, &desired, request.planned, &deadline, progress).await
    }

    async fn read(&self, request: ReadRequest) -> ReadResponse {
        let ReadRequest { state, mut private, stop } = request;
        let stored = Spec::read(&state).map(|spec| registrations(&spec)).unwrap_or_default();
        let read = Deadline::of_read(stop).hold(self.refreshed(&state)).await;
        // Asked last: until AWS has answered, the other objects of the state have been noted.
        decision::set_shared(&mut private, &self.ledger.with(|known| known.shared(&stored)));
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
        self.ledger.with(Registrations::begin_apply);
        let prior = request.prior.unwrap_or_default();
        let (Some(existing), Some(desired)) = (Spec::read(&prior), Spec::read(&request.planned)) else {
            return not_known();
        };
        let deadline = Deadline::new(timeouts::limit(&request.planned, Operation::Update), request.stop.clone());
        let lost = |known: &mut Registrations| {
            let lost = registrations(&existing).into_iter().filter(|one| known.is_deregistered(one));
            lost.map(|one| one.group).collect()
        };
        let change = Change {
            missing: self.ledger.with(lost),
            existing: existing.groups.clone(),
            desired: &desired,
            private: &request.private,
            deadline: &deadline,
        };
        // Until the end the other inputs are those before: what was not done yet must stay a difference.
        let diagnostics = self.change(change, reporting(&prior, progress)).await;
        self.finish(diagnostics, &desired, request.planned, &deadline, progress).await
    }

    async fn delete(&self, request: DeleteRequest, progress: &Progress) -> Diagnostics {
        self.ledger.with(Registrations::begin_apply);
        let Some(existing) = Spec::read(&request.prior) else { return not_known() };
        let deadline = Deadline::new(timeouts::limit(&request.prior, Operation::Delete), request.stop.clone());
        let nowhere = Spec { groups: BTreeSet::new(), ..existing.clone() };
        let change = Change {
            existing: existing.groups,
            missing: BTreeSet::new(),
            desired: &nowhere,
            private: &request.private,
            deadline: &deadline,
        };
        // A delete that ends early is repeated as a whole, its wait included, by a plan of its own.
        progress.report(request.prior, decision::without_plan(&request.private));
        let diagnostics = self.change(change, Box::new(|_| {})).await;
        if !diagnostics.has_error() {
            progress.gone();
        }
        diagnostics
    }

    async fn import(&self, request: ImportRequest) -> ReadResponse {
        let found = Deadline::of_read(request.stop).hold(self.find(&request.id)).await;
        match found.unwrap_or_else(|why| Err(unread(why))) {
            Ok(state) => ReadResponse { state, ..ReadResponse::default() },
            Err(problem) => ReadResponse { diagnostics: problem.into(), ..ReadResponse::default() },
        }
    }
}

impl NlbAttachment {
    /// Leads from what exists to what is wanted. Without a difference nothing is asked of AWS, not even access.
    async fn change(&self, change: Change<'_>, report: Report<'_>) -> Diagnostics {
        let Change { existing, missing, desired, private, deadline } = change;
        let waves = diff(&existing.difference(&missing).cloned().collect(), &desired.groups, desired.drain);
        if waves.is_empty() {
            return Diagnostics::new();
        }
        let clients = match clients(&self.access, existing.union(&desired.groups)).await {
            Ok(clients) => clients,
            Err(problems) => return problems,
        };
        let decision = Decision::of_apply(private, &self.ledger.process());
        let job = Job {
            clients: &clients,
            target: &desired.target,
            decision: &decision,
            ledger: &self.ledger,
            deadline,
            report,
        };
        let driver = Driver::new(job, existing);
        let done = driver.run(waves).await;
        let mut all = driver.warnings();
        all.append(diagnostics(done.err().unwrap_or_default(), &desired.target));
        all
    }

    /// Reports what is moved, where a removal was planned before the create that takes its place.
    fn moved_to(&self, diagnostics: &mut Diagnostics) {
        let moved = self.ledger.with(|known| {
            let moved = known.moved(true);
            if !moved.is_empty() && known.report() { moved } else { Moved::new() }
        });
        if !moved.is_empty() {
            diagnostics.push(warnings::moved(&moved, true));
        }
    }

    async fn refreshed(&self, state: &Object) -> Result<Option<Object>, Diagnostics> {
        let Some(spec) = Spec::read(state) else { return Ok(None) };
        let clients = clients(&self.access, spec.groups.iter()).await?;
        let present = current(&clients, &spec).await.map_err(|error| aws_access::failed(&error))?;
        let balancer = match state.get(LOAD_BALANCER_ARN) {
            Some(Value::String(_)) => None,
            // Whoever may not ask does without: nothing but the identity depends on it.
            _ => load_balancer(&clients, &self.target_groups).await.unwrap_or_default(),
        };
        Ok(refresh(state, &present, balancer))
    }

    /// The attachment that the user calls `id`. Whether its target is in the groups is for the read that follows; none where the load
    /// balancer has no groups.
    async fn find(&self, id: &str) -> Result<Option<Object>, Diagnostic> {
        let named = import::named(id)?;
        let groups = match &named.place {
            Place::Groups(arns) => arns.clone(),
            Place::Behind(balancer) => {
                aws_access::check_account_of(&self.access, balancer)?;
                let elb = aws_access::elb(&self.access, aws_access::region_of(balancer)).await?;
                let groups = elb.target_groups_behind(balancer).await.map_err(|error| aws_access::failed(&error))?;
                if groups.is_empty() {
                    let described = elb.load_balancer(balancer).await.map_err(|error| aws_access::failed(&error))?;
                    filters::network(described.as_ref(), balancer)
                        .map_err(|problem| Diagnostic { path: Path::root(), ..problem })?;
                }
                groups.into_iter().map(|group| group.arn).collect()
            }
        };
        Ok((!groups.is_empty()).then(|| import::state(&named, groups)))
    }

    /// Reports the planned object as it is, unless something has failed.
    async fn finish(
        &self,
        diagnostics: Diagnostics,
        desired: &Spec,
        mut planned: Object,
        deadline: &Deadline,
        progress: &Progress,
    ) -> Diagnostics {
        if diagnostics.has_error() {
            return diagnostics;
        }
        if planned.get(LOAD_BALANCER_ARN).is_none_or(Value::is_unknown) {
            let balancer = deadline.hold(self.load_balancer(&desired.groups)).await.ok().flatten();
            planned.insert(LOAD_BALANCER_ARN.to_owned(), balancer.map_or(Value::Null, Value::from));
        }
        planned.insert(REGISTERED.to_owned(), true.into());
        progress.report(planned, Private::new());
        diagnostics
    }

    /// What is before these groups. The registrations are done by now, and don't fail for it.
    async fn load_balancer(&self, groups: &BTreeSet<String>) -> Option<String> {
        let clients = clients(&self.access, groups.iter()).await.ok()?;
        load_balancer(&clients, &self.target_groups).await.ok().flatten()
    }
}

/// From what exists to what is wanted.
struct Change<'a> {
    /// The groups that the target is in, as far as the state knows.
    existing: BTreeSet<String>,
    /// Those of them that this run has taken it out of.
    missing: BTreeSet<String>,
    desired: &'a Spec,
    private: &'a Private,
    deadline: &'a Deadline,
}

/// Reports what exists after each step: `base` in the groups of that moment, or nothing.
fn reporting<'a>(base: &'a Object, progress: &'a Progress) -> Report<'a> {
    Box::new(move |groups| {
        if groups.is_empty() {
            progress.gone();
        } else {
            progress.report(with_groups(base, groups), Private::new());
        }
    })
}

fn not_known() -> Diagnostics {
    Diagnostic::bug("Values are not known", "Something in the planned or stored attachment is unknown at apply.").into()
}
