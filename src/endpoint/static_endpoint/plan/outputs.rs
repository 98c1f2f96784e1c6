//! The computed attributes, from the same code at plan and at apply, so that the two cannot disagree.

use std::net::IpAddr;

use crate::endpoint::address::{self, Address};
use crate::endpoint::contract::{self, CertificateNames, Contract, Names};
use crate::endpoint::contract::{HOST, HOST_ENTRY, KUBERNETES_API, TALOS_API};
use crate::endpoint::static_endpoint::model::inputs::{Inputs, Kind, Node, record_type};
use crate::endpoint::static_endpoint::model::schema::names::{DNS_RECORD_SETS, ENABLED, PORT, RECORD_TYPES, TTL};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Sets every computed attribute of `object`, whose inputs have their defaults.
pub fn outputs(config: &Object, planned: &mut Object) {
    let inputs = Inputs::read(config, planned);
    contract(&inputs, planned).write(planned);
    if let Some(host) = config.get(HOST).filter(|host| !host.is_null()) {
        // In the spelling of the configuration, which Terraform holds the plan to.
        planned.insert(HOST.to_owned(), host.clone());
    }
    let record_sets = dns_record_sets(&inputs, planned);
    planned.insert(DNS_RECORD_SETS.to_owned(), record_sets);
}

/// The endpoint contract.
pub fn contract(inputs: &Inputs, planned: &Object) -> Contract {
    let planned = &Reader::new(planned);
    let host = match inputs.own_host() {
        Maybe::Known(Some(host)) => Maybe::Known(address::canonical(host)),
        Maybe::Known(None) => inputs.only_node().map_or(Maybe::Unknown, |node| text(&node.address)),
        Maybe::Unknown => Maybe::Unknown,
    };
    let talos_version = contract::talos_version_of(planned);
    Contract {
        names: certificate_names(inputs, &host).with(&contract::additional_names(planned)),
        host,
        kubernetes_api_port: port(planned, KUBERNETES_API),
        talos_api_port: talos_api_port(planned),
        balances_talos_api: inputs.kind().map(|kind| kind == Kind::External),
        host_entry: host_entry(inputs, planned),
        network_documents: talos_version
            .as_ref()
            .map(|version| version.as_ref().is_some_and(|version| version.has_network_documents())),
        talos_version,
        nodes: inputs.nodes.as_ref().map(|nodes| nodes.iter().map(in_contract).collect()),
    }
}

fn in_contract(node: &Node) -> contract::Node {
    contract::Node {
        name: node.name.clone(),
        address: text(&node.address).map(Some),
        endpoint: Maybe::Known(None),
        patches: Maybe::Known(Vec::new()),
    }
}

/// The host, unless it is a node's own address, which Talos adds anyway.
fn certificate_names(inputs: &Inputs, host: &Maybe<String>) -> CertificateNames {
    match inputs.kind() {
        Maybe::Known(Kind::SingleNode) => {
            CertificateNames { machine: Maybe::Known(Vec::new()), api_server: Maybe::Known(Vec::new()) }
        }
        Maybe::Known(_) => CertificateNames::of_host(host.clone(), Maybe::Known(Vec::new())),
        Maybe::Unknown => CertificateNames { machine: Maybe::Unknown, api_server: Maybe::Known(Vec::new()) },
    }
}

/// The addresses of the only node, one of each family.
fn host_entry(inputs: &Inputs, planned: &Reader<'_>) -> Names {
    match planned.bool(HOST_ENTRY) {
        Maybe::Known(Some(true)) => {}
        Maybe::Known(_) => return Maybe::Known(Vec::new()),
        Maybe::Unknown => return Maybe::Unknown,
    }
    match inputs.only_node() {
        Some(node) => {
            let ip = |address: &Maybe<Address>| address.as_ref().map(|address| address.ip);
            let additional = node.additional.as_ref().map(|more| more.iter().map(ip).collect());
            address::one_of_each_family(&ip(&node.address), &additional)
        }
        None => Maybe::Unknown,
    }
}

fn text(address: &Maybe<Address>) -> Maybe<String> {
    address.as_ref().map(|address| address.ip.to_string())
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
            let listed = addresses.into_iter().filter(|ip| record_type(*ip) == kind);
            Value::list(listed.map(|ip| ip.to_string().into()))
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
