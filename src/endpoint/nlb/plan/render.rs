//! From what the user wants to the full set of AWS settings that says it.

use crate::endpoint::nlb::model::desired::{
    BalancerSettings, CONNECTION_TERMINATION, CROSS_ZONE, DELETION_PROTECTION, DEREGISTRATION_DELAY, GroupSettings,
    IDLE_TIMEOUT, ListenerSettings, PRESERVE_CLIENT_IP, Wanted,
};
use crate::endpoint::nlb::model::inventory::Parts;
use crate::endpoint::nlb::model::observed::{Existing, Observed};
use crate::endpoint::nlb::model::role::{BALANCER_SUFFIX, Role};
use crate::endpoint::nlb::model::spec::Spec;
use crate::framework::value::Object;
use crate::remote::elb::Attributes;

/// The full set of settings.
pub fn render(spec: &Spec) -> Wanted {
    let groups = spec.listeners.iter().map(|(role, listener)| {
        let settings = GroupSettings {
            name: listener.target_group_name.clone(),
            port: listener.target_port,
            target_type: spec.target_type.clone(),
            vpc_id: spec.vpc_id.clone(),
            health_check: listener.health_check.clone(),
            attributes: group_attributes(spec),
        };
        (*role, settings)
    });
    let listeners = spec.listeners.iter().map(|(role, listener)| {
        let attributes = Attributes::from([(IDLE_TIMEOUT.to_owned(), spec.tcp_idle_timeout.to_string())]);
        (*role, ListenerSettings { port: listener.port, attributes })
    });
    Wanted {
        balancer: BalancerSettings {
            name: balancer_name(spec),
            internal: spec.internal,
            subnets: spec.subnets.clone(),
            security_groups: spec.security_groups.clone(),
            private_link_rules: spec.private_link_rules.clone(),
            ip_address_type: spec.ip_address_type.clone(),
            attributes: Attributes::from([
                (DELETION_PROTECTION.to_owned(), spec.deletion_protection.to_string()),
                (CROSS_ZONE.to_owned(), spec.cross_zone.to_string()),
            ]),
        },
        groups: groups.collect(),
        listeners: listeners.collect(),
        tags: spec.tags.clone(),
    }
}

fn balancer_name(spec: &Spec) -> String {
    match (&spec.load_balancer_name, &spec.name) {
        (Some(name), _) => name.clone(),
        (None, Some(name)) => format!("{name}{BALANCER_SUFFIX}"),
        (None, None) => String::new(), // refused by the rules
    }
}

fn group_attributes(spec: &Spec) -> Attributes {
    Attributes::from([
        (PRESERVE_CLIENT_IP.to_owned(), spec.preserve_client_ip.to_string()),
        (DEREGISTRATION_DELAY.to_owned(), spec.deregistration_delay.to_string()),
        (CONNECTION_TERMINATION.to_owned(), spec.connection_termination.to_string()),
    ])
}

/// What the stored object says exists, which a read has just brought up to date. `None` if the state is not complete.
pub fn recorded(state: &Object, misrouted: Vec<Role>) -> Option<Observed> {
    let wanted = render(&Spec::read(state)?);
    let parts = Parts::from_state(state);
    let groups = parts.groups.iter().filter_map(|(role, facts)| {
        let settings = GroupSettings { name: facts.name.clone(), port: facts.port, ..wanted.groups.get(role)?.clone() };
        Some((*role, Existing { arn: facts.arn.clone(), settings, tags: wanted.tags.clone() }))
    });
    let listeners = parts.listeners.iter().filter_map(|(role, arn)| {
        let settings = wanted.listeners.get(role)?.clone();
        Some((*role, Existing { arn: arn.clone(), settings, tags: wanted.tags.clone() }))
    });
    Some(Observed {
        groups: groups.collect(),
        listeners: listeners.collect(),
        balancer: parts.load_balancer.map(|facts| Existing {
            arn: facts.arn,
            settings: wanted.balancer,
            tags: wanted.tags,
        }),
        misrouted,
        ..Observed::default()
    })
}

#[cfg(test)]
mod tests;
