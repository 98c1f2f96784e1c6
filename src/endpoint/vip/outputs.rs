//! The computed attributes, from the same code at plan and at apply.

use std::collections::BTreeMap;

use super::render::{Patches, render};
use super::spec::{Node, Spec};
use crate::endpoint::address;
use crate::endpoint::contract::{Contract, Exceptions};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// The port of the Talos API, which can't be changed (siderolabs/talos, constants.ApidPort).
const TALOS_API_PORT: i64 = 50000;

/// Sets every computed attribute of `object`, whose inputs are effective.
pub fn write(config: &Object, object: &mut Object) {
    let spec = Spec::read(&Reader::new(object), Reader::new(config).text("host"));
    let (machine_cert_sans, api_server_cert_sans) = match certificate_names(&spec) {
        Some((machine, api_server)) => (Maybe::Known(machine), Maybe::Known(api_server)),
        None => (Maybe::Unknown, Maybe::Unknown),
    };
    let exceptions = Exceptions {
        talosctl_endpoints: talosctl_endpoints(&spec),
        machine_cert_sans,
        api_server_cert_sans,
        node_patches: spec.nodes.as_ref().map(|nodes| {
            let patches = |node: &Node| (node.name.clone(), render(&spec, node));
            nodes.iter().map(patches).collect::<BTreeMap<String, Patches>>()
        }),
    };
    let configured = config.get("host").filter(|host| !host.is_null()).cloned();
    contract(&spec).write_except(exceptions, object);
    if let Some(host) = configured {
        // In the spelling of the configuration, which Terraform holds the plan to.
        object.insert("host".to_owned(), host);
    }
}

fn contract(spec: &Spec) -> Contract {
    let own = spec.vip.ip.as_ref().map(ToString::to_string);
    let host = match spec.own_host() {
        Maybe::Known(Some(host)) => Maybe::Known(canonical(host)),
        Maybe::Known(None) => own,
        Maybe::Unknown => Maybe::Unknown,
    };
    Contract {
        host,
        other_names: Vec::new(),
        kubernetes_api_port: spec.port.clone().map(Some),
        talos_api_port: Maybe::Known(Some(TALOS_API_PORT)),
        talos_version: spec.version.clone().map(Some),
        nodes: Maybe::Known(Vec::new()),
    }
}

/// A host in the one spelling that all parts of a cluster agree on.
fn canonical(host: &str) -> String {
    address::bare(host).map_or_else(|| host.to_owned(), |ip| ip.to_string())
}

/// The names of the Talos API's certificate and of the API server's; none where it is not known how many there are.
///
/// Talos gives the API server the host of the endpoint, and both the addresses of the node itself. Nobody dials the Talos API at a
/// virtual IP, so its certificate needs only a host of the user's own.
fn certificate_names(spec: &Spec) -> Option<(Vec<Maybe<String>>, Vec<Maybe<String>>)> {
    let own_host = spec.own_host().known()?.map(canonical);
    let mut vips: Vec<Maybe<String>> = vec![spec.vip.ip.as_ref().map(ToString::to_string)];
    for vip in spec.additional.as_ref().known()? {
        vips.push(vip.ip.as_ref().map(ToString::to_string));
    }
    let Some(host) = own_host else { return Some((Vec::new(), vips.split_off(1))) };
    let is_address = address::bare(&host).is_some();
    // An address that isn't known yet may turn out to be the host.
    if is_address && vips.iter().any(|vip| matches!(vip, Maybe::Unknown)) {
        return None;
    }
    let known = Maybe::Known(host);
    let machine = if vips.contains(&known) { Vec::new() } else { vec![known.clone()] };
    vips.retain(|vip| *vip != known);
    Some((machine, vips))
}

/// What talosctl dials: the nodes, never the virtual IP, which is gone when etcd is. A node with neither an endpoint nor an address is
/// left out. Unknown where not even the number of nodes with either is known.
fn talosctl_endpoints(spec: &Spec) -> Maybe<Vec<Maybe<String>>> {
    let Maybe::Known(nodes) = &spec.nodes else { return Maybe::Unknown };
    let mut endpoints = Vec::new();
    for node in nodes {
        match (&node.endpoint, &node.address) {
            (Maybe::Known(Some(endpoint)), _) => endpoints.push(Maybe::Known(canonical(endpoint))),
            (Maybe::Known(None), Maybe::Known(None)) => {}
            (Maybe::Known(None), Maybe::Known(Some(address))) => endpoints.push(Maybe::Known(address.ip.to_string())),
            // Nothing of the node is known.
            (Maybe::Unknown, Maybe::Unknown) => return Maybe::Unknown,
            // What is set to something that isn't known yet will be there.
            (Maybe::Unknown, _) | (_, Maybe::Unknown) => endpoints.push(Maybe::Unknown),
        }
    }
    Maybe::Known(endpoints)
}

#[cfg(test)]
mod tests;
