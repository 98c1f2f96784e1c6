//! Rules between attributes, silent about what is not yet known.
//!
//! They see the configuration with every default filled in.

mod health;
mod naming;
mod subnets;
pub mod versions;

use std::collections::BTreeMap;

use super::outputs;
use crate::endpoint::attributes::MOST_TAGS;
use crate::endpoint::contract;
use crate::endpoint::nlb::model::inputs::{has_security_groups, is_on, on};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};
use crate::remote::elb::{IPV4, IPV6};

/// Checks everything that can be decided from the configuration with its defaults.
pub fn rules(config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
    let planned = &Reader::new(planned);
    naming::names(planned, diagnostics);
    subnets::subnets(planned, diagnostics);
    private_link(planned, diagnostics);
    ports(planned, diagnostics);
    health::health_checks(planned, diagnostics);
    health::draining_of_unhealthy(planned, diagnostics);
    health::routing_before_dns(planned, diagnostics);
    family_of_targets(planned, diagnostics);
    at_least_one_listener(planned, diagnostics);
    let host = outputs::configured_host(config, None);
    additional_names(planned, &host, diagnostics);
    versions::names(planned, &host).into_iter().for_each(|problem| diagnostics.push(problem));
}

fn private_link(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let name = names::PRIVATE_LINK_RULES;
    let set = planned.text(name).present().is_some();
    if set && has_security_groups(planned).is_known_and(|has| !has) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(name),
            "No security groups",
            "This setting is about the rules of security groups, and the load balancer has none. Remove it, or set \
             `security_group_ids`.",
        ));
    }
}

fn ports(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(i64, Role)> = Vec::new();
    for (role, listener) in on(planned) {
        let Some(port) = listener.number(names::PORT).present() else { continue };
        match seen.iter().find(|(taken, _)| *taken == port) {
            Some((_, other)) => diagnostics.push(Diagnostic::invalid(
                Path::of(role.name()).attribute(names::PORT),
                "Port used twice",
                format!(
                    "Port {port} is the port of `{}` too. A load balancer has one listener on each port.",
                    other.name()
                ),
            )),
            None => seen.push((port, role)),
        }
    }
}

/// AWS takes target groups of IPv6 only behind load balancers that have such addresses (user guide, IP address type of target groups).
fn family_of_targets(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let is = |name: &str, value: &str| planned.text(name) == Maybe::Known(Some(value));
    if is(names::TARGET_IP_ADDRESS_TYPE, IPV6) && is(names::IP_ADDRESS_TYPE, IPV4) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::TARGET_IP_ADDRESS_TYPE),
            "IPv6 targets behind an IPv4 load balancer",
            "A load balancer without IPv6 addresses can't reach its targets by theirs. Set `ip_address_type = \
             \"dualstack\"`, which needs subnets with IPv6, or remove `target_ip_address_type`.",
        ));
    }
}

/// `default_tags` and `tags` have been checked each on its own.
pub fn number_of_tags(planned: &Object, diagnostics: &mut Diagnostics) {
    let all = planned.get(names::TAGS_ALL).and_then(Value::entries).map_or(0, BTreeMap::len);
    let own = planned.get(names::TAGS).and_then(Value::entries).map_or(0, BTreeMap::len);
    if all > MOST_TAGS && own < all {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::TAGS),
            "Too many tags",
            format!(
                "`tags` and the provider's `default_tags` make {all} tags together. AWS takes 50 on a resource, one of \
                 which is this provider's own: at most {MOST_TAGS} are left. Remove some."
            ),
        ));
    }
}

fn at_least_one_listener(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if Role::ALL.into_iter().all(|role| is_on(planned, role) == Maybe::Known(false)) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(Role::KubernetesApi.name()).attribute(names::ENABLED),
            "No listener",
            "Every listener is switched off, so the load balancer would lead nowhere. Switch one on.",
        ));
    }
}

fn additional_names(planned: &Reader<'_>, host: &Maybe<Option<String>>, diagnostics: &mut Diagnostics) {
    let host = host.clone().present().map(|host| (Path::of(contract::HOST), host));
    let pinned = outputs::pinned_addresses(planned).into_iter();
    let pinned = pinned.filter_map(|(path, address)| Some((path, address.known()?)));
    contract::repeated_names(planned, &host.into_iter().chain(pinned).collect::<Vec<_>>(), diagnostics);
}

#[cfg(test)]
mod tests;
