//! What works but is probably not what the user wants: reported when something is created or the argument changes, not on every plan.

use crate::endpoint::contract::{self, CONTROL_PLANE, HOST, KUBERNETES_API};
use crate::endpoint::static_endpoint::model::inputs::{Inputs, Kind};
use crate::endpoint::static_endpoint::model::schema::names::{EXTERNAL, PORT, RECORD_TYPES};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// The port on which Talos' API server listens unless it is configured otherwise.
const API_SERVER_PORT: i64 = 6443;

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    contract::warnings(config, prior, planned, None, diagnostics);
    let reader = Reader::new(planned);
    let inputs = Inputs::read(config, planned);
    let changed =
        |names: &[&str]| prior.is_none_or(|prior| names.iter().any(|name| prior.get(*name) != planned.get(*name)));
    if changed(&[HOST, EXTERNAL]) || spec_of(prior).is_none_or(|before| before != inputs.known_nodes().len()) {
        single_points(&inputs, diagnostics);
    }
    if changed(&[KUBERNETES_API, EXTERNAL]) {
        other_port(&inputs, &reader, diagnostics);
    }
    if changed(&[RECORD_TYPES]) {
        types_not_known(&inputs, &reader, diagnostics);
    }
}

/// How many nodes there were.
fn spec_of(prior: Option<&Object>) -> Option<usize> {
    Reader::new(prior?).nested_map(CONTROL_PLANE).known().map(|nodes| nodes.unwrap_or_default().len())
}

fn single_points(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let several = inputs.nodes.is_known_and(|nodes| nodes.len() > 1);
    match inputs.kind() {
        Maybe::Known(Kind::SingleNode) if inputs.only_node().is_some() => diagnostics.push(Diagnostic::warning(
            Path::of(CONTROL_PLANE),
            "No failover",
            "The endpoint is the address of the only control-plane node: while the node is down, so is the Kubernetes \
             API, and the address is in every kubeconfig and in the configuration of every node. With a DNS name as \
             `host`, nodes can be added and replaced later without touching those.",
        )),
        Maybe::Known(Kind::Name) if several => diagnostics.push(Diagnostic::warning(
            Path::of(HOST),
            "No health checks",
            "DNS round robin leads clients to every node, to one that is down as well: requests then fail or take \
             long, until the client tries another address or the record is taken out. If that matters, put a load \
             balancer in front, or use talosendpoint_vip.",
        )),
        Maybe::Known(Kind::Name) if inputs.only_node().is_some() => diagnostics.push(Diagnostic::warning(
            Path::of(CONTROL_PLANE),
            "No failover",
            "There is one control-plane node: while it is down, so is the Kubernetes API.",
        )),
        _ => {}
    }
}

fn other_port(inputs: &Inputs, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let port = planned.nested(KUBERNETES_API).present().and_then(|api| api.number(PORT).present());
    let Some(port) = port.filter(|port| *port != API_SERVER_PORT && inputs.external == Maybe::Known(false)) else {
        return;
    };
    diagnostics.push(Diagnostic::warning(
        Path::of(KUBERNETES_API).attribute(PORT),
        "The API server must listen on this port",
        format!(
            "Clients reach the nodes themselves, and nothing translates ports. The machine configuration must move the \
             API server to {port}: `cluster.controlPlane.localAPIServerPort`, from contract 1.14 on `apiPort` of \
             `KubeAPIServerConfig`."
        ),
    ));
}

fn types_not_known(inputs: &Inputs, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if inputs.kind() == Maybe::Known(Kind::Name) && matches!(planned.texts(RECORD_TYPES), Maybe::Unknown) {
        diagnostics.push(Diagnostic::warning(
            Path::of(RECORD_TYPES),
            "The types of the DNS records are not known yet",
            "The nodes' addresses are known only after apply, so `dns_record_sets` has no keys yet and `for_each` over \
             it fails. Set `record_types`, for example to `[\"A\"]`.",
        ));
    }
}

#[cfg(test)]
mod tests;
