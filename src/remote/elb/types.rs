//! Load balancers, target groups and listeners as plain data.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types as sdk;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// Attributes by AWS's own key, such as `deletion_protection.enabled`.
pub type Attributes = BTreeMap<String, String>;

/// A load balancer as AWS describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadBalancer {
    /// What every call about it names.
    pub arn: String,
    /// Unique in account and region, among load balancers of all types.
    pub name: String,
    /// `network`, `application` or `gateway`.
    pub kind: String,
    /// The DNS name that AWS gave it.
    pub dns_name: String,
    /// The hosted zone of that name.
    pub zone_id: String,
    /// The VPC of its subnets.
    pub vpc_id: String,
    /// True for the scheme `internal`.
    pub internal: bool,
    /// `provisioning`, `active`, `active_impaired` or `failed`.
    pub state: String,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// `ipv4` or `dualstack`.
    pub ip_address_type: String,
    /// Empty where it was created without any: then it can never get one.
    pub security_groups: Vec<String>,
    /// `on` or `off`; absent without security groups.
    pub private_link_rules: Option<String>,
    /// One entry for each subnet.
    pub zones: Vec<Zone>,
}

/// A load balancer's place in one Availability Zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// Such as `eu-central-1a`.
    pub name: String,
    /// The one subnet that serves this zone.
    pub subnet_id: String,
    /// Addresses that are pinned there. AWS may list several.
    pub addresses: Vec<ZoneAddress>,
}

/// A pinned address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZoneAddress {
    /// The Elastic IP's allocation.
    pub allocation_id: Option<String>,
    /// The private IPv4 address.
    pub private_ipv4_address: Option<String>,
    /// The IPv6 address.
    pub ipv6_address: Option<String>,
}

/// A subnet, and what is pinned in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubnetMapping {
    /// A subnet of a zone that no other mapping is in.
    pub subnet_id: String,
    /// An Elastic IP's allocation: internet-facing only.
    pub allocation_id: Option<String>,
    /// A private IPv4 address: internal only.
    pub private_ipv4_address: Option<String>,
    /// An IPv6 address: dual stack only.
    pub ipv6_address: Option<String>,
}

/// A load balancer to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLoadBalancer {
    /// At most 32 letters, digits and hyphens.
    pub name: String,
    /// True for the scheme `internal`.
    pub internal: bool,
    /// One for each zone.
    pub subnets: Vec<SubnetMapping>,
    /// Empty for none, which is for good.
    pub security_groups: Vec<String>,
    /// `ipv4` or `dualstack`.
    pub ip_address_type: String,
    /// Set by the same call: there is no moment without them.
    pub tags: Tags,
}

/// A health check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthCheck {
    /// `TCP`, `HTTP` or `HTTPS`.
    pub protocol: String,
    /// `traffic-port` or a number.
    pub port: String,
    /// Seconds between two checks.
    pub interval: i64,
    /// Seconds to wait for an answer.
    pub timeout: i64,
    /// Successes in a row that make a target healthy.
    pub healthy_threshold: i64,
    /// Failures in a row that make it unhealthy.
    pub unhealthy_threshold: i64,
    /// The path asked for: HTTP and HTTPS only.
    pub path: Option<String>,
    /// The status codes that count as success: HTTP and HTTPS only.
    pub matcher: Option<String>,
}

/// The address family that AWS takes where none is said.
pub const IPV4: &str = "ipv4";

/// The other one.
pub const IPV6: &str = "ipv6";

/// A target group as AWS describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetGroup {
    /// What every call about it names.
    pub arn: String,
    /// Unique in account and region.
    pub name: String,
    /// `TCP` for ours.
    pub protocol: String,
    /// The port of targets that are registered without one.
    pub port: i64,
    /// Where its targets are. For good, like protocol, port and target type.
    pub vpc_id: String,
    /// `instance`, `ip` or `alb`.
    pub target_type: String,
    /// `ipv4` or `ipv6`. For good too.
    pub ip_address_type: String,
    /// How targets are checked.
    pub health_check: HealthCheck,
    /// The load balancers with a listener that forwards to it.
    pub load_balancer_arns: Vec<String>,
}

/// A TCP target group to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTargetGroup {
    /// At most 32 letters, digits and hyphens.
    pub name: String,
    /// The port of its targets.
    pub port: i64,
    /// Where its targets are.
    pub vpc_id: String,
    /// `instance` or `ip`.
    pub target_type: String,
    /// `ipv4` or `ipv6`.
    pub ip_address_type: String,
    /// How targets are checked.
    pub health_check: HealthCheck,
    /// Set by the same call: there is no moment without them.
    pub tags: Tags,
}

/// A listener as AWS describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listener {
    /// What every call about it names.
    pub arn: String,
    /// What clients dial; unique on its load balancer.
    pub port: i64,
    /// `TCP` for ours.
    pub protocol: String,
    /// The group of its default action, where that is a plain forward.
    pub target_group_arn: Option<String>,
}

/// A target in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Instance id or address.
    pub id: String,
    /// Its port; the group's where it is absent in a call.
    pub port: Option<i64>,
    /// `all` or a zone: addresses only.
    pub availability_zone: Option<String>,
}

/// The health of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealth {
    /// With the port that it is registered on.
    pub target: Target,
    /// `initial`, `healthy`, `unhealthy`, `unused`, `draining` or `unavailable`.
    pub state: String,
    /// AWS's reason code, such as `Target.NotRegistered`.
    pub reason: Option<String>,
}

impl From<sdk::LoadBalancer> for LoadBalancer {
    fn from(described: sdk::LoadBalancer) -> Self {
        let state = described.state.unwrap_or_else(|| sdk::LoadBalancerState::builder().build());
        LoadBalancer {
            arn: described.load_balancer_arn.unwrap_or_default(),
            name: described.load_balancer_name.unwrap_or_default(),
            kind: text(described.r#type.as_ref().map(sdk::LoadBalancerTypeEnum::as_str)),
            dns_name: described.dns_name.unwrap_or_default(),
            zone_id: described.canonical_hosted_zone_id.unwrap_or_default(),
            vpc_id: described.vpc_id.unwrap_or_default(),
            internal: described.scheme == Some(sdk::LoadBalancerSchemeEnum::Internal),
            state: text(state.code.as_ref().map(sdk::LoadBalancerStateEnum::as_str)),
            reason: state.reason,
            ip_address_type: text(described.ip_address_type.as_ref().map(sdk::IpAddressType::as_str)),
            security_groups: described.security_groups.unwrap_or_default(),
            private_link_rules: described.enforce_security_group_inbound_rules_on_private_link_traffic,
            zones: described.availability_zones.unwrap_or_default().into_iter().map(Zone::from).collect(),
        }
    }
}

impl From<sdk::AvailabilityZone> for Zone {
    fn from(described: sdk::AvailabilityZone) -> Self {
        Zone {
            name: described.zone_name.unwrap_or_default(),
            subnet_id: described.subnet_id.unwrap_or_default(),
            addresses: described
                .load_balancer_addresses
                .unwrap_or_default()
                .into_iter()
                .map(|address| ZoneAddress {
                    allocation_id: address.allocation_id,
                    private_ipv4_address: address.private_ipv4_address,
                    ipv6_address: address.ipv6_address,
                })
                .collect(),
        }
    }
}

impl From<sdk::TargetGroup> for TargetGroup {
    fn from(described: sdk::TargetGroup) -> Self {
        TargetGroup {
            arn: described.target_group_arn.unwrap_or_default(),
            name: described.target_group_name.unwrap_or_default(),
            protocol: text(described.protocol.as_ref().map(sdk::ProtocolEnum::as_str)),
            port: described.port.unwrap_or_default().into(),
            vpc_id: described.vpc_id.unwrap_or_default(),
            target_type: text(described.target_type.as_ref().map(sdk::TargetTypeEnum::as_str)),
            // What was made before there was a choice may be described without.
            ip_address_type: described.ip_address_type.as_ref().map_or(IPV4, |family| family.as_str()).to_owned(),
            load_balancer_arns: described.load_balancer_arns.unwrap_or_default(),
            health_check: HealthCheck {
                protocol: text(described.health_check_protocol.as_ref().map(sdk::ProtocolEnum::as_str)),
                port: described.health_check_port.unwrap_or_default(),
                interval: described.health_check_interval_seconds.unwrap_or_default().into(),
                timeout: described.health_check_timeout_seconds.unwrap_or_default().into(),
                healthy_threshold: described.healthy_threshold_count.unwrap_or_default().into(),
                unhealthy_threshold: described.unhealthy_threshold_count.unwrap_or_default().into(),
                path: described.health_check_path,
                matcher: described.matcher.and_then(|matcher| matcher.http_code),
            },
        }
    }
}

impl From<sdk::Listener> for Listener {
    fn from(described: sdk::Listener) -> Self {
        Listener {
            arn: described.listener_arn.unwrap_or_default(),
            port: described.port.unwrap_or_default().into(),
            protocol: text(described.protocol.as_ref().map(sdk::ProtocolEnum::as_str)),
            target_group_arn: forward_target(described.default_actions.unwrap_or_default()),
        }
    }
}

/// The one group that a listener forwards to. AWS answers a single group in two places, emulators in one of them.
fn forward_target(mut actions: Vec<sdk::Action>) -> Option<String> {
    if actions.len() != 1 {
        return None;
    }
    let action = actions.remove(0);
    if action.target_group_arn.is_some() {
        return action.target_group_arn;
    }
    let mut groups = action.forward_config?.target_groups.unwrap_or_default();
    if groups.len() == 1 { groups.remove(0).target_group_arn } else { None }
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}
