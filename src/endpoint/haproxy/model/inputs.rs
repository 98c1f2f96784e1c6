//! What can be read of a configuration in which anything may be unknown still: the planned object, or the configuration itself.

use std::net::IpAddr;

use super::role::Role;
use super::schema::names::{
    ADDITIONAL_SERVICES, ADDITIONAL_VIPS, ADDRESS, BIND, ENABLED, INTERFACE, LOAD_BALANCER_INTERFACES, LOAD_BALANCERS,
    PORT, PRIORITY, TARGET_PORT, VIP, VIP_INTERFACE,
};
use crate::endpoint::address::{Address, bare};
use crate::endpoint::contract::{CONTROL_PLANE, HOST};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Refinement, Value};

/// Whether the load balancers run Keepalived: where there is a VIP, which several of them must have unless `host` stands in front.
pub fn uses_keepalived(config: &Reader<'_>) -> Maybe<bool> {
    match config.value(VIP) {
        Value::Unknown(Refinement { not_null: true, .. }) => Maybe::Known(true),
        Value::Unknown(_) => {
            let several = config.value(LOAD_BALANCERS).entries().is_some_and(|hosts| hosts.len() > 1);
            if several && config.text(HOST).is_absent() { Maybe::Known(true) } else { Maybe::Unknown }
        }
        vip => Maybe::Known(!vip.is_null()),
    }
}

/// Whether a listener is to exist.
pub fn is_on(inputs: &Reader<'_>, role: Role) -> Maybe<bool> {
    match inputs.nested(role.name()) {
        Maybe::Known(Some(listener)) => listener.bool(ENABLED).map(|enabled| enabled != Some(false)),
        Maybe::Known(None) => Maybe::Known(false),
        Maybe::Unknown => Maybe::Unknown,
    }
}

/// True if the configuration leaves `member` of a nested object out.
pub fn is_absent(configured: &Value, member: &str) -> bool {
    match configured {
        Value::Object(members) => members.get(member).is_none_or(Value::is_null),
        Value::Unknown(_) => false,
        _ => true,
    }
}

/// Something that HAProxy listens for: a listener of the endpoint that is on, or an additional service.
#[derive(Clone, Debug)]
pub struct Listening<'a> {
    /// The attribute, or the service's key.
    pub name: &'a str,
    /// Where it is configured.
    pub place: Path,
    /// The listener; none for a service.
    pub role: Option<Role>,
    /// The port that clients dial, if it is known.
    pub port: Option<i64>,
    /// The port that HAProxy sends to, if it is known.
    pub target_port: Option<i64>,
    /// On which addresses.
    pub on: On,
}

/// On which addresses HAProxy listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// On all.
    Any,
    /// On the endpoint's virtual IPs.
    Vips,
    /// On the address of the only load balancer.
    Own,
    /// On this virtual IP.
    Only(IpAddr),
    /// That isn't known yet.
    Unknown,
}

/// Everything that is known to listen, the endpoint's listeners first.
pub fn listening<'a>(planned: &Reader<'a>) -> Vec<Listening<'a>> {
    let bind = match planned.text(BIND) {
        Maybe::Known(Some("vip")) => On::Vips,
        Maybe::Known(Some("own")) => On::Own,
        Maybe::Known(_) => On::Any,
        Maybe::Unknown => On::Unknown,
    };
    let read = |name, place, role, reader: &Reader<'a>, on| Listening {
        name,
        place,
        role,
        port: reader.number(PORT).present(),
        target_port: reader.number(TARGET_PORT).present(),
        on,
    };
    let on = Role::ALL.into_iter().filter(|role| is_on(planned, *role) == Maybe::Known(true));
    let roles = on.filter_map(|role| {
        let reader = planned.nested(role.name()).present()?;
        Some(read(role.name(), Path::of(role.name()), Some(role), &reader, bind))
    });
    let services = planned.nested_map(ADDITIONAL_SERVICES).present().unwrap_or_default().into_iter();
    let services = services.map(|(name, service)| {
        let on = match service.text(VIP) {
            Maybe::Known(None) => bind,
            Maybe::Known(Some(vip)) => bare(vip).map_or(On::Unknown, On::Only),
            Maybe::Unknown => On::Unknown,
        };
        read(name, service_path(name), None, &service, on)
    });
    roles.chain(services).collect()
}

/// The virtual IPs that belong to additional services, if it is known which: those that one names, the endpoint's own `vip` aside.
pub fn service_vips(inputs: &Reader<'_>) -> Maybe<Vec<IpAddr>> {
    let Maybe::Known(services) = inputs.nested_map(ADDITIONAL_SERVICES) else { return Maybe::Unknown };
    let services = services.unwrap_or_default();
    let mut named = Vec::new();
    for service in services.values() {
        match service.text(VIP) {
            Maybe::Known(vip) => named.extend(vip.and_then(bare)),
            Maybe::Unknown => return Maybe::Unknown,
        }
    }
    if named.is_empty() {
        return Maybe::Known(named);
    }
    inputs.text(VIP).map(|main| {
        let main = main.and_then(bare);
        named.into_iter().filter(|vip| Some(*vip) != main).collect()
    })
}

/// The network interface of a load balancer that takes a virtual IP: the `index`th of `additional_vips`, or the endpoint's own.
pub fn vip_interface<'a>(planned: &Reader<'a>, host: &str, index: Option<usize>) -> Maybe<Option<&'a str>> {
    let Maybe::Known(hosts) = planned.nested_map(LOAD_BALANCERS) else { return Maybe::Unknown };
    let Some(own) = hosts.unwrap_or_default().remove(host) else { return Maybe::Known(None) };
    if let Some(index) = index {
        let Maybe::Known(vips) = planned.nested_items(ADDITIONAL_VIPS) else { return Maybe::Unknown };
        if let Some(vip) = vips.unwrap_or_default().get(index) {
            match vip.value(LOAD_BALANCER_INTERFACES) {
                Value::Unknown(_) => return Maybe::Unknown,
                Value::Map(entries) => match entries.get(host) {
                    Some(Value::Unknown(_)) => return Maybe::Unknown,
                    Some(Value::String(interface)) => return Maybe::Known(Some(interface)),
                    _ => {}
                },
                _ => {}
            }
            match vip.text(INTERFACE) {
                Maybe::Known(None) => {}
                interface => return interface,
            }
        }
    }
    match own.text(VIP_INTERFACE) {
        Maybe::Known(None) => own.text(INTERFACE),
        interface => interface,
    }
}

/// The nodes whose addresses are known.
pub fn nodes<'a>(planned: &Reader<'a>) -> Vec<(&'a str, Address)> {
    addresses(planned, CONTROL_PLANE)
}

/// The load balancers whose addresses are known.
pub fn hosts<'a>(planned: &Reader<'a>) -> Vec<(&'a str, Address)> {
    addresses(planned, LOAD_BALANCERS)
}

/// The objects of a map whose `address` is known and an address.
pub fn addresses<'a>(planned: &Reader<'a>, map: &str) -> Vec<(&'a str, Address)> {
    let entries = planned.nested_map(map).present().unwrap_or_default().into_iter();
    entries.filter_map(|(name, entry)| Some((name, Address::parse(entry.text(ADDRESS).present()?)?))).collect()
}

/// The virtual IPs that are known, with their places.
pub fn vips(planned: &Reader<'_>) -> Vec<(Path, IpAddr)> {
    let first = planned.text(VIP).present().and_then(bare).map(|ip| (Path::of(VIP), ip));
    let more = planned.nested_items(ADDITIONAL_VIPS).present().unwrap_or_default();
    let more = (0..).zip(more).filter_map(|(index, vip)| {
        let path = Path::of(ADDITIONAL_VIPS).index(index).attribute(ADDRESS);
        Some((path, bare(vip.text(ADDRESS).present()?)?))
    });
    first.into_iter().chain(more).collect()
}

/// The priorities that are known.
pub fn priorities<'a>(planned: &Reader<'a>) -> Vec<(&'a str, i64)> {
    let hosts = planned.nested_map(LOAD_BALANCERS).present().unwrap_or_default().into_iter();
    hosts.filter_map(|(name, host)| Some((name, host.number(PRIORITY).present()?))).collect()
}

/// `load_balancers["NAME"].MEMBER`.
pub fn host_path(name: &str, member: &str) -> Path {
    Path::of(LOAD_BALANCERS).key(name).attribute(member)
}

/// `additional_services["NAME"]`.
pub fn service_path(name: &str) -> Path {
    Path::of(ADDITIONAL_SERVICES).key(name)
}

/// `control_plane["NAME"].address`.
pub fn node_path(name: &str) -> Path {
    Path::of(CONTROL_PLANE).key(name).attribute(ADDRESS)
}
