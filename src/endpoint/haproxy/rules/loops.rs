//! Proxy loops: HAProxy must not be its own backend. One request would go round until every connection is taken.

use std::net::IpAddr;

use super::addresses::{hosts, vips};
use super::node_path;
use crate::endpoint::address::{Address, bare};
use crate::endpoint::haproxy::outputs::is_on;
use crate::endpoint::haproxy::role::Role;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::reader::{Maybe, Reader};

/// A node that is a load balancer, where HAProxy listens on the port that it sends to.
pub fn rules(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let listening: Vec<(String, IpAddr)> = match effective.text("bind") {
        Maybe::Known(Some("any")) => {
            hosts(effective).iter().map(|(name, address)| ((*name).to_owned(), address.ip)).collect()
        }
        _ => Vec::new(),
    };
    let vips = vips(effective).into_iter().map(|(_, vip)| ("the VIP".to_owned(), vip));
    let host = effective.text("host").present();
    let host_address = host.and_then(bare).map(|ip| ("`host`".to_owned(), ip));
    let listening: Vec<(String, IpAddr)> = listening.into_iter().chain(vips).chain(host_address).collect();
    let Some((from, to, port)) = same_port(effective) else { return };
    for (node, entry) in effective.nested_map("control_plane").present().unwrap_or_default() {
        let Some(text) = entry.text("address").present() else { continue };
        let who = match Address::parse(text) {
            Some(address) => listening.iter().find(|(_, ip)| *ip == address.ip).map(|(who, _)| who.as_str()),
            None => host.filter(|host| host.eq_ignore_ascii_case(text)).map(|_| "`host`"),
        };
        let Some(who) = who else { continue };
        diagnostics.push(Diagnostic::invalid(
            node_path(node),
            "Proxy loop",
            format!(
                "{node} has the address of {who}, where HAProxy itself listens on port {port} (`{}`) and sends to port {port} (`{}`): it \
                 would be its own backend. Set the node's own address; or, where the load balancer runs on a control-plane node, listen on \
                 another `port`, or on the VIP alone (`bind = \"vip\"`).",
                from.name(),
                to.name(),
            ),
        ));
    }
}

/// A listener whose port is one that HAProxy sends to, the listener that does so, and the port.
fn same_port(effective: &Reader<'_>) -> Option<(Role, Role, i64)> {
    Role::ALL.into_iter().find_map(|to| {
        let port = number(effective, to, "target_port")?;
        let from = Role::ALL.into_iter().find(|from| number(effective, *from, "port") == Some(port))?;
        Some((from, to, port))
    })
}

/// A number of a listener that is known to be on.
fn number(effective: &Reader<'_>, role: Role, name: &str) -> Option<i64> {
    let on = is_on(effective, role) == Maybe::Known(true);
    effective.nested(role.name()).present().filter(|_| on)?.number(name).present()
}
