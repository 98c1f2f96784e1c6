//! The endpoint to be probed, all of it known.

use std::collections::BTreeMap;

use super::attributes::{ADDRESS, ENDPOINT, NODE_ENDPOINT, NODE_KUBERNETES_API_PORT, TARGET_GROUP_ARNS};
use super::place::{self, Place};
use crate::endpoint::contract::{HOST, KUBERNETES_API_ENDPOINT, MACHINE_CERT_SANS, NODES, TALOS_API_ENDPOINT};
use crate::endpoint::node_ports::{API_SERVER, TALOS_API};
use crate::framework::reader::Reader;
use crate::framework::value::Object;

/// The endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What clients dial.
    pub host: String,
    /// Where the Kubernetes API is; none where it is off.
    pub kubernetes_api: Option<Place>,
    /// Where the Talos API is; none where it is off.
    pub talos_api: Option<Place>,
    /// What the certificate of the Talos API must carry.
    pub machine_cert_sans: Vec<String>,
    /// The nodes that can be dialled, by name.
    pub nodes: BTreeMap<String, Node>,
    /// The port of the API server on a node.
    pub node_kubernetes_api_port: u16,
    /// The port of the Talos API on a node.
    pub node_talos_api_port: u16,
    /// The groups whose health AWS is asked for.
    pub target_groups: Vec<String>,
}

/// A node that can be dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// For the Kubernetes API.
    pub address: String,
    /// For the Talos API.
    pub endpoint: String,
}

impl Endpoint {
    /// Reads a configuration that is wholly known.
    pub fn read(config: &Object) -> Option<Endpoint> {
        let config = Reader::new(config);
        let endpoint = config.nested(ENDPOINT).present()?;
        let text = |name: &str| endpoint.text(name).present().map(str::to_owned);
        let texts = |reader: &Reader<'_>, name: &str| -> Vec<String> {
            let items = reader.texts(name).present().unwrap_or_default().into_iter();
            items.filter_map(|item| item.known().map(str::to_owned)).collect()
        };
        let nodes = endpoint.nested_map(NODES).present().unwrap_or_default().into_iter();
        let port = config.number(NODE_KUBERNETES_API_PORT).present().unwrap_or(API_SERVER);
        Some(Endpoint {
            host: text(HOST)?,
            kubernetes_api: text(KUBERNETES_API_ENDPOINT).and_then(|url| place::url(&url)),
            talos_api: text(TALOS_API_ENDPOINT).and_then(|authority| place::authority(&authority)),
            machine_cert_sans: texts(&endpoint, MACHINE_CERT_SANS),
            nodes: nodes.filter_map(|(name, reader)| Some((name.to_owned(), node(&reader)?))).collect(),
            node_kubernetes_api_port: u16::try_from(port).ok()?,
            node_talos_api_port: u16::try_from(TALOS_API).ok()?,
            target_groups: texts(&config, TARGET_GROUP_ARNS),
        })
    }
}

fn node(node: &Reader<'_>) -> Option<Node> {
    let text = |name: &str| node.text(name).present().map(str::to_owned);
    let (address, endpoint) = (text(ADDRESS), text(NODE_ENDPOINT));
    Some(Node { address: address.clone().or_else(|| endpoint.clone())?, endpoint: endpoint.or(address)? })
}

#[cfg(test)]
mod tests {
    use super::super::sample::config;
    use super::*;
    use crate::framework::value::Value;

    #[test]
    fn a_node_is_dialled_at_what_is_known_of_it() {
        let node = |address: Value, endpoint: Value| {
            Value::Object(Object::from([(ADDRESS.to_owned(), address), (NODE_ENDPOINT.to_owned(), endpoint)]))
        };
        let nodes = Value::Map(BTreeMap::from([
            ("both".to_owned(), node("10.0.0.1".into(), "1.2.3.4".into())),
            ("none".to_owned(), node(Value::Null, Value::Null)),
            ("one".to_owned(), node("10.0.0.2".into(), Value::Null)),
        ]));
        let read = Endpoint::read(&config(nodes)).unwrap();
        let one = |address: &str, endpoint: &str| Node { address: address.to_owned(), endpoint: endpoint.to_owned() };
        let expected = [("both", one("10.0.0.1", "1.2.3.4")), ("one", one("10.0.0.2", "10.0.0.2"))];
        assert_eq!(read.nodes, expected.map(|(name, node)| (name.to_owned(), node)).into());
        assert_eq!((read.node_kubernetes_api_port, read.node_talos_api_port), (6443, 50000));
        assert_eq!(read.talos_api, Some(("api.example.com".to_owned(), 50000)));
    }
}
