//! Looks at AWS: everything that is known by ARN, in one wave of parallel calls.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use crate::endpoint::nlb::model::desired::ListenerSettings;
use crate::endpoint::nlb::model::inventory::{BalancerFacts, GroupFacts, Parts};
use crate::endpoint::nlb::model::marker::MARKER;
use crate::endpoint::nlb::model::observed::{Existing, Observed, balancer_settings, group_settings};
use crate::endpoint::nlb::model::role::Role;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Attributes, Elb, Listener, LoadBalancer, Tags, TargetGroup};

/// What a look found.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Those of the parts that exist.
    pub parts: Parts,
    /// How they are set.
    pub observed: Observed,
    /// The parts that carry a marker, with its value.
    pub marked: BTreeMap<String, String>,
}

/// Looks at `parts`. What is gone is left out; that is no error.
///
/// The calls don't depend on each other: with the ARNs in the state, three groups and three listeners take 11 calls at once, and less
/// where other endpoints are looked at in the same moment: [`Elb`] merges what can be merged.
///
/// # Errors
/// What AWS answers, except that something is not found.
pub async fn look(elb: &Elb, parts: &Parts) -> Result<Look, AwsError> {
    let arns = parts.arns();
    let (balancer, groups, listeners, tags) = futures_util::join!(
        look_at_balancer(elb, parts),
        look_at_groups(elb, parts),
        look_at_listeners(elb, parts),
        elb.tags(&arns)
    );
    let (balancer, groups, listeners) = (balancer?, groups?, listeners?);
    let mut look = Look::default();
    let tags = match tags {
        Err(error) if error.is_not_found() => elb.tags(&found_arns(&balancer, &groups, &listeners)).await?,
        other => other?,
    };
    let tags_of = |arn: &str| tags.get(arn).cloned().unwrap_or_default();
    if let Some((described, attributes)) = balancer {
        let settings = balancer_settings(&described, &attributes);
        look.parts.load_balancer = Some(BalancerFacts::from(&described));
        look.observed.balancer = Some(Existing { tags: tags_of(&described.arn), arn: described.arn, settings });
    }
    for (role, (described, attributes)) in groups {
        look.parts.groups.insert(role, GroupFacts::from(&described));
        let settings = group_settings(&described, &attributes);
        look.observed.groups.insert(role, Existing { tags: tags_of(&described.arn), arn: described.arn, settings });
    }
    for (role, (described, attributes)) in listeners {
        if !forwards_to_its_group(&described, &look.parts, role) {
            look.observed.misrouted.push(role);
        }
        look.parts.listeners.insert(role, described.arn.clone());
        let settings = ListenerSettings { port: described.port, attributes };
        look.observed.listeners.insert(role, Existing { tags: tags_of(&described.arn), arn: described.arn, settings });
    }
    look.marked = look
        .parts
        .arns()
        .into_iter()
        .filter_map(|arn| Some((arn.clone(), tags.get(&arn)?.get(MARKER)?.clone())))
        .collect();
    Ok(look)
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

async fn look_at_balancer(elb: &Elb, parts: &Parts) -> Result<Option<(LoadBalancer, Attributes)>, AwsError> {
    let Some(arn) = parts.load_balancer.as_ref().map(|facts| facts.arn.as_str()) else { return Ok(None) };
    let (described, attributes) = futures_util::join!(elb.load_balancer(arn), elb.load_balancer_attributes(arn));
    Ok(described?.zip(unless_gone(attributes)?))
}

async fn look_at_groups(elb: &Elb, parts: &Parts) -> Result<Found<TargetGroup>, AwsError> {
    let arns: Vec<String> = parts.groups.values().map(|facts| facts.arn.clone()).collect();
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
    for ((role, facts), attributes) in parts.groups.iter().zip(attributes) {
        let group = described.iter().find(|group: &&TargetGroup| group.arn == facts.arn).cloned();
        if let Some(pair) = group.zip(unless_gone(attributes)?) {
            found.insert(*role, pair);
        }
    }
    Ok(found)
}

async fn look_at_listeners(elb: &Elb, parts: &Parts) -> Result<Found<Listener>, AwsError> {
    let Some(balancer) = &parts.load_balancer else { return Ok(Found::new()) };
    if parts.listeners.is_empty() {
        return Ok(Found::new());
    }
    let arns: Vec<String> = parts.listeners.values().cloned().collect();
    let attributes = join_all(arns.iter().map(|arn| elb.listener_attributes(arn)));
    let (described, attributes) = futures_util::join!(elb.listeners_of(&arns), attributes);
    let described = match described {
        // One that is missing fails the whole call: these are the others.
        Err(error) if error.is_not_found() => unless_gone(elb.listeners(&balancer.arn).await)?.unwrap_or_default(),
        other => other?,
    };
    let mut found = Found::new();
    for ((role, arn), attributes) in parts.listeners.iter().zip(attributes) {
        let listener = described.iter().find(|listener| listener.arn == *arn).cloned();
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

fn forwards_to_its_group(listener: &Listener, parts: &Parts, role: Role) -> bool {
    let group = parts.groups.get(&role).map(|facts| facts.arn.as_str());
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
