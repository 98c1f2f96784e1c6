//! Proxy loops: HAProxy must not be its own backend. One request would go round until every connection is taken. And a machine that is a
//! node as well has one program on each port.

use std::net::IpAddr;

use crate::endpoint::address::{Address, bare};
use crate::endpoint::contract::{CONTROL_PLANE, HOST};
use crate::endpoint::haproxy::model::inputs::{Listening, On, addresses, hosts, listening, node_path, vips};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{ADDITIONAL_SERVICES, ADDRESS, SERVERS};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::reader::Reader;

/// Nodes, and servers of services, at addresses where HAProxy listens on a port that it sends to.
pub fn rules(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let listening = listening(planned);
    let same = same_ports(&listening);
    if !same.is_empty() {
        nodes(planned, &same, diagnostics);
    }
    services(planned, &listening, diagnostics);
}

fn nodes(planned: &Reader<'_>, same: &[SamePort<'_>], diagnostics: &mut Diagnostics) {
    let host = planned.text(HOST).present();
    let (hosts, vips) = (hosts(planned), vips(planned));
    for (node, entry) in planned.nested_map(CONTROL_PLANE).present().unwrap_or_default() {
        let Some(text) = entry.text(ADDRESS).present() else { continue };
        let address = Address::parse(text).map(|address| address.ip);
        let balancer = hosts.iter().find(|(_, own)| Some(own.ip) == address).map(|(name, _)| *name);
        let problem = match balancer {
            Some(balancer) if same.iter().all(|same| matches!(same.on, On::Vips | On::Only(_))) => {
                Some(on_the_vip(node, balancer, same))
            }
            Some(balancer) => Some(on_the_machine(node, balancer, same)),
            None => {
                let is_vip = vips.iter().any(|(_, vip)| Some(*vip) == address);
                let is_named = || host.is_some_and(|host| is_host(host, text, address));
                let who = if is_vip { Some("the VIP") } else { is_named().then_some("`host`") };
                who.map(|who| in_front(node, who, same))
            }
        };
        problem.into_iter().for_each(|problem| diagnostics.push(problem));
    }
}

/// A server that is where HAProxy listens on the server's own port.
fn services(planned: &Reader<'_>, listening: &[Listening<'_>], diagnostics: &mut Diagnostics) {
    let (hosts, vips) = (hosts(planned), vips(planned));
    for service in listening.iter().filter(|service| service.role.is_none()) {
        let servers = planned.nested_map(ADDITIONAL_SERVICES).present().unwrap_or_default().remove(service.name);
        let Some(servers) = servers.map(|service| addresses(&service, SERVERS)) else { continue };
        let same: Vec<&Listening<'_>> =
            listening.iter().filter(|one| one.port.is_some() && one.port == service.target_port).collect();
        for (server, address) in servers {
            let is_vip = vips.iter().any(|(_, vip)| *vip == address.ip);
            let is_host = hosts.iter().any(|(_, own)| own.ip == address.ip);
            let loops = same.iter().find(|one| match one.on {
                On::Any => is_vip || is_host,
                On::Own => is_host,
                On::Vips => is_vip,
                On::Only(vip) => vip == address.ip,
                On::Unknown => false,
            });
            if let Some(one) = loops {
                diagnostics.push(Diagnostic::invalid(
                    service.place.attribute(SERVERS).key(server).attribute(ADDRESS),
                    "Proxy loop",
                    format!(
                        "{server} has {}, where HAProxy itself listens on port {} (`{}`): it would be its own backend. \
                         Set the server's own address, or another port.",
                        address.ip,
                        one.port.unwrap_or_default(),
                        one.name
                    ),
                ));
            }
        }
    }
}

fn is_host(host: &str, text: &str, address: Option<IpAddr>) -> bool {
    match address {
        Some(ip) => bare(host) == Some(ip),
        None => host.eq_ignore_ascii_case(text),
    }
}

fn on_the_machine(node: &str, balancer: &str, same: &[SamePort<'_>]) -> Diagnostic {
    Diagnostic::invalid(
        node_path(node),
        "Proxy loop",
        format!(
            "{node} has the address of the load balancer {balancer}, where HAProxy itself would listen on {}: it would \
             be its own backend. Set the address of {node}; or, where {balancer} runs on that control-plane node, have \
             HAProxy listen on another port: {}.",
            listed(same),
            remedy(same)
        ),
    )
}

/// A node's own services listen on every address of the machine, whichever HAProxy chooses.
fn on_the_vip(node: &str, balancer: &str, same: &[SamePort<'_>]) -> Diagnostic {
    Diagnostic::invalid(
        node_path(node),
        "Port taken by the node itself",
        format!(
            "{node} has the address of the load balancer {balancer}. On that machine the node itself listens on {} of \
             every address, the VIP included: whichever of the two comes second does not start. `bind = \"vip\"` \
             doesn't help here. Have HAProxy listen on another port: {}.",
            listed(same),
            remedy(same)
        ),
    )
}

fn in_front(node: &str, who: &str, same: &[SamePort<'_>]) -> Diagnostic {
    Diagnostic::invalid(
        node_path(node),
        "Proxy loop",
        format!(
            "{node} has the address of {who}, where HAProxy itself listens on {}: it would be its own backend. Set the \
             node's own address.",
            listed(same)
        ),
    )
}

/// A port on which HAProxy listens, and which every node has.
struct SamePort<'a> {
    from: &'a str,
    to: Role,
    port: i64,
    on: On,
}

/// One for each listener or service whose port is a node's.
fn same_ports<'a>(listening: &[Listening<'a>]) -> Vec<SamePort<'a>> {
    let target = |port: i64| listening.iter().find(|to| to.target_port == Some(port) && to.role.is_some())?.role;
    let all = listening.iter().filter_map(|from| {
        let port = from.port?;
        Some(SamePort { from: from.name, to: target(port)?, port, on: from.on })
    });
    all.collect()
}

/// `port 6443 (Kubernetes API) and port 50000 (Talos API)`: what the nodes have there.
fn listed(same: &[SamePort<'_>]) -> String {
    let ports: Vec<String> = same.iter().map(|same| format!("port {} ({})", same.port, same.to.title())).collect();
    ports.join(" and ")
}

fn remedy(same: &[SamePort<'_>]) -> String {
    let listeners: Vec<String> = same.iter().map(|same| format!("`port` of `{}`", same.from)).collect();
    format!("set {}", listeners.join(" and "))
}
