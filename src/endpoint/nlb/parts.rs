//! What exists of an endpoint: the load balancer, its groups and its listeners, as the state names them.

use std::collections::BTreeMap;

use super::role::Role;
use crate::framework::value::{Object, Value};

/// Everything that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The load balancer.
    pub load_balancer: Option<BalancerFacts>,
    /// The target groups.
    pub groups: BTreeMap<Role, GroupFacts>,
    /// The ARNs of the listeners.
    pub listeners: BTreeMap<Role, String>,
}

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
        }
    }

    /// The ARNs of everything, the load balancer first.
    pub fn arns(&self) -> Vec<String> {
        let balancer = self.load_balancer.iter().map(|facts| facts.arn.clone());
        let groups = self.groups.values().map(|facts| facts.arn.clone());
        balancer.chain(groups).chain(self.listeners.values().cloned()).collect()
    }

    /// True if nothing exists.
    pub fn is_empty(&self) -> bool {
        self.load_balancer.is_none() && self.groups.is_empty() && self.listeners.is_empty()
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
