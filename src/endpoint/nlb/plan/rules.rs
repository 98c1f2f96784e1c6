//! Rules between attributes, silent about what is not yet known.
//!
//! They see the effective object: the configuration with every default filled in.

use super::outputs::{self, Facts};
use crate::endpoint::nlb::model::inventory::Parts;
use crate::endpoint::nlb::model::role::{BALANCER_SUFFIX, Role};
use crate::endpoint::nlb::model::spec::is_on;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Value;

/// The longest name that AWS takes (API reference of CreateLoadBalancer and CreateTargetGroup).
const LONGEST_NAME: usize = 32;

/// Checks everything that can be decided from the effective configuration alone.
pub fn rules(effective: &Reader<'_>, configured_host: Maybe<Option<String>>, diagnostics: &mut Diagnostics) {
    names(effective, diagnostics);
    subnets(effective, diagnostics);
    private_link(effective, diagnostics);
    ports(effective, diagnostics);
    health_checks(effective, diagnostics);
    at_least_one_listener(effective, diagnostics);
    if !may_be_own(&configured_host) {
        talos_version(effective, configured_host, diagnostics);
    }
}

/// True if a host has the form of names that AWS gives to load balancers. It may then be the endpoint's own name, which counts as none;
/// only a plan knows.
pub fn may_be_own(host: &Maybe<Option<String>>) -> bool {
    let is_of_aws = |host: &String| host.contains(".elb.") && host.trim_end_matches(".cn").ends_with(".amazonaws.com");
    host.is_known_and(|host| host.as_ref().is_some_and(is_of_aws))
}

fn names(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let (name, own) = (effective.text("name"), effective.text("load_balancer_name"));
    if name.is_absent() && own.is_absent() {
        diagnostics.push(Diagnostic::invalid(
            Path::of("name"),
            "No name",
            "Exactly one of `name` and `load_balancer_name` is needed. Set `name`: everything is named after it.",
        ));
    }
    if let (Some(_), Some(_)) = (name.clone().present(), own.clone().present()) {
        diagnostics.push(Diagnostic::invalid(
            Path::of("load_balancer_name"),
            "Two names",
            "Exactly one of `name` and `load_balancer_name` is needed. Remove one of them.",
        ));
    }
    if let Some(name) = name.clone().present() {
        derived_length(name, BALANCER_SUFFIX, "load balancer", diagnostics);
    }
    if !(name.is_absent() && own.is_absent()) {
        group_names(effective, &name, diagnostics);
    }
}

fn derived_length(name: &str, suffix: &str, what: &str, diagnostics: &mut Diagnostics) {
    let length = name.len() + suffix.len();
    if length > LONGEST_NAME {
        diagnostics.push(Diagnostic::invalid(
            Path::of("name"),
            "Name too long",
            format!(
                "The {what} would be named `{name}{suffix}`, which has {length} characters; AWS takes {LONGEST_NAME}. Shorten `name` to at \
                 most {} characters.",
                LONGEST_NAME - suffix.len()
            ),
        ));
    }
}

fn group_names(effective: &Reader<'_>, name: &Maybe<Option<&str>>, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(&str, Role)> = Vec::new();
    for (role, listener) in on(effective) {
        let path = Path::of(role.name()).attribute("target_group_name");
        let group = listener.text("target_group_name");
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

fn subnets(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let (ids, mappings) = (effective.texts("subnet_ids"), effective.nested_items("subnet_mappings"));
    if ids.is_absent() && mappings.is_absent() {
        diagnostics.push(Diagnostic::invalid(
            Path::of("subnet_ids"),
            "No subnets",
            "Exactly one of `subnet_ids` and `subnet_mappings` is needed. Set `subnet_ids` to one subnet for each Availability Zone.",
        ));
    }
    if ids.clone().present().is_some() && mappings.clone().present().is_some() {
        diagnostics.push(Diagnostic::invalid(
            Path::of("subnet_mappings"),
            "Subnets twice",
            "Exactly one of `subnet_ids` and `subnet_mappings` is needed. Remove one of them.",
        ));
    }
    for mapping in mappings.present().unwrap_or_default() {
        mapping_addresses(effective, &mapping, diagnostics);
    }
    repeated_subnets(effective, diagnostics);
}

fn mapping_addresses(effective: &Reader<'_>, mapping: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let subnet = mapping.text("subnet_id").present().unwrap_or("(known after apply)");
    let internal = effective.bool("internal");
    let mut refuse = |title: &str, detail: String| {
        diagnostics.push(Diagnostic::invalid(Path::of("subnet_mappings"), title, detail));
    };
    let has = |name: &str| mapping.text(name).present().is_some();
    if internal.is_known_and(|internal| *internal == Some(true)) && has("allocation_id") {
        refuse(
            "Elastic IP on an internal load balancer",
            format!(
                "Subnet {subnet} has an `allocation_id`, but the load balancer is internal. Remove it, or set `internal = false`."
            ),
        );
    }
    if internal.is_known_and(|internal| *internal == Some(false)) && has("private_ipv4_address") {
        refuse(
            "Private address on an internet-facing load balancer",
            format!(
                "Subnet {subnet} has a `private_ipv4_address`, but the load balancer is internet-facing. Remove it, or set `internal = true`."
            ),
        );
    }
    if effective.text("ip_address_type").is_known_and(|kind| *kind == Some("ipv4")) && has("ipv6_address") {
        refuse(
            "IPv6 address without dual stack",
            format!(
                "Subnet {subnet} has an `ipv6_address`. Set `ip_address_type = \"dualstack\"`, or remove the address."
            ),
        );
    }
}

fn repeated_subnets(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let mappings = effective.nested_items("subnet_mappings").present().unwrap_or_default();
    let mut ids: Vec<&str> = mappings.iter().filter_map(|mapping| mapping.text("subnet_id").present()).collect();
    ids.sort_unstable();
    for pair in ids.windows(2).filter(|pair| pair[0] == pair[1]) {
        diagnostics.push(Diagnostic::invalid(
            Path::of("subnet_mappings"),
            "Subnet named twice",
            format!("{} has two mappings. A load balancer has one place in each subnet: keep one of them.", pair[0]),
        ));
    }
}

fn private_link(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let name = "enforce_security_group_inbound_rules_on_private_link_traffic";
    let set = effective.text(name).present().is_some();
    if set && super::defaults::has_security_groups(effective).is_known_and(|has| !has) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(name),
            "No security groups",
            "This setting is about the rules of security groups, and the load balancer has none. Remove it, or set `security_group_ids`.",
        ));
    }
}

fn ports(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(i64, Role)> = Vec::new();
    for (role, listener) in on(effective) {
        let Some(port) = listener.number("port").present() else { continue };
        match seen.iter().find(|(taken, _)| *taken == port) {
            Some((_, other)) => diagnostics.push(Diagnostic::invalid(
                Path::of(role.name()).attribute("port"),
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

fn health_checks(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let common = effective.nested("health_check").present();
    if let Some(check) = &common {
        timeout_within_interval(check, &Path::of("health_check"), diagnostics);
    }
    let inherits = |check: &Reader<'_>| {
        let same = |name: &str| common.is_some_and(|common| common.value(name) == check.value(name));
        same("interval") && same("timeout")
    };
    for (role, listener) in on(effective) {
        let Some(check) = listener.nested("health_check").present() else { continue };
        let path = Path::of(role.name()).attribute("health_check");
        if !inherits(&check) {
            timeout_within_interval(&check, &path, diagnostics);
        }
        if check.text("protocol").is_known_and(|protocol| *protocol == Some("TCP")) {
            for name in ["path", "matcher"] {
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
    let (Some(interval), Some(timeout)) = (check.number("interval").present(), check.number("timeout").present())
    else {
        return;
    };
    if timeout > interval {
        diagnostics.push(Diagnostic::invalid(
            path.attribute("timeout"),
            "Timeout longer than the interval",
            format!(
                "The check waits {timeout} s for an answer but runs every {interval} s. Lower `timeout` (5 if it is not set) or raise \
                 `interval` (10 if it is not set)."
            ),
        ));
    }
}

fn at_least_one_listener(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if Role::ALL.into_iter().all(|role| is_on(effective, role) == Maybe::Known(false)) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(Role::KubernetesApi.name()).attribute("enabled"),
            "No listener",
            "Every listener is switched off, so the load balancer would lead nowhere. Switch one on.",
        ));
    }
}

/// Checks that the version is there where a patch depends on it.
pub fn talos_version(effective: &Reader<'_>, configured_host: Maybe<Option<String>>, diagnostics: &mut Diagnostics) {
    let facts = Facts {
        parts: &Parts::default(),
        configured_host,
        region: Maybe::Unknown,
        group_names: Default::default(),
        tags_all: Value::UNKNOWN_NOT_NULL,
    };
    if outputs::contract(effective, &facts).lacks_talos_version() {
        diagnostics.push(Diagnostic::invalid(
            Path::of("talos_version"),
            "No Talos version",
            "The endpoint has more than one name, so kube-apiserver's certificate needs extra names, and the form of that patch depends on \
             the version contract of the machine configuration. Set `talos_version`, such as `v1.12`.",
        ));
    }
}

/// The listeners that are known to be on.
fn on<'a>(effective: &Reader<'a>) -> impl Iterator<Item = (Role, Reader<'a>)> {
    let effective = *effective;
    Role::ALL.into_iter().filter_map(move |role| {
        let listener = effective.nested(role.name()).present()?;
        (is_on(&effective, role) == Maybe::Known(true)).then_some((role, listener))
    })
}

#[cfg(test)]
mod tests;
