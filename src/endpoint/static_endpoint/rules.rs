//! Rules between attributes, silent about what is not yet known.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::spec::{Kind, Node, RECORD_TYPES, Spec, record_type};
use crate::endpoint::address;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// The port of the Talos API on every node (siderolabs/talos, constants.ApidPort).
const TALOS_API_PORT: i64 = 50000;

/// Checks everything that can be decided from the configuration alone.
pub fn rules(config: &Reader<'_>, effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let spec = Spec::read(effective, config.text("host"));
    presence(&spec, diagnostics);
    host(&spec, diagnostics);
    addresses(&spec, diagnostics);
    ports(&spec, effective, diagnostics);
    record_types(&spec, config, diagnostics);
}

fn presence(spec: &Spec, diagnostics: &mut Diagnostics) {
    let Maybe::Known(nodes) = &spec.nodes else { return };
    if nodes.is_empty() && spec.external == Maybe::Known(false) {
        diagnostics.push(Diagnostic::invalid(
            Path::of("external"),
            "No nodes",
            "With `external = false` the endpoint is the control-plane nodes themselves, and there are none. Set `control_plane`, or remove \
             `external` if `host` is a load balancer.",
        ));
    }
    if !spec.host.is_absent() {
        return;
    }
    let why = match (&spec.external, nodes.len()) {
        (Maybe::Known(true), 0) => {
            "Neither `host` nor `control_plane` is set. Set `host` to the name or address of your load balancer."
        }
        (Maybe::Known(true), _) => {
            "With `external = true` the endpoint is your load balancer. Set `host` to its name or address."
        }
        (Maybe::Known(false), 2..) => {
            "Several nodes need one name. Set `host` to a DNS name and make the records of `dns_record_sets`, or to your load balancer \
             with `external = true`. Where the nodes share a network segment, talosendpoint_vip needs neither."
        }
        _ => return,
    };
    diagnostics.push(Diagnostic::invalid(Path::of("host"), "No host", why));
}

/// An address leads to one machine: to the only node, or to something that stands in front.
fn host(spec: &Spec, diagnostics: &mut Diagnostics) {
    let named = spec.own_host().present();
    let Some(ip) = named.and_then(address::bare) else { return };
    if let Some(why) = address::unusable(ip) {
        diagnostics.push(Diagnostic::invalid(
            Path::of("host"),
            "Unusable address",
            format!("{ip} leads nowhere: {why}. Set the address that clients dial."),
        ));
    } else if spec.external == Maybe::Known(false) && !spec.known_nodes().is_empty() {
        diagnostics.push(Diagnostic::invalid(
            Path::of("host"),
            "The host is an address",
            format!(
                "Only a DNS name can lead to the nodes; {ip} leads to one machine. Set a DNS name, or `external = true` if this is a load \
                 balancer or a translated address before the nodes."
            ),
        ));
    }
}

fn addresses(spec: &Spec, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(IpAddr, &Node)> = Vec::new();
    for node in spec.known_nodes() {
        for (path, ip) in node.places() {
            if let Some(why) = address::unusable(ip) {
                diagnostics.push(Diagnostic::invalid(
                    path.clone(),
                    "Unusable address",
                    format!("Nobody can reach {} at {ip}: {why}. Set the address that clients dial.", node.name),
                ));
            }
            match seen.iter().find(|(taken, _)| *taken == ip) {
                Some((_, other)) => diagnostics.push(Diagnostic::invalid(
                    path,
                    "Address used twice",
                    format!("{ip} is an address of {} already. Each node has its own.", other.name),
                )),
                None => seen.push((ip, node)),
            }
        }
    }
}

fn ports(spec: &Spec, effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(talos) = effective.nested("talos_api").present() else { return };
    if talos.bool("enabled").is_known_and(|enabled| *enabled == Some(false)) {
        return;
    }
    let Some(port) = talos.number("port").present() else { return };
    let kubernetes = effective.nested("kubernetes_api").present().and_then(|api| api.number("port").present());
    let mut refuse = |title: &str, detail: String| {
        diagnostics.push(Diagnostic::invalid(Path::of("talos_api").attribute("port"), title, detail));
    };
    if kubernetes == Some(port) {
        refuse("Port used twice", format!("Port {port} is the port of `kubernetes_api` too. Choose another one."));
    } else if spec.external == Maybe::Known(false) && port != TALOS_API_PORT {
        refuse(
            "Nothing translates the port",
            format!(
                "Clients reach the nodes themselves, whose Talos API is on port {TALOS_API_PORT}; it can't be moved to {port}. Remove the \
                 port, or set `external = true` if a load balancer translates it."
            ),
        );
    }
}

/// What the user says about records must fit the nodes: every record needs an address, and every node a record.
fn record_types(spec: &Spec, config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(types) = config.texts("record_types").present().filter(|types| !types.is_empty()) else { return };
    let mut refuse = |title: &str, detail: String| {
        diagnostics.push(Diagnostic::invalid(Path::of("record_types"), title, detail));
    };
    match spec.kind() {
        Maybe::Known(Kind::Name) => {}
        Maybe::Known(_) => {
            return refuse(
                "No DNS records",
                "No records are needed here: they lead a DNS name to the nodes, and the endpoint is a load balancer or the address of the \
                 only node. Remove `record_types`."
                    .to_owned(),
            );
        }
        Maybe::Unknown => return,
    }
    let Some(types) = types.into_iter().map(Maybe::known).collect::<Option<BTreeSet<&str>>>() else { return };
    if !types.iter().all(|kind| RECORD_TYPES.contains(kind)) {
        return; // its validator has told
    }
    if let Maybe::Known(addresses) = spec.addresses() {
        for kind in types.iter().filter(|kind| !addresses.iter().any(|ip| record_type(*ip) == **kind)) {
            refuse(
                "A record without addresses",
                format!("No node has an address for a record of type {kind}. Remove it from `record_types`."),
            );
        }
    }
    for node in spec.known_nodes() {
        let (Maybe::Known(_), Maybe::Known(additional)) = (&node.address, &node.additional) else { continue };
        let known = additional.iter().all(|address| matches!(address, Maybe::Known(_)));
        if known && !node.places().iter().any(|(_, ip)| types.contains(record_type(*ip))) {
            refuse(
                "A node without a record",
                format!(
                    "{} has no address for a record of the types in `record_types`, so that nobody would dial it. Add its type.",
                    node.name
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
