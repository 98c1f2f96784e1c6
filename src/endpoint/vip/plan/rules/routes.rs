//! Static addressing: what it needs, and the gateways.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::endpoint::address;
use crate::endpoint::vip::model::inputs::{Inputs, Node, subnets};
use crate::endpoint::vip::model::schema::names::{ADDRESS, GATEWAY};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// Every rule about static addressing.
pub fn check(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    match inputs.static_addressing {
        Maybe::Known(true) => inputs.known_nodes().iter().for_each(|node| addressed(node, diagnostics)),
        Maybe::Known(false) => return idle_gateways(inputs, diagnostics),
        Maybe::Unknown => {}
    }
    let mut common_is_wrong = false;
    for node in inputs.known_nodes() {
        let Some(gateway) = node.gateway.clone().present() else { continue };
        // The common one is wrong once, whatever the number of nodes.
        if common_is_wrong && !node.own_gateway {
            continue;
        }
        if let Some((title, reason)) = problem(inputs, node, gateway) {
            common_is_wrong |= !node.own_gateway;
            let detail = format!("{reason} Set the address of the router in the node's subnet.");
            diagnostics.push(Diagnostic::invalid(gateway_path(node), title, detail));
        }
    }
}

fn gateway_path(node: &Node) -> Path {
    if node.own_gateway { node.path().attribute(GATEWAY) } else { Path::of(GATEWAY) }
}

/// The patch carries each address as it is on the link: with its prefix length.
fn addressed(node: &Node, diagnostics: &mut Diagnostics) {
    if node.address.is_absent() {
        diagnostics.push(Diagnostic::invalid(
            node.path().attribute(ADDRESS),
            "No address",
            format!("With `static_addressing` the patch gives each node its address, and `{}` has none.", node.name),
        ));
    }
    for (path, address) in node.addresses() {
        if address.prefix.is_none() {
            let example = if address.ip.is_ipv4() { 24 } else { 64 };
            let detail = format!(
                "With `static_addressing` the patch gives the node its address together with the prefix length of its subnet. Write \
                 `{}/{example}`, or whatever the length is.",
                address.ip
            );
            diagnostics.push(Diagnostic::invalid(path, "No prefix length", detail));
        }
    }
}

/// A gateway that nothing uses.
fn idle_gateways(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let common = inputs.common.gateway.clone().present().map(|_| Path::of(GATEWAY));
    let own = inputs.known_nodes().iter().filter(|node| node.own_gateway && node.gateway.clone().present().is_some());
    for path in common.into_iter().chain(own.map(gateway_path)) {
        diagnostics.push(Diagnostic::invalid(
            path,
            "Gateway without static addressing",
            "The patches carry no addresses, so a default route has no place in them. Set `static_addressing = true`, or remove `gateway`.",
        ));
    }
}

/// What is wrong with the gateway of a node: title and reason.
fn problem(inputs: &Inputs, node: &Node, gateway: IpAddr) -> Option<(&'static str, String)> {
    let link_local = matches!(gateway, IpAddr::V6(ip) if ip.is_unicast_link_local());
    if link_local {
        return None; // usual for IPv6: the router's address on every link
    }
    let not_a_gateway = "Not the address of a gateway";
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

/// A gateway is in a subnet of the node.
fn reach(node: &Node, gateway: IpAddr) -> Option<(&'static str, String)> {
    let addresses = node.addresses();
    if node.may_have_more_addresses() || addresses.is_empty() {
        return None;
    }
    let of_family = addresses.iter().filter(|(_, address)| address.same_family(gateway)).count();
    if of_family == 0 {
        let family = if gateway.is_ipv4() { 4 } else { 6 };
        let reason = format!("{gateway} is IPv{family}, and node `{}` has no address of that family.", node.name);
        return Some(("Gateway of another address family", reason));
    }
    let subnets = subnets(node, gateway);
    if let Some(reason) = subnets.iter().find_map(|net| address::reserved(gateway, *net)) {
        return Some(("Not the address of a gateway", format!("{gateway} can't be one: {reason}.")));
    }
    if subnets.len() < of_family || subnets.iter().any(|net| net.contains(&gateway)) {
        return None;
    }
    let of_node = subnets.iter().map(IpNet::to_string).collect::<Vec<_>>().join(" and ");
    let reason = format!("{gateway} is not in {of_node}, where node `{}` is, so the node can't reach it.", node.name);
    Some(("Gateway outside the node's subnet", reason))
}
