//! Virtual IPs, the nodes' addresses, and the subnets they share or must keep out of.

use std::net::IpAddr;

use crate::endpoint::address::{self};
use crate::endpoint::contract::{self, Dialled, HOST};
use crate::endpoint::enumeration::listed;
use crate::endpoint::vip::model::inputs::{Inputs, Node, Vip, leaves_out, of_no_node_s_family, subnets};
use crate::endpoint::vip::model::schema::names::{ADDRESS, ENDPOINT, POD_CIDRS, SERVICE_CIDRS};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// Every rule about addresses.
pub fn check(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    nodes(inputs, diagnostics);
    let mut seen: Vec<(IpAddr, &Path)> = Vec::new();
    for vip in inputs.vips() {
        let Maybe::Known(ip) = vip.ip else { continue };
        // One mistake, one error: what is wrong in itself need not fit anything.
        if let Some(reason) = address::unusable(ip) {
            let detail =
                format!("{ip} can't be a virtual IP: {reason}. Choose an unused address in the nodes' subnet.");
            diagnostics.push(Diagnostic::invalid(vip.path.clone(), "Unusable virtual IP", detail));
        } else if let Some((_, other)) = seen.iter().find(|(taken, _)| *taken == ip) {
            let detail = format!("{ip} is both `{other}` and `{}`. Remove one of the two.", vip.path);
            diagnostics.push(Diagnostic::invalid(vip.path.clone(), "Virtual IP used twice", detail));
        } else {
            seen.push((ip, &vip.path));
            usable(inputs, vip, ip, diagnostics);
        }
    }
    if let Some(ip) = inputs.own_host().known().flatten().and_then(address::bare) {
        cluster_subnets(inputs, &Path::of(HOST), ip, diagnostics);
    }
    endpoints(inputs, diagnostics);
    distinct_endpoints(inputs, diagnostics);
}

/// The rules for a virtual IP that might be one.
fn usable(inputs: &Inputs, vip: &Vip, ip: IpAddr, diagnostics: &mut Diagnostics) {
    cluster_subnets(inputs, &vip.path, ip, diagnostics);
    let owner = inputs.known_nodes().iter().find(|node| node.addresses().iter().any(|(_, address)| address.ip == ip));
    if let Some(node) = owner {
        let detail = format!(
            "{ip} is the address of node `{}`, which would lose it: Talos gives virtual IPs neither to the kubelet nor \
             to etcd. Choose an unused address of the same subnet.",
            node.name
        );
        diagnostics.push(Diagnostic::invalid(vip.path.clone(), "The virtual IP is the address of a node", detail));
        return;
    }
    let is_primary = vip.link.is_none();
    if is_primary && of_no_node_s_family(inputs, ip) {
        let detail = format!(
            "{ip} is IPv{}, and no node has an address of that family. Give the nodes one (`additional_addresses`), or \
             choose another virtual IP.",
            if ip.is_ipv4() { 4 } else { 6 }
        );
        diagnostics.push(Diagnostic::invalid(vip.path.clone(), "Virtual IP of another address family", detail));
    }
    shared_subnet(inputs, vip, ip, diagnostics);
    let subnets = inputs.known_nodes().iter().flat_map(|node| subnets(node, ip));
    if let Some((subnet, reason)) = subnets.filter_map(|net| Some((net, address::reserved(ip, net)?))).next() {
        let detail = format!("In {subnet} no host can have {ip}: {reason}. Choose another address of the subnet.");
        diagnostics.push(Diagnostic::invalid(vip.path.clone(), "Unusable virtual IP", detail));
    }
}

/// All control planes are on one network without a router between, and the virtual IP is of its subnet. That of another link isn't known.
fn shared_subnet(inputs: &Inputs, vip: &Vip, ip: IpAddr, diagnostics: &mut Diagnostics) {
    let nodes: Vec<&Node> = inputs.known_nodes().iter().filter(|node| inputs.is_on_own_link(node, vip)).collect();
    let apart: Vec<&Node> = nodes.iter().copied().filter(|node| leaves_out(node, ip)).collect();
    if apart.is_empty() {
        return;
    }
    if nodes.iter().any(|node| subnets(node, ip).iter().any(|net| net.contains(&ip))) {
        for node in apart {
            let detail = format!(
                "`{}` is in {}, and the virtual IP {ip} is in the subnet of other nodes. All control-plane nodes of a \
                 virtual IP are on one layer-2 network, without a router between. Put the node there, or correct its \
                 address or prefix length.",
                node.name,
                listed(subnets(node, ip)),
            );
            let path = node.path().attribute(ADDRESS);
            diagnostics.push(Diagnostic::invalid(path, "Node outside the virtual IP's subnet", detail));
        }
        return;
    }
    let places: Vec<String> =
        apart.iter().map(|node| format!("`{}` in {}", node.name, listed(subnets(node, ip)))).collect();
    let detail = format!(
        "{ip} is in no node's subnet: {}. Other machines would send their packets elsewhere. Choose an unused address \
         of the nodes' subnet, or correct the prefix lengths.",
        places.join(", ")
    );
    diagnostics.push(Diagnostic::invalid(vip.path.clone(), "Virtual IP outside the nodes' subnet", detail));
}

fn nodes(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(IpAddr, Path)> = Vec::new();
    for node in inputs.known_nodes() {
        for (path, address) in node.addresses() {
            let reserved = || address.subnet().and_then(|net| address::reserved(address.ip, net));
            let ip = address.ip;
            if let Some(reason) = address::unusable(ip).or_else(reserved) {
                let detail = format!("{ip} can't be the address of `{}`: {reason}.", node.name);
                diagnostics.push(Diagnostic::invalid(path, "Unusable node address", detail));
            } else if let Some((_, other)) = seen.iter().find(|(taken, _)| *taken == ip) {
                let of_node = |path: &Path| path.steps().starts_with(node.path().steps());
                let remedy = match of_node(other) {
                    true => "Remove one of the two.",
                    false => "Each node has its own.",
                };
                let detail = format!("{ip} is both `{other}` and `{path}`. {remedy}");
                diagnostics.push(Diagnostic::invalid(path, "Address used twice", detail));
            } else {
                cluster_subnets(inputs, &path, ip, diagnostics);
                seen.push((ip, path));
            }
        }
    }
}

fn cluster_subnets(inputs: &Inputs, path: &Path, ip: IpAddr, diagnostics: &mut Diagnostics) {
    for (name, what, subnets) in
        [(POD_CIDRS, "pod", &inputs.pod_cidrs), (SERVICE_CIDRS, "service", &inputs.service_cidrs)]
    {
        if let Some(subnet) = subnets.iter().find(|net| net.contains(&ip)) {
            let detail = format!(
                "{ip} is in {subnet}, a {what} subnet of the cluster: Talos takes it for an address of a {what}, and \
                 leaves it out of certificates and node addresses. Choose another address, or set `{name}` if the \
                 cluster has other {what} subnets."
            );
            diagnostics.push(Diagnostic::invalid(path.clone(), format!("Address in a {what} subnet"), detail));
        }
    }
}

/// talosctl at the virtual IP would lose its connection when etcd or the API server is in trouble: the moment at which it is needed.
fn endpoints(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let host = inputs.own_host().known().flatten().map(str::to_ascii_lowercase);
    for node in inputs.known_nodes() {
        let Some(endpoint) = node.endpoint.clone().present() else { continue };
        let ip = address::bare(&endpoint);
        let is_vip = ip.is_some() && inputs.vips().iter().any(|vip| vip.ip.as_ref().known().copied() == ip);
        if is_vip || Some(endpoint.to_ascii_lowercase()) == host {
            let detail = format!(
                "`{endpoint}` leads to the virtual IP, which disappears with etcd or the API server: just when \
                 talosctl is needed. Set the address or name of `{}` itself, or remove `endpoint` where `address` is \
                 set.",
                node.name
            );
            let path = node.path().attribute(ENDPOINT);
            diagnostics.push(Diagnostic::invalid(path, "talosctl would dial the virtual IP", detail));
        }
    }
}

/// What talosctl dials for one node reaches no other.
fn distinct_endpoints(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let mut all: Vec<Dialled<'_>> = Vec::new();
    for node in inputs.known_nodes() {
        let own = node.addresses().into_iter().map(|(path, address)| (path, address.ip.to_string(), false));
        let path = node.path().attribute(ENDPOINT);
        let endpoint = node.endpoint.clone().present().map(|endpoint| (path, endpoint, true));
        let of_node = own.chain(endpoint);
        all.extend(of_node.map(|(path, text, is_endpoint)| Dialled { node: &node.name, path, text, is_endpoint }));
    }
    contract::distinct_endpoints(&all, diagnostics);
}
