//! Successors that a killed run has left, and that nobody remembers: the change that they were for has become another one.

use std::collections::{BTreeMap, BTreeSet};

use super::{LOOKS, markers, pause};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::apply::failure::Failure;
use crate::endpoint::nlb::apply::marker::lease;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::marker::MARKER;
use crate::endpoint::nlb::plan::group_replacement::is_successor;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, TargetGroup};

/// Retires such groups, so that they are removed with the group that is succeeded; and forgets remembered ones that are gone. Asked only
/// while a group is succeeded: it reads all target groups of the region, a call for every 400.
///
/// # Errors
/// What AWS answers, and an end of deadline.
pub async fn retire(
    elb: &Elb,
    deadline: &Deadline,
    base_names: &BTreeSet<String>,
    inventory: &mut Inventory,
) -> Result<(), Failure> {
    let all = elb.all_target_groups().await?;
    inventory.successors.retain(|_, known| all.iter().any(|group| group.arn == known.arn));
    let Some(balancer) = inventory.balancer.clone() else { return Ok(()) };
    let known: BTreeSet<&String> = inventory
        .groups
        .values()
        .chain(inventory.successors.values())
        .map(|group| &group.arn)
        .chain(&inventory.retired)
        .collect();
    let is_candidate = |group: &&TargetGroup| {
        group.vpc_id == balancer.vpc_id
            && is_successor(group, base_names)
            && !known.contains(&group.arn)
            && group.load_balancer_arns.iter().all(|arn| *arn == balancer.arn)
    };
    let candidates: Vec<&TargetGroup> = all.iter().filter(is_candidate).collect();
    if candidates.is_empty() {
        return Ok(());
    }
    let orphans = dead(elb, deadline, &candidates).await?;
    inventory.retired.extend(unused(elb, &balancer.arn, orphans).await?);
    Ok(())
}

/// Those with a marker that doesn't change: their run is dead. A group without one is somebody's.
async fn dead(
    elb: &Elb,
    deadline: &Deadline,
    candidates: &[&TargetGroup],
) -> Result<BTreeMap<String, String>, Failure> {
    let arns: Vec<String> = candidates.iter().map(|group| group.arn.clone()).collect();
    let mut same = markers(&elb.tags(&arns).await?);
    for _ in 0..LOOKS {
        if same.is_empty() {
            break;
        }
        pause(deadline, lease() / LOOKS).await?;
        let arns: Vec<String> = same.keys().cloned().collect();
        let now = markers(&elb.tags(&arns).await?);
        same.retain(|arn, marker| now.get(arn) == Some(marker));
    }
    Ok(same)
}

/// Those that no listener uses but a probe of the run that made them.
async fn unused(elb: &Elb, balancer: &str, orphans: BTreeMap<String, String>) -> Result<Vec<String>, AwsError> {
    if orphans.is_empty() {
        return Ok(Vec::new());
    }
    let mut users: Vec<(String, String)> = Vec::new();
    for listener in elb.listeners(balancer).await? {
        if let Some(group) = listener.target_group_arn.filter(|group| orphans.contains_key(group)) {
            users.push((group, listener.arn));
        }
    }
    let arns: Vec<String> = users.iter().map(|(_, listener)| listener.clone()).collect();
    let tags = if arns.is_empty() { BTreeMap::new() } else { elb.tags(&arns).await? };
    let nonce = |marker: &str| marker.split('/').next().map(str::to_owned);
    let is_probe = |group: &str, listener: &str| {
        let of_listener = tags.get(listener).and_then(|tags| tags.get(MARKER)).and_then(|marker| nonce(marker));
        of_listener.is_some() && of_listener == orphans.get(group).and_then(|marker| nonce(marker))
    };
    let is_free = |orphan: &String| users.iter().all(|(group, listener)| group != orphan || is_probe(group, listener));
    Ok(orphans.keys().filter(|orphan| is_free(orphan)).cloned().collect())
}
