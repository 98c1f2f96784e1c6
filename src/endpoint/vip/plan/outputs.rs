//! The computed attributes, from the same code at plan and at apply.

use super::render::render;
use crate::endpoint::address;
use crate::endpoint::contract::{self, CertificateNames, Contract, HOST, HOST_ENTRY, Names};
use crate::endpoint::node_ports;
use crate::endpoint::vip::model::inputs::{Form, Inputs, Node};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// Sets every computed attribute of `object`, whose inputs have their defaults.
pub fn outputs(config: &Object, planned: &mut Object) {
    let inputs = Inputs::read(config, planned);
    contract(&inputs, planned).write(planned);
    if let Some(host) = config.get(HOST).filter(|host| !host.is_null()) {
        // In the spelling of the configuration, which Terraform holds the plan to.
        planned.insert(HOST.to_owned(), host.clone());
    }
}

fn contract(inputs: &Inputs, planned: &Object) -> Contract {
    let planned = &Reader::new(planned);
    let own = inputs.vip.ip.as_ref().map(ToString::to_string);
    let host = match inputs.own_host() {
        Maybe::Known(Some(host)) => Maybe::Known(address::canonical(host)),
        Maybe::Known(None) => own,
        Maybe::Unknown => Maybe::Unknown,
    };
    Contract {
        host,
        kubernetes_api_port: inputs.port.clone().map(Some),
        talos_api_port: Maybe::Known(Some(node_ports::TALOS_API)),
        // Never the virtual IP, which is gone when etcd is.
        balances_talos_api: Maybe::Known(false),
        talos_version: inputs.version.clone().map(Some),
        names: certificate_names(inputs).with(&contract::additional_names(planned)),
        host_entry: host_entry(inputs, planned),
        network_documents: inputs.form.as_ref().map(|form| *form == Form::Document),
        nodes: inputs.nodes.as_ref().map(|nodes| nodes.iter().map(|node| in_contract(inputs, node)).collect()),
    }
}

fn in_contract(inputs: &Inputs, node: &Node) -> contract::Node {
    contract::Node {
        name: node.name.clone(),
        address: node.address.as_ref().map(|address| address.map(|address| address.ip.to_string())),
        endpoint: node.endpoint.clone(),
        patches: render(inputs, node),
    }
}

/// The virtual IPs to which `host` leads, one of each family.
fn host_entry(inputs: &Inputs, planned: &Reader<'_>) -> Names {
    match planned.bool(HOST_ENTRY) {
        Maybe::Known(Some(true)) => {
            let additional = inputs.additional.as_ref().map(|vips| vips.iter().map(|vip| vip.ip.clone()).collect());
            address::one_of_each_family(&inputs.vip.ip, &additional)
        }
        Maybe::Known(_) => Maybe::Known(Vec::new()),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// The names of both certificates; unknown where their number is.
///
/// Talos gives the API server the host of the endpoint, and both the addresses of the node itself. Nobody dials the Talos API at a
/// virtual IP, so its certificate needs only a host of the user's own.
fn certificate_names(inputs: &Inputs) -> CertificateNames {
    let unknown = CertificateNames { machine: Maybe::Unknown, api_server: Maybe::Unknown };
    let (Maybe::Known(host), Maybe::Known(additional)) = (inputs.own_host(), &inputs.additional) else {
        return unknown;
    };
    let vips = std::iter::once(&inputs.vip).chain(additional);
    let mut vips: Vec<Maybe<String>> = vips.map(|vip| vip.ip.as_ref().map(ToString::to_string)).collect();
    let Some(host) = host.map(address::canonical) else {
        return CertificateNames { machine: Maybe::Known(Vec::new()), api_server: Maybe::Known(vips.split_off(1)) };
    };
    // An address that isn't known yet may turn out to be the host.
    if address::bare(&host).is_some() && vips.iter().any(|vip| matches!(vip, Maybe::Unknown)) {
        return unknown;
    }
    let host = Maybe::Known(host);
    let machine = if vips.contains(&host) { Vec::new() } else { vec![host.clone()] };
    vips.retain(|vip| *vip != host);
    CertificateNames { machine: Maybe::Known(machine), api_server: Maybe::Known(vips) }
}

#[cfg(test)]
mod tests;
