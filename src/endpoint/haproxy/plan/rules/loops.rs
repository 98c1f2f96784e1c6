//! Proxy loops: HAProxy must not be its own backend. One request would go round until every connection is taken.

use std::net::IpAddr;

use crate::endpoint::address::{Address, bare};
use crate::endpoint::contract::{CONTROL_PLANE, HOST};
use crate::endpoint::haproxy::model::inputs::{hosts, is_on, node_path, vips};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{ADDRESS, BIND, PORT, TARGET_PORT};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::reader::{Maybe, Reader};

/// A node that is a load balancer, where HAProxy listens on the port that it sends to.
pub fn rules(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let listening: Vec<(String, IpAddr)> = match planned.text(BIND) {
        Maybe::Known(Some("any")) => {
            hosts(planned).iter().map(|(name, address)| ((*name).to_owned(), address.ip)).collect()
        }
        _ => Vec::new(),
    };
    let vips = vips(planned).into_iter().map(|(_, vip)| ("the VIP".to_owned(), vip));
    let host = planned.text(HOST).present();
    let host_address = host.and_then(bare).map(|ip| ("`host`".to_owned(), ip));
    let listening: Vec<(String, IpAddr)> = listening.into_iter().chain(vips).chain(host_address).collect();
    let Some((from, to, port)) = same_port(planned) else { return };
    for (node, entry) in planned.nested_map(CONTROL_PLANE).present().unwrap_or_default() {
        let Some(text) = entry.text(ADDRESS).present() else { continue };
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
fn same_port(planned: &Reader<'_>) -> Option<(Role, Role, i64)> {
    Role::ALL.into_iter().find_map(|to| {
        let port = number(planned, to, TARGET_PORT)?;
        let from = Role::ALL.into_iter().find(|from| number(planned, *from, PORT) == Some(port))?;
        Some((from, to, port))
    })
}

/// A number of a listener that is known to be on.
fn number(planned: &Reader<'_>, role: Role, name: &str) -> Option<i64> {
    let on = is_on(planned, role) == Maybe::Known(true);
    planned.nested(role.name()).present().filter(|_| on)?.number(name).present()
}
