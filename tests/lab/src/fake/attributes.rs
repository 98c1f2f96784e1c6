//! Attributes of load balancers, groups and listeners: complete default sets, known keys, checked values.

use std::collections::BTreeMap;

use super::load_balancers::check_provisioned;
use super::names::required;
use super::refusal::{Answered, Refusal, invalid, refuse, unsupported};
use super::state::State;
use crate::call::Call;
use crate::xml::{leaf, list};

type Attributes = BTreeMap<String, String>;

/// What a new load balancer has.
pub fn of_load_balancer(scheme: &str) -> Attributes {
    let internal = if scheme == "internal" { "true" } else { "false" };
    set(&[
        ("access_logs.s3.enabled", "false"),
        ("access_logs.s3.bucket", ""),
        ("access_logs.s3.prefix", ""),
        ("deletion_protection.enabled", "false"),
        ("dns_record.client_routing_policy", "any_availability_zone"),
        ("ipv6.deny_all_igw_traffic", internal),
        ("load_balancing.cross_zone.enabled", "false"),
        ("secondary_ips.auto_assigned.per_subnet", "0"),
        ("zonal_shift.config.enabled", "false"),
    ])
}

/// What a new TCP group has.
pub fn of_target_group(target_type: &str) -> Attributes {
    let preserve = if target_type == "instance" { "true" } else { "false" };
    set(&[
        ("deregistration_delay.connection_termination.enabled", "false"),
        ("deregistration_delay.timeout_seconds", "300"),
        ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
        ("preserve_client_ip.enabled", preserve),
        ("proxy_protocol_v2.enabled", "false"),
        ("stickiness.enabled", "false"),
        ("stickiness.type", "source_ip"),
        ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
        ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
        ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
        ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
        ("target_health_state.unhealthy.connection_termination.enabled", "true"),
        ("target_health_state.unhealthy.draining_interval_seconds", "0"),
    ])
}

/// What a new TCP listener has.
pub fn of_listener() -> Attributes {
    set(&[("tcp.idle_timeout.seconds", "350")])
}

pub fn describe(state: &mut State, call: &Call) -> Answered {
    let arn = owner(call)?;
    let unknown = state.settings.unknown_attributes.clone();
    let mut attributes = state.part(arn)?.attributes.clone();
    attributes.retain(|key, _| !unknown.contains(key));
    Ok(show(&attributes))
}

pub fn modify(state: &mut State, call: &Call) -> Answered {
    let arn = owner(call)?;
    if let Some(load_balancer) = call.param("LoadBalancerArn") {
        check_provisioned(state, call, load_balancer)?;
    }
    let pairs = call.pairs("Attributes", "Key", "Value");
    if pairs.is_empty() || pairs.len() > 20 {
        return invalid(format!("{} attributes: from 1 to 20 can be modified", pairs.len()));
    }
    let unknown = state.settings.unknown_attributes.clone();
    let part = state.part(arn)?;
    // All or nothing: the part gets the copy only when every pair was right.
    let mut changed = part.attributes.clone();
    for (key, value) in pairs {
        if unknown.contains(key) || !changed.contains_key(key) {
            return not_recognized(arn, key);
        }
        if !is_allowed(key, value) {
            return unsupported(format!("The value '{value}' of attribute key '{key}' is not valid"));
        }
        let former = changed.insert(key.to_owned(), value.to_owned());
        if key == "secondary_ips.auto_assigned.per_subnet" && number(value) < former.as_deref().and_then(number) {
            return unsupported("The number of secondary IP addresses cannot be decreased");
        }
    }
    check_draining(&changed)?;
    part.attributes = changed;
    Ok(show(&part.attributes))
}

fn owner(call: &Call) -> Result<&str, Refusal> {
    let name = match call.action.as_str() {
        "DescribeLoadBalancerAttributes" | "ModifyLoadBalancerAttributes" => "LoadBalancerArn",
        "DescribeTargetGroupAttributes" | "ModifyTargetGroupAttributes" => "TargetGroupArn",
        _ => "ListenerArn",
    };
    required(call, name)
}

/// The draining interval may be above 0 only while connections to unhealthy targets are not terminated.
fn check_draining(attributes: &Attributes) -> Result<(), Refusal> {
    let get = |key: &str| attributes.get(key).map_or("", String::as_str);
    let terminates = get("target_health_state.unhealthy.connection_termination.enabled") == "true";
    let interval = get("target_health_state.unhealthy.draining_interval_seconds");
    if terminates && interval != "0" {
        return unsupported("The draining interval must be 0 while unhealthy connection termination is enabled");
    }
    Ok(())
}

fn not_recognized<T>(arn: &str, key: &str) -> Result<T, Refusal> {
    let what = if arn.contains(":targetgroup/") {
        return unsupported(format!("Target group attribute key '{key}' is not recognized"));
    } else if arn.contains(":listener/") {
        "Listener"
    } else {
        "Load balancer"
    };
    refuse("ValidationError", format!("{what} attribute key '{key}' is not recognized"))
}

fn is_allowed(key: &str, value: &str) -> bool {
    let within = |min: u32, max: u32| number(value).is_some_and(|number| (min..=max).contains(&number));
    let boolean = ["true", "false"].contains(&value);
    match key {
        "access_logs.s3.bucket" | "access_logs.s3.prefix" => true,
        "dns_record.client_routing_policy" => {
            ["any_availability_zone", "partial_availability_zone_affinity", "availability_zone_affinity"]
                .contains(&value)
        }
        "load_balancing.cross_zone.enabled" => boolean || value == "use_load_balancer_configuration",
        "secondary_ips.auto_assigned.per_subnet" => within(0, 7),
        "deregistration_delay.timeout_seconds" => within(0, 3600),
        "stickiness.type" => value == "source_ip",
        "target_health_state.unhealthy.draining_interval_seconds" => within(0, 360_000),
        "tcp.idle_timeout.seconds" => within(60, 6000),
        key if key.ends_with(".percentage") => value == "off" || within(1, 100),
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count" => within(1, 1000),
        key if key.ends_with(".count") => value == "off" || within(1, 1000),
        _ => boolean,
    }
}

fn number(value: &str) -> Option<u32> {
    value.parse().ok()
}

fn set(pairs: &[(&str, &str)]) -> Attributes {
    let pairs = pairs.iter();
    pairs.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn show(attributes: &Attributes) -> String {
    let members = attributes.iter();
    list("Attributes", members.map(|(key, value)| leaf("Key", key) + &leaf("Value", value)))
}
