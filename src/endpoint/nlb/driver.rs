//! Executes steps. Decides nothing but when to repeat a refused call.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;

use super::diff::Step;
use super::failure::Failure;
use super::marker::Marker;
use super::ownership::Owner;
use super::parts::{BalancerFacts, GroupFacts, Parts};
use super::render::{BalancerSettings, GroupSettings, ListenerSettings};
use super::role::Role;
use crate::endpoint::deadline::Deadline;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, LoadBalancer, NewLoadBalancer, NewTargetGroup, Tags, TargetGroup};

/// How long to wait between two looks at a load balancer that is being set up.
pub const POLL: Duration = Duration::from_secs(2);

/// How long AWS may deny the existence of what it has just made, or say that a group is in use whose listener is gone.
pub(super) const SETTLE: Duration = Duration::from_secs(120);

/// How long AWS may go on forbidding what it permits on a load balancer that is set up, once it says that it is.
const PERMIT: Duration = Duration::from_secs(10);

/// Told of everything that exists, each time that changes.
pub type Tell<'a> = Box<dyn Fn(&Parts) + Send + Sync + 'a>;

/// The execution of one create, update or delete.
pub struct Driver<'a> {
    /// Where the calls go.
    pub elb: &'a Elb,
    /// The tags of what is made.
    pub tags: Tags,
    /// The marker of what is made.
    pub marker: &'a Marker,
    /// How long it goes on.
    pub deadline: &'a Deadline,
    /// Told of everything that exists, each time that changes.
    pub tell: Tell<'a>,
    parts: Mutex<Parts>,
    /// What existed before this run: the subject of changes of tags.
    before: Vec<String>,
}

impl<'a> Driver<'a> {
    /// Begins with what exists.
    pub fn new(
        elb: &'a Elb,
        tags: Tags,
        marker: &'a Marker,
        deadline: &'a Deadline,
        parts: Parts,
        tell: Tell<'a>,
    ) -> Driver<'a> {
        let before = parts.arns();
        Driver { elb, tags, marker, deadline, tell, parts: Mutex::new(parts), before }
    }

    /// What exists now.
    pub fn parts(&self) -> Parts {
        self.lock().clone()
    }

    /// Executes wave after wave, and ends with the first that has a failure. The other steps of that wave are finished first: a call
    /// that is under way may make something.
    ///
    /// # Errors
    /// Every failure of the wave.
    pub async fn run(&self, waves: Vec<Vec<Step>>) -> Result<(), Vec<Failure>> {
        for wave in waves {
            self.deadline.check().map_err(|why| vec![Failure::Interrupted(why, "between two calls".to_owned())])?;
            let failures: Vec<Failure> = join_all(wave.into_iter().map(|step| self.step(step)))
                .await
                .into_iter()
                .filter_map(Result::err)
                .collect();
            if !failures.is_empty() {
                return Err(failures);
            }
        }
        Ok(())
    }

    /// Executes a step, and repeats it while AWS says only "not yet".
    async fn step(&self, step: Step) -> Result<(), Failure> {
        let mut settle = self.deadline.at_most(SETTLE);
        let mut permit = None;
        loop {
            let error = match self.call(&step).await {
                Err(Failure::Aws(error)) if self.is_not_yet(&error, &step) => error,
                other => return other,
            };
            if error.is("OperationNotPermitted") {
                let provisioning = self.is_provisioning().await?;
                let fresh = || self.deadline.at_most(PERMIT);
                // Setting up may take longer than any refusal that passes by itself.
                settle = if provisioning { self.deadline.clone() } else { permit.get_or_insert_with(fresh).clone() };
            }
            if settle.pause(POLL).await.is_err() {
                self.deadline
                    .check()
                    .map_err(|why| Failure::Interrupted(why, format!("repeating {}", error.operation)))?;
                return Err(Failure::Aws(error));
            }
        }
    }

    async fn is_provisioning(&self) -> Result<bool, Failure> {
        let found = self.elb.load_balancer(&self.balancer_arn()).await?;
        found.map_or(Ok(true), |found| Ok(!is_set_up(found)?))
    }

    /// Refusals that pass: a load balancer that is still being set up forbids some changes, what was just made is not found everywhere
    /// at once, and a group stays in use for a moment after its listener is gone.
    fn is_not_yet(&self, error: &AwsError, step: &Step) -> bool {
        match step {
            Step::DeleteGroup(_) | Step::RemoveRetired(_) => error.is("ResourceInUse"),
            Step::CreateBalancer(_) => false,
            _ => error.is("OperationNotPermitted") || error.is_not_found() && self.concerns_what_is_new(step),
        }
    }

    /// True if the step is about something that this run has made: what existed before and isn't found has been removed by somebody.
    fn concerns_what_is_new(&self, step: &Step) -> bool {
        let subjects = match step {
            Step::SetHealthCheck(role, _) | Step::SetGroupAttributes(role, _) => vec![self.group_arn(*role)],
            Step::SetListenerAttributes(role, _) => vec![self.listener_arn(*role)],
            Step::SetListener(role, _) | Step::StepAside(role, _) => {
                vec![self.listener_arn(*role), self.group_arn(*role)]
            }
            Step::CreateListener(role, _) => vec![self.balancer_arn(), self.group_arn(*role)],
            Step::AddTags(_) | Step::RemoveTags(_) => return false,
            _ => vec![self.balancer_arn()],
        };
        subjects.iter().any(|subject| !self.before.contains(subject))
    }

    async fn call(&self, step: &Step) -> Result<(), Failure> {
        match step {
            Step::CreateBalancer(settings) => self.create_balancer(settings).await?,
            Step::CreateGroup(role, settings) => self.create_group(*role, settings).await?,
            Step::CreateListener(role, settings) => self.create_listener(*role, settings).await?,
            Step::SetBalancerAttributes(attributes) => {
                self.elb.modify_load_balancer_attributes(&self.balancer_arn(), attributes).await?;
            }
            Step::SetSubnets(subnets) => self.set_subnets(subnets).await?,
            Step::SetSecurityGroups(groups, rules) => {
                self.elb.set_security_groups(&self.balancer_arn(), groups, rules.as_deref()).await?;
            }
            Step::SetIpAddressType(kind) => self.elb.set_ip_address_type(&self.balancer_arn(), kind).await?,
            Step::SetHealthCheck(role, check) => self.elb.modify_health_check(&self.group_arn(*role), check).await?,
            Step::SetGroupAttributes(role, attributes) => {
                self.elb.modify_target_group_attributes(&self.group_arn(*role), attributes).await?;
            }
            Step::SetListener(role, port) => {
                self.elb.modify_listener(&self.listener_arn(*role), *port, &self.group_arn(*role)).await?;
            }
            Step::StepAside(role, wanted) => self.step_aside(*role, wanted).await?,
            Step::SetListenerAttributes(role, attributes) => {
                self.elb.modify_listener_attributes(&self.listener_arn(*role), attributes).await?;
            }
            Step::AddTags(tags) => self.elb.add_tags(&self.before, tags).await?,
            Step::RemoveTags(keys) => self.elb.remove_tags(&self.before, keys).await?,
            Step::DeleteListener(role) => self.delete_listener(*role).await?,
            Step::DeleteGroup(role) => self.delete_group(*role).await?,
            Step::WaitActive => self.wait_active().await?,
            Step::CreateSuccessor(role, settings) => self.create_successor(*role, settings).await?,
            Step::PrepareSuccessor(role, check, attributes) => {
                let arn = self.lock().successors.get(role).map(|facts| facts.arn.clone()).unwrap_or_default();
                self.elb.modify_health_check(&arn, check).await?;
                self.elb.modify_target_group_attributes(&arn, attributes).await?;
            }
            Step::CopyTargets(role) => self.copy_targets(*role).await?,
            Step::AwaitHealthy(role) => self.await_healthy(*role).await?,
            Step::SwitchListener(role, port) => self.switch_listener(*role, *port).await?,
            Step::RemoveRetired(arn) => self.remove_retired(arn).await?,
        }
        Ok(())
    }

    async fn create_balancer(&self, settings: &BalancerSettings) -> Result<(), Failure> {
        let wanted = NewLoadBalancer {
            name: settings.name.clone(),
            internal: settings.internal,
            subnets: settings.subnets.clone(),
            security_groups: settings.security_groups.clone(),
            ip_address_type: settings.ip_address_type.clone(),
            tags: self.marker.with(&self.tags),
        };
        let (created, answered) = loop {
            match self.elb.create_load_balancer(&wanted).await {
                Err(error) if error.is("DuplicateLoadBalancerName") => {
                    match self.elb.load_balancer_named(&wanted.name).await? {
                        Some(found) => break (found, false),
                        None => self.pause("waiting for the name of the predecessor").await?,
                    }
                }
                other => break (other?, true),
            }
        };
        // AWS answers an existing load balancer where all settings are equal: only the marker tells whether it is ours. Until it has,
        // neither the state nor a renewal of the marker may touch it; a run that is ended in between finds it by the marker.
        let claimed = self.claim(&created.arn, &created.name, || foreign_balancer(&created)).await;
        if claimed.is_ours(answered) {
            self.keep(|parts| parts.load_balancer = Some(balancer_facts(&created)));
        }
        claimed.into()
    }

    async fn create_group(&self, role: Role, settings: &GroupSettings) -> Result<(), Failure> {
        self.make_group(settings, |parts, created| drop(parts.groups.insert(role, created))).await
    }

    async fn create_successor(&self, role: Role, settings: &GroupSettings) -> Result<(), Failure> {
        self.make_group(settings, |parts, created| drop(parts.successors.insert(role, created))).await
    }

    async fn make_group(
        &self,
        settings: &GroupSettings,
        put: impl FnOnce(&mut Parts, GroupFacts),
    ) -> Result<(), Failure> {
        let balancer_vpc = || self.lock().load_balancer.as_ref().map(|balancer| balancer.vpc_id.clone());
        let wanted = NewTargetGroup {
            name: settings.name.clone(),
            port: settings.port,
            vpc_id: settings.vpc_id.clone().or_else(balancer_vpc).unwrap_or_default(),
            target_type: settings.target_type.clone(),
            health_check: settings.health_check.clone(),
            tags: self.marker.with(&self.tags),
        };
        let (created, answered) = loop {
            match self.elb.create_target_group(&wanted).await {
                Err(error) if error.is("DuplicateTargetGroupName") => {
                    match self.elb.target_group_named(&wanted.name).await? {
                        Some(found) => break (found, false),
                        None => self.pause("waiting for the name of the predecessor").await?,
                    }
                }
                other => break (other?, true),
            }
        };
        // As with load balancers, AWS answers an existing group where all settings are equal.
        let claimed = self.claim(&created.arn, &created.name, || foreign_group(&created)).await;
        if claimed.is_ours(answered) {
            self.keep(|parts| put(parts, group_facts(&created)));
        }
        claimed.into()
    }

    async fn create_listener(&self, role: Role, settings: &ListenerSettings) -> Result<(), Failure> {
        let (balancer, group) = (self.balancer_arn(), self.group_arn(role));
        let tags = self.marker.with(&self.tags);
        let created = match self.elb.create_listener(&balancer, settings.port, &group, &tags).await {
            Err(error) if error.is("DuplicateListener") => {
                let found =
                    self.elb.listeners(&balancer).await?.into_iter().find(|listener| listener.port == settings.port);
                found.ok_or(error)?
            }
            other => other?,
        };
        // On a load balancer of this run every listener is ours; on an older one AWS may have answered somebody else's.
        if self.before.contains(&balancer) && self.owner(&created.arn).await? != Owner::Ours {
            return Err(Failure::ForeignListener { port: settings.port, arn: created.arn });
        }
        self.marker.put_on(&created.arn);
        self.keep(|parts| {
            parts.listeners.insert(role, created.arn.clone());
        });
        Ok(())
    }

    async fn delete_listener(&self, role: Role) -> Result<(), Failure> {
        let Some(arn) = self.lock().listeners.get(&role).cloned() else { return Ok(()) };
        self.elb.delete_listener(&arn).await?;
        self.marker.take_off(&arn);
        self.keep(|parts| {
            parts.listeners.remove(&role);
        });
        Ok(())
    }

    async fn delete_group(&self, role: Role) -> Result<(), Failure> {
        let Some(arn) = self.lock().groups.get(&role).map(|facts| facts.arn.clone()) else { return Ok(()) };
        self.elb.delete_target_group(&arn).await?;
        self.marker.take_off(&arn);
        self.keep(|parts| {
            parts.groups.remove(&role);
        });
        Ok(())
    }

    /// Polls until the load balancer is set up.
    async fn wait_active(&self) -> Result<(), Failure> {
        let arn = self.balancer_arn();
        loop {
            if let Some(found) = self.elb.load_balancer(&arn).await?
                && is_set_up(found)?
            {
                return Ok(());
            }
            self.pause("waiting for the load balancer to become active").await?;
        }
    }

    pub(super) async fn pause(&self, doing: &str) -> Result<(), Failure> {
        self.deadline.pause(POLL).await.map_err(|why| Failure::Interrupted(why, doing.to_owned()))
    }

    pub(super) fn keep(&self, change: impl FnOnce(&mut Parts)) {
        let mut parts = self.lock();
        change(&mut parts);
        (self.tell)(&parts);
    }

    pub(super) fn balancer_arn(&self) -> String {
        self.lock().load_balancer.as_ref().map(|balancer| balancer.arn.clone()).unwrap_or_default()
    }

    pub(super) fn group_arn(&self, role: Role) -> String {
        self.lock().groups.get(&role).map(|group| group.arn.clone()).unwrap_or_default()
    }

    pub(super) fn listener_arn(&self, role: Role) -> String {
        self.lock().listeners.get(&role).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a load balancer is set up. `active_impaired` counts: it serves.
fn is_set_up(found: LoadBalancer) -> Result<bool, Failure> {
    match found.state.as_str() {
        "active" | "active_impaired" => Ok(true),
        "failed" => {
            let reason = found.reason.unwrap_or_else(|| "AWS gave no reason".to_owned());
            Err(Failure::BalancerFailed { name: found.name, reason })
        }
        _ => Ok(false),
    }
}

fn foreign_balancer(found: &LoadBalancer) -> Failure {
    let (name, arn) = (found.name.clone(), found.arn.clone());
    Failure::Foreign { what: "load balancer", name, balancer_arn: Some(arn.clone()), arn }
}

fn foreign_group(found: &TargetGroup) -> Failure {
    Failure::Foreign { what: "target group", name: found.name.clone(), arn: found.arn.clone(), balancer_arn: None }
}

/// What the state keeps of a load balancer.
pub fn balancer_facts(described: &LoadBalancer) -> BalancerFacts {
    BalancerFacts {
        arn: described.arn.clone(),
        dns_name: described.dns_name.clone(),
        zone_id: described.zone_id.clone(),
        vpc_id: described.vpc_id.clone(),
    }
}

/// What the state keeps of a target group.
pub fn group_facts(described: &TargetGroup) -> GroupFacts {
    GroupFacts { arn: described.arn.clone(), name: described.name.clone(), port: described.port }
}
