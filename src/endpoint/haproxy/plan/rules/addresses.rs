//! The addresses of load balancers, and the virtual ones where those can take them.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::endpoint::address::{Address, reserved, unusable};
use crate::endpoint::haproxy::model::inputs::{
    addresses, host_path, hosts, nodes, uses_keepalived, vip_interface, vips,
};
use crate::endpoint::haproxy::model::schema::names::{
    ADDITIONAL_SERVICES, ADDITIONAL_VIPS, ADDRESS, INTERFACE, LOAD_BALANCER_INTERFACES, LOAD_BALANCERS, SERVERS, VIP,
    VIP_INTERFACE,
};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::{Path, Step};
use crate::framework::reader::{Maybe, Reader};

/// Checks load balancers and virtual IPs, each alone and then together.
pub fn rules(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let (nodes, hosts, vips) = (nodes(planned), hosts(planned), vips(planned));
    let servers = servers(planned);
    for (name, address) in &hosts {
        own_address(&host_path(name, ADDRESS), address, diagnostics);
    }
    let own = hosts.iter().map(|(name, address)| (host_path(name, ADDRESS), address.ip));
    distinct("load balancer", &own.collect::<Vec<_>>(), diagnostics);
    for (path, vip) in &vips {
        virtual_ip(path, *vip, &on_the_subnet(planned, path, &hosts), &hosts, &nodes, diagnostics);
        server_of_a_service(path, *vip, &servers, diagnostics);
    }
    interfaces_of_vips(planned, diagnostics);
    distinct("VIP", &vips, diagnostics);
    if uses_keepalived(config) == Maybe::Known(true) {
        families(planned, &hosts, &vips, diagnostics);
    }
}

/// The load balancers whose own address says what the subnet of the virtual IP at `path` is: those that have both on one interface.
pub fn on_the_subnet<'a>(planned: &Reader<'a>, path: &Path, hosts: &[(&'a str, Address)]) -> Vec<(&'a str, Address)> {
    let more = planned.nested_items(ADDITIONAL_VIPS).present().map_or(0, |more| more.len());
    let place = |index: usize| Path::of(ADDITIONAL_VIPS).index(index as u64).attribute(ADDRESS);
    let index = (0..more).find(|index| place(*index) == *path);
    let interfaces = planned.nested_map(LOAD_BALANCERS).present().unwrap_or_default();
    let same = |name: &str| {
        let own = interfaces.get(name).map_or(Maybe::Unknown, |host| host.text(INTERFACE));
        own != Maybe::Unknown && vip_interface(planned, name, index) == own
    };
    hosts.iter().filter(|(name, _)| same(name)).copied().collect()
}

/// The keys of `load_balancer_interfaces`.
fn interfaces_of_vips(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let hosts: Vec<&str> = planned.nested_map(LOAD_BALANCERS).present().unwrap_or_default().into_keys().collect();
    for (index, vip) in (0..).zip(planned.nested_items(ADDITIONAL_VIPS).present().unwrap_or_default()) {
        let interfaces = vip.value(LOAD_BALANCER_INTERFACES).entries().into_iter().flatten();
        for (name, _) in interfaces.filter(|(name, _)| !hosts.is_empty() && !hosts.contains(&name.as_str())) {
            diagnostics.push(Diagnostic::invalid(
                Path::of(ADDITIONAL_VIPS).index(index).attribute(LOAD_BALANCER_INTERFACES).key(name),
                "No such load balancer",
                format!("`load_balancers` has no {name:?}; it has {}. Correct the key.", hosts.join(", ")),
            ));
        }
    }
}

/// Whether every virtual IP is known.
pub fn all_vips_known(planned: &Reader<'_>) -> bool {
    let more = planned.nested_items(ADDITIONAL_VIPS).known();
    planned.text(VIP) != Maybe::Unknown
        && more.is_some_and(|more| {
            let configured = more.map_or(0, |more| more.len()) + usize::from(!planned.text(VIP).is_absent());
            vips(planned).len() == configured
        })
}

/// An address that a machine can have.
pub fn own_address(path: &Path, address: &Address, diagnostics: &mut Diagnostics) {
    let reason = unusable(address.ip).or_else(|| address.subnet().and_then(|subnet| reserved(address.ip, subnet)));
    if let Some(reason) = reason {
        diagnostics.push(Diagnostic::invalid(
            path.clone(),
            "Unusable address",
            format!(
                "{} can't be the address of a machine that others dial: {reason}. Set the machine's own address.",
                address.ip
            ),
        ));
    }
}

/// Two of a kind with one address, in whatever spelling. The second and every further one is reported.
pub fn distinct(kind: &str, all: &[(Path, IpAddr)], diagnostics: &mut Diagnostics) {
    for (index, (path, ip)) in all.iter().enumerate() {
        if let Some((other, _)) = all[..index].iter().find(|(_, taken)| taken == ip) {
            diagnostics.push(Diagnostic::invalid(
                path.clone(),
                "Address used twice",
                format!("{ip} is both `{other}` and `{path}`. Each {kind} has one of its own."),
            ));
        }
    }
}

/// The servers of services whose addresses are known.
fn servers<'a>(planned: &Reader<'a>) -> Vec<(&'a str, Address)> {
    let services = planned.nested_map(ADDITIONAL_SERVICES).present().unwrap_or_default();
    services.values().flat_map(|service| addresses(service, SERVERS)).collect()
}

fn server_of_a_service(path: &Path, vip: IpAddr, servers: &[(&str, Address)], diagnostics: &mut Diagnostics) {
    if let Some((server, _)) = servers.iter().find(|(_, address)| address.ip == vip) {
        diagnostics.push(Diagnostic::invalid(
            path.clone(),
            "VIP is a server's own address",
            format!(
                "{vip} is the address of {server}, which would be in the network twice. Choose an address that no \
                 machine has."
            ),
        ));
    }
}

fn virtual_ip(
    path: &Path,
    vip: IpAddr,
    beside: &[(&str, Address)],
    hosts: &[(&str, Address)],
    nodes: &[(&str, Address)],
    diagnostics: &mut Diagnostics,
) {
    let mut refuse = |title: &str, detail: String| diagnostics.push(Diagnostic::invalid(path.clone(), title, detail));
    if let Some(reason) = unusable(vip) {
        refuse(
            "Unusable VIP",
            format!("{vip} can't be a VIP: {reason}. Choose an unused address of the load balancers' subnet."),
        );
        return;
    }
    if let Some((host, _)) = hosts.iter().find(|(_, address)| address.ip == vip) {
        refuse(
            "VIP is a load balancer's own address",
            format!(
                "{vip} is the address of {host}. Keepalived would take it away from {host} whenever the VIP moves. \
                 Choose an address that no machine has."
            ),
        );
    }
    if let Some((node, _)) = nodes.iter().find(|(_, address)| address.ip == vip) {
        refuse(
            "VIP is a node's own address",
            format!(
                "{vip} is the address of {node}, which would be in the network twice. Choose an address that no \
                 machine has."
            ),
        );
    }
    for (subnet, names) in subnets(beside, vip) {
        if !subnet.contains(&vip) {
            refuse(
                "VIP outside the subnet",
                format!(
                    "{vip} is not in {subnet}, the subnet of {names}, so the network would not find it there. Choose \
                     an unused address that is in the subnet of every load balancer, or correct the prefix length. \
                     Where the VIP is in the network of another interface, name that one: {}.",
                    interface_of(path)
                ),
            );
        } else if let Some(reason) = reserved(vip, subnet) {
            refuse(
                "Unusable VIP",
                format!("{vip} can't be a VIP in {subnet}: {reason}. Choose another address of that subnet."),
            );
        }
    }
}

/// The argument that puts the virtual IP at `path` on an interface of its own.
fn interface_of(path: &Path) -> String {
    match path.steps() {
        [_, Step::Index(index), ..] => {
            let vip = Path::of(ADDITIONAL_VIPS).index(*index);
            format!("`{}`, or `{}`", vip.attribute(INTERFACE), vip.attribute(LOAD_BALANCER_INTERFACES))
        }
        _ => format!("`{VIP_INTERFACE}` of each load balancer"),
    }
}

/// The subnets of the family of `vip` that are known, each with the names of the load balancers in it.
fn subnets(hosts: &[(&str, Address)], vip: IpAddr) -> Vec<(IpNet, String)> {
    let mut found: Vec<(IpNet, String)> = Vec::new();
    for (name, address) in hosts.iter().filter(|(_, address)| address.same_family(vip)) {
        let Some(subnet) = address.subnet() else { continue };
        match found.iter_mut().find(|(known, _)| *known == subnet) {
            Some((_, names)) => names.push_str(&format!(", {name}")),
            None => found.push((subnet, (*name).to_owned())),
        }
    }
    found
}

/// VRRP speaks one family, and announces VIPs of that family.
fn families(planned: &Reader<'_>, hosts: &[(&str, Address)], vips: &[(Path, IpAddr)], diagnostics: &mut Diagnostics) {
    let Some((first, source)) = hosts.first() else { return };
    let others: Vec<&(&str, Address)> = hosts.iter().filter(|(_, address)| !address.same_family(source.ip)).collect();
    for (name, address) in &others {
        diagnostics.push(Diagnostic::invalid(
            host_path(name, ADDRESS),
            "Load balancers of two address families",
            format!(
                "{name} has {} and {first} has {}: they would not hear one another, and both would take the VIP. Give \
                 all load balancers addresses of one family; VIPs may be of both.",
                address.ip, source.ip
            ),
        ));
    }
    let all_known = all_vips_known(planned);
    if others.is_empty() && all_known && !vips.iter().any(|(_, vip)| source.same_family(*vip)) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(VIP),
            "No VIP of the load balancers' address family",
            format!(
                "The load balancers speak VRRP from addresses such as {}, and VRRP announces VIPs of the same family \
                 only. Give them addresses of the VIP's family, or make the VIP one of theirs and put this one into \
                 `additional_vips`.",
                source.ip
            ),
        ));
    }
}
