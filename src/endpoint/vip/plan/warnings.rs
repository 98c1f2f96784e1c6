//! What works but is probably not what the user wants: reported when something is created or the argument changes, not on every plan.

mod base;

use std::net::IpAddr;

use base::base_configuration;

use crate::endpoint::address::Address;
use crate::endpoint::contract::{self, CONTROL_PLANE, KUBERNETES_API};
use crate::endpoint::vip::model::inputs::{DEFAULT_PORT, Form, Inputs, Node, of_no_node_s_family, subnets};
use crate::endpoint::vip::model::link::Choice;
use crate::endpoint::vip::model::schema::names::{DEVICE_SELECTOR, GATEWAY, PORT};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;
use crate::framework::value::Object;

/// Why the old virtual IP can't stay beside the new one in the legacy form.
const ONE_ON_A_LINK: &str = "In the legacy form a link has room for one virtual IP.";

/// Warns of `planned`, save of what was the same in `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let inputs = Inputs::read(config, planned);
    let no_room = (inputs.form == Maybe::Known(Form::Legacy)).then_some(ONE_ON_A_LINK);
    contract::warnings(config, prior, planned, no_room, diagnostics);
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
            "The virtual IP has no other node to go to when this one fails. Three nodes survive the loss of one.",
        ));
    } else if count > 0 && count.is_multiple_of(2) {
        diagnostics.push(Diagnostic::warning(
            Path::of(CONTROL_PLANE),
            "An even number of control-plane nodes",
            format!(
                "With {count} nodes etcd survives no more failures than with {}, and without etcd there is no virtual \
                 IP. Take an odd number.",
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
                "Two nodes of one name",
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
            "Nobody announces an IPv6 virtual IP",
            format!(
                "Talos announces an IPv4 address when it moves, by gratuitous ARP, and sends nothing of the kind for \
                 {ip}: after a failure clients wait until their neighbour tables forget the old node. Take IPv4 where \
                 clients can't wait."
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
                "No node is known to have an address of the family of {ip}. If they have, say so in \
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
        reasons.push(format!("{}: no `address` with the prefix length of its subnet.", names(without.iter().copied())));
    }
    if !alone.is_empty() {
        let length = if ip.is_ipv4() { 32 } else { 128 };
        reasons.push(format!(
            "{}: a prefix length of {length} covers the address alone and tells nothing of the network around it.",
            names(alone)
        ));
    }
    let undialled = |node: &&&Node| node.address.is_absent() && node.endpoint.is_absent();
    let undialled = names(nodes.iter().filter(undialled).copied());
    if !undialled.is_empty() {
        reasons.push(format!("`talosctl_endpoints` lacks {undialled}: there `endpoint` says what talosctl dials."));
    }
    diagnostics.push(Diagnostic::warning(
        Path::of(CONTROL_PLANE),
        "The virtual IP can't be checked",
        format!(
            "Nobody reaches {ip} outside of the nodes' subnet, and whether it is inside isn't known. {}",
            reasons.join(" ")
        ),
    ));
}

/// True if the node has an address of the family of `ip`, with a prefix that covers that address alone.
fn stands_alone(node: &Node, ip: IpAddr) -> bool {
    let alone = |address: &Address| address.subnet().is_some_and(|net| net.prefix_len() == net.max_prefix_len());
    node.addresses().iter().any(|(_, address)| address.same_family(ip) && alone(address))
}

/// Nodes that get addresses and no default route to go with them. IPv6 routes are usually announced by the router.
fn no_route(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    if inputs.static_addressing != Maybe::Known(true) {
        return;
    }
    let lacks = |node: &&Node| {
        let Some(gateways) = node.routes.known_gateways() else { return false };
        let has_ipv4 = node.addresses().iter().any(|(_, address)| address.ip.is_ipv4());
        let sees_to_it = node.dhcp == Maybe::Known(Some(true));
        !sees_to_it && (gateways.is_empty() || (has_ipv4 && !gateways.iter().any(IpAddr::is_ipv4)))
    };
    let nodes: Vec<&Node> = inputs.known_nodes().iter().filter(lacks).collect();
    if !nodes.is_empty() {
        diagnostics.push(Diagnostic::warning(
            Path::of(GATEWAY),
            "No default route",
            format!(
                "The patches give {} addresses and, for IPv4 or at all, no default route. Without one from elsewhere \
                 the nodes reach their own subnets only: no image registry, no time server. Set `gateway`, and \
                 `additional_gateway` where it is of the other address family, unless the base configuration has the \
                 route.",
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
                 contract on: `apiPort` in `KubeAPIServerConfig`). Else leave the argument out."
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
             configuration sees to it.",
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
                place.attribute(DEVICE_SELECTOR).attribute("physical"),
                "Never merged with the base configuration",
                "Talos doesn't recognise a selector with `physical` as equal to the same one in the base \
                 configuration: the link gets two entries. Select by another property if the base configuration has \
                 this selector.",
            ));
        }
    }
}

#[cfg(test)]
mod tests;
