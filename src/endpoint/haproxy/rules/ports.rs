//! Listeners: each on a port of its own, the one for operations included, and at least one.

use std::net::IpAddr;

use crate::endpoint::address::bare;
use crate::endpoint::haproxy::effective::is_absent;
use crate::endpoint::haproxy::outputs::is_on;
use crate::endpoint::haproxy::role::Role;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Value;

/// Checks ports, `ops_address` and health checks.
pub fn rules(config: &Reader<'_>, effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let ports = listening(effective);
    for (index, (role, port)) in ports.iter().enumerate() {
        if let Some((other, _)) = ports[..index].iter().find(|(_, taken)| taken == port) {
            diagnostics.push(Diagnostic::invalid(
                Path::of(role.name()).attribute("port"),
                "Port used twice",
                format!(
                    "Port {port} is the port of `{}` too. HAProxy would start and mix the two up. Choose another one.",
                    other.name()
                ),
            ));
        }
    }
    operations(effective, &ports, diagnostics);
    at_least_one(effective, diagnostics);
    status_of_tcp(config, effective, diagnostics);
}

/// The ports of the listeners that are known to be on.
fn listening(effective: &Reader<'_>) -> Vec<(Role, i64)> {
    let on = Role::ALL.into_iter().filter(|role| is_on(effective, *role) == Maybe::Known(true));
    on.filter_map(|role| Some((role, effective.nested(role.name()).present()?.number("port").present()?))).collect()
}

fn operations(effective: &Reader<'_>, ports: &[(Role, i64)], diagnostics: &mut Diagnostics) {
    let Some(haproxy) = effective.nested("haproxy").present() else { return };
    let path = Path::of("haproxy");
    let address = haproxy.text("ops_address").present().and_then(bare);
    if let Some(ip) = address.filter(|ip| !ip.is_loopback() && !ip.is_unspecified()) {
        diagnostics.push(Diagnostic::invalid(
            path.attribute("ops_address"),
            "Not an address of every load balancer",
            format!(
                "`haproxy_cfg` is the same for all load balancers, and HAProxy doesn't start with an address that the machine doesn't have, \
                 such as {ip}. Use a loopback address (`127.0.0.1`), or `0.0.0.0` or `::` for all addresses."
            ),
        ));
    }
    // Virtual IPs and a loopback address may share a port; what listens everywhere shares it with nobody.
    let everywhere = effective.text("bind").is_known_and(|bind| *bind == Some("any"))
        || address.is_some_and(|ip| IpAddr::is_unspecified(&ip));
    let port = haproxy.number("ops_port").present();
    if let Some((role, port)) = ports.iter().find(|(_, taken)| everywhere && Some(*taken) == port) {
        diagnostics.push(Diagnostic::invalid(
            path.attribute("ops_port"),
            "Port used twice",
            format!("Port {port} is the port of `{}` too. HAProxy would start and answer part of the clients itself. Choose another one.", role.name()),
        ));
    }
}

fn at_least_one(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if Role::ALL.into_iter().all(|role| is_on(effective, role) == Maybe::Known(false)) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(Role::KubernetesApi.name()).attribute("enabled"),
            "No listener",
            "Every listener is switched off, so the load balancers would lead nowhere. Switch one on.",
        ));
    }
}

fn status_of_tcp(config: &Reader<'_>, effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let name = Role::KubernetesApi.name();
    let check = effective.nested(name).present().and_then(|listener| listener.nested("health_check").present());
    let tcp = check.is_some_and(|check| check.text("type").is_known_and(|kind| *kind == Some("tcp")));
    let own = config.value(name).attribute("health_check").unwrap_or(&Value::Null);
    if tcp && !is_absent(own, "expect_status") {
        diagnostics.push(Diagnostic::invalid(
            Path::of(name).attribute("health_check").attribute("expect_status"),
            "Not for TCP health checks",
            "A TCP check only connects. Remove `expect_status`, or set `type = \"https\"`.",
        ));
    }
}
