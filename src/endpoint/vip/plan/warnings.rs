//! What works but is probably not what the user wants: reported when something is created or the argument changes, not on every plan.

mod base;

use std::net::IpAddr;

use base::base_configuration;

use crate::endpoint::address::Address;
use crate::endpoint::contract::{self, CONTROL_PLANE, KUBERNETES_API};
use crate::endpoint::vip::model::inputs::{DEFAULT_PORT, Form, Inputs, Node, of_no_node_s_family, subnets};
use crate::endpoint::vip::model::link::Choice;
use crate::endpoint::vip::model::schema::names::{ADDITIONAL_GATEWAY, DEVICE_SELECTOR, GATEWAY, PORT};
use crate::endpoint::vip::model::selector::PHYSICAL;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;
use crate::framework::value::Object;

/// Why the old virtual IP can't stay beside the new one in the legacy form.
const ONE_ON_A_LINK: &str = "In the legacy form a link has room for one virtual IP.";

/// Warns of `planned`, save of what was the same in `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let inputs = Inputs::read(config, planned);
    let only_one_fits = (inputs.form == Maybe::Known(Form::Legacy)).then_some(ONE_ON_A_LINK);
    contract::warnings(config, prior, planned, only_one_fits, diagnostics);
    let of = |object: &Object| all(&Inputs::read(config, object));
    let known = prior.map(of).unwrap_or_default();
    for warning in all(&inputs) {
        if !known.iter().any(|before| *before == warning) {
            diagnostics.push(warning);
        }
    }
}

fn all(inputs: &Inputs) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    number_of_nodes(inputs, &mut diagnostics);
    hostnames(inputs, &mut diagnostics);
    unannounced(inputs, &mut diagnostics);
    family_of_additional(inputs, &mut diagnostics);
    unknown_subnet(inputs, &mut diagnostics);
    no_route(inputs, &mut diagnostics);
    base_configuration(inputs, &mut diagnostics);
    port(inputs, &mut diagnostics);
    if inputs.form == Maybe::Known(Form::Legacy) {
        addresses_of_the_base(inputs, &mut diagnostics);
        unmerged_selectors(inputs, &mut diagnostics);
    }
    diagnostics
}

/// `a`, `b` and `c`.
fn names<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> String {
    nodes.into_iter().map(|node| format!("`{}`", node.name)).collect::<Vec<_>>().join(", ")
}

fn number_of_nodes(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let count = inputs.known_nodes().len();
    if count == 1 {
        diagnostics.push(Diagnostic::warning(
            Path::of(CONTROL_PLANE),
            "One control-plane node",
            "When this node fails, there is no other one to take over the virtual IP. Three nodes survive the loss of \
             one.",
        ));
    } else if count > 0 && count.is_multiple_of(2) {
        diagnostics.push(Diagnostic::warning(
            Path::of(CONTROL_PLANE),
            "An even number of control-plane nodes",
            format!(
                "With {count} nodes etcd survives no more failures than with {}, and without etcd there is no virtual \
                 IP. Use an odd number.",
                count - 1
            ),
        ));
    }
}

fn hostnames(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let nodes = inputs.known_nodes();
    for (i, node) in nodes.iter().enumerate() {
        if let Some(other) = nodes[..i].iter().find(|other| other.name.eq_ignore_ascii_case(&node.name)) {
            diagnostics.push(Diagnostic::warning(
                node.path(),
                "Node names differ only in case",
                format!(
                    "`{}` and `{}` are one name to DNS and to Kubernetes. If they are the hostnames, the virtual IP \
                     moves back and forth: nodes elect its holder by hostname.",
                    other.name, node.name
                ),
            ));
        }
    }
}

fn unannounced(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    for vip in inputs.vips() {
        let Some(ip) = vip.ip.clone().known().filter(|ip| ip.is_ipv6()) else { continue };
        diagnostics.push(Diagnostic::warning(
            vip.path.clone(),
            "IPv6 virtual IP not announced",
            format!(
                "When a virtual IP moves to another node, Talos announces an IPv4 address by gratuitous ARP, but \
                 doesn't announce {ip}: after a failure clients wait until their neighbour tables forget the old node. \
                 Choose an IPv4 address if clients can't wait."
            ),
        ));
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
    let unchecked = |node: &&Node| !node.may_have_more_addresses() && subnets(node, ip).is_empty();
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

/// Nodes that get addresses of a family and no default route to go with them.
fn no_route(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    if inputs.static_addressing != Maybe::Known(true) {
        return;
    }
    let lacks = |node: &Node, ipv4: bool| {
        let Some(gateways) = node.routes.known_gateways() else { return false };
        let has_address = node.addresses().iter().any(|(_, address)| address.ip.is_ipv4() == ipv4);
        // DHCP gives IPv4 its route.
        let is_given = ipv4 && node.dhcp == Maybe::Known(Some(true));
        has_address && !is_given && !gateways.iter().any(|gateway| gateway.is_ipv4() == ipv4)
    };
    let all = inputs.known_nodes();
    for (family, consequence) in [
        (
            4,
            "Without one from the base configuration they reach only their own subnets: no image registry, no time \
             server.",
        ),
        (
            6,
            "They have one only if a router announces itself (router advertisements), or if the base configuration has \
             the route.",
        ),
    ] {
        let nodes: Vec<&Node> = all.iter().filter(|node| lacks(node, family == 4)).collect();
        if nodes.is_empty() {
            continue;
        }
        // Of two families IPv4 takes the first argument, unless that is set.
        let has_ipv4 = |node: &&Node| node.addresses().iter().any(|(_, address)| address.ip.is_ipv4());
        let taken = nodes.iter().any(|node| node.routes.gateway.value.clone().present().is_some())
            || family == 6 && nodes.iter().any(has_ipv4);
        let argument = if taken { ADDITIONAL_GATEWAY } else { GATEWAY };
        diagnostics.push(Diagnostic::warning(
            Path::of(argument),
            format!("No default route for IPv{family}"),
            format!(
                "The patches give {} an IPv{family} address and no default route. {consequence} Set `{argument}`, if \
                 there is a router.",
                names(nodes)
            ),
        ));
    }
}

fn port(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let Maybe::Known(port) = inputs.port else { return };
    if port != DEFAULT_PORT {
        diagnostics.push(Diagnostic::warning(
            Path::of(KUBERNETES_API).attribute(PORT),
            "The API server must listen on another port",
            format!(
                "A virtual IP doesn't translate ports: {port} works only if the API server itself listens there, by \
                 `cluster.controlPlane.localAPIServerPort: {port}` in the machine configuration (from the 1.14 \
                 contract on: `apiPort` in `KubeAPIServerConfig`). Otherwise remove the argument."
            ),
        ));
    }
}

/// The trap of a guide that shows the patch without the rest of the machine configuration.
fn addresses_of_the_base(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let said_nothing = inputs.static_addressing == Maybe::Known(false);
    let trapped = |node: &&Node| node.address.clone().present().is_some() && node.dhcp.is_absent();
    let nodes: Vec<&Node> = inputs.known_nodes().iter().filter(trapped).collect();
    if !said_nothing || nodes.is_empty() {
        return;
    }
    diagnostics.push(Diagnostic::warning(
        Path::of(CONTROL_PLANE),
        "The base configuration must address the link",
        format!(
            "In the legacy form a patch names the interface, and Talos then ends its default DHCP on it. {}: unless \
             the base configuration addresses that interface, the node loses its address. Set `static_addressing = \
             true` to have the addresses in the patches, `dhcp = true` for DHCP, or `dhcp = false` if the base \
             configuration addresses it.",
            names(nodes)
        ),
    ));
}

fn unmerged_selectors(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let mut places: Vec<(Path, &Choice)> = vec![(Path::root(), &inputs.common.link)];
    places.extend(inputs.known_nodes().iter().map(|node| (node.path(), &node.link)));
    for vip in inputs.additional.as_ref().known().into_iter().flatten() {
        places.extend(vip.link.as_ref().map(|link| (vip.place(), link)));
    }
    for (place, choice) in places {
        let selector = choice.selector.clone().present().and_then(Maybe::known);
        if selector.is_some_and(|selector| selector.physical) {
            diagnostics.push(Diagnostic::warning(
                place.attribute(DEVICE_SELECTOR).attribute(PHYSICAL),
                "The selector never merges with the base configuration",
                "Talos never treats a selector with `physical` as equal to the same one in the base configuration: the \
                 link gets two entries. If the base configuration has this selector, select by another property.",
            ));
        }
    }
}

#[cfg(test)]
mod tests;
