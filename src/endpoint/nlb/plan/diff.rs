//! From what exists to what is wanted: waves of steps, so plain that executing them needs no judgement.
//!
//! The steps of one wave don't depend on each other and run at the same time; a wave begins when the one before it is done. Every step
//! may run twice.
//!
//! What an update makes is in no state until Terraform has stored the update's answer. So a tag on the load balancer comes first: what a
//! run leaves that was killed is searched for then. The next read of a state that knows the run takes it off; a run that makes nothing does
//! so in its last step.

use std::collections::{BTreeMap, BTreeSet};

use super::step::Step;
use crate::endpoint::nlb::model::desired::{Desired, GroupSettings};
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::settings::{self, Part, Setting};
use crate::remote::elb::{Attributes, Tags};

/// The waves that lead from what exists to what is wanted. None if there is nothing to do.
pub fn diff(current: &Inventory, desired: &Desired, settings: &[Setting]) -> Vec<Vec<Step>> {
    let attributes = balancer_attributes(current, desired, settings);
    let guards = settings::of(settings, Part::LoadBalancer).filter(|setting| setting.guards);
    let guards: BTreeSet<&str> = guards.map(|guard| guard.key).collect();
    // Guards come on last, so that a failed run can be destroyed.
    let (last, first): (Attributes, Attributes) =
        attributes.into_iter().partition(|(key, value)| guards.contains(key.as_str()) && value == "true");
    let set = |attributes: Attributes| {
        Vec::from_iter((!attributes.is_empty()).then_some(Step::SetBalancerAttributes(attributes)))
    };
    let mut waves = vec![
        births(current, desired, true),
        births(current, desired, false),
        [
            set(first),
            balancer_changes(current, desired),
            group_changes(current, desired, settings),
            tag_changes(current, desired),
        ]
        .concat(),
    ];
    waves.extend(listener_waves(current, desired));
    waves.push(listener_attributes(current, desired, settings));
    waves.extend(group_replacements(current, desired));
    waves.push(group_deletions(current, desired));
    if current.balancer.is_none() {
        waves.push(vec![Step::WaitActive]);
    }
    waves.push(set(last));
    let makes = waves.iter().flatten().any(Step::makes);
    if makes && current.balancer.is_some() {
        waves.insert(0, vec![Step::BeginUpdate]);
    } else if current.handover.is_some() {
        waves.push(vec![Step::EndUpdate]);
    }
    waves.retain(|wave| !wave.is_empty());
    waves
}

/// The load balancer, and groups whose VPC is known, can be made at the same time; other groups need the load balancer's answer.
fn births(current: &Inventory, desired: &Desired, at_once: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if current.balancer.is_none() && at_once {
        steps.push(Step::CreateBalancer(desired.balancer.clone()));
    }
    for (role, settings) in &desired.groups {
        let now = settings.vpc_id.is_some() || current.balancer.is_some();
        if !current.groups.contains_key(role) && now == at_once {
            steps.push(Step::CreateGroup(*role, settings.clone()));
        }
    }
    steps
}

/// The attributes of the load balancer that aren't as they should be, or won't be once it is made.
fn balancer_attributes(current: &Inventory, desired: &Desired, settings: &[Setting]) -> Attributes {
    let existing = current.balancer.as_ref().map(|balancer| &balancer.settings.attributes);
    changed(existing, &settings::at_birth(settings, Part::LoadBalancer, ""), &desired.balancer.attributes)
}

/// Everything else of the load balancer.
fn balancer_changes(current: &Inventory, desired: &Desired) -> Vec<Step> {
    let want = &desired.balancer;
    let mut steps = Vec::new();
    let Some(existing) = current.balancer.as_ref().map(|balancer| &balancer.settings) else {
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

fn group_changes(current: &Inventory, desired: &Desired, settings: &[Setting]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (role, want) in &desired.groups {
        let existing = current.groups.get(role).map(|group| &group.settings);
        let at_birth = settings::at_birth(settings, Part::TargetGroup, &want.target_type);
        let attributes = changed(existing.map(|settings| &settings.attributes), &at_birth, &want.attributes);
        if needs_successor(current, *role, want) {
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
fn listener_waves(current: &Inventory, desired: &Desired) -> Vec<Vec<Step>> {
    let gone = current.listeners.keys().filter(|role| !desired.listeners.contains_key(role)).copied();
    let mut pending: BTreeMap<Role, (i64, i64)> = BTreeMap::new();
    let mut rerouted = Vec::new();
    for (role, want) in &desired.listeners {
        let Some(existing) = current.listeners.get(role) else { continue };
        if existing.settings.port != want.port {
            pending.insert(*role, (existing.settings.port, want.port));
        } else if desired.groups.get(role).is_some_and(|want| needs_successor(current, *role, want)) {
            // The replacement moves it; a killed one may have moved it already, and back would be to the group that goes.
        } else if current.misrouted.contains(role) || !current.groups.contains_key(role) {
            rerouted.push(Step::SetListener(*role, want.port));
        }
    }
    let births = desired.listeners.iter().filter(|(role, _)| !current.listeners.contains_key(role));
    let births = births.map(|(role, settings)| Step::CreateListener(*role, settings.clone())).collect();
    let mut waves = vec![gone.map(Step::DeleteListener).chain(rerouted).collect()];
    waves.extend(moves(pending, desired));
    waves.push(births);
    waves
}

/// The port of a listener that has stepped aside: none that another one wants.
const NOWHERE: i64 = 0;

/// Changes of ports, `(from, to)` by role, one after the other. In a circle, which AWS cannot turn at once, one listener steps aside
/// to a port that nobody has or wants: so every listener keeps its ARN, and a run that dies in between has lost none.
fn moves(mut pending: BTreeMap<Role, (i64, i64)>, desired: &Desired) -> Vec<Vec<Step>> {
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
        let desired = desired.listeners.values().map(|listener| listener.port).collect();
        moves.push(vec![Step::StepAside(*first.key(), desired)]);
        first.get_mut().0 = NOWHERE;
    }
    moves
}

fn listener_attributes(current: &Inventory, desired: &Desired, settings: &[Setting]) -> Vec<Step> {
    let at_birth = settings::at_birth(settings, Part::Listener, "");
    let mut steps = Vec::new();
    for (role, want) in &desired.listeners {
        let existing = current.listeners.get(role).map(|listener| &listener.settings.attributes);
        let attributes = changed(existing, &at_birth, &want.attributes);
        if !attributes.is_empty() {
            steps.push(Step::SetListenerAttributes(*role, attributes));
        }
    }
    steps
}

fn group_deletions(current: &Inventory, desired: &Desired) -> Vec<Step> {
    let gone = current.groups.keys().filter(|role| !desired.groups.contains_key(role));
    gone.map(|role| Step::DeleteGroup(*role)).collect()
}

/// Each group that can't be kept as it is hands its targets and its listener over to a successor; all of them at the same time.
fn group_replacements(current: &Inventory, desired: &Desired) -> Vec<Vec<Step>> {
    let mut waves: [Vec<Step>; 6] = Default::default();
    let mut removals: Vec<String> = current.retired.clone();
    for (role, want) in desired.groups.iter().filter(|(role, want)| needs_successor(current, **role, want)) {
        if !current.successors.contains_key(role) {
            waves[0].push(Step::CreateSuccessor(*role, want.clone()));
        }
        waves[1].push(Step::PrepareSuccessor(*role, want.health_check.clone(), want.attributes.clone()));
        waves[2].push(Step::CopyTargets(*role));
        waves[3].push(Step::AwaitHealthy(*role));
        let port = desired.listeners.get(role).map_or(want.port, |listener| listener.port);
        waves[4].push(Step::SwitchListener(*role, port));
        removals.extend(current.groups.get(role).map(|group| group.arn.clone()));
    }
    waves[5] = removals.into_iter().map(Step::RemoveRetired).collect();
    waves.into()
}

/// True if the role's present group has another name than is wanted, or something else that AWS can't change.
pub fn needs_successor(current: &Inventory, role: Role, want: &GroupSettings) -> bool {
    let present = current.groups.get(&role).map(|group| &group.settings);
    present.is_some_and(|present| present.name != want.name || !present.fits(want))
}

/// Tags of what is being made are given at birth; these are for what existed before.
fn tag_changes(current: &Inventory, desired: &Desired) -> Vec<Step> {
    let all: Vec<&Tags> = current.tags().map(|(_, tags)| tags).collect();
    let lacking = |key: &String, value: &String| all.iter().any(|tags| tags.get(key) != Some(value));
    let added: Tags = desired.tags.iter().filter(|(key, value)| lacking(key, value)).map(owned).collect();
    let removed: BTreeSet<String> =
        all.iter().flat_map(|tags| tags.keys()).filter(|key| !desired.tags.contains_key(*key)).cloned().collect();
    let mut steps = Vec::new();
    if !added.is_empty() {
        steps.push(Step::AddTags(added));
    }
    if !removed.is_empty() {
        steps.push(Step::RemoveTags(removed.into_iter().collect()));
    }
    steps
}

/// The attributes that differ from those of the part, or from what AWS gives it at birth: where it doesn't exist yet, and where it has no
/// such attribute.
fn changed(existing: Option<&Attributes>, at_birth: &Attributes, desired: &Attributes) -> Attributes {
    let present = |key| existing.and_then(|existing| existing.get(key)).or_else(|| at_birth.get(key));
    desired.iter().filter(|(key, value)| present(*key) != Some(value)).map(owned).collect()
}

fn owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}

#[cfg(test)]
mod tests;
