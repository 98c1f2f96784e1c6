//! What has one of our names already: the leftovers of a dead run are taken over, everything else is left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;

use super::failure::Failure;
use super::marker::{Marker, lease};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::model::desired::{Desired, GroupSettings, ListenerSettings};
use crate::endpoint::nlb::model::inventory::{Balancer, Existing, Inventory};
use crate::endpoint::nlb::model::marker::{MARKER, is_of, nonce};
use crate::endpoint::nlb::model::role::Role;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Attributes, Elb, Listener, Tags, TargetGroup, TargetHealth};

/// In how many polls a lease is watched.
const POLLS: u32 = 6;

/// Finds whatever of `desired` is not in `existing`: by name, by port, and behind our own listeners. Listeners are left out that carry no
/// marker, and so are groups behind ours without one that have none of our names.
///
/// # Errors
/// What AWS answers.
pub async fn survey(elb: &Elb, desired: &Desired, existing: &Inventory) -> Result<Inventory, AwsError> {
    let missing: Vec<(&Role, &str)> = desired
        .groups
        .iter()
        .filter(|(role, settings)| existing.lacks_group(**role, &settings.name))
        .map(|(role, settings)| (role, settings.name.as_str()))
        .collect();
    let balancer = async {
        match existing.balancer {
            Some(_) => Ok(None),
            None => elb.load_balancer_named(&desired.balancer.name).await,
        }
    };
    let (balancer, groups) =
        futures_util::join!(balancer, join_all(missing.iter().map(|(_, name)| elb.target_group_named(name))));
    let balancer = balancer?;
    let mut named = BTreeMap::new();
    for ((role, _), group) in missing.iter().zip(groups) {
        named.extend(group?.map(|group| (**role, group)));
    }
    let behind = groups_behind_listeners(elb, desired, existing).await?;
    named.extend(behind.clone());
    let balancer_arn = balancer.as_ref().map(|found| found.arn.as_str()).or(existing.balancer_arn());
    let listeners = listeners_on_our_ports(elb, desired, existing, balancer_arn).await?;
    let mut arns: Vec<String> = balancer.iter().map(|found| found.arn.clone()).collect();
    arns.extend(named.values().map(|group| group.arn.clone()));
    arns.extend(listeners.values().map(|listener| listener.arn.clone()));
    let tags = if arns.is_empty() { BTreeMap::new() } else { elb.tags(&arns).await? };
    let tags_of = |arn: &str| tags.get(arn).cloned().unwrap_or_default();
    let marked = |tags: &Tags| tags.contains_key(MARKER);
    let unread = Attributes::new; // who takes over reads everything again
    let groups = named
        .iter()
        .map(|(role, group)| (*role, Existing::<GroupSettings>::described(group, unread(), tags_of(&group.arn))));
    let listeners = listeners.iter().map(|(role, listener)| {
        (*role, Existing::<ListenerSettings>::described(listener, unread(), tags_of(&listener.arn)))
    });
    Ok(Inventory {
        balancer: balancer.map(|found| Balancer::described(&found, unread(), tags_of(&found.arn))),
        groups: groups.filter(|(role, group)| marked(&group.tags) || !behind.contains_key(role)).collect(),
        listeners: listeners.filter(|(_, listener)| marked(&listener.tags)).collect(),
        ..Inventory::default()
    })
}

/// Only what carries the marker of the run with this nonce: what a call whose answer was lost has made.
pub fn of_run(mut found: Inventory, nonce: &str) -> Inventory {
    found.balancer = found.balancer.filter(|balancer| is_of(&balancer.tags, nonce));
    found.groups.retain(|_, group| is_of(&group.tags, nonce));
    found.listeners.retain(|_, listener| is_of(&listener.tags, nonce));
    found
}

/// Where a listener of ours has lost its group and forwards to another one, that may be the successor of a run that was killed after
/// removing the old group. Nobody knows its name any longer.
async fn groups_behind_listeners(
    elb: &Elb,
    desired: &Desired,
    existing: &Inventory,
) -> Result<BTreeMap<Role, TargetGroup>, AwsError> {
    let bereft = |role: &Role| desired.groups.contains_key(role) && !existing.groups.contains_key(role);
    let listeners: Vec<_> = existing.listeners.iter().filter(|(role, _)| bereft(role)).collect();
    let Some(balancer_arn) = existing.balancer_arn().filter(|_| !listeners.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let all = elb.listeners(balancer_arn).await?;
    let mut groups = BTreeMap::new();
    for (role, known) in listeners {
        let target =
            all.iter().find(|listener| listener.arn == known.arn).and_then(|found| found.target_group_arn.clone());
        if let Some(target) = target
            && let Some(group) = elb.target_group(&target).await?
        {
            groups.insert(*role, group);
        }
    }
    Ok(groups)
}

async fn listeners_on_our_ports(
    elb: &Elb,
    desired: &Desired,
    existing: &Inventory,
    balancer_arn: Option<&str>,
) -> Result<BTreeMap<Role, Listener>, AwsError> {
    let missing: Vec<(&Role, i64)> = desired
        .listeners
        .iter()
        .filter(|(role, _)| !existing.listeners.contains_key(role))
        .map(|(role, settings)| (role, settings.port))
        .collect();
    let Some(balancer_arn) = balancer_arn.filter(|_| !missing.is_empty()) else { return Ok(BTreeMap::new()) };
    let all = elb.listeners(balancer_arn).await?;
    let on_port = |port: i64| all.iter().find(|listener| listener.port == port).cloned();
    Ok(missing.into_iter().filter_map(|(role, port)| Some((*role, on_port(port)?))).collect())
}

/// Takes over what was found: makes sure that it is a leftover that serves nobody, and that no other run takes it at the same time.
///
/// # Errors
/// If it is not such a leftover, or what it serves can't be read.
pub async fn take_over(
    elb: &Elb,
    marker: &Marker,
    deadline: &Deadline,
    found: &Inventory,
    existing: &Inventory,
) -> Result<(), Failure> {
    refuse_foreign(found)?;
    refuse_serving(elb, found, existing).await?;
    let first = found.markers();
    if silent(elb, deadline, first.clone()).await? != first {
        return Err(another_run(found));
    }
    let arns = found.arns();
    elb.add_tags(&arns, &marker.tag()).await?;
    arns.iter().for_each(|arn| marker.put_on(arn));
    pause(deadline, lease() / POLLS).await?;
    let now = elb.tags(&arns).await?;
    if arns.iter().all(|arn| now.get(arn).is_some_and(|tags| is_of(tags, marker.nonce()))) {
        return Ok(());
    }
    arns.iter().for_each(|arn| marker.take_off(arn));
    Err(another_run(found))
}

/// Those of the markers, by ARN, that don't change for a lease: their runs are dead.
///
/// # Errors
/// What AWS answers, and the end of the time.
pub async fn silent(
    elb: &Elb,
    deadline: &Deadline,
    mut same: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Failure> {
    for _ in 0..POLLS {
        if same.is_empty() {
            break;
        }
        pause(deadline, lease() / POLLS).await?;
        let arns: Vec<String> = same.keys().cloned().collect();
        let now = markers(&elb.tags(&arns).await?);
        same.retain(|arn, marker| now.get(arn) == Some(marker));
    }
    Ok(same)
}

/// A load balancer that isn't in the state may be in another one, or have lost its state after it was complete. What has targets or
/// listeners of others is in use, whatever its tags say. What can't be read is an error, and so left alone too.
///
/// # Errors
/// If something relies on what was found.
pub async fn refuse_serving(elb: &Elb, found: &Inventory, existing: &Inventory) -> Result<(), Failure> {
    if existing.balancer.is_some() {
        return Ok(()); // what belongs to a load balancer of ours serves us
    }
    let listeners = match found.balancer_arn() {
        Some(arn) => elb.listeners(arn).await?,
        None => Vec::new(),
    };
    let arns: Vec<String> = listeners.iter().map(|listener| listener.arn.clone()).collect();
    let tags = if arns.is_empty() { BTreeMap::new() } else { elb.tags(&arns).await? };
    let is_marked = |arn: &String| tags.get(arn).is_some_and(|tags| tags.contains_key(MARKER));
    let foreign = arns.iter().find(|arn| !is_marked(arn)).map(|arn| format!("the listener {arn} leads to it"));
    let groups = found.groups.values().map(|group| group.arn.clone());
    let groups: BTreeSet<String> =
        groups.chain(listeners.into_iter().filter_map(|listener| listener.target_group_arn)).collect();
    let is_ours = |arn: &String| existing.groups.values().any(|group| group.arn == *arn);
    let mut reason = foreign;
    for group in groups.into_iter().filter(|arn| !is_ours(arn)) {
        if reason.is_none() && elb.target_health(&group).await?.iter().any(is_registered) {
            reason = Some(format!("targets are registered in {group}"));
        }
    }
    match reason {
        Some(reason) => {
            Err(Failure::InUse { name: name_of(found), balancer_arn: found.balancer_arn().map(str::to_owned), reason })
        }
        None => Ok(()),
    }
}

/// The listeners of a load balancer of ours that lead to what was found, on ports that nobody wants any longer, and were made by the same
/// dead runs.
///
/// # Errors
/// What AWS answers.
pub async fn leading_to(
    elb: &Elb,
    found: &Inventory,
    stored: &Inventory,
    dead: &BTreeSet<String>,
) -> Result<Vec<String>, AwsError> {
    let Some(balancer) = stored.balancer_arn() else { return Ok(Vec::new()) }; // else they go with the load balancer
    let groups: BTreeSet<&str> = found.groups.values().map(|group| group.arn.as_str()).collect();
    let is_known = |arn: &str| stored.listeners.values().chain(found.listeners.values()).any(|known| known.arn == arn);
    let leads = |listener: &Listener| listener.target_group_arn.as_deref().is_some_and(|arn| groups.contains(arn));
    let leading = elb.listeners(balancer).await?.into_iter().filter(|found| leads(found) && !is_known(&found.arn));
    let arns: Vec<String> = leading.map(|listener| listener.arn).collect();
    let marked = markers(&elb.tags(&arns).await?);
    let is_dead = |marker: &String| nonce(marker).is_some_and(|nonce| dead.contains(nonce));
    Ok(marked.into_iter().filter(|(_, marker)| is_dead(marker)).map(|(arn, _)| arn).collect())
}

fn refuse_foreign(found: &Inventory) -> Result<(), Failure> {
    if let Some(balancer) = found.balancer.as_ref().filter(|balancer| !balancer.tags.contains_key(MARKER)) {
        let (name, arn) = (balancer.settings.name.clone(), balancer.arn.clone());
        return Err(Failure::Foreign { what: "load balancer", name, balancer_arn: Some(arn.clone()), arn });
    }
    match found.groups.values().find(|group| !group.tags.contains_key(MARKER)) {
        Some(group) => {
            let (name, arn) = (group.settings.name.clone(), group.arn.clone());
            Err(Failure::Foreign { what: "target group", name, arn, balancer_arn: None })
        }
        None => Ok(()),
    }
}

fn another_run(found: &Inventory) -> Failure {
    Failure::AnotherRun { name: name_of(found) }
}

fn name_of(found: &Inventory) -> String {
    let balancer = found.balancer.as_ref().map(|balancer| balancer.settings.name.clone());
    let group = || found.groups.values().next().map(|group| group.settings.name.clone());
    balancer.or_else(group).unwrap_or_default()
}

/// The markers among tags, by ARN.
pub fn markers(tags: &BTreeMap<String, Tags>) -> BTreeMap<String, String> {
    tags.iter().filter_map(|(arn, tags)| Some((arn.clone(), tags.get(MARKER)?.clone()))).collect()
}

async fn pause(deadline: &Deadline, length: Duration) -> Result<(), Failure> {
    let doing = "finding out whether something with this name is the leftover of a dead run";
    deadline.pause(length).await.map_err(|why| Failure::Interrupted(why, doing.to_owned()))
}

/// True if a target is registered: it isn't leaving.
pub fn is_registered(health: &TargetHealth) -> bool {
    health.state != "draining" && health.reason.as_deref() != Some("Target.NotRegistered")
}

/// True if what was found can become what is wanted by changes in place.
pub fn fits(found: &Inventory, desired: &Desired, stored: &Inventory) -> bool {
    let balancer = found.balancer.as_ref().is_none_or(|Balancer { settings, .. }| {
        settings.internal == desired.balancer.internal
            && settings.security_groups.is_empty() == desired.balancer.security_groups.is_empty()
    });
    let vpc = found.balancer.as_ref().or(stored.balancer.as_ref()).map(|balancer| balancer.vpc_id.clone());
    let groups = found.groups.iter().all(|(role, Existing { settings, .. })| {
        // Behind a listener of ours it serves already; where it doesn't fit, a successor takes over from it.
        let serves = stored.listeners.contains_key(role) && !stored.groups.contains_key(role);
        let want = desired.groups.get(role);
        serves
            || want.is_some_and(|want| {
                let vpc = want.vpc_id.as_ref().or(vpc.as_ref());
                settings.port == want.port
                    && settings.target_type == want.target_type
                    && settings.ip_address_type == want.ip_address_type
                    && settings.vpc_id.as_ref() == vpc
            })
    });
    balancer && groups
}
