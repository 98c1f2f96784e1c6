//! What exists of an endpoint: the load balancer, its groups and its listeners, as the state names them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::role::Role;
use crate::framework::private::Private;
use crate::framework::value::{Object, Value};
use crate::remote::elb::{LoadBalancer, TargetGroup};

/// Everything that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The load balancer.
    pub load_balancer: Option<BalancerFacts>,
    /// The target groups.
    pub groups: BTreeMap<Role, GroupFacts>,
    /// The ARNs of the listeners.
    pub listeners: BTreeMap<Role, String>,
    /// Target groups that are to take over and aren't behind their listener yet.
    pub successors: BTreeMap<Role, GroupFacts>,
    /// The ARNs of target groups that others have taken over from.
    pub retired: Vec<String>,
}

/// The private entry of successors.
const SUCCESSORS: &str = "successors";
/// The private entry of retired groups.
const RETIRED: &str = "retired";

/// What AWS decided about a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BalancerFacts {
    /// Its ARN.
    pub arn: String,
    /// Its DNS name.
    pub dns_name: String,
    /// The hosted zone of that name.
    pub zone_id: String,
    /// Its VPC.
    pub vpc_id: String,
}

/// Which target group it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFacts {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The port of its targets.
    pub port: i64,
}

impl From<&LoadBalancer> for BalancerFacts {
    fn from(described: &LoadBalancer) -> BalancerFacts {
        BalancerFacts {
            arn: described.arn.clone(),
            dns_name: described.dns_name.clone(),
            zone_id: described.zone_id.clone(),
            vpc_id: described.vpc_id.clone(),
        }
    }
}

impl From<&TargetGroup> for GroupFacts {
    fn from(described: &TargetGroup) -> GroupFacts {
        GroupFacts { arn: described.arn.clone(), name: described.name.clone(), port: described.port }
    }
}

impl Parts {
    /// What the state says exists.
    pub fn from_state(state: &Object) -> Parts {
        let text = |name: &str| state.get(name).and_then(Value::as_str).map(str::to_owned);
        let load_balancer = text("arn").map(|arn| BalancerFacts {
            arn,
            dns_name: text("dns_name").unwrap_or_default(),
            zone_id: text("zone_id").unwrap_or_default(),
            vpc_id: text("vpc_id").unwrap_or_default(),
        });
        Parts {
            load_balancer,
            groups: entries(state, "target_groups").filter_map(|(role, value)| Some((role, group(value)?))).collect(),
            listeners: entries(state, "listener_arns")
                .filter_map(|(role, value)| Some((role, value.as_str()?.to_owned())))
                .collect(),
            ..Parts::default()
        }
    }

    /// The same, with what only the private entries name: groups in the middle of a succession.
    #[must_use]
    pub fn recalled(mut self, private: &Private) -> Parts {
        let entry = |key: &str| private.get(key).cloned();
        self.retired = entry(RETIRED).and_then(|arns| serde_json::from_value(arns).ok()).unwrap_or_default();
        let successors = entry(SUCCESSORS).and_then(|entries| entries.as_object().cloned()).unwrap_or_default();
        self.successors =
            successors.iter().filter_map(|(role, facts)| Some((Role::named(role)?, recalled(facts)?))).collect();
        self
    }

    /// Writes into the private entries what only they name.
    pub fn remember(&self, private: &mut Private) {
        let successors: serde_json::Map<String, Json> = self
            .successors
            .iter()
            .map(|(role, GroupFacts { arn, name, port })| {
                (role.name().to_owned(), json!({"arn": arn, "name": name, "port": port}))
            })
            .collect();
        set_or_remove(private, SUCCESSORS, successors.is_empty(), Json::Object(successors));
        set_or_remove(private, RETIRED, self.retired.is_empty(), json!(self.retired));
    }

    /// The ARNs of everything, the load balancer first.
    pub fn arns(&self) -> Vec<String> {
        let balancer = self.load_balancer.iter().map(|facts| facts.arn.clone());
        let groups = self.groups.values().map(|facts| facts.arn.clone());
        balancer.chain(groups).chain(self.listeners.values().cloned()).collect()
    }

    /// True if neither the role's group nor its successor has this name.
    pub fn lacks_group(&self, role: Role, name: &str) -> bool {
        let has = |groups: &BTreeMap<Role, GroupFacts>| groups.get(&role).is_some_and(|facts| facts.name == name);
        !has(&self.groups) && !has(&self.successors)
    }

    /// Retires successors that are no longer wanted: `wanted` gives the name of the group that a role is to have.
    pub fn retire_unwanted<'a>(&mut self, wanted: impl Fn(Role) -> Option<&'a str>) {
        let unwanted = |role: Role, facts: &GroupFacts| wanted(role) != Some(&facts.name);
        let stale = self.successors.extract_if(.., |role, facts| unwanted(*role, facts));
        self.retired.extend(stale.map(|(_, facts)| facts.arn));
    }

    /// Adds a group under its role: as the role's group where it has none, else as its successor.
    pub fn add_group(&mut self, role: Role, facts: GroupFacts) {
        match self.groups.get(&role) {
            Some(_) => self.successors.insert(role, facts),
            None => self.groups.insert(role, facts),
        };
    }

    /// True if nothing exists.
    pub fn is_empty(&self) -> bool {
        self.load_balancer.is_none()
            && self.groups.is_empty()
            && self.listeners.is_empty()
            && self.successors.is_empty()
    }
}

fn recalled(facts: &Json) -> Option<GroupFacts> {
    Some(GroupFacts {
        arn: facts.get("arn")?.as_str()?.to_owned(),
        name: facts.get("name")?.as_str()?.to_owned(),
        port: facts.get("port")?.as_i64()?,
    })
}

fn set_or_remove(private: &mut Private, key: &str, remove: bool, value: Json) {
    if remove {
        private.remove(key);
    } else {
        private.set(key, value);
    }
}

fn entries<'a>(state: &'a Object, name: &str) -> impl Iterator<Item = (Role, &'a Value)> {
    let entries = state.get(name).and_then(Value::entries).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((Role::named(key)?, value)))
}

fn group(value: &Value) -> Option<GroupFacts> {
    Some(GroupFacts {
        arn: value.attribute("arn")?.as_str()?.to_owned(),
        name: value.attribute("name")?.as_str()?.to_owned(),
        port: value.attribute("port")?.as_i64()?,
    })
}

#[cfg(test)]
mod tests;
