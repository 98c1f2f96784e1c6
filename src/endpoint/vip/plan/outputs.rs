//! The computed attributes, from the same code at plan and at apply.

use std::collections::BTreeMap;

use super::render::{Patches, render};
use crate::endpoint::address;
use crate::endpoint::contract::HOST;
use crate::endpoint::contract::{Contract, Exceptions};
use crate::endpoint::vip::model::inputs::{Inputs, Node};
use crate::framework::reader::Maybe;
use crate::framework::value::Object;

/// The port of the Talos API, which can't be changed (siderolabs/talos, constants.ApidPort).
const TALOS_API_PORT: i64 = 50000;

/// Sets every computed attribute of `object`, whose inputs have their defaults.
pub fn outputs(config: &Object, planned: &mut Object) {
    let inputs = Inputs::read(config, planned);
    let names = certificate_names(&inputs);
    let exceptions = Exceptions {
        talosctl_endpoints: talosctl_endpoints(&inputs),
        machine_cert_sans: names.clone().map(|names| names.machine),
        api_server_cert_sans: names.map(|names| names.api_server),
        node_patches: inputs.nodes.as_ref().map(|nodes| {
            let patches = |node: &Node| (node.name.clone(), render(&inputs, node));
            nodes.iter().map(patches).collect::<BTreeMap<String, Patches>>()
        }),
    };
    let configured = config.get(HOST).filter(|host| !host.is_null()).cloned();
    contract(&inputs).write_except(exceptions, planned);
    if let Some(host) = configured {
        // In the spelling of the configuration, which Terraform holds the plan to.
        planned.insert(HOST.to_owned(), host);
    }
}

fn contract(inputs: &Inputs) -> Contract {
    let own = inputs.vip.ip.as_ref().map(ToString::to_string);
    let host = match inputs.own_host() {
        Maybe::Known(Some(host)) => Maybe::Known(address::canonical(host)),
        Maybe::Known(None) => own,
        Maybe::Unknown => Maybe::Unknown,
    };
    Contract {
        host,
        other_names: Vec::new(),
        kubernetes_api_port: inputs.port.clone().map(Some),
        talos_api_port: Maybe::Known(Some(TALOS_API_PORT)),
        talos_version: inputs.version.clone().map(Some),
        nodes: Maybe::Known(Vec::new()),
    }
}

/// What certificates must carry beside what Talos adds to them.
#[derive(Clone)]
struct CertificateNames {
    /// That of the Talos API.
    machine: Vec<Maybe<String>>,
    /// That of the API server.
    api_server: Vec<Maybe<String>>,
}

/// The names of both certificates; unknown where their number is.
///
/// Talos gives the API server the host of the endpoint, and both the addresses of the node itself. Nobody dials the Talos API at a
/// virtual IP, so its certificate needs only a host of the user's own.
fn certificate_names(inputs: &Inputs) -> Maybe<CertificateNames> {
    let (Maybe::Known(host), Maybe::Known(additional)) = (inputs.own_host(), &inputs.additional) else {
        return Maybe::Unknown;
    };
    let vips = std::iter::once(&inputs.vip).chain(additional);
    let mut vips: Vec<Maybe<String>> = vips.map(|vip| vip.ip.as_ref().map(ToString::to_string)).collect();
    let Some(host) = host.map(address::canonical) else {
        return Maybe::Known(CertificateNames { machine: Vec::new(), api_server: vips.split_off(1) });
    };
    // An address that isn't known yet may turn out to be the host.
    if address::bare(&host).is_some() && vips.iter().any(|vip| matches!(vip, Maybe::Unknown)) {
        return Maybe::Unknown;
    }
    let host = Maybe::Known(host);
    let machine = if vips.contains(&host) { Vec::new() } else { vec![host.clone()] };
    vips.retain(|vip| *vip != host);
    Maybe::Known(CertificateNames { machine, api_server: vips })
}

/// What talosctl dials: the nodes, never the virtual IP, which is gone when etcd is. A node with neither an endpoint nor an address is
/// left out. Unknown where not even the number of nodes with either is known.
fn talosctl_endpoints(inputs: &Inputs) -> Maybe<Vec<Maybe<String>>> {
    let Maybe::Known(nodes) = &inputs.nodes else { return Maybe::Unknown };
    let mut endpoints = Vec::new();
    for node in nodes {
        match (&node.endpoint, &node.address) {
            (Maybe::Known(Some(endpoint)), _) => endpoints.push(Maybe::Known(address::canonical(endpoint))),
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
