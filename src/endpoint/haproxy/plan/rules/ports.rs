//! Listeners: each on a port of its own, the one for operations included, and at least one.

use std::net::IpAddr;

use crate::endpoint::address::bare;
use crate::endpoint::haproxy::model::inputs::{is_absent, is_on};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{
    BIND, CHECK_TYPE, ENABLED, EXPECT_STATUS, HAPROXY, HEALTH_CHECK, OPS_ADDRESS, OPS_PORT, PORT,
};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Value;

/// Checks ports, `ops_address` and health checks.
pub fn rules(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let ports = listening(planned);
    for (index, (role, port)) in ports.iter().enumerate() {
        if let Some((other, _)) = ports[..index].iter().find(|(_, taken)| taken == port) {
            diagnostics.push(Diagnostic::invalid(
                Path::of(role.name()).attribute(PORT),
                "Port used twice",
                format!(
                    "Port {port} is the port of `{}` too. HAProxy would start and mix the two up. Choose another one.",
                    other.name()
                ),
            ));
        }
    }
    operations(planned, &ports, diagnostics);
    at_least_one(planned, diagnostics);
    status_of_tcp(config, planned, diagnostics);
}

/// The ports of the listeners that are known to be on.
fn listening(planned: &Reader<'_>) -> Vec<(Role, i64)> {
    let on = Role::ALL.into_iter().filter(|role| is_on(planned, *role) == Maybe::Known(true));
    on.filter_map(|role| Some((role, planned.nested(role.name()).present()?.number(PORT).present()?))).collect()
}

fn operations(planned: &Reader<'_>, ports: &[(Role, i64)], diagnostics: &mut Diagnostics) {
    let Some(haproxy) = planned.nested(HAPROXY).present() else { return };
    let path = Path::of(HAPROXY);
    let address = haproxy.text(OPS_ADDRESS).present().and_then(bare);
    if let Some(ip) = address.filter(|ip| !ip.is_loopback() && !ip.is_unspecified()) {
        diagnostics.push(Diagnostic::invalid(
            path.attribute(OPS_ADDRESS),
            "Not an address of every load balancer",
            format!(
                "`haproxy_cfg` is the same for all load balancers, and HAProxy doesn't start with an address that the machine doesn't have, \
                 such as {ip}. Use a loopback address (`127.0.0.1`), or `0.0.0.0` or `::` for all addresses."
            ),
        ));
    }
    // Virtual IPs and a loopback address may share a port; what listens everywhere shares it with nobody.
    let everywhere = planned.text(BIND).is_known_and(|bind| *bind == Some("any"))
        || address.is_some_and(|ip| IpAddr::is_unspecified(&ip));
    let port = haproxy.number(OPS_PORT).present();
    if let Some((role, port)) = ports.iter().find(|(_, taken)| everywhere && Some(*taken) == port) {
        diagnostics.push(Diagnostic::invalid(
            path.attribute(OPS_PORT),
            "Port used twice",
            format!("Port {port} is the port of `{}` too. HAProxy would start and answer part of the clients itself. Choose another one.", role.name()),
        ));
    }
}

fn at_least_one(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if Role::ALL.into_iter().all(|role| is_on(planned, role) == Maybe::Known(false)) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(Role::KubernetesApi.name()).attribute(ENABLED),
            "No listener",
            "Every listener is switched off, so the load balancers would lead nowhere. Switch one on.",
        ));
    }
}

fn status_of_tcp(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let name = Role::KubernetesApi.name();
    let check = planned.nested(name).present().and_then(|listener| listener.nested(HEALTH_CHECK).present());
    let tcp = check.is_some_and(|check| check.text(CHECK_TYPE).is_known_and(|kind| *kind == Some("tcp")));
    let own = config.value(name).attribute(HEALTH_CHECK).unwrap_or(&Value::Null);
    if tcp && !is_absent(own, EXPECT_STATUS) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(name).attribute(HEALTH_CHECK).attribute(EXPECT_STATUS),
            "Not for TCP health checks",
            "A TCP check only connects. Remove `expect_status`, or set `type = \"https\"`.",
        ));
    }
}
