//! What exists of an endpoint, which part of it is which, and how each is set: as the state says, or as AWS does.

use std::collections::BTreeMap;

use super::desired::{BalancerSettings, Desired, GroupSettings, ListenerSettings};
use super::marker::MARKER;
use super::memory::{KnownGroup, Memory};
use super::role::Role;
use super::schema::names;
use crate::framework::value::{Object, Value};
use crate::remote::elb::{Attributes, Listener, LoadBalancer, SubnetMapping, Tags, TargetGroup, Zone};

/// Everything of one endpoint that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The load balancer.
    pub balancer: Option<Balancer>,
    /// The target groups.
    pub groups: BTreeMap<Role, Existing<GroupSettings>>,
    /// The listeners.
    pub listeners: BTreeMap<Role, Existing<ListenerSettings>>,
    /// Listeners that don't forward to the group of their role alone.
    pub misrouted: Vec<Role>,
    /// Target groups that are to take over and aren't behind their listener yet.
    pub successors: BTreeMap<Role, Existing<GroupSettings>>,
    /// The ARNs of target groups that wait for their removal: others have taken over from them, or they are no longer to take over.
    pub retired: Vec<String>,
    /// The value of the tag on the load balancer: a run that makes parts beside it has not finished.
    pub handover: Option<String>,
}

/// A load balancer that exists, and what AWS decided about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balancer {
    /// The ARN that AWS gave it: the `id` of the resource.
    pub arn: String,
    /// How it is set; see [`Existing::settings`].
    pub settings: BalancerSettings,
    /// All its tags, those of others included.
    pub tags: Tags,
    /// The DNS name that AWS gave it.
    pub dns_name: String,
    /// The hosted zone of that name.
    pub zone_id: String,
    /// The VPC of its subnets.
    pub vpc_id: String,
}

/// A target group or a listener that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Existing<S> {
    /// The ARN that AWS gave it; every later call names it by this.
    pub arn: String,
    /// How it is set. From the state alone, a group has its name and port only: see [`Inventory::set_as`].
    pub settings: S,
    /// All its tags, those of others included.
    pub tags: Tags,
}

impl Inventory {
    /// What the state says exists.
    pub fn from_state(state: &Object) -> Inventory {
        let text = |name: &str| state.get(name).and_then(Value::as_str).map(str::to_owned);
        let balancer = text(names::ARN).map(|arn| Balancer {
            arn,
            settings: BalancerSettings::default(),
            tags: Tags::new(),
            dns_name: text(names::DNS_NAME).unwrap_or_default(),
            zone_id: text(names::ZONE_ID).unwrap_or_default(),
            vpc_id: text(names::VPC_ID).unwrap_or_default(),
        });
        let groups = entries(state, names::TARGET_GROUPS);
        let listeners = entries(state, names::LISTENER_ARNS);
        Inventory {
            balancer,
            groups: groups.filter_map(|(role, value)| Some((role, group(value)?.into()))).collect(),
            listeners: listeners
                .filter_map(|(role, arn)| {
                    Some((role, Existing { arn: arn.as_str()?.to_owned(), ..Existing::default() }))
                })
                .collect(),
            ..Inventory::default()
        }
    }

    /// The same, with what is only remembered.
    #[must_use]
    pub fn recalled(mut self, memory: &Memory) -> Inventory {
        self.successors = memory.successors.iter().map(|(role, group)| (*role, group.clone().into())).collect();
        self.retired.clone_from(&memory.retired);
        self.misrouted.clone_from(&memory.misrouted);
        self.handover.clone_from(&memory.handover);
        self
    }

    /// Writes down what the state doesn't name.
    pub fn remember(&self, memory: &mut Memory) {
        memory.successors = self.successors.iter().map(|(role, group)| (*role, KnownGroup::from(group))).collect();
        memory.retired.clone_from(&self.retired);
        memory.handover.clone_from(&self.handover);
    }

    /// The same, set as `desired` says: what the stored inputs ask for is how the parts are set, once a read has brought them up to date.
    /// Names and ports of groups stay those of the groups.
    #[must_use]
    pub fn set_as(mut self, desired: &Desired) -> Inventory {
        if let Some(balancer) = &mut self.balancer {
            balancer.settings.clone_from(&desired.balancer);
            balancer.tags.clone_from(&desired.tags);
        }
        for (role, group) in &mut self.groups {
            let Some(settings) = desired.groups.get(role) else { continue };
            let (name, port) = (group.settings.name.clone(), group.settings.port);
            group.settings = GroupSettings { name, port, ..settings.clone() };
            group.tags.clone_from(&desired.tags);
        }
        for (role, listener) in &mut self.listeners {
            let Some(settings) = desired.listeners.get(role) else { continue };
            listener.settings.clone_from(settings);
            listener.tags.clone_from(&desired.tags);
        }
        self
    }

    /// The ARNs of everything in use, the load balancer first.
    pub fn arns(&self) -> Vec<String> {
        let groups = self.groups.values().map(|group| group.arn.clone());
        self.balancer_arn().map(str::to_owned).into_iter().chain(groups).chain(self.listener_arns()).collect()
    }

    fn listener_arns(&self) -> impl Iterator<Item = String> {
        self.listeners.values().map(|listener| listener.arn.clone())
    }

    /// The ARN of the load balancer.
    pub fn balancer_arn(&self) -> Option<&str> {
        self.balancer.as_ref().map(|balancer| balancer.arn.as_str())
    }

    /// The tags of everything in use, by ARN.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &Tags)> {
        let balancer = self.balancer.iter().map(|balancer| (balancer.arn.as_str(), &balancer.tags));
        let groups = self.groups.values().map(|group| (group.arn.as_str(), &group.tags));
        balancer.chain(groups).chain(self.listeners.values().map(|listener| (listener.arn.as_str(), &listener.tags)))
    }

    /// Changes the tags of everything in use.
    pub fn each_tags(&mut self, mut change: impl FnMut(&str, &mut Tags)) {
        self.balancer.iter_mut().for_each(|balancer| change(&balancer.arn, &mut balancer.tags));
        self.groups.values_mut().for_each(|group| change(&group.arn, &mut group.tags));
        self.listeners.values_mut().for_each(|listener| change(&listener.arn, &mut listener.tags));
    }

    /// The value of the marker on everything that carries one, by ARN.
    pub fn markers(&self) -> BTreeMap<String, String> {
        self.tags().filter_map(|(arn, tags)| Some((arn.to_owned(), tags.get(MARKER)?.clone()))).collect()
    }

    /// Leaves out what has these ARNs.
    pub fn forget(&mut self, arns: &[String]) {
        let is_gone = |arn: &String| arns.contains(arn);
        self.balancer = self.balancer.take().filter(|balancer| !is_gone(&balancer.arn));
        self.groups.retain(|_, group| !is_gone(&group.arn));
        self.successors.retain(|_, group| !is_gone(&group.arn));
        self.listeners.retain(|_, listener| !is_gone(&listener.arn));
    }

    /// True if neither the role's group nor its successor has this name.
    pub fn lacks_group(&self, role: Role, name: &str) -> bool {
        let named = |groups: &BTreeMap<Role, Existing<GroupSettings>>| {
            groups.get(&role).is_some_and(|group| group.settings.name == name)
        };
        !named(&self.groups) && !named(&self.successors)
    }

    /// Retires successors that are no longer wanted: `desired` gives the name of the group that a role is to have.
    pub fn retire_undesired<'a>(&mut self, desired: impl Fn(Role) -> Option<&'a str>) {
        let undesired = |role: Role, name: &str| desired(role) != Some(name);
        let stale = self.successors.extract_if(.., |role, group| undesired(*role, &group.settings.name));
        self.retired.extend(stale.map(|(_, group)| group.arn));
    }

    /// Adds what was found of a run: a group as the role's own where it has none, else as its successor.
    pub fn add(&mut self, found: Inventory) {
        self.balancer = self.balancer.take().or(found.balancer);
        for (role, group) in found.groups {
            match self.groups.contains_key(&role) {
                true => self.successors.insert(role, group),
                false => self.groups.insert(role, group),
            };
        }
        self.listeners.extend(found.listeners);
        self.misrouted.extend(found.misrouted);
    }

    /// True if nothing exists.
    pub fn is_empty(&self) -> bool {
        self.balancer.is_none() && self.groups.is_empty() && self.listeners.is_empty() && self.successors.is_empty()
    }
}

fn entries<'a>(state: &'a Object, name: &str) -> impl Iterator<Item = (Role, &'a Value)> {
    let entries = state.get(name).and_then(Value::entries).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((Role::named(key)?, value)))
}

fn group(value: &Value) -> Option<KnownGroup> {
    Some(KnownGroup {
        arn: value.attribute(names::ARN)?.as_str()?.to_owned(),
        name: value.attribute(names::NAME)?.as_str()?.to_owned(),
        port: value.attribute(names::PORT)?.as_i64()?,
    })
}

impl From<KnownGroup> for Existing<GroupSettings> {
    fn from(known: KnownGroup) -> Self {
        let settings = GroupSettings { name: known.name, port: known.port, ..GroupSettings::default() };
        Existing { arn: known.arn, settings, tags: Tags::new() }
    }
}

impl From<&Existing<GroupSettings>> for KnownGroup {
    fn from(group: &Existing<GroupSettings>) -> Self {
        KnownGroup { arn: group.arn.clone(), name: group.settings.name.clone(), port: group.settings.port }
    }
}

impl Balancer {
    /// A described load balancer. What AWS leaves out takes AWS's default.
    pub fn described(described: &LoadBalancer, attributes: Attributes, tags: Tags) -> Balancer {
        let mut security_groups = described.security_groups.clone();
        security_groups.sort();
        let settings = BalancerSettings {
            name: described.name.clone(),
            internal: described.internal,
            subnets: subnet_mappings(&described.zones),
            security_groups,
            private_link_rules: described.private_link_rules.clone(),
            ip_address_type: described.ip_address_type.clone(),
            attributes,
        };
        Balancer {
            arn: described.arn.clone(),
            settings,
            tags,
            dns_name: described.dns_name.clone(),
            zone_id: described.zone_id.clone(),
            vpc_id: described.vpc_id.clone(),
        }
    }
}

impl Existing<GroupSettings> {
    /// A described target group. A TCP check has neither path nor matcher, whatever an earlier HTTP check left behind.
    pub fn described(described: &TargetGroup, attributes: Attributes, tags: Tags) -> Self {
        let mut health_check = described.health_check.clone();
        if health_check.protocol == "TCP" {
            health_check.path = None;
            health_check.matcher = None;
        }
        let settings = GroupSettings {
            name: described.name.clone(),
            port: described.port,
            target_type: described.target_type.clone(),
            ip_address_type: described.ip_address_type.clone(),
            vpc_id: Some(described.vpc_id.clone()),
            health_check,
            attributes,
        };
        Existing { arn: described.arn.clone(), settings, tags }
    }
}

impl Existing<ListenerSettings> {
    /// A described listener.
    pub fn described(described: &Listener, attributes: Attributes, tags: Tags) -> Self {
        let settings = ListenerSettings { port: described.port, attributes };
        Existing { arn: described.arn.clone(), settings, tags }
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

#[cfg(test)]
mod tests;
