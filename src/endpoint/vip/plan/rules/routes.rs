//! Static addressing: what it needs, and the gateways.

use std::net::IpAddr;

use crate::endpoint::address;
use crate::endpoint::enumeration::listed;
use crate::endpoint::vip::model::inputs::{Inputs, Node, subnets};
use crate::endpoint::vip::model::routes::Setting;
use crate::endpoint::vip::model::schema::names::ADDRESS;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// Every rule about static addressing.
pub fn check(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    match inputs.static_addressing {
        Maybe::Known(true) => inputs.known_nodes().iter().for_each(|node| addressed(node, diagnostics)),
        Maybe::Known(false) => return idle_routes(inputs, diagnostics),
        Maybe::Unknown => {}
    }
    let mut wrong: Vec<&Path> = Vec::new();
    for node in inputs.known_nodes() {
        for Setting { value, path } in node.routes.gateways() {
            let Some(gateway) = value.clone().present() else { continue };
            // The common one is wrong once, whatever the number of nodes.
            if wrong.contains(&path) {
                continue;
            }
            if let Some((title, reason)) = problem(inputs, node, gateway) {
                wrong.push(path);
                let detail = format!("{reason} Set the address of the router in the node's subnet.");
                diagnostics.push(Diagnostic::invalid(path.clone(), title, detail));
            }
        }
        two_of_a_family(node, &mut wrong, diagnostics);
    }
    idle_priorities(inputs, diagnostics);
}

/// A metric of routes that no node has.
fn idle_priorities(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let nodes = inputs.known_nodes();
    let mut set: Vec<&Path> = Vec::new();
    for Setting { value, path } in nodes.iter().map(|node| &node.routes.priority) {
        if value.clone().present().is_some() && !set.contains(&path) {
            set.push(path);
        }
    }
    let has_route = |node: &Node| node.routes.known_gateways().is_none_or(|gateways| !gateways.is_empty());
    for path in set {
        if !nodes.iter().any(|node| node.routes.priority.path == *path && has_route(node)) {
            diagnostics.push(Diagnostic::invalid(
                path.clone(),
                "Route priority without a gateway",
                format!("`{path}` is the metric of default routes, and there is none. Set `gateway`, or remove it."),
            ));
        }
    }
}

/// Talos would make two default routes of one metric, of which Linux takes one.
fn two_of_a_family<'a>(node: &'a Node, wrong: &mut Vec<&'a Path>, diagnostics: &mut Diagnostics) {
    let [one, other] = node.routes.gateways();
    let (Some(first), Some(second)) = (one.value.clone().present(), other.value.clone().present()) else { return };
    if first.is_ipv4() != second.is_ipv4() || wrong.contains(&&other.path) {
        return;
    }
    wrong.push(&other.path);
    let family = if second.is_ipv4() { 4 } else { 6 };
    let detail = format!(
        "{first} (`gateway`) and {second} are both IPv{family}. A node has one default route of each family: set the \
         gateway of the other one, or remove this."
    );
    diagnostics.push(Diagnostic::invalid(other.path.clone(), "Two gateways of one address family", detail));
}

/// The patch carries each address as it is on the link: with its prefix length.
fn addressed(node: &Node, diagnostics: &mut Diagnostics) {
    if node.address.is_absent() {
        diagnostics.push(Diagnostic::invalid(
            node.path().attribute(ADDRESS),
            "Missing address",
            format!(
                "With `static_addressing` the patch gives each node its address, and `{}` has none. Set `address` \
                 with its prefix length, or `static_addressing = false` if the base configuration or DHCP addresses \
                 the nodes.",
                node.name
            ),
        ));
    }
    for (path, address) in node.addresses() {
        if address.prefix.is_none() {
            let example = if address.ip.is_ipv4() { 24 } else { 64 };
            let detail = format!(
                "With `static_addressing` the patch gives the node its address together with the prefix length of its \
                 subnet. Write `{}/{example}`, or whatever the length is.",
                address.ip
            );
            diagnostics.push(Diagnostic::invalid(path, "Missing prefix length", detail));
        }
    }
}

/// A default route without the addresses that it goes with.
fn idle_routes(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let all = std::iter::once(&inputs.common.routes).chain(inputs.known_nodes().iter().map(|node| &node.routes));
    let mut idle: Vec<(&Path, &str)> = Vec::new();
    for routes in all {
        let gateways = routes.gateways().map(|it| (it.value.clone().present().is_some(), &it.path, "Gateway"));
        let priority = &routes.priority;
        let priority = (priority.value.clone().present().is_some(), &priority.path, "Route priority");
        for (is_set, path, what) in gateways.into_iter().chain([priority]) {
            if is_set && !idle.iter().any(|(other, _)| *other == path) {
                idle.push((path, what));
            }
        }
    }
    for (path, what) in idle {
        diagnostics.push(Diagnostic::invalid(
            path.clone(),
            format!("{what} without static addressing"),
            format!(
                "The patches carry no addresses, so there is no place for a default route. Set `static_addressing = \
                 true`, or remove `{path}`."
            ),
        ));
    }
}

/// What is wrong with the gateway of a node: title and reason.
fn problem(inputs: &Inputs, node: &Node, gateway: IpAddr) -> Option<(&'static str, String)> {
    let link_local = matches!(gateway, IpAddr::V6(ip) if ip.is_unicast_link_local());
    if link_local {
        return family(node, gateway); // usual for IPv6: the router's address on every link
    }
    let not_a_gateway = "Unusable gateway";
    if let Some(reason) = address::unusable(gateway) {
        return Some((not_a_gateway, format!("{gateway} can't be one: {reason}.")));
    }
    if inputs.vips().iter().any(|vip| vip.ip == Maybe::Known(gateway)) {
        return Some((not_a_gateway, format!("{gateway} is the virtual IP.")));
    }
    let owner = inputs.known_nodes().iter().find(|node| node.addresses().iter().any(|(_, own)| own.ip == gateway));
    if let Some(owner) = owner {
        return Some((not_a_gateway, format!("{gateway} is the address of node `{}`.", owner.name)));
    }
    reach(node, gateway)
}

/// A gateway is of a family in which the node has an address.
fn family(node: &Node, gateway: IpAddr) -> Option<(&'static str, String)> {
    let addresses = node.addresses();
    if node.may_have_more_addresses() || addresses.is_empty() {
        return None;
    }
    if addresses.iter().any(|(_, address)| address.same_family(gateway)) {
        return None;
    }
    let family = if gateway.is_ipv4() { 4 } else { 6 };
    let reason = format!("{gateway} is IPv{family}, and node `{}` has no address of that family.", node.name);
    Some(("Gateway of another address family", reason))
}

/// A gateway is in a subnet of the node.
fn reach(node: &Node, gateway: IpAddr) -> Option<(&'static str, String)> {
    let addresses = node.addresses();
    if node.may_have_more_addresses() || addresses.is_empty() {
        return None;
    }
    if let Some(problem) = family(node, gateway) {
        return Some(problem);
    }
    let of_family = addresses.iter().filter(|(_, address)| address.same_family(gateway)).count();
    let subnets = subnets(node, gateway);
    if let Some(reason) = subnets.iter().find_map(|net| address::reserved(gateway, *net)) {
        return Some(("Unusable gateway", format!("{gateway} can't be one: {reason}.")));
    }
    if subnets.len() < of_family || subnets.iter().any(|net| net.contains(&gateway)) {
        return None;
    }
    let of_node = listed(&subnets);
    let reason = format!("{gateway} is not in {of_node}, where node `{}` is, so the node can't reach it.", node.name);
    Some(("Gateway outside the node's subnet", reason))
}
