//! Rules between attributes, silent about what is not yet known.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::outputs;
use crate::endpoint::address;
use crate::endpoint::contract::{self, HOST, KUBERNETES_API, TALOS_API, Taken};
use crate::endpoint::node_ports::TALOS_API as TALOS_API_PORT;
use crate::endpoint::static_endpoint::model::inputs::{Inputs, Kind, Node, record_type};
use crate::endpoint::static_endpoint::model::schema::ADDRESS_RECORDS;
use crate::endpoint::static_endpoint::model::schema::names::{ENABLED, EXTERNAL, PORT, RECORD_TYPES};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// Checks everything that can be decided from the configuration alone.
pub fn rules(config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
    let inputs = Inputs::read(config, planned);
    let reasons = outputs::contract(&inputs, planned).needs_talos_version();
    if !reasons.is_empty() {
        diagnostics.push(contract::no_talos_version(&reasons));
    }
    let (config, planned) = (&Reader::new(config), &Reader::new(planned));
    presence(&inputs, diagnostics);
    names(&inputs, config, diagnostics);
    host(&inputs, diagnostics);
    addresses(&inputs, diagnostics);
    contract::node_names(inputs.known_nodes().iter().map(|node| node.name.as_str()), diagnostics);
    ports(&inputs, config, planned, diagnostics);
    record_types(&inputs, config, diagnostics);
}

fn presence(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let Maybe::Known(nodes) = &inputs.nodes else { return };
    if nodes.is_empty() && inputs.external == Maybe::Known(false) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(EXTERNAL),
            "Missing nodes",
            "With `external = false` the endpoint is the control-plane nodes themselves, and there are none. Set \
             `control_plane`, or remove `external` if `host` is a load balancer.",
        ));
    }
    if !inputs.host.is_absent() {
        return;
    }
    let why = match (&inputs.external, nodes.len()) {
        (Maybe::Known(true), 0) => {
            "Neither `host` nor `control_plane` is set. Set `host` to the name or address of your load balancer."
        }
        (Maybe::Known(true), _) => {
            "With `external = true` the endpoint is your load balancer. Set `host` to its name or address."
        }
        (Maybe::Known(false), 2..) => {
            "Several nodes need one name. Set `host` to a DNS name and make the records of `dns_record_sets`, or to \
             your load balancer with `external = true`. Where the nodes share a network segment, talosendpoint_vip \
             needs neither."
        }
        _ => return,
    };
    diagnostics.push(Diagnostic::invalid(Path::of(HOST), "Missing host", why));
}

/// Names beside the host, and its entry in host tables.
fn names(inputs: &Inputs, config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let host = inputs.host.clone().present().map(|host| (Path::of(HOST), host));
    let own = inputs.known_nodes().iter().flat_map(Node::places).map(|(path, address)| (path, address.ip.to_string()));
    // Behind a load balancer, or a name for several nodes, no node's address is one of the endpoint's.
    let own: Vec<Taken> = if inputs.kind() == Maybe::Known(Kind::SingleNode) { own.collect() } else { Vec::new() };
    contract::repeated_names(config, &host.into_iter().chain(own).collect::<Vec<_>>(), diagnostics);
    let several = match inputs.kind() {
        Maybe::Known(Kind::External) => Some("Nobody knows here to which addresses a load balancer's name leads."),
        Maybe::Known(Kind::Name) if inputs.known_nodes().len() > 1 => Some("The name leads to several nodes."),
        _ => None,
    };
    // Where the host is missing, its own error says so.
    let misses_host = inputs.host.is_absent() && inputs.kind() != Maybe::Known(Kind::SingleNode);
    if !misses_host {
        contract::host_entry_rules(config, several, diagnostics);
    }
}

/// An address leads to one machine: to the only node, or to something that stands in front.
fn host(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let named = inputs.own_host().present();
    let usable = |ip: &IpAddr| address::unusable(*ip).is_none(); // its validator has reported one that isn't
    let Some(ip) = named.and_then(address::bare).filter(usable) else { return };
    if inputs.external == Maybe::Known(false) && !inputs.known_nodes().is_empty() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(HOST),
            "The host is an address",
            format!(
                "Only a DNS name can lead to the nodes; {ip} leads to one machine. Set a DNS name, or `external = \
                 true` if this is a load balancer or a translated address before the nodes."
            ),
        ));
    }
}

fn addresses(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(IpAddr, Path)> = Vec::new();
    for node in inputs.known_nodes() {
        for (path, given) in node.places() {
            let ip = given.ip;
            let reserved = || given.subnet().and_then(|subnet| address::reserved(ip, subnet));
            if let Some(why) = address::unusable(ip).or_else(reserved) {
                diagnostics.push(Diagnostic::invalid(
                    path.clone(),
                    "Unusable address",
                    format!("Nobody can reach {} at {ip}: {why}. Set the address that clients dial.", node.name),
                ));
                continue;
            }
            match seen.iter().find(|(taken, _)| *taken == ip) {
                Some((_, other)) => diagnostics.push(Diagnostic::invalid(
                    path.clone(),
                    "Address used twice",
                    format!("{ip} is both `{other}` and `{path}`. Each node has its own."),
                )),
                None => seen.push((ip, path)),
            }
        }
    }
}

fn ports(inputs: &Inputs, config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(talos) = planned.nested(TALOS_API).present() else { return };
    if talos.bool(ENABLED).is_known_and(|enabled| *enabled == Some(false)) {
        return;
    }
    let Some(port) = talos.number(PORT).present() else { return };
    let kubernetes = planned.nested(KUBERNETES_API).present().and_then(|api| api.number(PORT).present());
    let mut refuse = |api: &str, title: &str, detail: String| {
        diagnostics.push(Diagnostic::invalid(Path::of(api).attribute(PORT), title, detail));
    };
    if kubernetes == Some(port) {
        let is_set = |api: &str| config.nested(api).present().is_some_and(|api| !api.number(PORT).is_absent());
        // At what the configuration says: there is no place for the default of the other.
        let api = if is_set(TALOS_API) || !is_set(KUBERNETES_API) { TALOS_API } else { KUBERNETES_API };
        refuse(
            api,
            "Port used twice",
            format!("{port} is both `kubernetes_api.port` and `talos_api.port`. Choose another one."),
        );
    } else if inputs.external == Maybe::Known(false) && port != TALOS_API_PORT {
        refuse(
            TALOS_API,
            "Port not translated",
            format!(
                "Clients reach the nodes themselves, whose Talos API is on port {TALOS_API_PORT}; it can't be moved to \
                 {port}. Remove the port, or set `external = true` if a load balancer translates it."
            ),
        );
    }
}

/// What the user says about records must fit the nodes: every record needs an address, and every node a record.
fn record_types(inputs: &Inputs, config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(types) = config.texts(RECORD_TYPES).present().filter(|types| !types.is_empty()) else { return };
    let mut refuse = |title: &str, detail: String| {
        diagnostics.push(Diagnostic::invalid(Path::of(RECORD_TYPES), title, detail));
    };
    match inputs.kind() {
        Maybe::Known(Kind::Name) => {}
        Maybe::Known(_) => {
            return refuse(
                "No DNS records needed",
                "No records are needed here: they lead a DNS name to the nodes, and the endpoint is a load balancer or \
                 the address of the only node. Remove `record_types`."
                    .to_owned(),
            );
        }
        Maybe::Unknown => return,
    }
    let Some(types) = types.into_iter().map(Maybe::known).collect::<Option<BTreeSet<&str>>>() else { return };
    if !types.iter().all(|kind| ADDRESS_RECORDS.contains(kind)) {
        return; // its validator has reported it
    }
    if let Maybe::Known(addresses) = inputs.addresses() {
        for kind in types.iter().filter(|kind| !addresses.iter().any(|ip| record_type(*ip) == **kind)) {
            refuse(
                "Record type without addresses",
                format!("No node has an address for a record of type {kind}. Remove it from `record_types`."),
            );
        }
    }
    for node in inputs.known_nodes() {
        let (Maybe::Known(_), Maybe::Known(additional)) = (&node.address, &node.additional) else { continue };
        let known = additional.iter().all(|address| matches!(address, Maybe::Known(_)));
        if known && !node.places().iter().any(|(_, address)| types.contains(record_type(address.ip))) {
            refuse(
                "Node without a record",
                format!(
                    "{} has no address for a record of the types in `record_types`, so that nobody would dial it. Add \
                     its type.",
                    node.name
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
