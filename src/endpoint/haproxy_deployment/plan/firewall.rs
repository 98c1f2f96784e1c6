//! What a host's own firewall keeps out, and how that is allowed.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::endpoint::haproxy_deployment::model::firewall::packet::{Packet, Protocol};
use crate::endpoint::haproxy_deployment::model::firewall::{ChainName, Ruleset};

/// The firewall of a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Firewall {
    /// Its rules.
    pub rules: Ruleset,
    /// The interface that has the load balancer's own address.
    pub interface: String,
    /// firewalld's zone of that interface.
    pub zone: Option<String>,
}

/// What a firewall drops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Ports that clients connect to.
    pub ports: Vec<u16>,
    /// Load balancers whose advertisements don't arrive.
    pub peers: Vec<IpAddr>,
    /// The chain that drops it.
    pub chain: ChainName,
    /// Commands that allow it, as root on the host.
    pub commands: Vec<String>,
}

/// What the firewall of the host with the address `own` drops, of what its peers and its clients send.
pub fn blocked(firewall: &Firewall, own: IpAddr, ports: &BTreeSet<u16>, peers: &[IpAddr]) -> Option<Blocked> {
    let packet = |protocol, source| Packet { protocol, source, own, interface: &firewall.interface };
    let dropping_port = |port: &u16| firewall.rules.drops(&packet(Protocol::Tcp(*port), None));
    let dropping_peer = |peer: &IpAddr| firewall.rules.drops(&packet(Protocol::Vrrp, Some(*peer)));
    let chain = ports.iter().find_map(dropping_port).or_else(|| peers.iter().find_map(dropping_peer))?.clone();
    let ports: Vec<u16> = ports.iter().filter(|port| dropping_port(port).is_some()).copied().collect();
    let peers: Vec<IpAddr> = peers.iter().filter(|peer| dropping_peer(peer).is_some()).copied().collect();
    let commands = commands(firewall, &chain, own, &ports, &peers);
    Some(Blocked { ports, peers, chain, commands })
}

fn commands(firewall: &Firewall, chain: &ChainName, own: IpAddr, ports: &[u16], peers: &[IpAddr]) -> Vec<String> {
    let beside = |name: &str| ChainName { name: name.to_owned(), ..chain.clone() };
    let is_iptables = ["ip", "ip6"].contains(&chain.family.as_str()) && chain.name == "INPUT";
    if chain.table == "firewalld" {
        of_firewalld(firewall.zone.as_deref(), ports, peers)
    } else if firewall.rules.has(&beside("ufw-before-input")) || firewall.rules.has(&beside("ufw6-before-input")) {
        of_ufw(ports, peers)
    } else if is_iptables {
        of_iptables(own, ports, peers)
    } else {
        of_nftables(chain, ports, peers)
    }
}

fn of_firewalld(zone: Option<&str>, ports: &[u16], peers: &[IpAddr]) -> Vec<String> {
    let zone = zone.map_or_else(String::new, |zone| format!(" --zone={zone}"));
    let mut commands: Vec<String> =
        ports.iter().map(|port| format!("firewall-cmd --permanent{zone} --add-port={port}/tcp")).collect();
    if !peers.is_empty() {
        commands.push(format!("firewall-cmd --permanent{zone} --add-protocol=vrrp"));
    }
    commands.push("firewall-cmd --reload".to_owned());
    commands
}

fn of_ufw(ports: &[u16], peers: &[IpAddr]) -> Vec<String> {
    let ports = ports.iter().map(|port| format!("ufw allow {port}/tcp"));
    ports.chain(peers.iter().map(|peer| format!("ufw allow proto vrrp from {peer}"))).collect()
}

fn of_iptables(own: IpAddr, ports: &[u16], peers: &[IpAddr]) -> Vec<String> {
    let program = if own.is_ipv4() { "iptables" } else { "ip6tables" };
    let ports = ports.iter().map(|port| format!("{program} -I INPUT -p tcp --dport {port} -j ACCEPT"));
    ports.chain(peers.iter().map(|peer| format!("{program} -I INPUT -p 112 -s {peer} -j ACCEPT"))).collect()
}

fn of_nftables(chain: &ChainName, ports: &[u16], peers: &[IpAddr]) -> Vec<String> {
    let ChainName { family, table, name } = chain;
    let insert = format!("nft insert rule {family} {table} {name}");
    let ports = ports.iter().map(|port| format!("{insert} tcp dport {port} accept"));
    let from = |peer: &IpAddr| format!("{} saddr {peer}", if peer.is_ipv4() { "ip" } else { "ip6" });
    ports.chain(peers.iter().map(|peer| format!("{insert} {} meta l4proto 112 accept", from(peer)))).collect()
}

#[cfg(test)]
mod tests;
