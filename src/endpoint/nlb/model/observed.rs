//! What exists and how it is set, from the state or from AWS.

use std::collections::BTreeMap;

use super::desired::{BalancerSettings, GroupSettings, ListenerSettings};
use super::role::Role;
use crate::remote::elb::{LoadBalancer, SubnetMapping, Tags, TargetGroup, Zone};

/// Everything that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The load balancer.
    pub balancer: Option<Existing<BalancerSettings>>,
    /// The target groups.
    pub groups: BTreeMap<Role, Existing<GroupSettings>>,
    /// The listeners.
    pub listeners: BTreeMap<Role, Existing<ListenerSettings>>,
    /// Listeners that don't forward to the group of their role alone.
    pub misrouted: Vec<Role>,
    /// Roles whose group has a successor already.
    pub successors: Vec<Role>,
    /// The ARNs of groups that wait for their removal.
    pub retired: Vec<String>,
}

/// One thing that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Existing<S> {
    /// Its ARN.
    pub arn: String,
    /// How it is set.
    pub settings: S,
    /// All its tags, those of others included.
    pub tags: Tags,
}

/// The settings of a described load balancer. What AWS leaves out takes AWS's default.
pub fn balancer_settings(described: &LoadBalancer, attributes: &Tags) -> BalancerSettings {
    let mut security_groups = described.security_groups.clone();
    security_groups.sort();
    BalancerSettings {
        name: described.name.clone(),
        internal: described.internal,
        subnets: subnet_mappings(&described.zones),
        security_groups,
        private_link_rules: described.private_link_rules.clone(),
        ip_address_type: described.ip_address_type.clone(),
        attributes: attributes.clone(),
    }
}

/// The subnets of a described load balancer, with the first pinned address of each kind.
pub fn subnet_mappings(zones: &[Zone]) -> Vec<SubnetMapping> {
    let mut mappings: Vec<SubnetMapping> = zones
        .iter()
        .map(|zone| SubnetMapping {
            subnet_id: zone.subnet_id.clone(),
            allocation_id: zone.addresses.iter().find_map(|address| address.allocation_id.clone()),
            private_ipv4_address: zone.addresses.iter().find_map(|address| address.private_ipv4_address.clone()),
            ipv6_address: zone.addresses.iter().find_map(|address| address.ipv6_address.clone()),
        })
        .collect();
    mappings.sort();
    mappings
}

/// The settings of a described target group. A TCP check has neither path nor matcher, whatever an earlier HTTP check left behind.
pub fn group_settings(described: &TargetGroup, attributes: &Tags) -> GroupSettings {
    let mut health_check = described.health_check.clone();
    if health_check.protocol == "TCP" {
        health_check.path = None;
        health_check.matcher = None;
    }
    GroupSettings {
        name: described.name.clone(),
        port: described.port,
        target_type: described.target_type.clone(),
        vpc_id: Some(described.vpc_id.clone()),
        health_check,
        attributes: attributes.clone(),
    }
}
