//! The calls that can ask for several things at once, each behind a [`Merger`].

use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::operation::describe_target_groups::builders::DescribeTargetGroupsFluentBuilder;
use aws_sdk_elasticloadbalancingv2::types as sdk;

use futures_util::future::try_join_all;

use super::action::action;
use super::merge::{Found, Merger};
use super::request::description;
use super::types::{Listener, LoadBalancer, Tags, Target, TargetGroup, TargetHealth};
use crate::remote::aws_error::AwsError;

/// The most ARNs that one DescribeTags takes (API reference).
pub const TAGS_AT_ONCE: usize = 20;

/// The most ARNs that one DescribeLoadBalancers takes (API reference).
const BATCH: usize = 20;

/// What is asked together where there is no such limit, or where it is divided again: one page, and a short request.
const MANY: usize = 100;

/// A group's ARN, and a target in it.
pub(super) type Registration = (String, Target);

/// Every kind of question, in one region.
#[derive(Debug)]
pub(super) struct Reads {
    /// By ARN.
    pub(super) load_balancers: Arc<Merger<String, LoadBalancer>>,
    /// By ARN.
    pub(super) target_groups: Arc<Merger<String, TargetGroup>>,
    /// By ARN.
    pub(super) listeners: Arc<Merger<String, Listener>>,
    /// By ARN of what carries them.
    pub(super) tags: Arc<Merger<String, Tags>>,
    /// By group and target.
    pub(super) health: Arc<Merger<Registration, TargetHealth>>,
}

impl Reads {
    pub(super) fn new(client: &Client) -> Reads {
        let [balancers, groups, listeners, tags, health] = std::array::from_fn(|_| client.clone());
        Reads {
            load_balancers: Merger::new(up_to::<BATCH>, move |arns| load_balancers(balancers.clone(), arns)),
            target_groups: Merger::new(up_to::<MANY>, move |arns| target_groups(groups.clone(), arns)),
            listeners: Merger::new(up_to::<MANY>, move |arns| self::listeners(listeners.clone(), arns)),
            tags: Merger::new(up_to::<MANY>, move |arns| self::tags(tags.clone(), arns)),
            health: Merger::new(of_one_group, move |targets| self::health(health.clone(), targets)),
        }
    }
}

fn up_to<const LIMIT: usize>(batch: &[String], more: &[String]) -> bool {
    batch.len() + more.len() <= LIMIT
}

/// A call asks about one group. An answer is told from others by the target's id, so each id may be in it once.
fn of_one_group(batch: &[Registration], more: &[Registration]) -> bool {
    batch.len() + more.len() <= MANY
        && more.iter().all(|(group, target)| batch.iter().all(|(own, other)| own == group && other.id != target.id))
}

async fn load_balancers(client: Client, arns: Vec<String>) -> Result<Found<String, LoadBalancer>, AwsError> {
    let mut found = Found::new();
    let mut marker = None;
    loop {
        let request = client.describe_load_balancers().set_load_balancer_arns(Some(arns.clone()));
        let page = request.set_marker(marker).send().await;
        let page = page.map_err(|error| AwsError::from_sdk(&action("DescribeLoadBalancers"), error))?;
        let described = page.load_balancers.unwrap_or_default().into_iter().map(LoadBalancer::from);
        found.extend(described.map(|balancer| (balancer.arn.clone(), balancer)));
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

async fn target_groups(client: Client, arns: Vec<String>) -> Result<Found<String, TargetGroup>, AwsError> {
    let described = describe_target_groups(client.describe_target_groups().set_target_group_arns(Some(arns))).await?;
    Ok(described.into_iter().map(|group| (group.arn.clone(), group)).collect())
}

/// All pages of `request`.
pub(super) async fn describe_target_groups(
    request: DescribeTargetGroupsFluentBuilder,
) -> Result<Vec<TargetGroup>, AwsError> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = request.clone().set_marker(marker).send().await;
        let page = page.map_err(|error| AwsError::from_sdk(&action("DescribeTargetGroups"), error))?;
        found.extend(page.target_groups.unwrap_or_default().into_iter().map(TargetGroup::from));
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

async fn listeners(client: Client, arns: Vec<String>) -> Result<Found<String, Listener>, AwsError> {
    let mut found = Found::new();
    let mut marker = None;
    loop {
        let request = client.describe_listeners().set_listener_arns(Some(arns.clone()));
        let page = request.set_marker(marker).send().await;
        let page = page.map_err(|error| AwsError::from_sdk(&action("DescribeListeners"), error))?;
        let described = page.listeners.unwrap_or_default().into_iter().map(Listener::from);
        found.extend(described.map(|listener| (listener.arn.clone(), listener)));
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(found);
        }
    }
}

async fn tags(client: Client, arns: Vec<String>) -> Result<Found<String, Tags>, AwsError> {
    let calls =
        arns.chunks(TAGS_AT_ONCE).map(|batch| client.describe_tags().set_resource_arns(Some(batch.to_vec())).send());
    let answers = try_join_all(calls).await.map_err(|error| AwsError::from_sdk(&action("DescribeTags"), error))?;
    let described = answers.into_iter().flat_map(|answer| answer.tag_descriptions.unwrap_or_default());
    let found = described.map(|described| {
        let tags = described.tags.unwrap_or_default().into_iter();
        let tags = tags.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect();
        (described.resource_arn.unwrap_or_default(), tags)
    });
    Ok(found.collect())
}

async fn health(
    client: Client,
    registrations: Vec<Registration>,
) -> Result<Found<Registration, TargetHealth>, AwsError> {
    let group = registrations.first().map(|(group, _)| group.clone());
    let targets = registrations.iter().map(|(_, target)| description(target)).collect();
    let request = client.describe_target_health().set_target_group_arn(group).set_targets(Some(targets));
    let answer = request.send().await;
    let answer = answer.map_err(|error| AwsError::from_sdk(&action("DescribeTargetHealth"), error))?;
    let described: Vec<TargetHealth> =
        answer.target_health_descriptions.unwrap_or_default().into_iter().filter_map(target_health).collect();
    let pairs = registrations.into_iter().filter_map(|(group, target)| {
        let is_it = |health: &&TargetHealth| {
            health.target.id == target.id && (target.port.is_none() || health.target.port == target.port)
        };
        let health = described.iter().find(is_it)?.clone();
        Some(((group, target), health))
    });
    Ok(pairs.collect())
}

/// A description of the API as [`TargetHealth`].
pub(super) fn target_health(described: sdk::TargetHealthDescription) -> Option<TargetHealth> {
    let target = described.target?;
    let health = described.target_health?;
    Some(TargetHealth {
        target: Target {
            id: target.id.unwrap_or_default(),
            port: target.port.map(i64::from),
            availability_zone: target.availability_zone,
        },
        state: health.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        reason: health.reason.map(|reason| reason.as_str().to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(group: &str, id: &str, port: Option<i64>) -> Registration {
        (group.to_owned(), Target { id: id.to_owned(), port, availability_zone: None })
    }

    #[test]
    fn a_health_call_is_about_one_group_and_each_id_once() {
        let batch = [registration("a", "i-1", None), registration("a", "i-2", Some(7000))];
        assert!(of_one_group(&batch, &[registration("a", "i-3", None)]));
        assert!(!of_one_group(&batch, &[registration("b", "i-3", None)]));
        assert!(!of_one_group(&batch, &[registration("a", "i-1", Some(7000))]), "which of both would the answer mean?");
    }

    #[test]
    fn twenty_arns_are_enough() {
        let arns = |count: usize| vec![String::new(); count];
        assert!(up_to::<BATCH>(&arns(19), &arns(1)));
        assert!(!up_to::<BATCH>(&arns(20), &arns(1)));
    }
}
