//! What can be read of a configuration in which anything may be unknown still: the planned object, or the configuration itself.

use std::net::IpAddr;

use super::role::Role;
use super::schema::names::{ADDITIONAL_VIPS, ADDRESS, ENABLED, LOAD_BALANCERS, PRIORITY, VIP};
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

/// The nodes whose addresses are known.
pub fn nodes<'a>(planned: &Reader<'a>) -> Vec<(&'a str, Address)> {
    addresses(planned, CONTROL_PLANE)
}

/// The load balancers whose addresses are known.
pub fn hosts<'a>(planned: &Reader<'a>) -> Vec<(&'a str, Address)> {
    addresses(planned, LOAD_BALANCERS)
}

fn addresses<'a>(planned: &Reader<'a>, map: &str) -> Vec<(&'a str, Address)> {
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

/// `control_plane["NAME"].address`.
pub fn node_path(name: &str) -> Path {
    Path::of(CONTROL_PLANE).key(name).attribute(ADDRESS)
}
