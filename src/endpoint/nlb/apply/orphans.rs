//! Successors that a killed run has left, and that nobody remembers: the change that they were for has become another one.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use super::recovery::{markers, silent};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::marker::{MARKER, nonce};
use crate::endpoint::nlb::plan::group_replacement::is_successor;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, TargetGroup};

/// Retires such groups, so that they are removed; and forgets remembered ones that are gone. Asked only while a group is replaced or after
/// a replacement was interrupted: it reads all target groups of the region, a call for every 400.
///
/// # Errors
/// What AWS answers, and the end of the time.
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
    // A group without a marker is somebody's, and one whose marker changes is another run's.
    let arns: Vec<String> = candidates.iter().map(|group| group.arn.clone()).collect();
    let marked = markers(&elb.tags(&arns).await?);
    let orphans = silent(elb, deadline, marked).await?;
    let own: BTreeSet<&str> = inventory.listeners.values().map(|listener| listener.arn.as_str()).collect();
    let unused = unused(elb, &balancer.arn, orphans, &own).await?;
    inventory.retired.extend(unused);
    Ok(())
}

/// Those that no listener uses but a probe of the run that made them, or one of our `own`, which this run leads to its group again.
async fn unused(
    elb: &Elb,
    balancer: &str,
    orphans: BTreeMap<String, String>,
    own: &BTreeSet<&str>,
) -> Result<Vec<String>, AwsError> {
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
    let is_probe = |group: &str, listener: &str| {
        let of_listener = tags.get(listener).and_then(|tags| tags.get(MARKER)).and_then(|marker| nonce(marker));
        own.contains(listener)
            || of_listener.is_some() && of_listener == orphans.get(group).and_then(|marker| nonce(marker))
    };
    let is_free = |orphan: &String| users.iter().all(|(group, listener)| group != orphan || is_probe(group, listener));
    Ok(orphans.keys().filter(|orphan| is_free(orphan)).cloned().collect())
}
