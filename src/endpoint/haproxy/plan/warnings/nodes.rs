//! The control plane: how many nodes, and those that are named instead of addressed.

use crate::endpoint::address::Address;
use crate::endpoint::contract::CONTROL_PLANE;
use crate::endpoint::haproxy::model::inputs::node_path;
use crate::endpoint::haproxy::model::schema::names::ADDRESS;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// Warns of members of `control_plane`.
pub fn warnings(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let nodes = planned.nested_map(CONTROL_PLANE).present().unwrap_or_default();
    even_number(nodes.len(), diagnostics);
    let named: Vec<(&str, &str)> = nodes
        .iter()
        .filter_map(|(node, entry)| Some((*node, entry.text(ADDRESS).present()?)))
        .filter(|(_, text)| Address::parse(text).is_none())
        .collect();
    by_name(&named, diagnostics);
    for (node, name) in named.iter().filter(|(_, name)| !name.contains('.')) {
        short_name(node, name, diagnostics);
    }
}

fn even_number(count: usize, diagnostics: &mut Diagnostics) {
    if count > 0 && count.is_multiple_of(2) {
        diagnostics.push(Diagnostic::warning(
            Path::of(CONTROL_PLANE),
            "An even number of control-plane nodes",
            format!("With {count} nodes etcd survives no more failures than with {}. Take an odd number.", count - 1),
        ));
    }
}

/// Names are resolved on the load balancers, each time anew: what the plan can't check.
fn by_name(named: &[(&str, &str)], diagnostics: &mut Diagnostics) {
    if named.is_empty() {
        return;
    }
    let nodes: Vec<String> = named.iter().map(|(node, _)| format!("`{node}`")).collect();
    diagnostics.push(Diagnostic::warning(
        Path::of(CONTROL_PLANE),
        "Nodes by DNS name",
        format!(
            "HAProxy on each load balancer resolves the names of {}. While one doesn't resolve, HAProxy starts without \
             that node (2.6 and older print a warning at start) and takes it in once it does. Where the addresses are \
             fixed, set the addresses.",
            nodes.join(", ")
        ),
    ));
}

/// HAProxy's resolver knows neither search domains nor `/etc/hosts`: such names are looked up once, when it starts.
fn short_name(node: &str, name: &str, diagnostics: &mut Diagnostics) {
    diagnostics.push(Diagnostic::warning(
        node_path(node),
        "A DNS name without a domain",
        format!(
            "HAProxy asks the DNS servers for exactly `{name}` while it runs: search domains and `/etc/hosts` serve \
             only when it starts, and the node may be taken out later. Set the whole name, such as \
             `{name}.example.com`, or the address."
        ),
    ));
}
