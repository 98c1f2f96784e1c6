//! What AWS has: everything that is known by ARN, in one wave of parallel calls.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use crate::endpoint::nlb::model::desired::{GroupSettings, ListenerSettings};
use crate::endpoint::nlb::model::inventory::{Balancer, Existing, Inventory};
use crate::endpoint::nlb::model::marker::HANDOVER;
use crate::endpoint::nlb::model::role::Role;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Attributes, Elb, Listener, LoadBalancer, Tags, TargetGroup};

/// Those parts of `known` that exist, and how they are set. What is gone is left out; that is no error.
///
/// The calls don't depend on each other: with the ARNs in the state, three groups and three listeners take 11 calls at once, and less
/// where other endpoints are read in the same moment: [`Elb`] merges what can be merged.
///
/// # Errors
/// What AWS answers, except that something is not found.
pub async fn current(elb: &Elb, known: &Inventory) -> Result<Inventory, AwsError> {
    let arns = known.arns();
    let (balancer, groups, listeners, tags) = futures_util::join!(
        current_balancer(elb, known),
        current_groups(elb, known),
        current_listeners(elb, known),
        elb.tags(&arns)
    );
    let (balancer, groups, listeners) = (balancer?, groups?, listeners?);
    let tags = match tags {
        Err(error) if error.is_not_found() => elb.tags(&found_arns(&balancer, &groups, &listeners)).await?,
        other => other?,
    };
    let tags_of = |arn: &str| tags.get(arn).cloned().unwrap_or_default();
    let mut found = Inventory::default();
    found.balancer =
        balancer.map(|(described, attributes)| Balancer::described(&described, attributes, tags_of(&described.arn)));
    found.handover = found.balancer.as_ref().and_then(|balancer| balancer.tags.get(HANDOVER).cloned());
    for (role, (described, attributes)) in groups {
        found
            .groups
            .insert(role, Existing::<GroupSettings>::described(&described, attributes, tags_of(&described.arn)));
    }
    for (role, (described, attributes)) in listeners {
        if !forwards_to_its_group(&described, &found, role) {
            found.misrouted.push(role);
        }
        let listener = Existing::<ListenerSettings>::described(&described, attributes, tags_of(&described.arn));
        found.listeners.insert(role, listener);
    }
    Ok(found)
}

/// Everything behind a load balancer, whoever made it: its listeners, and the groups that they forward to.
///
/// # Errors
/// What AWS answers.
pub async fn behind(elb: &Elb, balancer_arn: &str) -> Result<(Vec<Listener>, Vec<TargetGroup>), AwsError> {
    let listeners = elb.listeners(balancer_arn).await?;
    let arns: BTreeSet<&String> = listeners.iter().filter_map(|listener| listener.target_group_arn.as_ref()).collect();
    let groups = join_all(arns.into_iter().map(|arn| elb.target_group(arn))).await;
    let groups = groups.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok((listeners, groups.into_iter().flatten().collect()))
}

type Found<T> = BTreeMap<Role, (T, Attributes)>;

async fn current_balancer(elb: &Elb, known: &Inventory) -> Result<Option<(LoadBalancer, Attributes)>, AwsError> {
    let Some(arn) = known.balancer_arn() else { return Ok(None) };
    let (described, attributes) = futures_util::join!(elb.load_balancer(arn), elb.load_balancer_attributes(arn));
    Ok(described?.zip(unless_gone(attributes)?))
}

async fn current_groups(elb: &Elb, known: &Inventory) -> Result<Found<TargetGroup>, AwsError> {
    let arns: Vec<String> = known.groups.values().map(|group| group.arn.clone()).collect();
    if arns.is_empty() {
        return Ok(Found::new());
    }
    let attributes = join_all(arns.iter().map(|arn| elb.target_group_attributes(arn)));
    let (described, attributes) = futures_util::join!(elb.target_groups(&arns), attributes);
    let described = match described {
        // One that is missing fails the whole call: find out which.
        Err(error) if error.is_not_found() => {
            let singly = join_all(arns.iter().map(|arn| elb.target_group(arn))).await;
            singly.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
        }
        other => other?,
    };
    let mut found = Found::new();
    for ((role, known), attributes) in known.groups.iter().zip(attributes) {
        let group = described.iter().find(|group: &&TargetGroup| group.arn == known.arn).cloned();
        if let Some(pair) = group.zip(unless_gone(attributes)?) {
            found.insert(*role, pair);
        }
    }
    Ok(found)
}

async fn current_listeners(elb: &Elb, known: &Inventory) -> Result<Found<Listener>, AwsError> {
    if known.listeners.is_empty() {
        return Ok(Found::new());
    }
    let arns: Vec<String> = known.listeners.values().map(|listener| listener.arn.clone()).collect();
    let attributes = join_all(arns.iter().map(|arn| elb.listener_attributes(arn)));
    let (described, attributes) = futures_util::join!(elb.listeners_of(&arns), attributes);
    let described = match described {
        // One that is missing fails the whole call: find out which.
        Err(error) if error.is_not_found() => match known.balancer_arn() {
            Some(arn) => unless_gone(elb.listeners(arn).await)?.unwrap_or_default(),
            None => {
                let singly = join_all(arns.iter().map(|arn| elb.listeners_of(std::slice::from_ref(arn)))).await;
                let singly = singly.into_iter().map(unless_gone).collect::<Result<Vec<_>, _>>()?;
                singly.into_iter().flatten().flatten().collect()
            }
        },
        other => other?,
    };
    let mut found = Found::new();
    for ((role, known), attributes) in known.listeners.iter().zip(attributes) {
        let listener = described.iter().find(|listener| listener.arn == known.arn).cloned();
        if let Some(pair) = listener.zip(unless_gone(attributes)?) {
            found.insert(*role, pair);
        }
    }
    Ok(found)
}

fn unless_gone<T>(answer: Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn forwards_to_its_group(listener: &Listener, found: &Inventory, role: Role) -> bool {
    let group = found.groups.get(&role).map(|group| group.arn.as_str());
    listener.protocol == "TCP" && listener.target_group_arn.as_deref() == group
}

fn found_arns(
    balancer: &Option<(LoadBalancer, Attributes)>,
    groups: &Found<TargetGroup>,
    listeners: &Found<Listener>,
) -> Vec<String> {
    let balancer = balancer.iter().map(|(described, _)| described.arn.clone());
    let groups = groups.values().map(|(described, _)| described.arn.clone());
    balancer.chain(groups).chain(listeners.values().map(|(described, _)| described.arn.clone())).collect()
}

/// Those of `tags` whose keys are among `keys`: other keys are not ours to manage.
pub fn restricted(tags: &Tags, keys: &Tags) -> Tags {
    tags.iter().filter(|(key, _)| keys.contains_key(*key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}
