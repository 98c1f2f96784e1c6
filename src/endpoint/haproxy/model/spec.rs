//! What the user wants, all of it known and parsed: nothing here can hold text that a configuration file would misunderstand.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use super::inputs::{service_vips, vip_interface};
use super::role::{Role, service_backend};
use super::schema::names::*;
use super::timer::{AdvertInterval, Timer};
use crate::endpoint::address::{Address, bare};
use crate::endpoint::config_token::Token;
use crate::endpoint::contract::CONTROL_PLANE;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Value;

/// What `haproxy.cfg` is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Haproxy {
    /// The endpoint's listeners that are on, then the additional services.
    pub listeners: Vec<Listener>,
    /// `maxconn`: connections at a time, of all listeners together.
    pub maxconn: i64,
    /// The `timeout` lines.
    pub timeouts: Timeouts,
    /// `hard-stop-after`: how long an old process lives after a reload.
    pub hard_stop_after: Timer,
    /// The first words of the `log` line.
    pub log: Token,
    /// `chroot`: the folder HAProxy locks itself into, if any.
    pub chroot: Option<Token>,
    /// `user`: whom HAProxy becomes after its start, if anybody.
    pub user: Option<Token>,
    /// `group`: the same for its group.
    pub group: Option<Token>,
    /// The path of `stats socket`.
    pub stats_socket: Token,
    /// The beginning of the path of `server-state-file`, if there is to be one.
    pub server_state_file: Option<Token>,
    /// Address and port of the frontend `ops`: `/livez`, `/readyz`, `/metrics` and `/stats`.
    pub ops: SocketAddr,
    /// Whether that serves `/metrics`.
    pub metrics: bool,
}

/// A listener of the endpoint, or an additional service: a frontend and its backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Which of the endpoint's it is; none for a service.
    pub role: Option<Role>,
    /// The name of its frontend.
    pub frontend: Token,
    /// The name of its backend, which no frontend has: HAProxy 3.3 and newer refuse that.
    pub backend: String,
    /// The addresses that it listens on.
    pub bind: Bind,
    /// The port that clients dial.
    pub port: i64,
    /// The port of the servers.
    pub target_port: i64,
    /// `balance`: how connections are spread.
    pub balance: Token,
    /// How its backend checks a server.
    pub check: Check,
    /// The servers, by name: the control plane, or a service's own.
    pub servers: Vec<Server>,
    /// Whether HAProxy sends the client's address to the servers.
    pub proxy_protocol: bool,
}

/// How a server is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// By connecting alone.
    Tcp,
    /// By a request.
    Http {
        /// Whether it is sent over TLS.
        tls: bool,
        /// What is asked for.
        path: Token,
        /// The answers of a healthy server, in order; none where HAProxy's own rule serves, which is all from 200 to 399.
        codes: Option<Vec<i64>>,
    },
}

/// A server of a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its key, and the name of its `server` line.
    pub name: Token,
    /// Where HAProxy finds it.
    pub target: Target,
}

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A fixed address.
    Address(IpAddr),
    /// A DNS name, which HAProxy resolves while it runs.
    Name(Token),
}

/// The addresses that a listener listens on.
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
    /// The interface that has this address.
    pub interface: Token,
    /// Its VRRP priority, 1 to 254: the highest holds the VIP.
    pub priority: i64,
    /// The virtual IPs, in declaration order, each with the interface that takes it.
    pub vips: Vec<(IpAddr, Token)>,
}

impl Host {
    /// The virtual IPs that VRRP itself announces: those of the family in which the load balancers speak to one another.
    pub fn announced(&self) -> impl Iterator<Item = &(IpAddr, Token)> {
        self.vips.iter().filter(|(vip, _)| vip.is_ipv4() == self.address.is_ipv4())
    }

    /// Those of the other family, which move along.
    pub fn excluded(&self) -> impl Iterator<Item = &(IpAddr, Token)> {
        self.vips.iter().filter(|(vip, _)| vip.is_ipv4() != self.address.is_ipv4())
    }

    /// The interfaces of virtual IPs that don't carry VRRP, in order.
    pub fn further_interfaces(&self) -> BTreeSet<&Token> {
        self.vips.iter().map(|(_, interface)| interface).filter(|interface| **interface != self.interface).collect()
    }
}

impl Haproxy {
    /// Reads the planned object; `None` while something that matters here is unknown.
    pub fn read(object: &Reader<'_>) -> Option<Haproxy> {
        let haproxy = object.nested(HAPROXY).present()?;
        let timeouts = haproxy.nested(TIMEOUTS).present()?;
        let timer = |reader: &Reader<'_>, name: &str| Timer::parse(reader.text(name).present()?);
        Some(Haproxy {
            listeners: [listeners(object)?, services(object)?].concat(),
            maxconn: haproxy.number(MAXCONN).present()?,
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
            chroot: optional(haproxy.text(CHROOT), Token::folder)?,
            user: optional(haproxy.text(USER), Token::account)?,
            group: optional(haproxy.text(GROUP), Token::account)?,
            stats_socket: Token::socket(haproxy.text(STATS_SOCKET).present()?)?,
            server_state_file: optional(haproxy.text(SERVER_STATE_FILE), Token::folder)?,
            ops: ops(object)?,
            metrics: haproxy.bool(METRICS).present()?,
        })
    }
}

impl Keepalived {
    /// Reads the planned object that has a VIP; `None` while something that matters here is unknown.
    pub fn read(object: &Reader<'_>) -> Option<Keepalived> {
        let keepalived = object.nested(KEEPALIVED).present()?;
        Some(Keepalived {
            hosts: hosts(object)?,
            virtual_router_id: keepalived.number(VIRTUAL_ROUTER_ID).present()?,
            advert_interval: AdvertInterval::read(keepalived.value(ADVERT_INTERVAL))?,
            preempt: keepalived.bool(PREEMPT).present()?,
            live_weight: keepalived.number(LIVE_WEIGHT).present()?,
            ready_weight: keepalived.number(READY_WEIGHT).known()?,
            ops: ops(object)?,
        })
    }
}

/// Text that may be empty; `None` while it is unknown or wrong.
fn optional(text: Maybe<Option<&str>>, parse: fn(&str) -> Option<Token>) -> Option<Option<Token>> {
    match text.present()? {
        "" => Some(None),
        text => parse(text).map(Some),
    }
}

fn listeners(object: &Reader<'_>) -> Option<Vec<Listener>> {
    let balance = Token::balance(object.nested(HAPROXY).present()?.text(BALANCE).present()?)?;
    let (bind, servers) = (bind(object)?, servers(object, CONTROL_PLANE)?);
    let mut on = Vec::new();
    for role in Role::ALL {
        let Some(listener) = object.nested(role.name()).known()? else { continue };
        if listener.bool(ENABLED).known()? == Some(false) {
            continue;
        }
        on.push(Listener {
            role: Some(role),
            frontend: Token::name(role.name())?,
            backend: role.backend(),
            bind: bind.clone(),
            port: listener.number(PORT).present()?,
            target_port: listener.number(TARGET_PORT).present()?,
            balance: balance.clone(),
            check: check(&listener.nested(HEALTH_CHECK).present()?, Some("/readyz"))?,
            servers: servers.clone(),
            proxy_protocol: false,
        });
    }
    Some(on)
}

fn services(object: &Reader<'_>) -> Option<Vec<Listener>> {
    let services = object.nested_map(ADDITIONAL_SERVICES).known()?.unwrap_or_default();
    let mut found = Vec::new();
    for (name, service) in services {
        found.push(Listener {
            role: None,
            frontend: Token::name(name)?,
            backend: service_backend(name),
            bind: match service.text(VIP).known()? {
                Some(vip) => Bind::Only(vec![bare(vip)?]),
                None => bind(object)?,
            },
            port: service.number(PORT).present()?,
            target_port: service.number(TARGET_PORT).present()?,
            balance: Token::balance(service.text(BALANCE).present()?)?,
            check: check(&service.nested(HEALTH_CHECK).present()?, None)?,
            servers: servers(&service, SERVERS)?,
            proxy_protocol: service.bool(PROXY_PROTOCOL).present()?,
        });
    }
    Some(found)
}

/// Reads `health_check`, which has a `path` of its own unless `path` is given.
fn check(check: &Reader<'_>, path: Option<&str>) -> Option<Check> {
    let tls = match check.text(CHECK_TYPE).present()? {
        "tcp" => return Some(Check::Tcp),
        kind => kind == "https",
    };
    let path = match path {
        Some(path) => path,
        None => check.text(PATH).present()?,
    };
    // A set is kept in order.
    let codes = match check.value(EXPECT_STATUS) {
        Value::Null => None,
        codes => Some(codes.elements()?.iter().map(Value::as_i64).collect::<Option<Vec<i64>>>()?),
    };
    Some(Check::Http { tls, path: Token::uri_path(path)?, codes })
}

fn servers(object: &Reader<'_>, map: &str) -> Option<Vec<Server>> {
    let servers = object.nested_map(map).present()?.into_iter();
    servers
        .map(|(name, server)| {
            let text = server.text(ADDRESS).present()?;
            let target = match Address::parse(text) {
                Some(address) => Target::Address(address.ip),
                None => Target::Name(Token::dns_name(text)?),
            };
            Some(Server { name: Token::name(name)?, target })
        })
        .collect()
}

fn bind(object: &Reader<'_>) -> Option<Bind> {
    let vips = vips(object)?;
    let own = own_addresses(object)?;
    match object.text(BIND).present()? {
        "vip" => {
            let of_services = service_vips(object).known()?;
            Some(Bind::Only(vips.into_iter().filter(|vip| !of_services.contains(vip)).collect()))
        }
        "own" => Some(Bind::Own(*own.first()?)),
        _ if vips.into_iter().chain(own).all(|ip| ip.is_ipv4()) => Some(Bind::AnyIpv4),
        _ => Some(Bind::Any),
    }
}

fn hosts(object: &Reader<'_>) -> Option<Vec<Host>> {
    let vips = vips(object)?;
    let hosts = object.nested_map(LOAD_BALANCERS).present()?.into_iter();
    hosts
        .map(|(name, host)| {
            let interface = |index: usize| {
                let interface = vip_interface(object, name, index.checked_sub(1)).present()?;
                Token::interface(interface)
            };
            let placed = vips.iter().enumerate().map(|(index, vip)| Some((*vip, interface(index)?)));
            Some(Host {
                name: Token::name(name)?,
                address: Address::parse(host.text(ADDRESS).present()?)?.ip,
                interface: Token::interface(host.text(INTERFACE).present()?)?,
                priority: host.number(PRIORITY).present()?,
                vips: placed.collect::<Option<Vec<_>>>()?,
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
