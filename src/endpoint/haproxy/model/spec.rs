//! What the user wants, all of it known and parsed: nothing here can hold text that a configuration file would misunderstand.

use std::net::{IpAddr, SocketAddr};

use super::role::Role;
use super::schema::names::{
    ADDITIONAL_VIPS, ADDRESS, ADVERT_INTERVAL, BALANCE, BIND, CHECK, CHECK_TYPE, CHROOT, CLIENT_SERVER, CONNECT,
    ENABLED, EXPECT_STATUS, FIN, HAPROXY, HARD_STOP_AFTER, HEALTH_CHECK, INTERFACE, KEEPALIVED, LIVE_WEIGHT,
    LOAD_BALANCERS, LOG, MAXCONN, OPS_ADDRESS, OPS_PORT, PORT, PREEMPT, PRIORITY, QUEUE, READY_WEIGHT, STATS_SOCKET,
    TARGET_PORT, TIMEOUTS, TUNNEL, VIP, VIRTUAL_ROUTER_ID,
};
use super::timer::{AdvertInterval, Timer};
use super::token::Token;
use crate::endpoint::address::{Address, bare};
use crate::endpoint::contract::CONTROL_PLANE;
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
    /// `maxconn`: connections at a time, of all listeners together.
    pub maxconn: i64,
    /// `balance` of every backend.
    pub balance: Token,
    /// The `timeout` lines.
    pub timeouts: Timeouts,
    /// `hard-stop-after`: how long an old process lives after a reload.
    pub hard_stop_after: Timer,
    /// The first words of the `log` line.
    pub log: Token,
    /// `chroot`: the folder HAProxy locks itself into.
    pub chroot: Token,
    /// The path of `stats socket`.
    pub stats_socket: Token,
    /// Address and port of the frontend `ops`: `/livez`, `/readyz`, `/metrics` and `/stats`.
    pub ops: SocketAddr,
}

/// A listener that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Which of the three it is.
    pub role: Role,
    /// The port that clients dial.
    pub port: i64,
    /// The port of the nodes.
    pub target_port: i64,
    /// How its backend checks a node.
    pub check: Check,
}

/// How a node is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// By connecting alone.
    Tcp,
    /// By asking for `/readyz`, with these answers of a node that is well, in order.
    Https(Vec<i64>),
}

/// A control-plane node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its key in `control_plane`, and the name of its `server` lines.
    pub name: Token,
    /// Where HAProxy finds it.
    pub target: Target,
}

/// Where a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A fixed address.
    Address(IpAddr),
    /// A DNS name, which HAProxy resolves while it runs.
    Name(Token),
}

/// What the listeners listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bind {
    /// All IPv4 addresses, where there are no others.
    AnyIpv4,
    /// All addresses of both families.
    Any,
    /// The address of the only load balancer.
    Own(IpAddr),
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
    /// VRRP's number for the group of load balancers, the same on each.
    pub virtual_router_id: i64,
    /// `advert_int`: the time between two advertisements of the holder.
    pub advert_interval: AdvertInterval,
    /// Whether the VIP returns to a load balancer of higher priority.
    pub preempt: bool,
    /// The weight of the check of HAProxy itself.
    pub live_weight: i64,
    /// The weight of the check that a node is reached; none where there is no such check.
    pub ready_weight: Option<i64>,
    /// Address and port of the frontend `ops`, which the checks ask.
    pub ops: SocketAddr,
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its key in `load_balancers`.
    pub name: Token,
    /// The address from which it speaks VRRP.
    pub address: IpAddr,
    /// The interface that takes the VIP.
    pub interface: Token,
    /// Its VRRP priority, 1 to 254: the highest holds the VIP.
    pub priority: i64,
}

impl Haproxy {
    /// Reads the planned object; `None` while something that matters here is unknown.
    pub fn read(object: &Reader<'_>) -> Option<Haproxy> {
        let haproxy = object.nested(HAPROXY).present()?;
        let timeouts = haproxy.nested(TIMEOUTS).present()?;
        let timer = |reader: &Reader<'_>, name: &str| Timer::parse(reader.text(name).present()?);
        Some(Haproxy {
            listeners: listeners(object)?,
            nodes: nodes(object)?,
            bind: bind(object)?,
            maxconn: haproxy.number(MAXCONN).present()?,
            balance: Token::balance(haproxy.text(BALANCE).present()?)?,
            timeouts: Timeouts {
                connect: timer(&timeouts, CONNECT)?,
                check: timer(&timeouts, CHECK)?,
                queue: timer(&timeouts, QUEUE)?,
                client_server: timer(&timeouts, CLIENT_SERVER)?,
                tunnel: timer(&timeouts, TUNNEL)?,
                fin: timer(&timeouts, FIN)?,
            },
            hard_stop_after: timer(&haproxy, HARD_STOP_AFTER)?,
            log: Token::log_target(haproxy.text(LOG).present()?)?,
            chroot: Token::path(haproxy.text(CHROOT).present()?)?,
            stats_socket: Token::socket(haproxy.text(STATS_SOCKET).present()?)?,
            ops: ops(object)?,
        })
    }
}

impl Keepalived {
    /// Reads the planned object that has a VIP; `None` while something that matters here is unknown.
    pub fn read(object: &Reader<'_>) -> Option<Keepalived> {
        let keepalived = object.nested(KEEPALIVED).present()?;
        let hosts = hosts(object)?;
        let source = hosts.first()?.address;
        let (vips, excluded_vips) = vips(object)?.into_iter().partition(|vip| vip.is_ipv4() == source.is_ipv4());
        Some(Keepalived {
            hosts,
            vips,
            excluded_vips,
            virtual_router_id: keepalived.number(VIRTUAL_ROUTER_ID).present()?,
            advert_interval: AdvertInterval::read(keepalived.value(ADVERT_INTERVAL))?,
            preempt: keepalived.bool(PREEMPT).present()?,
            live_weight: keepalived.number(LIVE_WEIGHT).present()?,
            ready_weight: keepalived.number(READY_WEIGHT).known()?,
            ops: ops(object)?,
        })
    }
}

fn listeners(object: &Reader<'_>) -> Option<Vec<Listener>> {
    let mut on = Vec::new();
    for role in Role::ALL {
        let Some(listener) = object.nested(role.name()).known()? else { continue };
        if listener.bool(ENABLED).known()? == Some(false) {
            continue;
        }
        on.push(Listener {
            role,
            port: listener.number(PORT).present()?,
            target_port: listener.number(TARGET_PORT).present()?,
            check: check(&listener.nested(HEALTH_CHECK).present()?)?,
        });
    }
    Some(on)
}

fn check(check: &Reader<'_>) -> Option<Check> {
    if check.text(CHECK_TYPE).present()? == "tcp" {
        return Some(Check::Tcp);
    }
    // A set is kept in order.
    let codes = check.value(EXPECT_STATUS).elements()?.iter();
    Some(Check::Https(codes.map(|code| code.as_i64()).collect::<Option<Vec<i64>>>()?))
}

fn nodes(object: &Reader<'_>) -> Option<Vec<Node>> {
    let nodes = object.nested_map(CONTROL_PLANE).present()?.into_iter();
    nodes
        .map(|(name, node)| {
            let text = node.text(ADDRESS).present()?;
            let target = match Address::parse(text) {
                Some(address) => Target::Address(address.ip),
                None => Target::Name(Token::dns_name(text)?),
            };
            Some(Node { name: Token::name(name)?, target })
        })
        .collect()
}

fn bind(object: &Reader<'_>) -> Option<Bind> {
    let vips = vips(object)?;
    let own = own_addresses(object)?;
    match object.text(BIND).present()? {
        "vip" => Some(Bind::Only(vips)),
        "own" => Some(Bind::Own(*own.first()?)),
        _ if vips.into_iter().chain(own).all(|ip| ip.is_ipv4()) => Some(Bind::AnyIpv4),
        _ => Some(Bind::Any),
    }
}

fn hosts(object: &Reader<'_>) -> Option<Vec<Host>> {
    let hosts = object.nested_map(LOAD_BALANCERS).present()?.into_iter();
    hosts
        .map(|(name, host)| {
            Some(Host {
                name: Token::name(name)?,
                address: Address::parse(host.text(ADDRESS).present()?)?.ip,
                interface: Token::interface(host.text(INTERFACE).present()?)?,
                priority: host.number(PRIORITY).present()?,
            })
        })
        .collect()
}

/// The load balancers' own addresses, by name.
pub fn own_addresses(object: &Reader<'_>) -> Option<Vec<IpAddr>> {
    let hosts = object.nested_map(LOAD_BALANCERS).present()?;
    hosts.values().map(|host| Some(Address::parse(host.text(ADDRESS).present()?)?.ip)).collect()
}

/// All virtual IPs, in declaration order.
pub fn vips(object: &Reader<'_>) -> Option<Vec<IpAddr>> {
    let Some(vip) = object.text(VIP).known()? else { return Some(Vec::new()) };
    let mut vips = vec![bare(vip)?];
    for vip in object.nested_items(ADDITIONAL_VIPS).known()?.unwrap_or_default() {
        vips.push(bare(vip.text(ADDRESS).present()?)?);
    }
    Some(vips)
}

fn ops(object: &Reader<'_>) -> Option<SocketAddr> {
    let haproxy = object.nested(HAPROXY).present()?;
    let port = u16::try_from(haproxy.number(OPS_PORT).present()?).ok()?;
    Some(SocketAddr::new(bare(haproxy.text(OPS_ADDRESS).present()?)?, port))
}
