//! What every endpoint exports, made of what a kind knows of itself.

use std::net::IpAddr;

use serde_json::json;

use super::attributes::{
    API_SERVER_CERT_SANS, CONTROL_PLANE_CONFIG_PATCHES, HOST, KUBERNETES_API_ENDPOINT, MACHINE_CERT_SANS, NODES,
    PATCHES, TALOS_API_ENDPOINT, TALOSCTL_ENDPOINTS, WORKER_CONFIG_PATCHES,
};
use super::patches::{Names, api_server_certificate, concat, host_table, list, machine_certificate, patch_list};
use super::talos_version::TalosVersion;
use crate::endpoint::{address, node_ports};
use crate::framework::reader::Maybe;
use crate::framework::value::{Object, Value};
use crate::remote::authority::host_port;

/// What a kind of endpoint knows of itself; what is not known yet is unknown.
#[derive(Clone, Debug)]
pub struct Contract {
    /// What clients dial.
    pub host: Maybe<String>,
    /// The port of the Kubernetes API; none where it is off.
    pub kubernetes_api_port: Maybe<Option<i64>>,
    /// The port of the Talos API; none where it is off.
    pub talos_api_port: Maybe<Option<i64>>,
    /// Whether talosctl dials the host: one that leads to any node, and is there when the Kubernetes API isn't.
    pub balances_talos_api: Maybe<bool>,
    /// The version contract.
    pub talos_version: Maybe<Option<TalosVersion>>,
    /// What certificates must carry.
    pub names: CertificateNames,
    /// The addresses with which `host` goes into host tables; none without `host_entry`.
    pub host_entry: Names,
    /// Whether the network of a machine configuration has documents of its own.
    pub network_documents: Maybe<bool>,
    /// The nodes of `control_plane`; none where the resource has no such input.
    pub nodes: Maybe<Vec<Node>>,
}

/// What certificates must carry beside what Talos puts into them. Each list is unknown where not even its length is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateNames {
    /// That of the Talos API, which has the addresses of its own node.
    pub machine: Names,
    /// That of the API server, which has the host beside those.
    pub api_server: Names,
}

/// A control-plane node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its key in `control_plane`.
    pub name: String,
    /// Its own address.
    pub address: Maybe<Option<String>>,
    /// What talosctl dials in place of that.
    pub endpoint: Maybe<Option<String>>,
    /// What it needs beside the patches that all have.
    pub patches: Names,
}

impl CertificateNames {
    /// Of an endpoint in front of the nodes: `host` first, then `others`, without repetition. `others` may name the host.
    pub fn of_host(host: Maybe<String>, others: Names) -> CertificateNames {
        let Maybe::Known(others) = others else {
            return CertificateNames { machine: Maybe::Unknown, api_server: Maybe::Unknown };
        };
        let mut machine = vec![host];
        for name in others {
            if matches!(name, Maybe::Unknown) || !machine.contains(&name) {
                machine.push(name);
            }
        }
        let api_server = machine.iter().skip(1).cloned().collect();
        CertificateNames { machine: Maybe::Known(machine), api_server: Maybe::Known(api_server) }
    }

    /// The same with the names of `additional_names` after these.
    #[must_use]
    pub fn with(self, additional: &Names) -> CertificateNames {
        let appended = |names: &Names| concat([names, additional]);
        CertificateNames { machine: appended(&self.machine), api_server: appended(&self.api_server) }
    }
}

impl Node {
    /// A node with that address, or with a DNS name in its place.
    pub fn at(name: &str, address: Maybe<String>) -> Node {
        let is_address = |address: &String| address.parse::<IpAddr>().is_ok();
        let (address, endpoint) = match address {
            Maybe::Known(address) if is_address(&address) => (Maybe::Known(Some(address)), Maybe::Known(None)),
            Maybe::Known(name) => (Maybe::Known(None), Maybe::Known(Some(name))),
            Maybe::Unknown => (Maybe::Unknown, Maybe::Unknown),
        };
        Node { name: name.to_owned(), address, endpoint, patches: Maybe::Known(Vec::new()) }
    }

    /// What talosctl dials: none where nothing is.
    fn dialled(&self) -> Maybe<Option<String>> {
        match &self.endpoint {
            Maybe::Known(None) => self.address.clone(),
            endpoint => endpoint.clone(),
        }
    }

    /// True if nothing is known of it, not even whether there is anything to dial.
    fn is_unknown(&self) -> bool {
        matches!((&self.endpoint, &self.address), (Maybe::Unknown, Maybe::Unknown))
    }

    /// What talosctl dials must be in the certificate of the Talos API, which has the node's own addresses: a DNS name or a translated
    /// address is none of them. `names` are in it anyway.
    fn certificate(&self, names: &Names) -> Names {
        let endpoint = match &self.endpoint {
            Maybe::Known(Some(endpoint)) => address::canonical(endpoint),
            Maybe::Known(None) => return Maybe::Known(Vec::new()),
            Maybe::Unknown => return Maybe::Unknown,
        };
        let names = names.clone().known().unwrap_or_default();
        let is_there = |name: &Maybe<String>| name.is_known_and(|name| name.eq_ignore_ascii_case(&endpoint));
        if names.iter().any(is_there) {
            return Maybe::Known(Vec::new());
        }
        // A name that isn't known yet may turn out to be this one.
        if names.contains(&Maybe::Unknown) {
            return Maybe::Unknown;
        }
        Maybe::Known(vec![Maybe::Known(json!({"machine": {"certSANs": [endpoint]}}).to_string())])
    }

    fn value(&self) -> Value {
        let text = |text: Maybe<Option<String>>| match text {
            Maybe::Known(text) => text.map_or(Value::Null, |text| address::canonical(&text).into()),
            Maybe::Unknown => Value::UNKNOWN,
        };
        Value::Object(Object::from([
            ("address".to_owned(), text(self.address.clone())),
            ("endpoint".to_owned(), text(self.dialled())),
        ]))
    }
}

impl Contract {
    /// Sets the outputs, `host` included.
    pub fn write(&self, object: &mut Object) {
        let workers = host_table(&self.host, &self.host_entry, &self.network_documents);
        let common = concat([
            &machine_certificate(&self.names.machine),
            &api_server_certificate(&self.names.api_server, &self.talos_version),
            &workers,
        ]);
        let of_node =
            |node: &Node| patch_list(concat([&node.patches, &node.certificate(&self.names.machine), &common]));
        let mut set = |name: &str, value: Value| {
            object.insert(name.to_owned(), value);
        };
        set(HOST, self.host.clone().map(Value::String).known().unwrap_or(Value::UNKNOWN_NOT_NULL));
        set(KUBERNETES_API_ENDPOINT, self.url(self.kubernetes_api_port.clone(), "https://"));
        set(TALOS_API_ENDPOINT, self.url(self.talos_api_port.clone(), ""));
        set(TALOSCTL_ENDPOINTS, list(self.talosctl_endpoints()));
        set(MACHINE_CERT_SANS, list(self.names.machine.clone()));
        set(API_SERVER_CERT_SANS, list(self.names.api_server.clone()));
        set(NODES, self.by_node(Node::value));
        set(PATCHES, self.by_node(of_node));
        set(CONTROL_PLANE_CONFIG_PATCHES, patch_list(common.clone()));
        set(WORKER_CONFIG_PATCHES, patch_list(workers));
    }

    fn by_node(&self, value: impl Fn(&Node) -> Value) -> Value {
        let nodes = self.nodes.as_ref().map(|nodes| nodes.iter().map(|node| (node.name.clone(), value(node))));
        nodes.map(|nodes| Value::Map(nodes.collect())).known().unwrap_or(Value::UNKNOWN_NOT_NULL)
    }

    /// The patches whose form depends on the version contract, where there is none; empty otherwise.
    pub fn needs_talos_version(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if !self.talos_version.is_absent() {
            return reasons;
        }
        let names = self.names.api_server.clone().known().unwrap_or_default();
        if !names.is_empty() {
            let unknown = || "one that is known after the apply".to_owned();
            let names: Vec<String> = names.into_iter().map(|name| name.known().unwrap_or_else(unknown)).collect();
            reasons.push(format!("the further names in the API server's certificate ({})", names.join(", ")));
        }
        if self.host_entry.is_known_and(|addresses| !addresses.is_empty()) {
            reasons.push("`host_entry`".to_owned());
        }
        reasons
    }

    fn url(&self, port: Maybe<Option<i64>>, scheme: &str) -> Value {
        match (port, &self.host) {
            (Maybe::Known(None), _) => Value::Null,
            (Maybe::Known(Some(port)), Maybe::Known(host)) => format!("{scheme}{}", host_port(host, port)).into(),
            (Maybe::Known(Some(_)), Maybe::Unknown) => Value::UNKNOWN_NOT_NULL,
            (Maybe::Unknown, _) => Value::UNKNOWN,
        }
    }

    fn talosctl_endpoints(&self) -> Names {
        match (&self.talos_api_port, &self.balances_talos_api) {
            (Maybe::Known(Some(node_ports::TALOS_API)), Maybe::Known(true)) => Maybe::Known(vec![self.host.clone()]),
            (Maybe::Known(Some(port)), Maybe::Known(true)) => {
                Maybe::Known(vec![self.host.as_ref().map(|host| host_port(host, *port))])
            }
            (Maybe::Known(None), _) | (_, Maybe::Known(false)) => self.dialled_nodes(),
            _ => Maybe::Unknown,
        }
    }

    /// What talosctl dials of each node; a node of which nothing is known is left out.
    fn dialled_nodes(&self) -> Names {
        let Maybe::Known(nodes) = &self.nodes else { return Maybe::Unknown };
        if nodes.iter().any(Node::is_unknown) {
            return Maybe::Unknown;
        }
        // What is set to something that isn't known yet will be there.
        let dialled = nodes.iter().filter_map(|node| match node.dialled() {
            Maybe::Known(endpoint) => Some(Maybe::Known(address::canonical(&endpoint?))),
            Maybe::Unknown => Some(Maybe::Unknown),
        });
        Maybe::Known(dialled.collect())
    }
}
