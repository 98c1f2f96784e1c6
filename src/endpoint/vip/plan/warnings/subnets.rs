//! Virtual IPs and the subnets of the nodes: what can't be checked, and what doesn't fit though Talos takes it.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::endpoint::address::Address;
use crate::endpoint::contract::CONTROL_PLANE;
use crate::endpoint::vip::model::inputs::{Inputs, Node, Vip, names, of_no_node_s_family, subnets};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// Every warning about subnets.
pub fn warnings(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    family_of_additional(inputs, diagnostics);
    unknown_subnet(inputs, diagnostics);
    for vip in inputs.vips() {
        let Maybe::Known(ip) = vip.ip else { continue };
        nodes_of_the_other_family(inputs, vip, ip, diagnostics);
        apart_from_its_subnet(inputs, vip, ip, diagnostics);
    }
    if let Maybe::Known(ip) = inputs.vip.ip {
        prefix_lengths(inputs, ip, diagnostics);
    }
}

fn family_of_additional(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    for vip in inputs.additional.as_ref().known().into_iter().flatten() {
        let Some(ip) = vip.ip.clone().known().filter(|ip| of_no_node_s_family(inputs, *ip)) else { continue };
        diagnostics.push(Diagnostic::warning(
            vip.path.clone(),
            "Virtual IP of another address family",
            format!(
                "No node is known to have an address of the family of {ip}. If they have one, add it to \
                 `additional_addresses`."
            ),
        ));
    }
}

/// Nodes by whose addresses the virtual IP can't be checked.
fn unknown_subnet(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let Maybe::Known(ip) = inputs.vip.ip else { return };
    let unchecked = |node: &&Node| {
        !node.may_have_more_addresses() && subnets(node, ip).is_empty() && !is_of_the_other_family(node, ip)
    };
    let nodes: Vec<&Node> = inputs.known_nodes().iter().filter(unchecked).collect();
    if nodes.is_empty() || of_no_node_s_family(inputs, ip) {
        return;
    }
    let (alone, without): (Vec<&Node>, Vec<&Node>) = nodes.iter().partition(|node| stands_alone(node, ip));
    let mut reasons = Vec::new();
    if !without.is_empty() {
        reasons.push(format!("{}: no `address` with a prefix length.", names(without.iter().copied())));
    }
    if !alone.is_empty() {
        let length = if ip.is_ipv4() { 32 } else { 128 };
        reasons.push(format!("{}: a prefix length of {length} covers the address alone.", names(alone)));
    }
    let undialled = |node: &&&Node| node.address.is_absent() && node.endpoint.is_absent();
    let undialled = names(nodes.iter().filter(undialled).copied());
    if !undialled.is_empty() {
        reasons.push(format!("`talosctl_endpoints` lacks {undialled}: set `endpoint` there to what talosctl dials."));
    }
    diagnostics.push(Diagnostic::warning(
        Path::of(CONTROL_PLANE),
        "Virtual IP not checked",
        format!("Clients reach {ip} only if it is in the nodes' subnet, which isn't known here. {}", reasons.join(" ")),
    ));
}

/// True if the node has an address of the family of `ip`, with a prefix that covers that address alone.
fn stands_alone(node: &Node, ip: IpAddr) -> bool {
    let alone = |address: &Address| address.subnet().is_some_and(|net| net.prefix_len() == net.max_prefix_len());
    node.addresses().iter().any(|(_, address)| address.same_family(ip) && alone(address))
}

/// True if all addresses of the node are known, there are some, and none is of `ip`'s family.
fn is_of_the_other_family(node: &Node, ip: IpAddr) -> bool {
    let addresses = node.addresses();
    !node.may_have_more_addresses()
        && !addresses.is_empty()
        && !addresses.iter().any(|(_, address)| address.same_family(ip))
}

/// Nodes without an address beside that of the virtual IP, where others have one.
fn nodes_of_the_other_family(inputs: &Inputs, vip: &Vip, ip: IpAddr, diagnostics: &mut Diagnostics) {
    let lacks = |node: &&Node| inputs.is_on_own_link(node, vip) && is_of_the_other_family(node, ip);
    let nodes: Vec<&Node> = inputs.known_nodes().iter().filter(lacks).collect();
    if nodes.is_empty() || of_no_node_s_family(inputs, ip) {
        return;
    }
    let family = if ip.is_ipv4() { 4 } else { 6 };
    diagnostics.push(Diagnostic::warning(
        vip.path.clone(),
        "Nodes without an address of the virtual IP's family",
        format!(
            "No IPv{family} address: {}. Such a node can't serve {ip}, and may be elected to hold it. Give each node \
             an IPv{family} address in the subnet of the virtual IP (`additional_addresses`).",
            names(nodes)
        ),
    ));
}

/// A virtual IP of the subnet that the patches give one link, and carried by another.
fn apart_from_its_subnet(inputs: &Inputs, vip: &Vip, ip: IpAddr, diagnostics: &mut Diagnostics) {
    if inputs.static_addressing != Maybe::Known(true) {
        return;
    }
    let apart = |node: &&Node| {
        inputs.is_on_another_link(node, vip) && subnets(node, ip).iter().any(|subnet| subnet.contains(&ip))
    };
    let nodes: Vec<&Node> = inputs.known_nodes().iter().filter(apart).collect();
    if nodes.is_empty() {
        return;
    }
    diagnostics.push(Diagnostic::warning(
        vip.path.clone(),
        "Virtual IP on another link than its subnet",
        format!(
            "{ip} is in the subnet in which the patches address {}, but on another link than these addresses. Clients \
             of that subnet ask there for the virtual IP, and the link that carries it leads elsewhere. Put the \
             virtual IP on the link of the addresses, or choose one of the other link's network.",
            names(nodes)
        ),
    ));
}

/// Nodes of one network that don't agree on its size.
fn prefix_lengths(inputs: &Inputs, ip: IpAddr, diagnostics: &mut Diagnostics) {
    let mut found: Vec<(IpNet, Vec<&Node>)> = Vec::new();
    for node in inputs.known_nodes() {
        for subnet in subnets(node, ip).into_iter().filter(|subnet| subnet.contains(&ip)) {
            match found.iter_mut().find(|(other, _)| *other == subnet) {
                Some((_, nodes)) => nodes.push(node),
                None => found.push((subnet, vec![node])),
            }
        }
    }
    if found.len() < 2 {
        return;
    }
    let each = found.into_iter().map(|(subnet, nodes)| format!("{subnet} ({})", names(nodes)));
    diagnostics.push(Diagnostic::warning(
        Path::of(CONTROL_PLANE),
        "Nodes with different prefix lengths",
        format!(
            "The nodes are on one network and give it different sizes: {}. A node of the smaller one sends what is for \
             the rest to its router. Correct the prefix lengths.",
            each.collect::<Vec<_>>().join(", ")
        ),
    ));
}
