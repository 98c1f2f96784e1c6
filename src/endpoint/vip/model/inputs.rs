//! What the user wants, in types. Every part may be unknown still; text that is no address counts as unknown, because its validator has
//! reported it.

use std::net::IpAddr;

use ipnet::IpNet;

use super::link::Choice;
use super::parse::{optional, resolved};
use super::routes::Routes;
use super::schema::names::{
    ADDITIONAL_ADDRESSES, ADDITIONAL_VIPS, ADDRESS, DHCP, ENDPOINT, FORM, POD_CIDRS, PORT, SERVICE_CIDRS,
    STATIC_ADDRESSING, VIP,
};
use crate::endpoint::address::{self, Address};
use crate::endpoint::contract::TalosVersion;
use crate::endpoint::contract::{CONTROL_PLANE, HOST, KUBERNETES_API, TALOS_VERSION};
use crate::endpoint::node_ports;
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// The arguments of `talosendpoint_vip`, from the planned object; the host is the configuration's.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The virtual IP that is the endpoint.
    pub vip: Vip,
    /// The virtual IPs of `additional_vips`, which become names in the certificate.
    pub additional: Maybe<Vec<Vip>>,
    /// The name that the configuration gives the endpoint.
    pub host: Maybe<Option<String>>,
    /// The version contract.
    pub version: Maybe<TalosVersion>,
    /// How patches name a virtual IP.
    pub form: Maybe<Form>,
    /// Whether patches carry the nodes' addresses.
    pub static_addressing: Maybe<bool>,
    /// The nodes, in the order of their names.
    pub nodes: Maybe<Vec<Node>>,
    /// What nodes have in common.
    pub common: Common,
    /// Subnets of pods.
    pub pod_cidrs: Vec<IpNet>,
    /// Subnets of services.
    pub service_cidrs: Vec<IpNet>,
    /// The port of the API server.
    pub port: Maybe<i64>,
}

/// What nodes have in common.
#[derive(Clone, Debug)]
pub struct Common {
    /// The link that carries the virtual IP.
    pub link: Choice,
    /// Whether DHCP is switched on.
    pub dhcp: Maybe<Option<bool>>,
    /// The default routes.
    pub routes: Routes,
}

/// A virtual IP.
#[derive(Clone, Debug)]
pub struct Vip {
    /// Where its arguments are: the root, or an element of `additional_vips`.
    place: Path,
    /// The argument that holds the address.
    pub path: Path,
    /// The address.
    pub ip: Maybe<IpAddr>,
    /// The link of its own; the endpoint's has none and takes the node's.
    pub link: Option<Choice>,
}

/// A control-plane node.
#[derive(Clone, Debug)]
pub struct Node {
    /// The node's key in the map `control_plane`, which the user chose.
    pub name: String,
    /// Its own address.
    pub address: Maybe<Option<Address>>,
    /// Its further addresses, from `additional_addresses`.
    pub additional: Maybe<Vec<Maybe<Address>>>,
    /// What talosctl dials instead of the address.
    pub endpoint: Maybe<Option<String>>,
    /// The link of its own.
    pub link: Choice,
    /// Whether DHCP is switched on; none where the default holds.
    pub dhcp: Maybe<Option<bool>>,
    /// The default routes, in which the common ones stand where it has none of its own.
    pub routes: Routes,
}

/// How a patch names a virtual IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `machine.network.interfaces`.
    Legacy,
    /// `Layer2VIPConfig`.
    Document,
}

impl Inputs {
    /// Reads the planned object, and of the configuration what is computed in the plan.
    pub fn read(config: &Object, planned: &Object) -> Inputs {
        let (host, object) = (Reader::new(config).text(HOST), &Reader::new(planned));
        let common =
            Common { link: Choice::read(object), dhcp: object.bool(DHCP), routes: Routes::read(Path::root(), object) };
        let version = resolved(object.text(TALOS_VERSION), TalosVersion::parse);
        Inputs {
            vip: Vip {
                place: Path::root(),
                path: Path::of(VIP),
                ip: resolved(object.text(VIP), address::bare),
                link: None,
            },
            additional: object.nested_items(ADDITIONAL_VIPS).map(|items| additional(&items.unwrap_or_default())),
            host: host.map(|host| host.map(str::to_owned)),
            form: form(object.text(FORM), version.as_ref()),
            version,
            static_addressing: object.bool(STATIC_ADDRESSING).map(Option::unwrap_or_default),
            nodes: object.nested_map(CONTROL_PLANE).map(|nodes| {
                nodes.unwrap_or_default().iter().map(|(name, node)| Node::read(name, node, &common)).collect()
            }),
            pod_cidrs: cidrs(object, POD_CIDRS),
            service_cidrs: cidrs(object, SERVICE_CIDRS),
            port: port(object),
            common,
        }
    }

    /// All virtual IPs that are known of, the endpoint's first.
    pub fn vips(&self) -> Vec<&Vip> {
        std::iter::once(&self.vip).chain(self.additional.as_ref().known().into_iter().flatten()).collect()
    }

    /// The nodes that are known of.
    pub fn known_nodes(&self) -> &[Node] {
        match &self.nodes {
            Maybe::Known(nodes) => nodes,
            Maybe::Unknown => &[],
        }
    }

    /// The host that isn't a virtual IP, or that is an additional one; none where the endpoint's own address is the host.
    pub fn own_host(&self) -> Maybe<Option<&str>> {
        match self.host.as_ref() {
            Maybe::Known(None) => Maybe::Known(None),
            Maybe::Unknown => Maybe::Unknown,
            Maybe::Known(Some(host)) => match (address::bare(host), &self.vip.ip) {
                (None, _) => Maybe::Known(Some(host)),
                (Some(host_ip), Maybe::Known(vip)) => Maybe::Known((host_ip != *vip).then_some(host)),
                (Some(_), Maybe::Unknown) => Maybe::Unknown,
            },
        }
    }
}

impl Vip {
    /// Where the arguments of its link are.
    pub fn place(&self) -> Path {
        self.place.clone()
    }
}

impl Node {
    fn read(name: &str, node: &Reader<'_>, common: &Common) -> Node {
        let own_dhcp = node.bool(DHCP);
        Node {
            name: name.to_owned(),
            address: optional(node.text(ADDRESS), Address::parse),
            additional: node.texts(ADDITIONAL_ADDRESSES).map(|texts| {
                let texts = texts.unwrap_or_default();
                texts.into_iter().map(|text| resolved(text.map(Some), Address::parse)).collect()
            }),
            endpoint: node.text(ENDPOINT).map(|text| text.map(str::to_owned)),
            link: Choice::read(node),
            dhcp: if own_dhcp.is_absent() { common.dhcp.clone() } else { own_dhcp },
            routes: Routes::read(Path::of(CONTROL_PLANE).key(name), node).or(&common.routes),
        }
    }

    /// Where it is in the configuration.
    pub fn path(&self) -> Path {
        Path::of(CONTROL_PLANE).key(&self.name)
    }

    /// Its addresses that are known, each with its place.
    pub fn addresses(&self) -> Vec<(Path, Address)> {
        let own = self.address.clone().present().map(|address| (self.path().attribute(ADDRESS), address));
        let list = self.path().attribute(ADDITIONAL_ADDRESSES);
        let more = self.additional.as_ref().known().into_iter().flatten();
        let more = (0..).zip(more).filter_map(|(i, address)| Some((list.index(i), address.clone().known()?)));
        own.into_iter().chain(more).collect()
    }

    /// True if it has an address, and nothing says by `dhcp` how it gets it.
    pub fn has_no_way_to_its_address(&self) -> bool {
        self.address.clone().present().is_some() && self.dhcp.is_absent()
    }

    /// True if an address may come to those that are known.
    pub fn may_have_more_addresses(&self) -> bool {
        let more = match &self.additional {
            Maybe::Known(more) => more.iter().any(|address| matches!(address, Maybe::Unknown)),
            Maybe::Unknown => true,
        };
        more || matches!(self.address, Maybe::Unknown)
    }
}

/// The names of nodes for a text: `a`, `b`, `c`.
pub fn names<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> String {
    nodes.into_iter().map(|node| format!("`{}`", node.name)).collect::<Vec<_>>().join(", ")
}

/// True if every address of every node is known, there are some, and none is of `ip`'s family.
pub fn of_no_node_s_family(inputs: &Inputs, ip: IpAddr) -> bool {
    let nodes = inputs.known_nodes();
    let all: Vec<Address> = nodes.iter().flat_map(|node| node.addresses()).map(|(_, address)| address).collect();
    !nodes.iter().any(Node::may_have_more_addresses)
        && !all.is_empty()
        && !all.iter().any(|address| address.same_family(ip))
}

/// The subnets of a node's addresses of `ip`'s family. A prefix that covers one address alone says nothing of the network, and neither
/// does an address that is wrong in itself.
pub fn subnets(node: &Node, ip: IpAddr) -> Vec<IpNet> {
    let of_family = node.addresses().into_iter().filter(|(_, address)| address.same_family(ip));
    let of_family = of_family.filter(|(_, address)| address::unusable(address.ip).is_none());
    of_family
        .filter_map(|(_, address)| address.subnet())
        .filter(|net| net.prefix_len() < net.max_prefix_len())
        .collect()
}

/// Whether the node's subnets are known to leave `ip` out.
pub fn leaves_out(node: &Node, ip: IpAddr) -> bool {
    let subnets = subnets(node, ip);
    let of_family = node.addresses().into_iter().filter(|(_, address)| address.same_family(ip)).count();
    !subnets.is_empty()
        && subnets.len() == of_family
        && !node.may_have_more_addresses()
        && !subnets.iter().any(|net| net.contains(&ip))
}

fn additional(items: &[Reader<'_>]) -> Vec<Vip> {
    let list = Path::of(ADDITIONAL_VIPS);
    let vip = |(i, item): (u64, &Reader<'_>)| Vip {
        place: list.index(i),
        path: list.index(i).attribute(ADDRESS),
        ip: resolved(item.text(ADDRESS), address::unmapped),
        link: Some(Choice::read(item)),
    };
    (0..).zip(items).map(vip).collect()
}

fn form(form: Maybe<Option<&str>>, version: Maybe<&TalosVersion>) -> Maybe<Form> {
    match (form, version) {
        (Maybe::Known(Some(LEGACY_FORM)), _) => Maybe::Known(Form::Legacy),
        (Maybe::Known(Some(DOCUMENT_FORM)), _) => Maybe::Known(Form::Document),
        (Maybe::Known(_), Maybe::Known(version)) if version.has_network_documents() => Maybe::Known(Form::Document),
        (Maybe::Known(_), Maybe::Known(_)) => Maybe::Known(Form::Legacy),
        _ => Maybe::Unknown,
    }
}

/// The subnets of a list that are known.
fn cidrs(object: &Reader<'_>, name: &str) -> Vec<IpNet> {
    let texts = object.texts(name).present().unwrap_or_default();
    texts.into_iter().filter_map(|text| address::parse_subnet(text.known()?)).collect()
}

fn port(object: &Reader<'_>) -> Maybe<i64> {
    match object.nested(KUBERNETES_API) {
        Maybe::Known(Some(api)) => api.number(PORT).map(|port| port.unwrap_or(DEFAULT_PORT)),
        Maybe::Known(None) => Maybe::Known(DEFAULT_PORT),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// The value of `form` for `machine.network.interfaces`.
pub const LEGACY_FORM: &str = "legacy";

/// The value of `form` for documents.
pub const DOCUMENT_FORM: &str = "document";

/// The port of the API server where none is set.
pub const DEFAULT_PORT: i64 = node_ports::API_SERVER;
