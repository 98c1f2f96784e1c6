//! The computed attributes, from the same code at plan and at apply, so that the two cannot disagree.

use std::net::IpAddr;

use crate::endpoint::address;
use crate::endpoint::contract::{Contract, Exceptions};
use crate::endpoint::contract::{HOST, KUBERNETES_API, TALOS_API};
use crate::endpoint::static_endpoint::model::inputs::{Inputs, Kind, record_type};
use crate::endpoint::static_endpoint::model::schema::names::{DNS_RECORD_SETS, ENABLED, PORT, RECORD_TYPES, TTL};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Sets every computed attribute of `object`, whose inputs have their defaults.
pub fn outputs(config: &Object, planned: &mut Object) {
    let inputs = Inputs::read(config, planned);
    let contract = contract(&inputs, planned);
    match inputs.kind() {
        Maybe::Known(Kind::External) => contract.write(planned),
        _ => contract.write_except(of_nodes(&inputs, &contract), planned),
    }
    if let Some(host) = config.get(HOST).filter(|host| !host.is_null()) {
        // In the spelling of the configuration, which Terraform holds the plan to.
        planned.insert(HOST.to_owned(), host.clone());
    }
    let record_sets = dns_record_sets(&inputs, planned);
    planned.insert(DNS_RECORD_SETS.to_owned(), record_sets);
}

/// Where clients reach the nodes themselves.
fn of_nodes(inputs: &Inputs, contract: &Contract) -> Exceptions {
    Exceptions {
        talosctl_endpoints: talosctl_endpoints(inputs, contract),
        machine_cert_sans: machine_cert_sans(inputs),
        // Every name of the endpoint but the host, which Talos adds anyway: there is no other.
        api_server_cert_sans: Maybe::Known(Vec::new()),
        node_patches: inputs
            .nodes
            .as_ref()
            .map(|nodes| nodes.iter().map(|node| (node.name.clone(), Maybe::Known(Vec::new()))).collect()),
    }
}

fn contract(inputs: &Inputs, planned: &Object) -> Contract {
    let planned = &Reader::new(planned);
    let host = match inputs.own_host() {
        Maybe::Known(Some(host)) => Maybe::Known(address::canonical(host)),
        Maybe::Known(None) => inputs.only_node().map_or(Maybe::Unknown, |node| text(&node.address)),
        Maybe::Unknown => Maybe::Unknown,
    };
    Contract {
        host,
        other_names: Vec::new(),
        kubernetes_api_port: port(planned, KUBERNETES_API),
        talos_api_port: talos_api_port(planned),
        talos_version: Maybe::Known(None),
        nodes: inputs.nodes.as_ref().map(|nodes| nodes.iter().map(|node| node.name.clone()).collect()),
    }
}

fn text(address: &Maybe<IpAddr>) -> Maybe<String> {
    address.as_ref().map(ToString::to_string)
}

fn port(planned: &Reader<'_>, name: &str) -> Maybe<Option<i64>> {
    match planned.nested(name) {
        Maybe::Known(Some(api)) => api.number(PORT),
        Maybe::Known(None) => Maybe::Known(None),
        Maybe::Unknown => Maybe::Unknown,
    }
}

fn talos_api_port(planned: &Reader<'_>) -> Maybe<Option<i64>> {
    match planned.nested(TALOS_API) {
        Maybe::Known(Some(api)) => match api.bool(ENABLED) {
            Maybe::Known(Some(false)) => Maybe::Known(None),
            Maybe::Known(_) => api.number(PORT),
            Maybe::Unknown => Maybe::Unknown,
        },
        Maybe::Known(None) => Maybe::Known(None),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// The nodes, between which talosctl chooses.
fn talosctl_endpoints(inputs: &Inputs, contract: &Contract) -> Maybe<Vec<Maybe<String>>> {
    match (&contract.talos_api_port, inputs.kind()) {
        (Maybe::Known(None), _) => Maybe::Known(Vec::new()),
        (Maybe::Known(Some(_)), Maybe::Known(_)) => {
            inputs.nodes.as_ref().map(|nodes| nodes.iter().map(|node| text(&node.address)).collect())
        }
        _ => Maybe::Unknown,
    }
}

/// The host, unless it is a node's own address, which Talos adds anyway.
fn machine_cert_sans(inputs: &Inputs) -> Maybe<Vec<Maybe<String>>> {
    match inputs.kind() {
        Maybe::Known(Kind::SingleNode) => Maybe::Known(Vec::new()),
        Maybe::Known(_) => Maybe::Known(vec![match inputs.own_host() {
            Maybe::Known(Some(host)) => Maybe::Known(address::canonical(host)),
            _ => Maybe::Unknown,
        }]),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// One record set for each type. Who knows the types knows the keys, whatever else is unknown.
fn dns_record_sets(inputs: &Inputs, planned: &Object) -> Value {
    let planned = Reader::new(planned);
    let types = planned.texts(RECORD_TYPES).map(Option::unwrap_or_default);
    let (Maybe::Known(types), Maybe::Known(kind)) = (types, inputs.kind()) else { return Value::UNKNOWN_NOT_NULL };
    if kind != Kind::Name {
        return Value::Map(Default::default());
    }
    let Some(types) = types.into_iter().map(Maybe::known).collect::<Option<Vec<&str>>>() else {
        return Value::UNKNOWN_NOT_NULL;
    };
    let record_set = |kind: &str| {
        let of_type = |addresses: Vec<IpAddr>| {
            let wanted = addresses.into_iter().filter(|ip| record_type(*ip) == kind);
            Value::list(wanted.map(|ip| ip.to_string().into()))
        };
        Value::Object(Object::from([
            ("name".to_owned(), inputs.host.clone().map(Option::unwrap_or_default).into()),
            ("type".to_owned(), kind.into()),
            (TTL.to_owned(), planned.value(TTL).clone()),
            ("records".to_owned(), inputs.addresses().map(of_type).known().unwrap_or(Value::UNKNOWN_NOT_NULL)),
        ]))
    };
    Value::Map(types.into_iter().map(|kind| (kind.to_owned(), record_set(kind))).collect())
}

#[cfg(test)]
mod tests;
