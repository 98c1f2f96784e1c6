//! The full set of AWS settings of an endpoint: what the user wants, or what is there, in AWS's terms.

use std::collections::BTreeMap;

use super::role::Role;
use crate::remote::elb::{Attributes, HealthCheck, SubnetMapping, Tags};

/// AWS's key of deletion protection.
pub const DELETION_PROTECTION: &str = "deletion_protection.enabled";
/// AWS's key of cross-zone balancing.
pub const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
/// AWS's key of client address preservation.
pub const PRESERVE_CLIENT_IP: &str = "preserve_client_ip.enabled";
/// AWS's key of the deregistration delay.
pub const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";
/// AWS's key of cutting connections at its end.
pub const CONNECTION_TERMINATION: &str = "deregistration_delay.connection_termination.enabled";
/// AWS's key of a listener's idle timeout.
pub const IDLE_TIMEOUT: &str = "tcp.idle_timeout.seconds";

/// Everything that should exist, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The load balancer.
    pub balancer: BalancerSettings,
    /// A target group for each listener.
    pub groups: BTreeMap<Role, GroupSettings>,
    /// The listeners.
    pub listeners: BTreeMap<Role, ListenerSettings>,
    /// The tags of all of them.
    pub tags: Tags,
}

/// The settings of a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BalancerSettings {
    /// Its name.
    pub name: String,
    /// True for the scheme `internal`.
    pub internal: bool,
    /// Its subnets, sorted.
    pub subnets: Vec<SubnetMapping>,
    /// Its security groups, sorted.
    pub security_groups: Vec<String>,
    /// Whether their rules hold for PrivateLink: `on`, `off`, or not applicable.
    pub private_link_rules: Option<String>,
    /// `ipv4` or `dualstack`.
    pub ip_address_type: String,
    /// The attributes that we manage.
    pub attributes: Attributes,
}

/// The settings of a target group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupSettings {
    /// Its name.
    pub name: String,
    /// The port of its targets.
    pub port: i64,
    /// `instance` or `ip`.
    pub target_type: String,
    /// Its VPC; the load balancer's where nobody has said it yet.
    pub vpc_id: Option<String>,
    /// How targets are checked.
    pub health_check: HealthCheck,
    /// The attributes that we manage.
    pub attributes: Attributes,
}

/// The settings of a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListenerSettings {
    /// Its port.
    pub port: i64,
    /// The attributes that we manage.
    pub attributes: Attributes,
}
