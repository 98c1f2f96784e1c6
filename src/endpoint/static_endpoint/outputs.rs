//! The computed attributes, from the same code at plan and at apply, so that the two cannot disagree.

use std::net::IpAddr;

use super::spec::{Kind, Spec, record_type};
use crate::endpoint::address;
use crate::endpoint::contract::{Contract, Exceptions};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Sets every computed attribute of `object`, whose inputs are effective.
pub fn write(config: &Object, object: &mut Object) {
    let inputs = object.clone();
    let inputs = Reader::new(&inputs);
    let spec = Spec::read(&inputs, Reader::new(config).text("host"));
    let contract = contract(&spec, &inputs);
    match spec.kind() {
        Maybe::Known(Kind::External) => contract.write(object),
        _ => contract.write_except(of_nodes(&spec, &contract), object),
    }
    if let Some(host) = config.get("host").filter(|host| !host.is_null()) {
        // In the spelling of the configuration, which Terraform holds the plan to.
        object.insert("host".to_owned(), host.clone());
    }
    object.insert("dns_record_sets".to_owned(), dns_record_sets(&spec, &inputs));
}

/// Where clients reach the nodes themselves.
fn of_nodes(spec: &Spec, contract: &Contract) -> Exceptions {
    Exceptions {
        talosctl_endpoints: talosctl_endpoints(spec, contract),
        machine_cert_sans: machine_cert_sans(spec),
        // Every name of the endpoint but the host, which Talos adds by itself: there is no other.
        api_server_cert_sans: Maybe::Known(Vec::new()),
        node_patches: spec
            .nodes
            .as_ref()
            .map(|nodes| nodes.iter().map(|node| (node.name.clone(), Maybe::Known(Vec::new()))).collect()),
    }
}

fn contract(spec: &Spec, inputs: &Reader<'_>) -> Contract {
    let host = match spec.own_host() {
        Maybe::Known(Some(host)) => Maybe::Known(address::canonical(host)),
        Maybe::Known(None) => spec.only_node().map_or(Maybe::Unknown, |node| text(&node.address)),
        Maybe::Unknown => Maybe::Unknown,
    };
    Contract {
        host,
        other_names: Vec::new(),
        kubernetes_api_port: port(inputs, "kubernetes_api"),
        talos_api_port: talos_api_port(inputs),
        talos_version: Maybe::Known(None),
        nodes: spec.nodes.as_ref().map(|nodes| nodes.iter().map(|node| node.name.clone()).collect()),
    }
}

fn text(address: &Maybe<IpAddr>) -> Maybe<String> {
    address.as_ref().map(ToString::to_string)
}

fn port(inputs: &Reader<'_>, name: &str) -> Maybe<Option<i64>> {
    match inputs.nested(name) {
        Maybe::Known(Some(api)) => api.number("port"),
        Maybe::Known(None) => Maybe::Known(None),
        Maybe::Unknown => Maybe::Unknown,
    }
}

fn talos_api_port(inputs: &Reader<'_>) -> Maybe<Option<i64>> {
    match inputs.nested("talos_api") {
        Maybe::Known(Some(api)) => match api.bool("enabled") {
            Maybe::Known(Some(false)) => Maybe::Known(None),
            Maybe::Known(_) => api.number("port"),
            Maybe::Unknown => Maybe::Unknown,
        },
        Maybe::Known(None) => Maybe::Known(None),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// The nodes, between which talosctl chooses by itself.
fn talosctl_endpoints(spec: &Spec, contract: &Contract) -> Maybe<Vec<Maybe<String>>> {
    match (&contract.talos_api_port, spec.kind()) {
        (Maybe::Known(None), _) => Maybe::Known(Vec::new()),
        (Maybe::Known(Some(_)), Maybe::Known(_)) => {
            spec.nodes.as_ref().map(|nodes| nodes.iter().map(|node| text(&node.address)).collect())
        }
        _ => Maybe::Unknown,
    }
}

/// The host, unless it is a node's own address, which Talos adds by itself.
fn machine_cert_sans(spec: &Spec) -> Maybe<Vec<Maybe<String>>> {
    match spec.kind() {
        Maybe::Known(Kind::SingleNode) => Maybe::Known(Vec::new()),
        Maybe::Known(_) => Maybe::Known(vec![match spec.own_host() {
            Maybe::Known(Some(host)) => Maybe::Known(address::canonical(host)),
            _ => Maybe::Unknown,
        }]),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// One record set for each type. Who knows the types knows the keys, whatever else is unknown.
fn dns_record_sets(spec: &Spec, inputs: &Reader<'_>) -> Value {
    let types = inputs.texts("record_types").map(Option::unwrap_or_default);
    let (Maybe::Known(types), Maybe::Known(kind)) = (types, spec.kind()) else { return Value::UNKNOWN_NOT_NULL };
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
            ("name".to_owned(), spec.host.clone().map(Option::unwrap_or_default).into()),
            ("type".to_owned(), kind.into()),
            ("ttl".to_owned(), inputs.value("ttl").clone()),
            ("records".to_owned(), spec.addresses().map(of_type).known().unwrap_or(Value::UNKNOWN_NOT_NULL)),
        ]))
    };
    Value::Map(types.into_iter().map(|kind| (kind.to_owned(), record_set(kind))).collect())
}

#[cfg(test)]
mod tests;
