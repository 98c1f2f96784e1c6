//! What the user wants, in types. Every part may be unknown still; text that is no address counts as unknown, because its validator has
//! reported it.

use std::net::IpAddr;

use super::schema::names::{ADDITIONAL_ADDRESSES, ADDRESS, EXTERNAL};
use crate::endpoint::address::{self, Address};
use crate::endpoint::contract::{CONTROL_PLANE, HOST};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// The arguments of `talosendpoint_static` that say what the endpoint is, and which nodes it has.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The host that the configuration sets.
    pub host: Maybe<Option<String>>,
    /// The nodes in the order of their names; none where there is no `control_plane`.
    pub nodes: Maybe<Vec<Node>>,
    /// Whether the host is a load balancer.
    pub external: Maybe<bool>,
}

/// A control-plane node.
#[derive(Clone, Debug)]
pub struct Node {
    /// The node's key in the map `control_plane`, which the user chose.
    pub name: String,
    /// What clients and talosctl dial.
    pub address: Maybe<Address>,
    /// More of the kind; unknown where not even their number is known.
    pub additional: Maybe<Vec<Maybe<Address>>>,
}

/// What the endpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A load balancer of somebody else's.
    External,
    /// The address of the only node.
    SingleNode,
    /// A DNS name that leads to the nodes.
    Name,
}

impl Inputs {
    /// Reads the planned object, and of the configuration what is computed in the plan.
    pub fn read(config: &Object, planned: &Object) -> Inputs {
        let (host, object) = (Reader::new(config).text(HOST), &Reader::new(planned));
        let nodes = object
            .nested_map(CONTROL_PLANE)
            .map(|nodes| nodes.unwrap_or_default().iter().map(|(name, node)| Node::read(name, node)).collect());
        Inputs { host: host.map(|host| host.map(str::to_owned)), nodes, external: external(object) }
    }

    /// What the endpoint is; unknown as well where it can't be any.
    pub fn kind(&self) -> Maybe<Kind> {
        match (&self.external, self.own_host()) {
            (Maybe::Known(true), _) => Maybe::Known(Kind::External),
            (Maybe::Known(false), Maybe::Known(Some(_))) => Maybe::Known(Kind::Name),
            (Maybe::Known(false), Maybe::Known(None)) if self.known_nodes().len() < 2 => Maybe::Known(Kind::SingleNode),
            // Several nodes must have a name; which one, is known later.
            (Maybe::Known(false), Maybe::Unknown) if self.known_nodes().len() > 1 => Maybe::Known(Kind::Name),
            _ => Maybe::Unknown,
        }
    }

    /// The host that isn't the address of the only node: that one counts as not set, in another spelling too.
    pub fn own_host(&self) -> Maybe<Option<&str>> {
        match &self.host {
            Maybe::Known(None) => Maybe::Known(None),
            Maybe::Unknown => Maybe::Unknown,
            Maybe::Known(Some(host)) => match (address::bare(host), self.only_node()) {
                (Some(_), Some(Node { address: Maybe::Unknown, .. })) => Maybe::Unknown,
                (Some(ip), Some(Node { address: Maybe::Known(own), .. })) if ip == own.ip => Maybe::Known(None),
                _ => Maybe::Known(Some(host)),
            },
        }
    }

    /// The node, where there is one alone.
    pub fn only_node(&self) -> Option<&Node> {
        match &self.nodes {
            Maybe::Known(nodes) if nodes.len() == 1 => nodes.first(),
            _ => None,
        }
    }

    /// The nodes that are known of.
    pub fn known_nodes(&self) -> &[Node] {
        match &self.nodes {
            Maybe::Known(nodes) => nodes,
            Maybe::Unknown => &[],
        }
    }

    /// All addresses of all nodes without repetition; unknown while one of them is.
    pub fn addresses(&self) -> Maybe<Vec<IpAddr>> {
        let Maybe::Known(nodes) = &self.nodes else { return Maybe::Unknown };
        let mut all = Vec::new();
        for node in nodes {
            let Maybe::Known(additional) = &node.additional else { return Maybe::Unknown };
            for address in std::iter::once(&node.address).chain(additional) {
                match address {
                    Maybe::Known(address) if !all.contains(&address.ip) => all.push(address.ip),
                    Maybe::Known(_) => {}
                    Maybe::Unknown => return Maybe::Unknown,
                }
            }
        }
        Maybe::Known(all)
    }
}

impl Node {
    fn read(name: &str, node: &Reader<'_>) -> Node {
        let resolved = |text: Option<&str>| text.and_then(Address::parse).map_or(Maybe::Unknown, Maybe::Known);
        Node {
            name: name.to_owned(),
            address: resolved(node.text(ADDRESS).present()),
            additional: node.texts(ADDITIONAL_ADDRESSES).map(|texts| {
                let texts = texts.unwrap_or_default();
                texts.into_iter().map(|text| resolved(text.known())).collect()
            }),
        }
    }

    /// Its addresses that are known, each with its place.
    pub fn places(&self) -> Vec<(Path, Address)> {
        let own = Path::of(CONTROL_PLANE).key(&self.name);
        let list = own.attribute(ADDITIONAL_ADDRESSES);
        let more = self.additional.as_ref().known().into_iter().flatten();
        let more = (0..).zip(more).map(|(index, address)| (list.index(index), address));
        let all = std::iter::once((own.attribute(ADDRESS), &self.address)).chain(more);
        all.filter_map(|(path, address)| Some((path, address.clone().known()?))).collect()
    }
}

/// Whether the host is a load balancer: as the user says, else where there are no nodes.
fn external(object: &Reader<'_>) -> Maybe<bool> {
    match object.bool(EXTERNAL) {
        Maybe::Known(Some(external)) => Maybe::Known(external),
        _ => Maybe::Unknown,
    }
}

/// The type of the DNS record that holds `ip`.
pub fn record_type(ip: IpAddr) -> &'static str {
    if ip.is_ipv4() { "A" } else { "AAAA" }
}
