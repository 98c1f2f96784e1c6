//! Rules between attributes, silent about what is not yet known. Talos itself checks next to nothing of this before the node has the
//! patch, and most of it never.

mod addresses;
mod links;
mod devices;
mod routes;

use std::net::IpAddr;

use crate::endpoint::contract::{self, HOST, KUBERNETES_API, Taken};
use crate::endpoint::node_ports::taken_from_the_api_server;
use crate::endpoint::vip::model::inputs::{Form, Inputs};
use crate::endpoint::vip::model::schema::names::{FORM, PORT};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// Checks everything that can be decided from the configuration alone.
pub fn rules(config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
    let inputs = &Inputs::read(config, planned);
    form(inputs, diagnostics);
    names(inputs, &Reader::new(config), diagnostics);
    port(inputs, diagnostics);
    addresses::check(inputs, diagnostics);
    links::check(inputs, diagnostics);
    devices::check(inputs, diagnostics);
    routes::check(inputs, diagnostics);
}

fn form(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let too_old = inputs.version.is_known_and(|version| !version.has_network_documents());
    if too_old && inputs.form == Maybe::Known(Form::Document) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(FORM),
            "Document form not available",
            "`Layer2VIPConfig` exists from Talos 1.12 on; an older node refuses it. Remove `form`, or raise \
             `talos_version` once the cluster's machine configuration is made for 1.12.",
        ));
    }
}

/// A virtual IP doesn't translate ports: the API server listens on the one that clients dial.
fn port(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let taken = inputs.port.as_ref().known().and_then(|port| taken_from_the_api_server(*port));
    if let Some(reason) = taken {
        let path = Path::of(KUBERNETES_API).attribute(PORT);
        diagnostics.push(Diagnostic::invalid(path, "Port taken by the node itself", reason));
    }
}

/// Names beside the host, and its entry in host tables.
fn names(inputs: &Inputs, config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let host = inputs.host.clone().present().map(|host| (Path::of(HOST), host));
    let vips =
        inputs.vips().into_iter().filter_map(|vip| Some((vip.path.clone(), vip.ip.clone().known()?.to_string())));
    let taken: Vec<Taken> = host.into_iter().chain(vips).collect();
    contract::repeated_names(config, &taken, diagnostics);
    contract::host_entry_rules(config, None, diagnostics);
    let own: Vec<IpAddr> = inputs.vips().into_iter().filter_map(|vip| vip.ip.clone().known()).collect();
    let machines = inputs.known_nodes().iter().flat_map(|node| {
        node.addresses().into_iter().map(|(_, address)| (format!("node `{}`", node.name), address.ip))
    });
    contract::host_of_a_machine(config, &own, &machines.collect::<Vec<_>>(), contract::OWN_INSTEAD, diagnostics);
    contract::node_names(inputs.known_nodes().iter().map(|node| node.name.as_str()), diagnostics);
}

#[cfg(test)]
mod tests;
