//! What an apply consists of: steps so plain that executing them needs no judgement. Every step may run twice.

use std::collections::BTreeSet;
use std::fmt;

use crate::endpoint::nlb::model::desired::{BalancerSettings, GroupSettings, ListenerSettings, Pairs, check, mapping};
use crate::endpoint::nlb::model::role::Role;
use crate::remote::elb::{Attributes, HealthCheck, SubnetMapping, Tags};

/// One call, or one wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Makes the load balancer.
    CreateBalancer(BalancerSettings),
    /// Makes a target group; its VPC is the load balancer's where it names none.
    CreateGroup(Role, GroupSettings),
    /// Makes a listener that forwards to the group of its role.
    CreateListener(Role, ListenerSettings),
    /// Sets attributes of the load balancer.
    SetBalancerAttributes(Attributes),
    /// Replaces the subnets.
    SetSubnets(Vec<SubnetMapping>),
    /// Replaces the security groups and the PrivateLink setting.
    SetSecurityGroups(Vec<String>, Option<String>),
    /// Changes the kind of addresses.
    SetIpAddressType(String),
    /// Changes a group's health check.
    SetHealthCheck(Role, HealthCheck),
    /// Sets attributes of a group.
    SetGroupAttributes(Role, Attributes),
    /// Sets a listener's port, and makes it forward to the group of its role.
    SetListener(Role, i64),
    /// Moves a listener to a port that nobody has, and that is not among these.
    StepAside(Role, BTreeSet<i64>),
    /// Sets attributes of a listener.
    SetListenerAttributes(Role, Attributes),
    /// Sets tags on everything that existed before.
    AddTags(Tags),
    /// Removes tags from everything that existed before.
    RemoveTags(Vec<String>),
    /// Removes a listener.
    DeleteListener(Role),
    /// Removes a target group that no listener uses any longer.
    DeleteGroup(Role),
    /// Waits until the load balancer is active.
    WaitActive,
    /// Tags the load balancer: parts are being made beside it.
    BeginUpdate,
    /// Takes that tag off.
    EndUpdate,
    /// Makes the group that is to take over from the role's present one.
    CreateSuccessor(Role, GroupSettings),
    /// Sets the health check and the attributes of a successor.
    PrepareSuccessor(Role, HealthCheck, Attributes),
    /// Registers the targets of the present group in its successor.
    CopyTargets(Role),
    /// Waits until as many targets of the successor are healthy as of the present group.
    AwaitHealthy(Role),
    /// Moves the listener to the successor.
    SwitchListener(Role, i64),
    /// Removes the group with this ARN, which no listener uses any longer.
    RemoveRetired(String),
}

impl Step {
    /// True if it makes something that didn't exist before.
    pub fn makes(&self) -> bool {
        use Step::{CreateBalancer, CreateGroup, CreateListener, CreateSuccessor};
        matches!(self, CreateBalancer(_) | CreateGroup(..) | CreateListener(..) | CreateSuccessor(..))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::CreateBalancer(settings) => write!(f, "create load balancer {settings}"),
            Step::CreateGroup(role, settings) => write!(f, "{}: create target group {settings}", role.name()),
            Step::CreateListener(role, settings) => write!(f, "{}: create listener on {settings}", role.name()),
            Step::SetBalancerAttributes(attributes) => write!(f, "set on load balancer {}", Pairs(attributes)),
            Step::SetSubnets(subnets) => {
                write!(f, "set subnets {}", subnets.iter().map(mapping).collect::<Vec<_>>().join(" "))
            }
            Step::SetSecurityGroups(groups, rules) => {
                let rules = rules.as_deref().map(|rules| format!(", for PrivateLink {rules}"));
                write!(f, "set security groups {}{}", groups.join(" "), rules.unwrap_or_default())
            }
            Step::SetIpAddressType(kind) => write!(f, "set IP address type {kind}"),
            Step::SetHealthCheck(role, settings) => write!(f, "{}: set health check {}", role.name(), check(settings)),
            Step::SetGroupAttributes(role, attributes) => {
                write!(f, "{}: set on target group {}", role.name(), Pairs(attributes))
            }
            Step::SetListener(role, port) => write!(f, "{}: set listener to {port} and its own group", role.name()),
            Step::StepAside(role, desired) => {
                let desired: Vec<String> = desired.iter().map(i64::to_string).collect();
                write!(f, "{}: move listener to a free port, not {}", role.name(), desired.join(" "))
            }
            Step::SetListenerAttributes(role, attributes) => {
                write!(f, "{}: set on listener {}", role.name(), Pairs(attributes))
            }
            Step::AddTags(tags) => write!(f, "add tags {}", Pairs(tags)),
            Step::RemoveTags(keys) => write!(f, "remove tags {}", keys.join(" ")),
            Step::DeleteListener(role) => write!(f, "{}: delete listener", role.name()),
            Step::DeleteGroup(role) => write!(f, "{}: delete target group", role.name()),
            Step::WaitActive => write!(f, "wait until active"),
            Step::BeginUpdate => write!(f, "tag load balancer before parts are made"),
            Step::EndUpdate => write!(f, "untag load balancer"),
            Step::CreateSuccessor(role, settings) => write!(f, "{}: create successor {settings}", role.name()),
            Step::PrepareSuccessor(role, settings, attributes) => {
                write!(f, "{}: set on successor {}, {}", role.name(), check(settings), Pairs(attributes))
            }
            Step::CopyTargets(role) => write!(f, "{}: register targets in successor", role.name()),
            Step::AwaitHealthy(role) => write!(f, "{}: wait until successor is healthy", role.name()),
            Step::SwitchListener(role, port) => write!(f, "{}: move listener on {port} to successor", role.name()),
            Step::RemoveRetired(arn) => write!(f, "delete target group {arn}"),
        }
    }
}
