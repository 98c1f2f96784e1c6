//! What the user wants in AWS's terms: the full set of its settings.

use std::collections::BTreeMap;
use std::fmt;

use super::role::{BALANCER_SUFFIX, Role};
use super::settings::Part;
use super::spec::Spec;
use crate::remote::elb::{Attributes, HealthCheck, IPV6, SubnetMapping, Tags};

/// Everything that should exist, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
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
    /// Its name, the user's own or made of the base of all names: AWS finds it by this where no state has its ARN.
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
    /// Its name, which AWS can't change: another one needs a successor.
    pub name: String,
    /// The port of its targets.
    pub port: i64,
    /// `instance` or `ip`.
    pub target_type: String,
    /// `ipv4` or `ipv6`: the family of the addresses at which targets are reached.
    pub ip_address_type: String,
    /// Its VPC; none where it is to be the load balancer's.
    pub vpc_id: Option<String>,
    /// How targets are checked.
    pub health_check: HealthCheck,
    /// The attributes that we manage.
    pub attributes: Attributes,
}

impl GroupSettings {
    /// True if what AWS can't change is as wanted, apart from the name. From the state alone only the port of a group is known.
    pub fn fits(&self, want: &GroupSettings) -> bool {
        let same = |present: &str, want: &str| present.is_empty() || present == want;
        self.port == want.port
            && same(&self.target_type, &want.target_type)
            && same(&self.ip_address_type, &want.ip_address_type)
    }
}

/// The settings of a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListenerSettings {
    /// The port that clients dial.
    pub port: i64,
    /// The attributes that we manage.
    pub attributes: Attributes,
}

impl Desired {
    /// What `spec` asks for.
    pub fn of(spec: &Spec) -> Desired {
        let attributes = |part: Part| spec.settings.get(&part).cloned().unwrap_or_default();
        let groups = spec.listeners.iter().map(|(role, listener)| {
            let settings = GroupSettings {
                name: listener.target_group_name.clone(),
                port: listener.target_port,
                target_type: spec.target_type.clone(),
                ip_address_type: spec.target_ip_address_type.clone(),
                vpc_id: spec.vpc_id.clone(),
                health_check: listener.health_check.clone(),
                attributes: attributes(Part::TargetGroup),
            };
            (*role, settings)
        });
        let listeners = spec.listeners.iter().map(|(role, listener)| {
            (*role, ListenerSettings { port: listener.port, attributes: attributes(Part::Listener) })
        });
        Desired {
            balancer: BalancerSettings {
                name: balancer_name(spec),
                internal: spec.internal,
                subnets: spec.subnets.clone(),
                security_groups: spec.security_groups.clone(),
                private_link_rules: spec.private_link_rules.clone(),
                ip_address_type: spec.ip_address_type.clone(),
                attributes: attributes(Part::LoadBalancer),
            },
            groups: groups.collect(),
            listeners: listeners.collect(),
            tags: spec.tags.clone(),
        }
    }
}

impl fmt::Display for Desired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "load balancer {}, {}", self.balancer, Pairs(&self.balancer.attributes))?;
        for (role, group) in &self.groups {
            writeln!(f, "{}: target group {group}, {}", role.name(), Pairs(&group.attributes))?;
        }
        for (role, listener) in &self.listeners {
            writeln!(f, "{}: listener on {listener}, {}", role.name(), Pairs(&listener.attributes))?;
        }
        writeln!(f, "tags {}", Pairs(&self.tags))
    }
}

/// Without the attributes, which are set by calls of their own.
impl fmt::Display for BalancerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.internal { "internal" } else { "internet-facing" };
        let subnets: Vec<String> = self.subnets.iter().map(mapping).collect();
        write!(f, "{}, {scheme}, {}, subnets {}", self.name, self.ip_address_type, subnets.join(" "))?;
        if !self.security_groups.is_empty() {
            write!(f, ", security groups {}", self.security_groups.join(" "))?;
        }
        self.private_link_rules.iter().try_for_each(|rules| write!(f, ", for PrivateLink {rules}"))
    }
}

/// Without the attributes, which are set by calls of their own.
impl fmt::Display for GroupSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} port {}", self.name, self.target_type, self.port)?;
        if self.ip_address_type == IPV6 {
            write!(f, " over {IPV6}")?;
        }
        self.vpc_id.iter().try_for_each(|vpc| write!(f, " in {vpc}"))?;
        write!(f, ", {}", check(&self.health_check))
    }
}

/// Without the attributes, which are set by calls of their own.
impl fmt::Display for ListenerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {}", self.port)
    }
}

/// `key=value` of each.
pub struct Pairs<'a>(pub &'a BTreeMap<String, String>);

impl fmt::Display for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.0.iter().map(|(key, value)| format!("{key}={value}")).collect();
        f.write_str(&pairs.join(" "))
    }
}

/// A subnet and what is pinned in it, in one word.
pub fn mapping(mapping: &SubnetMapping) -> String {
    let SubnetMapping { subnet_id, allocation_id, private_ipv4_address, ipv6_address } = mapping;
    let pinned: Vec<&str> =
        [allocation_id, private_ipv4_address, ipv6_address].into_iter().flatten().map(String::as_str).collect();
    if pinned.is_empty() { subnet_id.clone() } else { format!("{subnet_id}({})", pinned.join(",")) }
}

/// A health check in a few words.
pub fn check(check: &HealthCheck) -> String {
    let HealthCheck { protocol, port, interval, timeout, healthy_threshold, unhealthy_threshold, path, matcher } =
        check;
    let http = path.iter().chain(matcher).fold(String::new(), |text, part| format!("{text} {part}"));
    format!(
        "check {protocol} {port}{http} every {interval}s for {timeout}s, up after {healthy_threshold}, down after \
         {unhealthy_threshold}"
    )
}

fn balancer_name(spec: &Spec) -> String {
    match (&spec.load_balancer_name, &spec.name) {
        (Some(name), _) => name.clone(),
        (None, Some(name)) => format!("{name}{BALANCER_SUFFIX}"),
        (None, None) => String::new(), // refused by the rules
    }
}

#[cfg(test)]
mod tests;
