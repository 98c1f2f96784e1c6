//! Rules between attributes, silent about what is not yet known.
//!
//! They see the configuration with every default filled in.

use super::outputs;
use crate::endpoint::contract;
use crate::endpoint::nlb::model::inputs::{has_security_groups, is_on};
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::role::{BALANCER_SUFFIX, Role};
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;
use crate::remote::elb::{IPV4, IPV6};

/// The longest name that AWS takes (API reference of CreateLoadBalancer and CreateTargetGroup).
const LONGEST_NAME: usize = 32;

/// Checks everything that can be decided from the configuration with its defaults.
pub fn rules(config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
    let planned = &Reader::new(planned);
    names(planned, diagnostics);
    subnets(planned, diagnostics);
    private_link(planned, diagnostics);
    ports(planned, diagnostics);
    health_checks(planned, diagnostics);
    draining_of_unhealthy(planned, diagnostics);
    family_of_targets(planned, diagnostics);
    at_least_one_listener(planned, diagnostics);
    let host = outputs::configured_host(config, None);
    additional_names(planned, &host, diagnostics);
    if !may_be_own(&host) {
        without_version(planned, &host, Pinned::Left).into_iter().for_each(|problem| diagnostics.push(problem));
    }
}

/// True if a host has the form of names that AWS gives to load balancers. It may then be the endpoint's own name, which counts as none;
/// only a plan knows.
pub fn may_be_own(host: &Maybe<Option<String>>) -> bool {
    let is_of_aws = |host: &String| host.contains(".elb.") && host.trim_end_matches(".cn").ends_with(".amazonaws.com");
    host.is_known_and(|host| host.as_ref().is_some_and(is_of_aws))
}

fn names(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let (name, own) = (planned.text(names::NAME), planned.text(names::LOAD_BALANCER_NAME));
    if name.is_absent() && own.is_absent() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::NAME),
            "No name",
            "Exactly one of `name` and `load_balancer_name` is needed. Set `name`: everything is named after it.",
        ));
    }
    if let (Some(_), Some(_)) = (name.clone().present(), own.clone().present()) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::LOAD_BALANCER_NAME),
            "Two names",
            "Exactly one of `name` and `load_balancer_name` is needed. Remove one of them.",
        ));
    }
    if let Some(name) = name.clone().present() {
        derived_length(name, BALANCER_SUFFIX, "load balancer", diagnostics);
    }
    if !(name.is_absent() && own.is_absent()) {
        group_names(planned, &name, diagnostics);
    }
}

fn derived_length(name: &str, suffix: &str, what: &str, diagnostics: &mut Diagnostics) {
    let length = name.len() + suffix.len();
    if length > LONGEST_NAME {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::NAME),
            "Name too long",
            format!(
                "The {what} would be named `{name}{suffix}`, which has {length} characters; AWS takes {LONGEST_NAME}. \
                 Shorten `name` to at most {} characters.",
                LONGEST_NAME - suffix.len()
            ),
        ));
    }
}

fn group_names(planned: &Reader<'_>, name: &Maybe<Option<&str>>, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(&str, Role)> = Vec::new();
    for (role, listener) in on(planned) {
        let path = Path::of(role.name()).attribute(names::TARGET_GROUP_NAME);
        let group = listener.text(names::TARGET_GROUP_NAME);
        if group.is_absent() {
            diagnostics.push(Diagnostic::invalid(
                path.clone(),
                "No target group name",
                "With `load_balancer_name` there is no `name` to make it from. Set `target_group_name`.",
            ));
        }
        let Some(group) = group.present() else { continue };
        if name.is_known_and(|name| name.is_some_and(|name| group == format!("{name}{}", role.group_suffix())))
            && let Some(name) = name.clone().present()
        {
            derived_length(name, role.group_suffix(), "target group", diagnostics);
        }
        match seen.iter().find(|(taken, _)| *taken == group) {
            Some((_, other)) => diagnostics.push(Diagnostic::invalid(
                path,
                "Target group name used twice",
                format!("`{group}` is the name of the target group of `{}` too. Choose another one.", other.name()),
            )),
            None => seen.push((group, role)),
        }
    }
}

fn subnets(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let (ids, mappings) = (planned.texts(names::SUBNET_IDS), planned.nested_items(names::SUBNET_MAPPINGS));
    if ids.is_absent() && mappings.is_absent() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::SUBNET_IDS),
            "No subnets",
            "Exactly one of `subnet_ids` and `subnet_mappings` is needed. Set `subnet_ids` to one subnet for each \
             Availability Zone.",
        ));
    }
    if ids.clone().present().is_some() && mappings.clone().present().is_some() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::SUBNET_MAPPINGS),
            "Subnets twice",
            "Exactly one of `subnet_ids` and `subnet_mappings` is needed. Remove one of them.",
        ));
    }
    for mapping in mappings.present().unwrap_or_default() {
        mapping_addresses(planned, &mapping, diagnostics);
    }
    repeated_subnets(planned, diagnostics);
}

fn mapping_addresses(planned: &Reader<'_>, mapping: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let subnet = mapping.text(names::SUBNET_ID).present().unwrap_or("(known after apply)");
    let internal = planned.bool(names::INTERNAL);
    let mut refuse = |title: &str, detail: String| {
        diagnostics.push(Diagnostic::invalid(Path::of(names::SUBNET_MAPPINGS), title, detail));
    };
    let has = |name: &str| mapping.text(name).present().is_some();
    if internal.is_known_and(|internal| *internal == Some(true)) && has(names::ALLOCATION_ID) {
        refuse(
            "Elastic IP on an internal load balancer",
            format!(
                "Subnet {subnet} has an `allocation_id`, but the load balancer is internal. Remove it, or set \
                 `internal = false`."
            ),
        );
    }
    if internal.is_known_and(|internal| *internal == Some(false)) && has(names::PRIVATE_IPV4_ADDRESS) {
        refuse(
            "Private address on an internet-facing load balancer",
            format!(
                "Subnet {subnet} has a `private_ipv4_address`, but the load balancer is internet-facing. Remove it, or \
                 set `internal = true`."
            ),
        );
    }
    if planned.text(names::IP_ADDRESS_TYPE).is_known_and(|kind| *kind == Some("ipv4")) && has(names::IPV6_ADDRESS) {
        refuse(
            "IPv6 address without dual stack",
            format!(
                "Subnet {subnet} has an `ipv6_address`. Set `ip_address_type = \"dualstack\"`, or remove the address."
            ),
        );
    }
}

fn repeated_subnets(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let mappings = planned.nested_items(names::SUBNET_MAPPINGS).present().unwrap_or_default();
    let mut ids: Vec<&str> = mappings.iter().filter_map(|mapping| mapping.text(names::SUBNET_ID).present()).collect();
    ids.sort_unstable();
    for pair in ids.windows(2).filter(|pair| pair[0] == pair[1]) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::SUBNET_MAPPINGS),
            "Subnet named twice",
            format!("{} has two mappings. A load balancer has one place in each subnet: keep one of them.", pair[0]),
        ));
    }
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

fn health_checks(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let common = planned.nested(names::HEALTH_CHECK).present();
    if let Some(check) = &common {
        timeout_within_interval(check, &Path::of(names::HEALTH_CHECK), diagnostics);
    }
    let inherits = |check: &Reader<'_>| {
        let same = |name: &str| common.is_some_and(|common| common.value(name) == check.value(name));
        same(names::INTERVAL) && same(names::TIMEOUT)
    };
    for (role, listener) in on(planned) {
        let Some(check) = listener.nested(names::HEALTH_CHECK).present() else { continue };
        let path = Path::of(role.name()).attribute(names::HEALTH_CHECK);
        if !inherits(&check) {
            timeout_within_interval(&check, &path, diagnostics);
        }
        if check.text(names::PROTOCOL).is_known_and(|protocol| *protocol == Some("TCP")) {
            for name in [names::PATH, names::MATCHER] {
                if check.text(name).present().is_some() {
                    diagnostics.push(Diagnostic::invalid(
                        path.attribute(name),
                        "Not for TCP health checks",
                        format!("A TCP check only connects. Remove `{name}`, or set `protocol` to `HTTP` or `HTTPS`."),
                    ));
                }
            }
        }
    }
}

fn timeout_within_interval(check: &Reader<'_>, path: &Path, diagnostics: &mut Diagnostics) {
    let (Some(interval), Some(timeout)) =
        (check.number(names::INTERVAL).present(), check.number(names::TIMEOUT).present())
    else {
        return;
    };
    if timeout > interval {
        diagnostics.push(Diagnostic::invalid(
            path.attribute(names::TIMEOUT),
            "Timeout longer than the interval",
            format!(
                "The check waits {timeout} s for an answer but runs every {interval} s. Lower `timeout` (5 if it is \
                 not set) or raise `interval` (10 if it is not set)."
            ),
        ));
    }
}

/// AWS takes an interval only where connections to unhealthy targets are not reset at once.
fn draining_of_unhealthy(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(state) = planned.nested(names::TARGET_HEALTH_STATE).present() else { return };
    let resets = state.bool(names::ENABLE_UNHEALTHY_CONNECTION_TERMINATION) == Maybe::Known(Some(true));
    let drains = state.number(names::UNHEALTHY_DRAINING_INTERVAL).present().is_some_and(|seconds| seconds > 0);
    if resets && drains {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::TARGET_HEALTH_STATE).attribute(names::UNHEALTHY_DRAINING_INTERVAL),
            "Nothing to drain",
            "Connections to a target that becomes unhealthy are reset at once, so they have no time to drain. Set \
             `enable_unhealthy_connection_termination = false`, or remove the interval.",
        ));
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

fn at_least_one_listener(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if Role::ALL.into_iter().all(|role| is_on(planned, role) == Maybe::Known(false)) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(Role::KubernetesApi.name()).attribute(names::ENABLED),
            "No listener",
            "Every listener is switched off, so the load balancer would lead nowhere. Switch one on.",
        ));
    }
}

/// Whether pinned addresses count as names of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pinned {
    Counted,
    Left,
}

/// What is wrong where a host or an additional name needs the version and there is none.
pub fn names_without_version(config: &Object, prior: Option<&Object>, planned: &Object) -> Option<Diagnostic> {
    without_version(&Reader::new(planned), &outputs::configured_host(config, prior), Pinned::Left)
}

/// What is wrong where pinned addresses need the version too and there is none. This is for a plan to judge: addresses that exist already
/// must not keep anybody from a destroy, which plans an update first.
pub fn addresses_without_version(config: &Object, prior: Option<&Object>, planned: &Object) -> Option<Diagnostic> {
    without_version(&Reader::new(planned), &outputs::configured_host(config, prior), Pinned::Counted)
}

fn without_version(planned: &Reader<'_>, host: &Maybe<Option<String>>, pinned: Pinned) -> Option<Diagnostic> {
    let counted = pinned == Pinned::Counted;
    let contract = outputs::contract_with(planned, host.clone(), &Inventory::default(), counted);
    let reasons = contract.needs_talos_version();
    (!reasons.is_empty()).then(|| contract::no_talos_version(&reasons))
}

fn additional_names(planned: &Reader<'_>, host: &Maybe<Option<String>>, diagnostics: &mut Diagnostics) {
    let host = host.clone().present().map(|host| (Path::of(contract::HOST), host));
    let pinned = outputs::pinned_addresses(planned).into_iter();
    let pinned = pinned.filter_map(|(path, address)| Some((path, address.known()?)));
    contract::repeated_names(planned, &host.into_iter().chain(pinned).collect::<Vec<_>>(), diagnostics);
}

/// The listeners that are known to be on.
fn on<'a>(planned: &Reader<'a>) -> impl Iterator<Item = (Role, Reader<'a>)> {
    let planned = *planned;
    Role::ALL.into_iter().filter_map(move |role| {
        let listener = planned.nested(role.name()).present()?;
        (is_on(&planned, role) == Maybe::Known(true)).then_some((role, listener))
    })
}

#[cfg(test)]
mod tests;
