//! What a killed run has left and nobody remembers: groups and listeners that no state names, and that nobody asks for any longer.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use super::group_replacement::PROBE_PORTS;
use super::recovery::{is_registered, markers, silent};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::marker::{nonce, nonces};
use crate::endpoint::nlb::plan::group_replacement::is_successor;
use crate::endpoint::timeouts::Operation;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, Listener, TargetGroup};

/// What gives such leftovers away.
#[derive(Debug, Default)]
pub struct Traces {
    /// The names that our groups have, and of which the names of successors are made.
    pub names: BTreeSet<String>,
    /// The nonces of runs that are known to be dead.
    pub dead: BTreeSet<String>,
    /// Every ARN that the state names; none where there is no state.
    pub stored: BTreeSet<String>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Left {
    /// The ARNs of listeners to remove.
    pub listeners: Vec<String>,
    /// Groups with registered targets, and a listener that leads to each: not removed, because they serve somebody.
    pub serving: Vec<(String, String)>,
}

/// Retires such groups, so that they are removed, and forgets remembered successors that are gone. Such listeners are the answer.
///
/// Asked only while a group is replaced, or after a run was interrupted: it reads all target groups of the region, a call for every 400.
///
/// # Errors
/// What AWS answers, and the end of the time.
pub async fn retire(
    elb: &Elb,
    deadline: &Deadline,
    operation: Operation,
    traces: &Traces,
    inventory: &mut Inventory,
) -> Result<Left, Failure> {
    let all = elb.all_target_groups().await?;
    inventory.successors.retain(|_, known| all.iter().any(|group| group.arn == known.arn));
    let search = Search::new(traces, inventory);
    let groups: Vec<&TargetGroup> = all.iter().filter(|group| search.may_be_left(group)).collect();
    let listeners = match inventory.balancer_arn() {
        Some(arn) if !groups.is_empty() || search.by_nonce() => elb.listeners(arn).await?,
        _ => Vec::new(),
    };
    let unknown = listeners.iter().filter(|listener| !search.known.contains(&listener.arn));
    let arns: Vec<String> =
        groups.iter().map(|group| &group.arn).chain(unknown.map(|found| &found.arn)).cloned().collect();
    // What has no marker is somebody's, and what has a marker that changes is another run's.
    let marked = markers(&elb.tags(&arns).await?);
    let named: BTreeSet<&str> =
        groups.iter().filter(|group| search.is_named(group)).map(|group| group.arn.as_str()).collect();
    let (dead, watched): (BTreeMap<String, String>, _) = marked
        .clone()
        .into_iter()
        .filter(|(arn, marker)| named.contains(arn.as_str()) || search.is_of_known_run(marker))
        .partition(|(_, marker)| search.is_of_dead(marker));
    let mut left = silent(elb, deadline, watched).await?;
    left.extend(dead);
    let mut serving = Vec::new();
    if operation == Operation::Update {
        serving = serving_groups(elb, &groups, &listeners, &left).await?;
        left.retain(|arn, _| !serving.iter().any(|(group, listener)| arn == group || arn == listener));
    }
    let is_left = |arn: &str| left.contains_key(arn);
    for group in groups.into_iter().filter(|group| is_left(&group.arn)) {
        let used = listeners.iter().filter(|listener| listener.target_group_arn.as_deref() == Some(&group.arn));
        let of_same_run = |listener: &Listener| {
            let of = |arn: &str| marked.get(arn).and_then(|marker| nonce(marker));
            of(&listener.arn).is_some() && of(&listener.arn) == of(&group.arn)
        };
        // Our own listeners are led to their groups again by this run.
        let mut used = used.filter(|listener| !search.own.contains(&listener.arn) && !of_same_run(listener));
        // Before there is a state, targets mean that somebody relies on the group.
        if used.next().is_none() && !(operation == Operation::Create && has_targets(elb, &group.arn).await?) {
            inventory.retired.push(group.arn.clone());
        }
    }
    let listeners = listeners.into_iter().map(|listener| listener.arn).filter(|arn| is_left(arn)).collect();
    Ok(Left { listeners, serving })
}

/// What serves somebody, although nobody here knows it: groups with registered targets, each with a listener that was made with it. It may be
/// in another state. A probe listener serves nobody.
async fn serving_groups(
    elb: &Elb,
    groups: &[&TargetGroup],
    listeners: &[Listener],
    left: &BTreeMap<String, String>,
) -> Result<Vec<(String, String)>, AwsError> {
    let mut serving = Vec::new();
    let is_left = |arn: &String| left.contains_key(arn);
    for listener in listeners.iter().filter(|found| is_left(&found.arn) && !PROBE_PORTS.contains(&found.port)) {
        let group = groups.iter().find(|group| listener.target_group_arn.as_deref() == Some(group.arn.as_str()));
        if let Some(group) = group.filter(|group| is_left(&group.arn))
            && has_targets(elb, &group.arn).await?
        {
            serving.push((group.arn.clone(), listener.arn.clone()));
        }
    }
    Ok(serving)
}

async fn has_targets(elb: &Elb, group_arn: &str) -> Result<bool, AwsError> {
    Ok(elb.target_health(group_arn).await?.iter().any(is_registered))
}

/// A search for leftovers, with what is known before any call.
struct Search<'a> {
    traces: &'a Traces,
    /// What is somebody's already: the state's, and this run's.
    known: BTreeSet<String>,
    /// The listeners of the roles.
    own: BTreeSet<String>,
    balancer: Option<(String, String)>,
    /// The nonces of the runs that were interrupted, which the load balancer carries.
    interrupted: BTreeSet<String>,
}

impl<'a> Search<'a> {
    fn new(traces: &'a Traces, inventory: &Inventory) -> Search<'a> {
        let successors = inventory.successors.values().map(|group| group.arn.clone());
        let known = inventory.arns().into_iter().chain(successors).chain(inventory.retired.iter().cloned());
        let balancer = inventory.balancer.as_ref();
        Search {
            traces,
            known: known.chain(traces.stored.iter().cloned()).collect(),
            own: inventory.listeners.values().map(|listener| listener.arn.clone()).collect(),
            balancer: balancer.map(|balancer| (balancer.arn.clone(), balancer.vpc_id.clone())),
            interrupted: inventory.handover.iter().flat_map(|value| nonces(value)).map(str::to_owned).collect(),
        }
    }

    fn by_nonce(&self) -> bool {
        !self.interrupted.is_empty() || !self.traces.dead.is_empty()
    }

    fn may_be_left(&self, group: &TargetGroup) -> bool {
        let arn = self.balancer.as_ref().map(|(arn, _)| arn);
        (self.by_nonce() || self.is_named(group))
            && !self.known.contains(&group.arn)
            && self.balancer.as_ref().is_none_or(|(_, vpc)| *vpc == group.vpc_id)
            && group.load_balancer_arns.iter().all(|user| Some(user) == arn)
    }

    fn is_named(&self, group: &TargetGroup) -> bool {
        self.traces.names.contains(&group.name) || is_successor(group, &self.traces.names)
    }

    /// True for what carries the nonce of a run that is known to be dead or to have been interrupted: that is ours, whatever its name is.
    fn is_of_known_run(&self, marker: &str) -> bool {
        self.is_of_dead(marker) || nonce(marker).is_some_and(|nonce| self.interrupted.contains(nonce))
    }

    fn is_of_dead(&self, marker: &str) -> bool {
        nonce(marker).is_some_and(|nonce| self.traces.dead.contains(nonce))
    }
}
