//! What the user wants, all of it known and parsed: nothing here can hold text that a configuration file would misunderstand.

use std::net::{IpAddr, SocketAddr};

use super::role::Role;
use super::timer::{AdvertInterval, Timer};
use super::word::Word;
use crate::endpoint::address::{Address, bare};
use crate::framework::reader::Reader;

/// What `haproxy.cfg` is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Haproxy {
    /// The listeners that are on.
    pub listeners: Vec<Listener>,
    /// The control plane, by name.
    pub nodes: Vec<Node>,
    /// What the listeners listen on.
    pub bind: Bind,
    /// Connections at a time.
    pub maxconn: i64,
    /// How connections are spread.
    pub balance: Word,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How long an old process lives after a reload.
    pub hard_stop_after: Timer,
    /// Where the log goes.
    pub log: Word,
    /// Where HAProxy locks itself into.
    pub chroot: Word,
    /// The administrators' socket.
    pub stats_socket: Word,
    /// Where the program itself is asked.
    pub ops: SocketAddr,
}

/// A listener that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// What it is for.
    pub role: Role,
    /// The port that clients dial.
    pub port: i64,
    /// The port of the nodes.
    pub target_port: i64,
    /// How the nodes are checked.
    pub check: Check,
}

/// How a node is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// By connecting.
    Tcp,
    /// By asking for `/readyz`, with these answers of a node that is well, in order.
    Https(Vec<i64>),
}

/// A control-plane node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: Word,
    /// Where it is.
    pub target: Target,
}

/// Where a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// At this address.
    Address(IpAddr),
    /// Wherever DNS says.
    Name(Word),
}

/// What the listeners listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bind {
    /// All IPv4 addresses, where there are no others.
    AnyIpv4,
    /// All addresses of both families.
    Any,
    /// These addresses, whether the machine has them at the moment or not.
    Only(Vec<IpAddr>),
}

/// The members of `haproxy.timeouts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the schema describes each of them")]
pub struct Timeouts {
    pub connect: Timer,
    pub check: Timer,
    pub queue: Timer,
    pub client_server: Timer,
    pub tunnel: Timer,
    pub fin: Timer,
}

/// What the `keepalived.conf` of every load balancer is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keepalived {
    /// The load balancers, by name.
    pub hosts: Vec<Host>,
    /// The virtual IPs that VRRP itself announces: those of the family in which the load balancers speak to one another.
    pub vips: Vec<IpAddr>,
    /// Those of the other family, which move along.
    pub excluded_vips: Vec<IpAddr>,
    /// VRRP's number for the group.
    pub virtual_router_id: i64,
    /// The time between two signs of life.
    pub advert_interval: AdvertInterval,
    /// Whether the VIP returns to a higher priority.
    pub preempt: bool,
    /// The weight of the check of HAProxy itself.
    pub live_weight: i64,
    /// The weight of the check that a node is reached; none where there is no such check.
    pub ready_weight: Option<i64>,
    /// Where the checks ask.
    pub ops: SocketAddr,
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name.
    pub name: Word,
    /// The address from which it speaks VRRP.
    pub address: IpAddr,
    /// The interface that takes the VIP.
    pub interface: Word,
    /// Its VRRP priority.
    pub priority: i64,
}

impl Haproxy {
    /// Reads an effective object; `None` while something that matters here is unknown.
    pub fn read(object: &Reader<'_>) -> Option<Haproxy> {
        let haproxy = object.nested("haproxy").present()?;
        let timeouts = haproxy.nested("timeouts").present()?;
        let timer = |reader: &Reader<'_>, name: &str| Timer::parse(reader.text(name).present()?);
        Some(Haproxy {
            listeners: listeners(object)?,
            nodes: nodes(object)?,
            bind: bind(object)?,
            maxconn: haproxy.number("maxconn").present()?,
            balance: Word::balance(haproxy.text("balance").present()?)?,
            timeouts: Timeouts {
                connect: timer(&timeouts, "connect")?,
                check: timer(&timeouts, "check")?,
                queue: timer(&timeouts, "queue")?,
                client_server: timer(&timeouts, "client_server")?,
                tunnel: timer(&timeouts, "tunnel")?,
                fin: timer(&timeouts, "fin")?,
            },
            hard_stop_after: timer(&haproxy, "hard_stop_after")?,
            log: Word::log_target(haproxy.text("log").present()?)?,
            chroot: Word::path(haproxy.text("chroot").present()?)?,
            stats_socket: Word::socket(haproxy.text("stats_socket").present()?)?,
            ops: ops(object)?,
        })
    }
}

impl Keepalived {
    /// Reads an effective object that has a VIP; `None` while something that matters here is unknown.
    pub fn read(object: &Reader<'_>) -> Option<Keepalived> {
        let keepalived = object.nested("keepalived").present()?;
        let hosts = hosts(object)?;
        let source = hosts.first()?.address;
        let (vips, excluded_vips) = vips(object)?.into_iter().partition(|vip| vip.is_ipv4() == source.is_ipv4());
        Some(Keepalived {
            hosts,
            vips,
            excluded_vips,
            virtual_router_id: keepalived.number("virtual_router_id").present()?,
            advert_interval: AdvertInterval::read(keepalived.value("advert_interval"))?,
            preempt: keepalived.bool("preempt").present()?,
            live_weight: keepalived.number("live_weight").present()?,
            ready_weight: keepalived.number("ready_weight").known()?,
            ops: ops(object)?,
        })
    }
}

fn listeners(object: &Reader<'_>) -> Option<Vec<Listener>> {
    let mut on = Vec::new();
    for role in Role::ALL {
        let Some(listener) = object.nested(role.name()).known()? else { continue };
        if listener.bool("enabled").known()? == Some(false) {
            continue;
        }
        on.push(Listener {
            role,
            port: listener.number("port").present()?,
            target_port: listener.number("target_port").present()?,
            check: check(&listener.nested("health_check").present()?)?,
        });
    }
    Some(on)
}

fn check(check: &Reader<'_>) -> Option<Check> {
    if check.text("type").present()? == "tcp" {
        return Some(Check::Tcp);
    }
    // A set is kept in order.
    let codes = check.value("expect_status").elements()?.iter();
    Some(Check::Https(codes.map(|code| code.as_i64()).collect::<Option<Vec<i64>>>()?))
}

fn nodes(object: &Reader<'_>) -> Option<Vec<Node>> {
    let nodes = object.nested_map("control_plane").present()?.into_iter();
    nodes
        .map(|(name, node)| {
            let text = node.text("address").present()?;
            let target = match Address::parse(text) {
                Some(address) => Target::Address(address.ip),
                None => Target::Name(Word::dns_name(text)?),
            };
            Some(Node { name: Word::name(name)?, target })
        })
        .collect()
}

fn bind(object: &Reader<'_>) -> Option<Bind> {
    let vips = vips(object)?;
    if object.text("bind").present()? == "vip" {
        return Some(Bind::Only(vips));
    }
    let only_ipv4 = vips.into_iter().chain(own_addresses(object)?).all(|ip| ip.is_ipv4());
    Some(if only_ipv4 { Bind::AnyIpv4 } else { Bind::Any })
}

fn hosts(object: &Reader<'_>) -> Option<Vec<Host>> {
    let hosts = object.nested_map("load_balancers").present()?.into_iter();
    hosts
        .map(|(name, host)| {
            Some(Host {
                name: Word::name(name)?,
                address: Address::parse(host.text("address").present()?)?.ip,
                interface: Word::interface(host.text("interface").present()?)?,
                priority: host.number("priority").present()?,
            })
        })
        .collect()
}

/// The load balancers' own addresses, by name.
pub fn own_addresses(object: &Reader<'_>) -> Option<Vec<IpAddr>> {
    let hosts = object.nested_map("load_balancers").present()?;
    hosts.values().map(|host| Some(Address::parse(host.text("address").present()?)?.ip)).collect()
}

/// All virtual IPs, in declaration order.
pub fn vips(object: &Reader<'_>) -> Option<Vec<IpAddr>> {
    let Some(vip) = object.text("vip").known()? else { return Some(Vec::new()) };
    let mut vips = vec![bare(vip)?];
    for vip in object.nested_items("additional_vips").known()?.unwrap_or_default() {
        vips.push(bare(vip.text("address").present()?)?);
    }
    Some(vips)
}

fn ops(object: &Reader<'_>) -> Option<SocketAddr> {
    let haproxy = object.nested("haproxy").present()?;
    let port = u16::try_from(haproxy.number("ops_port").present()?).ok()?;
    Some(SocketAddr::new(bare(haproxy.text("ops_address").present()?)?, port))
}
