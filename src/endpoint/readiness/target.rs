//! The servers that are probed.

use super::spec::Endpoint;
use crate::endpoint::contract::host_port;
use crate::remote::probe::{Ask, Protocol};

/// What an API server answers without knowing who asks: 200, or 401 and 403 where it wants to know.
const READYZ: &str = "/readyz";

/// One of the two APIs of a control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Api {
    /// Served by kube-apiserver.
    Kubernetes,
    /// Served by apid.
    Talos,
}

impl Api {
    /// Both.
    pub const ALL: [Api; 2] = [Api::Kubernetes, Api::Talos];

    /// As attributes name it.
    pub fn name(self) -> &'static str {
        match self {
            Api::Kubernetes => "kubernetes_api",
            Api::Talos => "talos_api",
        }
    }

    fn protocol(self) -> Protocol {
        match self {
            Api::Kubernetes => Protocol::Http(READYZ),
            Api::Talos => Protocol::Grpc,
        }
    }
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which API it serves.
    pub api: Api,
    /// The node that it is; none for the endpoint.
    pub node: Option<String>,
    /// What is dialled.
    pub host: String,
    /// On that port.
    pub port: u16,
    /// What its certificate must carry.
    pub names: Vec<String>,
    /// The port of the endpoint in front of a node, where that is another one.
    pub front_port: Option<u16>,
}

impl Target {
    /// Its key in results: `kubernetes_api`, or `NODE/kubernetes_api`.
    pub fn key(&self) -> String {
        match &self.node {
            Some(node) => format!("{node}/{}", self.api.name()),
            None => self.api.name().to_owned(),
        }
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> String {
        host_port(&self.host, i64::from(self.port))
    }

    /// What is asked.
    pub fn ask(&self) -> Ask {
        Ask { host: self.host.clone(), port: self.port, protocol: self.api.protocol(), first: self.node.is_none() }
    }
}

/// The endpoint's own servers.
pub fn of_endpoint(endpoint: &Endpoint) -> Vec<Target> {
    let of = |api: Api| {
        let (host, port) = match api {
            Api::Kubernetes => endpoint.kubernetes_api.clone()?,
            Api::Talos => endpoint.talos_api.clone()?,
        };
        let names = names(endpoint, api, &host);
        Some(Target { api, node: None, host, port, names, front_port: None })
    };
    Api::ALL.into_iter().filter_map(of).collect()
}

/// The APIs of the nodes that the endpoint leads to, for those that the endpoint serves.
pub fn of_nodes(endpoint: &Endpoint) -> Vec<Target> {
    let apis: Vec<Target> = of_endpoint(endpoint);
    let of = |name: &String, front: &Target| {
        let node = &endpoint.nodes[name];
        let (host, port) = match front.api {
            Api::Kubernetes => (&node.address, endpoint.node_kubernetes_api_port),
            Api::Talos => (&node.endpoint, endpoint.node_talos_api_port),
        };
        // Behind a balancer every node answers for the endpoint: clients check its name, not the node's.
        let dialled = if front.api == Api::Kubernetes { &front.host } else { host };
        let names = names(endpoint, front.api, dialled);
        let front_port = (port != front.port).then_some(front.port);
        Target { api: front.api, node: Some(name.clone()), host: host.clone(), port, names, front_port }
    };
    endpoint.nodes.keys().flat_map(|name| apis.iter().map(move |front| of(name, front))).collect()
}

fn names(endpoint: &Endpoint, api: Api, dialled: &str) -> Vec<String> {
    let mut names = vec![dialled.to_owned()];
    if api == Api::Talos {
        let further = endpoint.machine_cert_sans.iter().filter(|name| !name.eq_ignore_ascii_case(dialled));
        names.extend(further.cloned());
    }
    names
}
