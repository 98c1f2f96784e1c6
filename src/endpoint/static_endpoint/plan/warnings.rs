//! What works but is probably not what the user wants: reported when something is created or the argument changes, not on every plan.

use crate::endpoint::contract::{self, Addresses, Behind, CONTROL_PLANE, HOST, KUBERNETES_API};
use crate::endpoint::enumeration::quoted;
use crate::endpoint::node_ports;
use crate::endpoint::static_endpoint::model::inputs::{Inputs, Kind, Node, record_type};
use crate::endpoint::static_endpoint::model::schema::names::{ADDITIONAL_ADDRESSES, EXTERNAL, PORT, RECORD_TYPES, TTL};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// What the contract has to know of this kind. Its rules refuse an address that isn't that of the only node.
const KIND: contract::Kind<'_> =
    contract::Kind { inputs: &[EXTERNAL, CONTROL_PLANE], behind_name, ..contract::Kind::PLAIN };

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let reader = Reader::new(planned);
    let inputs = Inputs::read(config, planned);
    let kind = contract::Kind { has_one_port: inputs.external == Maybe::Known(false), ..KIND };
    contract::warnings(&kind, config, prior, planned, diagnostics);
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
    if changed(&[RECORD_TYPES, CONTROL_PLANE]) {
        incomplete_records(&inputs, &reader, diagnostics);
    }
    if changed(&[TTL, HOST, EXTERNAL, CONTROL_PLANE]) {
        idle_ttl(&inputs, &Reader::new(config), diagnostics);
    }
}

/// A name leads to the nodes, unless it is a load balancer's.
fn behind_name(object: &Object) -> Behind {
    match object.get(EXTERNAL) {
        Some(Value::Bool(true)) => Behind::LoadBalancer,
        Some(Value::Bool(false)) => Behind::Addresses(Addresses::of_machines(object, CONTROL_PLANE)),
        _ => Behind::Addresses(Addresses { is_open: true, ..Addresses::default() }),
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
    let Some(port) = port.filter(|port| *port != node_ports::API_SERVER && inputs.external == Maybe::Known(false))
    else {
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

/// A record that leads to some of the nodes: those who take it reach no other.
fn incomplete_records(inputs: &Inputs, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(types) = planned.texts(RECORD_TYPES).present() else { return };
    if inputs.kind() != Maybe::Known(Kind::Name) || matches!(inputs.addresses(), Maybe::Unknown) {
        return;
    }
    let of_type = |kind: &str| {
        let has = |node: &&Node| node.places().iter().any(|(_, address)| record_type(address.ip) == kind);
        inputs.known_nodes().iter().partition::<Vec<&Node>, _>(has)
    };
    let types: Vec<&str> = types.into_iter().filter_map(Maybe::known).collect();
    let whole: Vec<String> =
        types.iter().filter(|kind| of_type(kind).1.is_empty()).map(|kind| format!("{kind:?}")).collect();
    for kind in &types {
        let (has, lacks) = of_type(kind);
        if has.is_empty() || lacks.is_empty() {
            continue; // the rules refuse a type of no node
        }
        let names = |nodes: Vec<&Node>| quoted(nodes.into_iter().map(|node| &node.name));
        let without = match whole.is_empty() {
            true => String::new(),
            false => format!(", or leave this record out: `{RECORD_TYPES} = [{}]`", whole.join(", ")),
        };
        diagnostics.push(Diagnostic::warning(
            Path::of(RECORD_TYPES),
            format!("The {kind} record lacks nodes"),
            format!(
                "The {kind} record leads to {} alone: clients that use it never try {}. Give every node an address of \
                 that family (`{ADDITIONAL_ADDRESSES}`){without}.",
                names(has),
                names(lacks),
            ),
        ));
    }
}

/// A TTL of no record.
fn idle_ttl(inputs: &Inputs, config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let needs_records = !matches!(inputs.kind(), Maybe::Known(Kind::SingleNode | Kind::External));
    if needs_records || config.number(TTL).present().is_none() {
        return;
    }
    diagnostics.push(Diagnostic::warning(
        Path::of(TTL),
        "Not used without DNS records",
        "No records are needed here: the endpoint is a load balancer or the address of the only node. Remove `ttl`.",
    ));
}

#[cfg(test)]
mod tests;
