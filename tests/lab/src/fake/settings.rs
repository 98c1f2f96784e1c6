//! How the stand-in behaves: everything a test may change.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// All settings; the default is a well-behaved AWS in which nothing takes long.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a request of the provider is on its way at most, there and back; each time a random part of it.
    pub latency: Duration,
    /// The subnets that exist.
    pub subnets: Vec<Subnet>,
    /// How many describes show a new load balancer as `provisioning`.
    pub provisioning_describes: usize,
    /// How long a new load balancer is `provisioning` at least.
    pub provisioning_time: Duration,
    /// What provisioning ends as.
    pub provisioning_ends: Ending,
    /// Actions refused with OperationNotPermitted while their load balancer is provisioning.
    pub refused_while_provisioning: BTreeSet<String>,
    /// How many describes show a deleted load balancer still.
    pub deleting_describes: usize,
    /// How often DescribeNetworkInterfaces shows a deleted load balancer's interfaces still.
    pub interface_describes: usize,
    /// How often DeleteTargetGroup answers ResourceInUse after the last listener of the group is gone.
    pub group_in_use_after: usize,
    /// Whether load balancers belong to a VPC endpoint service: can't be deleted, can't lose subnets.
    pub endpoint_service: bool,
    /// Whether SetSubnets silently keeps the address of a subnet that stays, whatever it is sent.
    pub keeps_addresses: bool,
    /// How many describes show a target as `initial` before it has its health.
    pub initial_describes: usize,
    /// How long a target is `initial` at least.
    pub initial_time: Duration,
    /// The health of every target that [`Settings::health_of`] doesn't name: state and reason.
    pub health: (String, String),
    /// The health of single targets by id: state and reason.
    pub health_of: BTreeMap<String, (String, String)>,
    /// How long a target of a used group is `draining`.
    pub draining_time: Duration,
    /// How many describes show a target of a used group as `draining` at least.
    pub draining_describes: usize,
    /// Whether a drained target stays in the answer as `unused` (Target.NotRegistered) instead of being absent.
    pub shows_drained: bool,
    /// How often RegisterTargets answers InvalidTarget for an instance that is starting, by id.
    pub starting: BTreeMap<String, usize>,
    /// How many lookups of a new load balancer, group or listener answer NotFound.
    pub not_found_after_create: usize,
    /// Largest page of a Describe; AWS's is 400.
    pub page_size: usize,
    /// Load balancer and group attribute keys that this partition hasn't got.
    pub unknown_attributes: BTreeSet<String>,
}

/// What a provisioning load balancer becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// `active`
    Active,
    /// `active_impaired`, with a reason.
    Impaired(String),
    /// `failed`, with a reason.
    Failed(String),
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// `us-east-1a`
    pub zone: String,
    /// `vpc-…`
    pub vpc_id: String,
}

impl Subnet {
    /// A subnet of the default VPC.
    pub fn new(id: &str, zone: &str) -> Subnet {
        Subnet { id: id.to_owned(), zone: zone.to_owned(), vpc_id: VPC.to_owned() }
    }
}

/// The default VPC.
pub const VPC: &str = "vpc-0a0b0c0d0e0f00001";

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            latency: Duration::ZERO,
            subnets: vec![
                Subnet::new("subnet-0000000000000000a", "us-east-1a"),
                Subnet::new("subnet-0000000000000000b", "us-east-1b"),
                Subnet::new("subnet-0000000000000000c", "us-east-1c"),
                Subnet::new("subnet-000000000000000a2", "us-east-1a"),
            ],
            provisioning_describes: 1,
            provisioning_time: Duration::ZERO,
            provisioning_ends: Ending::Active,
            refused_while_provisioning: BTreeSet::new(),
            deleting_describes: 0,
            interface_describes: 0,
            group_in_use_after: 0,
            endpoint_service: false,
            keeps_addresses: false,
            initial_describes: 1,
            initial_time: Duration::ZERO,
            health: ("healthy".to_owned(), String::new()),
            health_of: BTreeMap::new(),
            draining_time: Duration::ZERO,
            draining_describes: 1,
            shows_drained: false,
            starting: BTreeMap::new(),
            not_found_after_create: 0,
            page_size: 400,
            unknown_attributes: BTreeSet::new(),
        }
    }
}
