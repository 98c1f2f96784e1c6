//! Proxy loops: HAProxy must not be its own backend. One request would go round until every connection is taken. And a machine that is a
//! node as well has one program on each port.

use std::net::IpAddr;

use crate::endpoint::address::{Address, bare};
use crate::endpoint::contract::{CONTROL_PLANE, HOST};
use crate::endpoint::haproxy::model::inputs::{hosts, is_on, node_path, vips};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{ADDRESS, BIND, PORT, TARGET_PORT};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::reader::{Maybe, Reader};

/// Nodes at addresses where HAProxy listens on a port that it sends to.
pub fn rules(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let same = same_ports(planned);
    if same.is_empty() {
        return;
    }
    let host = planned.text(HOST).present();
    let on_vips = planned.text(BIND).is_known_and(|bind| *bind == Some("vip"));
    let (hosts, vips) = (hosts(planned), vips(planned));
    for (node, entry) in planned.nested_map(CONTROL_PLANE).present().unwrap_or_default() {
        let Some(text) = entry.text(ADDRESS).present() else { continue };
        let address = Address::parse(text).map(|address| address.ip);
        let balancer = hosts.iter().find(|(_, own)| Some(own.ip) == address).map(|(name, _)| *name);
        let problem = match balancer {
            Some(balancer) if on_vips => Some(on_the_vip(node, balancer, &same)),
            Some(balancer) => Some(on_the_machine(node, balancer, &same)),
            None => {
                let is_vip = vips.iter().any(|(_, vip)| Some(*vip) == address);
                let who = if is_vip {
                    Some("the VIP")
                } else {
                    host.filter(|host| is_host(host, text, address)).map(|_| "`host`")
                };
                who.map(|who| in_front(node, who, &same))
            }
        };
        problem.into_iter().for_each(|problem| diagnostics.push(problem));
    }
}

fn is_host(host: &str, text: &str, address: Option<IpAddr>) -> bool {
    match address {
        Some(ip) => bare(host) == Some(ip),
        None => host.eq_ignore_ascii_case(text),
    }
}

fn on_the_machine(node: &str, balancer: &str, same: &[SamePort]) -> Diagnostic {
    Diagnostic::invalid(
        node_path(node),
        "Proxy loop",
        format!(
            "{node} has the address of the load balancer {balancer}, where HAProxy itself would listen on {}: it would be its own backend. Set \
             the address of {node}; or, where {balancer} runs on that control-plane node, have HAProxy listen on another port: {}.",
            listed(same),
            remedy(same)
        ),
    )
}

/// A node's own services listen on every address of the machine, whichever HAProxy chooses.
fn on_the_vip(node: &str, balancer: &str, same: &[SamePort]) -> Diagnostic {
    Diagnostic::invalid(
        node_path(node),
        "Port taken by the node itself",
        format!(
            "{node} has the address of the load balancer {balancer}. On that machine the node itself listens on {} of every address, the VIP \
             included: whichever of the two comes second does not start. `bind = \"vip\"` doesn't help here. Have HAProxy listen on another \
             port: {}.",
            listed(same),
            remedy(same)
        ),
    )
}

fn in_front(node: &str, who: &str, same: &[SamePort]) -> Diagnostic {
    Diagnostic::invalid(
        node_path(node),
        "Proxy loop",
        format!(
            "{node} has the address of {who}, where HAProxy itself listens on {}: it would be its own backend. Set the node's own address.",
            listed(same)
        ),
    )
}

/// A port on which HAProxy listens, and to which it sends.
struct SamePort {
    from: Role,
    to: Role,
    port: i64,
}

/// One for each listener whose port is a node's.
fn same_ports(planned: &Reader<'_>) -> Vec<SamePort> {
    let from = Role::ALL.into_iter().filter_map(|from| Some((from, number(planned, from, PORT)?)));
    from.filter_map(|(from, port)| {
        let to = Role::ALL.into_iter().find(|to| number(planned, *to, TARGET_PORT) == Some(port))?;
        Some(SamePort { from, to, port })
    })
    .collect()
}

/// `port 6443 (Kubernetes API) and port 50000 (Talos API)`: what the nodes have there.
fn listed(same: &[SamePort]) -> String {
    let ports: Vec<String> = same.iter().map(|same| format!("port {} ({})", same.port, same.to.title())).collect();
    ports.join(" and ")
}

fn remedy(same: &[SamePort]) -> String {
    let listeners: Vec<String> = same.iter().map(|same| format!("`port` of `{}`", same.from.name())).collect();
    format!("set {}", listeners.join(" and "))
}

/// A number of a listener that is known to be on.
fn number(planned: &Reader<'_>, role: Role, name: &str) -> Option<i64> {
    let on = is_on(planned, role) == Maybe::Known(true);
    planned.nested(role.name()).present().filter(|_| on)?.number(name).present()
}
