//! What has one of our names already: the leftovers of a dead run are taken over, everything else is left alone.

pub mod orphans;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::failure::Failure;
use super::marker::{Marker, lease};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::model::desired::Wanted;
use crate::endpoint::nlb::model::inventory::{BalancerFacts, GroupFacts, Parts};
use crate::endpoint::nlb::model::marker::{MARKER, is_of};
use crate::endpoint::nlb::model::observed::{Existing, Observed};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::read::current::{self, Look};
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, Listener, LoadBalancer, Tags, TargetGroup};

/// In how many looks a lease is watched.
const LOOKS: u32 = 6;

/// What was found by name.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The load balancer.
    pub balancer: Option<LoadBalancer>,
    /// The target groups.
    pub groups: BTreeMap<Role, TargetGroup>,
    /// Listeners on our ports that carry a marker.
    pub listeners: BTreeMap<Role, Listener>,
    /// The tags of all of these.
    tags: BTreeMap<String, Tags>,
}

impl Found {
    /// The ARNs, the load balancer first.
    fn arns(&self) -> Vec<String> {
        self.parts().arns()
    }

    /// What was found, as parts.
    pub fn parts(&self) -> Parts {
        Parts {
            load_balancer: self.balancer.as_ref().map(BalancerFacts::from),
            groups: self.groups.iter().map(|(role, group)| (*role, GroupFacts::from(group))).collect(),
            listeners: self.listeners.iter().map(|(role, listener)| (*role, listener.arn.clone())).collect(),
            ..Parts::default()
        }
    }

    /// True if nothing has one of our names.
    pub fn is_empty(&self) -> bool {
        self.parts().is_empty()
    }

    /// Only what carries the marker of the run with this nonce: what a call whose answer was lost has made.
    pub fn of_run(self, nonce: &str) -> Parts {
        let ours = |arn: &str| self.tags.get(arn).is_some_and(|tags| is_of(tags, nonce));
        let mut parts = self.parts();
        parts.load_balancer = parts.load_balancer.filter(|facts| ours(&facts.arn));
        parts.groups.retain(|_, facts| ours(&facts.arn));
        parts.listeners.retain(|_, arn| ours(arn));
        parts
    }
}

/// Looks for whatever of `wanted` is not among `existing`: by name, by port, and behind our own listeners.
///
/// # Errors
/// What AWS answers.
pub async fn survey(elb: &Elb, wanted: &Wanted, existing: &Parts) -> Result<Found, AwsError> {
    let missing: Vec<(&Role, &str)> = wanted
        .groups
        .iter()
        .filter(|(role, settings)| existing.lacks_group(**role, &settings.name))
        .map(|(role, settings)| (role, settings.name.as_str()))
        .collect();
    let balancer = async {
        match existing.load_balancer {
            Some(_) => Ok(None),
            None => elb.load_balancer_named(&wanted.balancer.name).await,
        }
    };
    let (balancer, groups) =
        futures_util::join!(balancer, join_all(missing.iter().map(|(_, name)| elb.target_group_named(name))));
    let mut found = Found { balancer: balancer?, ..Found::default() };
    for ((role, _), group) in missing.iter().zip(groups) {
        if let Some(group) = group? {
            found.groups.insert(**role, group);
        }
    }
    let behind = groups_behind_listeners(elb, wanted, existing).await?;
    found.groups.extend(behind.clone());
    let listeners = listeners_on_our_ports(elb, wanted, existing, found.balancer.as_ref()).await?;
    let mut arns = found.arns();
    arns.extend(listeners.values().map(|listener| listener.arn.clone()));
    found.tags = if arns.is_empty() { BTreeMap::new() } else { elb.tags(&arns).await? };
    found.listeners = listeners;
    let tags = &found.tags;
    let marked = |arn: &str| tags.get(arn).is_some_and(|tags| tags.contains_key(MARKER));
    found.listeners.retain(|_, listener| marked(&listener.arn));
    found.groups.retain(|role, group| marked(&group.arn) || behind.get(role) != Some(group));
    Ok(found)
}

/// Where a listener of ours has lost its group and forwards to another one, that may be the successor of a run that was killed after
/// removing the old group. Nobody knows its name any longer.
async fn groups_behind_listeners(
    elb: &Elb,
    wanted: &Wanted,
    existing: &Parts,
) -> Result<BTreeMap<Role, TargetGroup>, AwsError> {
    let bereft = |role: &Role| wanted.groups.contains_key(role) && !existing.groups.contains_key(role);
    let listeners: Vec<_> = existing.listeners.iter().filter(|(role, _)| bereft(role)).collect();
    let Some(balancer) = existing.load_balancer.as_ref().filter(|_| !listeners.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let all = elb.listeners(&balancer.arn).await?;
    let mut groups = BTreeMap::new();
    for (role, arn) in listeners {
        let target = all.iter().find(|listener| listener.arn == *arn).and_then(|found| found.target_group_arn.clone());
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
    wanted: &Wanted,
    existing: &Parts,
    found: Option<&LoadBalancer>,
) -> Result<BTreeMap<Role, Listener>, AwsError> {
    let missing: Vec<(&Role, i64)> = wanted
        .listeners
        .iter()
        .filter(|(role, _)| !existing.listeners.contains_key(role))
        .map(|(role, settings)| (role, settings.port))
        .collect();
    let balancer = found.map(|found| &found.arn).or(existing.load_balancer.as_ref().map(|facts| &facts.arn));
    let Some(balancer) = balancer.filter(|_| !missing.is_empty()) else { return Ok(BTreeMap::new()) };
    let all = elb.listeners(balancer).await?;
    let on_port = |port: i64| all.iter().find(|listener| listener.port == port).cloned();
    Ok(missing.into_iter().filter_map(|(role, port)| Some((*role, on_port(port)?))).collect())
}

/// Takes over what was found: makes sure that it is a leftover, and that no other run takes it at the same time.
///
/// # Errors
/// If it is not a leftover.
pub async fn take_over(elb: &Elb, marker: &Marker, deadline: &Deadline, found: &Found) -> Result<(), Failure> {
    refuse_foreign(found)?;
    let arns = found.arns();
    let look = lease() / LOOKS;
    let first = markers(&found.tags);
    for _ in 0..LOOKS {
        pause(deadline, look).await?;
        refuse_change(&first, &markers(&elb.tags(&arns).await?), found)?;
    }
    elb.add_tags(&arns, &marker.tag()).await?;
    arns.iter().for_each(|arn| marker.put_on(arn));
    pause(deadline, look).await?;
    let now = elb.tags(&arns).await?;
    if arns.iter().all(|arn| now.get(arn).is_some_and(|tags| is_of(tags, marker.nonce()))) {
        return Ok(());
    }
    arns.iter().for_each(|arn| marker.take_off(arn));
    Err(another_run(found))
}

fn refuse_foreign(found: &Found) -> Result<(), Failure> {
    let marked = |arn: &str| found.tags.get(arn).is_some_and(|tags| tags.contains_key(MARKER));
    let balancer_arn = found.balancer.as_ref().map(|balancer| balancer.arn.clone());
    if let Some(balancer) = found.balancer.as_ref().filter(|balancer| !marked(&balancer.arn)) {
        let (name, arn) = (balancer.name.clone(), balancer.arn.clone());
        return Err(Failure::Foreign { what: "load balancer", name, arn, balancer_arn });
    }
    match found.groups.values().find(|group| !marked(&group.arn)) {
        Some(group) => {
            let (name, arn) = (group.name.clone(), group.arn.clone());
            Err(Failure::Foreign { what: "target group", name, arn, balancer_arn: None })
        }
        None => Ok(()),
    }
}

fn refuse_change(
    first: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
    found: &Found,
) -> Result<(), Failure> {
    if first == now { Ok(()) } else { Err(another_run(found)) }
}

fn another_run(found: &Found) -> Failure {
    let balancer = found.balancer.as_ref().map(|balancer| balancer.name.clone());
    let group = || found.groups.values().next().map(|group| group.name.clone());
    Failure::AnotherRun { name: balancer.or_else(group).unwrap_or_default() }
}

fn markers(tags: &BTreeMap<String, Tags>) -> BTreeMap<String, String> {
    tags.iter().filter_map(|(arn, tags)| Some((arn.clone(), tags.get(MARKER)?.clone()))).collect()
}

async fn pause(deadline: &Deadline, length: Duration) -> Result<(), Failure> {
    let doing = "finding out whether something with this name is the leftover of a dead run";
    deadline.pause(length).await.map_err(|why| Failure::Interrupted(why, doing.to_owned()))
}

/// True if leftovers can become what is wanted by changes in place.
pub fn fits(left: &Look, wanted: &Wanted, stored: &Parts) -> bool {
    let balancer = left.observed.balancer.as_ref().is_none_or(|Existing { settings, .. }| {
        settings.internal == wanted.balancer.internal
            && settings.security_groups.is_empty() == wanted.balancer.security_groups.is_empty()
    });
    let vpc = left.parts.load_balancer.as_ref().or(stored.load_balancer.as_ref()).map(|facts| facts.vpc_id.clone());
    let groups = left.observed.groups.iter().all(|(role, Existing { settings, .. })| {
        // Behind a listener of ours it serves already; where it doesn't fit, a successor takes over from it.
        let serves = stored.listeners.contains_key(role) && !stored.groups.contains_key(role);
        let want = wanted.groups.get(role);
        serves
            || want.is_some_and(|want| {
                let vpc = want.vpc_id.as_ref().or(vpc.as_ref());
                settings.port == want.port
                    && settings.target_type == want.target_type
                    && settings.vpc_id.as_ref() == vpc
            })
    });
    balancer && groups
}

/// The stored and the found. Tags that others put on what was found are not ours to remove.
pub fn merged(mut stored: Observed, mut found: Observed, wanted: &Wanted) -> Observed {
    let restrict = |tags: &mut BTreeMap<String, String>| *tags = current::restricted(tags, &wanted.tags);
    found.balancer.iter_mut().for_each(|part| restrict(&mut part.tags));
    found.groups.values_mut().for_each(|part| restrict(&mut part.tags));
    found.listeners.values_mut().for_each(|part| restrict(&mut part.tags));
    stored.balancer = stored.balancer.or(found.balancer);
    for (role, group) in found.groups {
        match stored.groups.contains_key(&role) {
            true => stored.successors.push(role),
            false => drop(stored.groups.insert(role, group)),
        }
    }
    stored.listeners.extend(found.listeners);
    stored.misrouted.extend(found.misrouted);
    stored
}
