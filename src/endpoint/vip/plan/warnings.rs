//! What works but is probably not what the user wants: reported when something is created or the argument changes, not on every plan.

mod base;
mod selectors;
mod subnets;
mod withdrawn;

use base::base_configuration;

use std::net::IpAddr;

use crate::endpoint::contract::{self, Addresses, Behind, CONTROL_PLANE, KUBERNETES_API, Kind};
use crate::endpoint::vip::model::inputs::{
    DEFAULT_PORT, DOCUMENT_FORM, Form, Inputs, LEGACY_FORM, Node, leaves_out, names,
};
use crate::endpoint::vip::model::schema::names::{ADDITIONAL_GATEWAY, ADDITIONAL_VIPS, FORM, GATEWAY, PORT, VIP};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;
use crate::framework::value::Object;

/// What the contract has to know of this kind.
const KIND: Kind<'_> = Kind {
    inputs: &[VIP, ADDITIONAL_VIPS],
    behind_name: |object| Behind::Addresses(Addresses::virtual_ips(object).one_of_each_family()),
    own_addresses: |object| Some(Addresses::virtual_ips(object)),
    has_one_port: true,
    form: Some((FORM, chosen_form)),
    ..Kind::PLAIN
};

/// Whether `form` says documents or not; none where it follows `talos_version`.
fn chosen_form(object: &Object) -> Option<bool> {
    match object.get(FORM)?.as_str()? {
        DOCUMENT_FORM => Some(true),
        LEGACY_FORM => Some(false),
        _ => None,
    }
}

/// Why `ip` can't stay as an additional virtual IP, where that is so.
fn only_one_fits(inputs: &Inputs, ip: IpAddr) -> Option<String> {
    if inputs.form == Maybe::Known(Form::Legacy) {
        return Some("In the legacy form a link has room for one virtual IP".to_owned());
    }
    let is_outside =
        inputs.known_nodes().iter().any(|node| inputs.is_on_own_link(node, &inputs.vip) && leaves_out(node, ip));
    is_outside.then(|| "A virtual IP must be in the nodes' subnet".to_owned())
}

/// Warns of `planned`, save of what was the same in `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let inputs = Inputs::read(config, planned);
    let kind = Kind { only_one_fits: &|ip| only_one_fits(&inputs, ip), ..KIND };
    contract::warnings(&kind, config, prior, planned, diagnostics);
    let of = |object: &Object| all(&Inputs::read(config, object));
    let known = prior.map(of).unwrap_or_default();
    if let Some(prior) = prior {
        withdrawn::warnings(&Inputs::read(config, prior), &inputs, diagnostics);
    }
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
    subnets::warnings(inputs, &mut diagnostics);
    no_route(inputs, &mut diagnostics);
    base_configuration(inputs, &mut diagnostics);
    port(inputs, &mut diagnostics);
    if inputs.form == Maybe::Known(Form::Legacy) {
        addresses_of_the_base(inputs, &mut diagnostics);
    }
    selectors::warnings(inputs, &mut diagnostics);
    diagnostics
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
    let nodes: Vec<&Node> = inputs.known_nodes().iter().filter(|node| node.has_no_way_to_its_address()).collect();
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

#[cfg(test)]
mod tests;
