//! What works but is probably not what the user wants: told when it is created or changed, not for ever.

use super::spec::{Kind, Spec};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// The port on which Talos' API server listens unless it is told otherwise.
const API_SERVER_PORT: i64 = 6443;

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let reader = Reader::new(planned);
    let spec = Spec::read(&reader, Reader::new(config).text("host"));
    let changed =
        |names: &[&str]| prior.is_none_or(|prior| names.iter().any(|name| prior.get(*name) != planned.get(*name)));
    if changed(&["host", "external"]) || spec_of(prior).is_none_or(|before| before != spec.known_nodes().len()) {
        single_points(&spec, diagnostics);
    }
    if changed(&["kubernetes_api", "external"]) {
        other_port(&spec, &reader, diagnostics);
    }
    if changed(&["record_types"]) {
        types_not_known(&spec, &reader, diagnostics);
    }
}

/// How many nodes there were.
fn spec_of(prior: Option<&Object>) -> Option<usize> {
    Reader::new(prior?).nested_map("control_plane").known().map(|nodes| nodes.unwrap_or_default().len())
}

fn single_points(spec: &Spec, diagnostics: &mut Diagnostics) {
    let several = spec.nodes.is_known_and(|nodes| nodes.len() > 1);
    match spec.kind() {
        Maybe::Known(Kind::SingleNode) if spec.only_node().is_some() => diagnostics.push(Diagnostic::warning(
            Path::of("control_plane"),
            "No failover",
            "The endpoint is the address of the only control-plane node: while the node is down, so is the Kubernetes API, and the address \
             is in every kubeconfig and in the configuration of every node. With a DNS name as `host`, nodes can be added and replaced later \
             without touching those.",
        )),
        Maybe::Known(Kind::Name) if several => diagnostics.push(Diagnostic::warning(
            Path::of("host"),
            "Nothing checks the nodes' health",
            "DNS round robin leads clients to every node, to one that is down as well: requests then fail or take long, until the client \
             tries another address or the record is taken out. Where that matters, put a load balancer in front or use talosendpoint_vip.",
        )),
        Maybe::Known(Kind::Name) if spec.only_node().is_some() => diagnostics.push(Diagnostic::warning(
            Path::of("control_plane"),
            "No failover",
            "There is one control-plane node: while it is down, so is the Kubernetes API.",
        )),
        _ => {}
    }
}

fn other_port(spec: &Spec, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let port = planned.nested("kubernetes_api").present().and_then(|api| api.number("port").present());
    let Some(port) = port.filter(|port| *port != API_SERVER_PORT && spec.external == Maybe::Known(false)) else {
        return;
    };
    diagnostics.push(Diagnostic::warning(
        Path::of("kubernetes_api").attribute("port"),
        "The API server must listen on this port",
        format!(
            "Clients reach the nodes themselves, and nothing translates ports. The machine configuration must move the API server to {port}: \
             `cluster.controlPlane.localAPIServerPort`, from contract 1.14 on `apiPort` of `KubeAPIServerConfig`."
        ),
    ));
}

fn types_not_known(spec: &Spec, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if spec.kind() == Maybe::Known(Kind::Name) && matches!(planned.texts("record_types"), Maybe::Unknown) {
        diagnostics.push(Diagnostic::warning(
            Path::of("record_types"),
            "The types of the DNS records are not known yet",
            "The nodes' addresses are known only after apply, so `dns_record_sets` has no keys yet and `for_each` over it fails. Set \
             `record_types`, for example to `[\"A\"]`.",
        ));
    }
}

#[cfg(test)]
mod tests;
