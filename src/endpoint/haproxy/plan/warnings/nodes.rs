//! The control plane: how many nodes; and what is named instead of addressed, servers of services as well.

use std::collections::BTreeMap;

use crate::endpoint::address::Address;
use crate::endpoint::contract::CONTROL_PLANE;
use crate::endpoint::haproxy::model::inputs::{node_path, service_path};
use crate::endpoint::haproxy::model::schema::names::{ADDITIONAL_SERVICES, ADDRESS, SERVERS};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// Warns of members of `control_plane`.
pub fn warnings(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let nodes = planned.nested_map(CONTROL_PLANE).present().unwrap_or_default();
    even_number(nodes.len(), diagnostics);
    by_name(&Path::of(CONTROL_PLANE), "Nodes by DNS name", "node", &named(nodes, node_path), diagnostics);
}

/// Warns of the servers of additional services.
pub fn servers(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    for (name, service) in planned.nested_map(ADDITIONAL_SERVICES).present().unwrap_or_default() {
        let servers = service_path(name).attribute(SERVERS);
        let found = service.nested_map(SERVERS).present().unwrap_or_default();
        let named = named(found, |server| servers.key(server).attribute(ADDRESS));
        by_name(&servers, "Servers by DNS name", "server", &named, diagnostics);
    }
}

/// What stands in a map by name: its key, its place, and the DNS name.
fn named<'a>(entries: BTreeMap<&'a str, Reader<'a>>, place: impl Fn(&str) -> Path) -> Vec<(&'a str, Path, &'a str)> {
    let known = entries.into_iter().filter_map(|(key, entry)| Some((key, place(key), entry.text(ADDRESS).present()?)));
    known.filter(|(.., text)| Address::parse(text).is_none()).collect()
}

fn even_number(count: usize, diagnostics: &mut Diagnostics) {
    if count > 0 && count.is_multiple_of(2) {
        diagnostics.push(Diagnostic::warning(
            Path::of(CONTROL_PLANE),
            "An even number of control-plane nodes",
            format!("With {count} nodes etcd survives no more failures than with {}. Use an odd number.", count - 1),
        ));
    }
}

/// Names are resolved on the load balancers, each time anew: what the plan can't check.
fn by_name(map: &Path, title: &str, kind: &str, named: &[(&str, Path, &str)], diagnostics: &mut Diagnostics) {
    if named.is_empty() {
        return;
    }
    let keys: Vec<String> = named.iter().map(|(key, ..)| format!("`{key}`")).collect();
    diagnostics.push(Diagnostic::warning(
        map.clone(),
        title,
        format!(
            "HAProxy on each load balancer resolves the names of {}. While one doesn't resolve, HAProxy starts without \
             that {kind} (2.6 and older print a warning at start) and takes it in once it does. For a start while DNS \
             is down `cloud_init` keeps the last known addresses; where you copy the files yourself, see \
             `haproxy.server_state_file`. Where the addresses are fixed, set the addresses.",
            keys.join(", ")
        ),
    ));
    for (_, place, name) in named.iter().filter(|(.., name)| !name.contains('.')) {
        short_name(place, kind, name, diagnostics);
    }
}

/// HAProxy's resolver knows neither search domains nor `/etc/hosts`: such names are looked up once, when it starts.
fn short_name(place: &Path, kind: &str, name: &str, diagnostics: &mut Diagnostics) {
    diagnostics.push(Diagnostic::warning(
        place.clone(),
        "A DNS name without a domain",
        format!(
            "HAProxy asks the DNS servers for exactly `{name}` while it runs: search domains and `/etc/hosts` serve \
             only when it starts, and the {kind} may be taken out later. Set the whole name, such as \
             `{name}.example.com`, or the address."
        ),
    ));
}
