//! From what exists to what is wanted: waves of steps, so plain that executing them needs no judgement.
//!
//! The steps of one wave don't depend on each other and run at the same time; a wave begins when the one before it is done. Every step
//! may run twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::endpoint::nlb::model::desired::{
    BalancerSettings, DELETION_PROTECTION, GroupSettings, IDLE_TIMEOUT, ListenerSettings, Wanted,
};
use crate::endpoint::nlb::model::observed::Observed;
use crate::endpoint::nlb::model::role::Role;
use crate::remote::elb::{Attributes, HealthCheck, SubnetMapping, Tags};

/// AWS's idle timeout of a new listener, in seconds (user guide, listeners of Network Load Balancers): setting it is a call saved.
const IDLE_TIMEOUT_AT_BIRTH: &str = "350";

/// One call, or one wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Makes the load balancer.
    CreateBalancer(BalancerSettings),
    /// Makes a target group; its VPC is the load balancer's where it names none.
    CreateGroup(Role, GroupSettings),
    /// Makes a listener that forwards to the group of its role.
    CreateListener(Role, ListenerSettings),
    /// Sets attributes of the load balancer.
    SetBalancerAttributes(Attributes),
    /// Replaces the subnets.
    SetSubnets(Vec<SubnetMapping>),
    /// Replaces the security groups and the PrivateLink setting.
    SetSecurityGroups(Vec<String>, Option<String>),
    /// Changes the kind of addresses.
    SetIpAddressType(String),
    /// Changes a group's health check.
    SetHealthCheck(Role, HealthCheck),
    /// Sets attributes of a group.
    SetGroupAttributes(Role, Attributes),
    /// Sets a listener's port, and makes it forward to the group of its role.
    SetListener(Role, i64),
    /// Moves a listener to a port that nobody has, and that is not among these.
    StepAside(Role, BTreeSet<i64>),
    /// Sets attributes of a listener.
    SetListenerAttributes(Role, Attributes),
    /// Sets tags on everything that existed before.
    AddTags(Tags),
    /// Removes tags from everything that existed before.
    RemoveTags(Vec<String>),
    /// Removes a listener.
    DeleteListener(Role),
    /// Removes a target group that no listener uses any longer.
    DeleteGroup(Role),
    /// Waits until the load balancer is active.
    WaitActive,
    /// Makes the group that is to take over from the role's present one.
    CreateSuccessor(Role, GroupSettings),
    /// Sets the health check and the attributes of a successor.
    PrepareSuccessor(Role, HealthCheck, Attributes),
    /// Registers the targets of the present group in its successor.
    CopyTargets(Role),
    /// Waits until as many targets of the successor are healthy as of the present group.
    AwaitHealthy(Role),
    /// Moves the listener to the successor.
    SwitchListener(Role, i64),
    /// Removes the group with this ARN, which no listener uses any longer.
    RemoveRetired(String),
}

/// The waves that lead from `observed` to `wanted`. None if there is nothing to do.
pub fn diff(observed: &Observed, wanted: &Wanted) -> Vec<Vec<Step>> {
    let mut waves = vec![
        births(observed, wanted, true),
        births(observed, wanted, false),
        [balancer_changes(observed, wanted), group_changes(observed, wanted), tag_changes(observed, wanted)].concat(),
    ];
    waves.extend(listener_waves(observed, wanted));
    waves.push(listener_attributes(observed, wanted));
    waves.extend(successions(observed, wanted));
    waves.push(group_deletions(observed, wanted));
    let born = observed.balancer.is_none();
    if born {
        waves.push(vec![Step::WaitActive]);
    }
    waves.push(protection_on(observed, wanted));
    waves.retain(|wave| !wave.is_empty());
    waves
}

/// The load balancer, and groups whose VPC is known, can be made at the same time; other groups need the load balancer's answer.
fn births(observed: &Observed, wanted: &Wanted, at_once: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if observed.balancer.is_none() && at_once {
        steps.push(Step::CreateBalancer(wanted.balancer.clone()));
    }
    for (role, settings) in &wanted.groups {
        let now = settings.vpc_id.is_some() || observed.balancer.is_some();
        if !observed.groups.contains_key(role) && now == at_once {
            steps.push(Step::CreateGroup(*role, settings.clone()));
        }
    }
    steps
}

/// Everything of the load balancer but switching protection on, which comes last so that a failed run can be destroyed.
fn balancer_changes(observed: &Observed, wanted: &Wanted) -> Vec<Step> {
    let existing = observed.balancer.as_ref().map(|balancer| &balancer.settings);
    let want = &wanted.balancer;
    let mut steps = Vec::new();
    let mut attributes = changed(existing.map(|settings| &settings.attributes), &want.attributes);
    if attributes.get(DELETION_PROTECTION).is_some_and(|on| on == "true" || existing.is_none()) {
        attributes.remove(DELETION_PROTECTION);
    }
    if existing.is_none() {
        // Born with AWS's defaults: what is off there need not be said.
        attributes.retain(|_, value| value != "false");
    }
    if !attributes.is_empty() {
        steps.push(Step::SetBalancerAttributes(attributes));
    }
    let Some(existing) = existing else {
        if want.private_link_rules.as_deref() == Some("off") {
            steps.push(Step::SetSecurityGroups(want.security_groups.clone(), want.private_link_rules.clone()));
        }
        return steps;
    };
    if existing.subnets != want.subnets {
        steps.push(Step::SetSubnets(want.subnets.clone()));
    }
    if existing.security_groups != want.security_groups || existing.private_link_rules != want.private_link_rules {
        steps.push(Step::SetSecurityGroups(want.security_groups.clone(), want.private_link_rules.clone()));
    }
    if existing.ip_address_type != want.ip_address_type {
        steps.push(Step::SetIpAddressType(want.ip_address_type.clone()));
    }
    steps
}

fn protection_on(observed: &Observed, wanted: &Wanted) -> Vec<Step> {
    let on = |attributes: &Attributes| attributes.get(DELETION_PROTECTION).is_some_and(|on| on == "true");
    let already = observed.balancer.as_ref().is_some_and(|balancer| on(&balancer.settings.attributes));
    if on(&wanted.balancer.attributes) && !already {
        let attributes = Attributes::from([(DELETION_PROTECTION.to_owned(), "true".to_owned())]);
        return vec![Step::SetBalancerAttributes(attributes)];
    }
    Vec::new()
}

fn group_changes(observed: &Observed, wanted: &Wanted) -> Vec<Step> {
    let mut steps = Vec::new();
    for (role, want) in &wanted.groups {
        let existing = observed.groups.get(role).map(|group| &group.settings);
        let attributes = changed(existing.map(|settings| &settings.attributes), &want.attributes);
        if needs_successor(observed, *role, want) {
            continue;
        }
        if !attributes.is_empty() {
            steps.push(Step::SetGroupAttributes(*role, attributes));
        }
        if existing.is_some_and(|settings| settings.health_check != want.health_check) {
            steps.push(Step::SetHealthCheck(*role, want.health_check.clone()));
        }
    }
    steps
}

/// Listeners that go, then changes of ports in an order in which no port is taken twice, then new listeners.
fn listener_waves(observed: &Observed, wanted: &Wanted) -> Vec<Vec<Step>> {
    let gone = observed.listeners.keys().filter(|role| !wanted.listeners.contains_key(role)).copied();
    let mut pending: BTreeMap<Role, (i64, i64)> = BTreeMap::new();
    let mut rerouted = Vec::new();
    for (role, want) in &wanted.listeners {
        let Some(existing) = observed.listeners.get(role) else { continue };
        if existing.settings.port != want.port {
            pending.insert(*role, (existing.settings.port, want.port));
        } else if wanted.groups.get(role).is_some_and(|want| needs_successor(observed, *role, want)) {
            // The succession moves it; a killed one may have moved it already, and back would be to the group that goes.
        } else if observed.misrouted.contains(role) || !observed.groups.contains_key(role) {
            rerouted.push(Step::SetListener(*role, want.port));
        }
    }
    let births = wanted.listeners.iter().filter(|(role, _)| !observed.listeners.contains_key(role));
    let births = births.map(|(role, settings)| Step::CreateListener(*role, settings.clone())).collect();
    let mut waves = vec![gone.map(Step::DeleteListener).chain(rerouted).collect()];
    waves.extend(moves(pending, wanted));
    waves.push(births);
    waves
}

/// The port of a listener that has stepped aside: none that another one wants.
const NOWHERE: i64 = 0;

/// Changes of ports, `(from, to)` by role, one after the other. In a circle, which AWS cannot turn at once, one listener steps aside
/// to a port that nobody has or wants: so every listener keeps its ARN, and a run that dies in between has lost none.
fn moves(mut pending: BTreeMap<Role, (i64, i64)>, wanted: &Wanted) -> Vec<Vec<Step>> {
    let mut moves = Vec::new();
    while !pending.is_empty() {
        let taken: BTreeSet<i64> = pending.values().map(|(from, _)| *from).collect();
        if let Some((role, to)) =
            pending.iter().find(|(_, (_, to))| !taken.contains(to)).map(|(role, (_, to))| (*role, *to))
        {
            moves.push(vec![Step::SetListener(role, to)]);
            pending.remove(&role);
            continue;
        }
        let Some(mut first) = pending.first_entry() else { break };
        let wanted = wanted.listeners.values().map(|listener| listener.port).collect();
        moves.push(vec![Step::StepAside(*first.key(), wanted)]);
        first.get_mut().0 = NOWHERE;
    }
    moves
}

fn listener_attributes(observed: &Observed, wanted: &Wanted) -> Vec<Step> {
    let mut steps = Vec::new();
    for (role, want) in &wanted.listeners {
        let existing = observed.listeners.get(role).map(|listener| &listener.settings.attributes);
        let at_birth = Attributes::from([(IDLE_TIMEOUT.to_owned(), IDLE_TIMEOUT_AT_BIRTH.to_owned())]);
        let attributes = changed(Some(existing.unwrap_or(&at_birth)), &want.attributes);
        if !attributes.is_empty() {
            steps.push(Step::SetListenerAttributes(*role, attributes));
        }
    }
    steps
}

fn group_deletions(observed: &Observed, wanted: &Wanted) -> Vec<Step> {
    let gone = observed.groups.keys().filter(|role| !wanted.groups.contains_key(role));
    gone.map(|role| Step::DeleteGroup(*role)).collect()
}

/// Each group that can't be kept as it is hands its targets and its listener over to a successor; all of them at the same time.
fn successions(observed: &Observed, wanted: &Wanted) -> Vec<Vec<Step>> {
    let mut waves: [Vec<Step>; 6] = Default::default();
    let mut removals: Vec<String> = observed.retired.clone();
    for (role, want) in wanted.groups.iter().filter(|(role, want)| needs_successor(observed, **role, want)) {
        if !observed.successors.contains(role) {
            waves[0].push(Step::CreateSuccessor(*role, want.clone()));
        }
        waves[1].push(Step::PrepareSuccessor(*role, want.health_check.clone(), want.attributes.clone()));
        waves[2].push(Step::CopyTargets(*role));
        waves[3].push(Step::AwaitHealthy(*role));
        let port = wanted.listeners.get(role).map_or(want.port, |listener| listener.port);
        waves[4].push(Step::SwitchListener(*role, port));
        removals.extend(observed.groups.get(role).map(|group| group.arn.clone()));
    }
    waves[5] = removals.into_iter().map(Step::RemoveRetired).collect();
    waves.into()
}

/// True if port or name of the role's present group are not those that are wanted.
pub fn needs_successor(observed: &Observed, role: Role, want: &GroupSettings) -> bool {
    let present = observed.groups.get(&role).map(|group| &group.settings);
    present.is_some_and(|present| present.port != want.port || present.name != want.name)
}

/// Tags of what is being made are given at birth; these are for what existed before.
fn tag_changes(observed: &Observed, wanted: &Wanted) -> Vec<Step> {
    let balancer = observed.balancer.iter().map(|balancer| &balancer.tags);
    let groups = observed.groups.values().map(|group| &group.tags);
    let listeners = observed.listeners.values().map(|listener| &listener.tags);
    let all: Vec<&Tags> = balancer.chain(groups).chain(listeners).collect();
    let lacking = |key: &String, value: &String| all.iter().any(|tags| tags.get(key) != Some(value));
    let added: Tags = wanted.tags.iter().filter(|(key, value)| lacking(key, value)).map(owned).collect();
    let removed: BTreeSet<String> =
        all.iter().flat_map(|tags| tags.keys()).filter(|key| !wanted.tags.contains_key(*key)).cloned().collect();
    let mut steps = Vec::new();
    if !added.is_empty() {
        steps.push(Step::AddTags(added));
    }
    if !removed.is_empty() {
        steps.push(Step::RemoveTags(removed.into_iter().collect()));
    }
    steps
}

fn changed(existing: Option<&Attributes>, wanted: &Attributes) -> Attributes {
    let differs = |key: &String, value: &String| existing.is_none_or(|existing| existing.get(key) != Some(value));
    wanted.iter().filter(|(key, value)| differs(key, value)).map(owned).collect()
}

fn owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

#[cfg(test)]
mod tests;
