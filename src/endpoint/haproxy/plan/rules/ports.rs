//! Listeners: each on a port of its own, the one for operations included, and at least one.

use std::net::IpAddr;

use crate::endpoint::address::bare;
use crate::endpoint::haproxy::model::inputs::{Listening, On, is_absent, is_on, listening, service_path, service_vips};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{
    ADDITIONAL_SERVICES, BIND, CHECK_TYPE, ENABLED, EXPECT_STATUS, HAPROXY, HEALTH_CHECK, OPS_ADDRESS, OPS_PORT, PATH,
    PORT, VIP,
};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Value;

/// Checks ports, `ops_address` and health checks.
pub fn rules(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let listening = listening(planned);
    for (index, one) in listening.iter().enumerate() {
        let taken = listening[..index]
            .iter()
            .find(|other| one.port.is_some() && other.port == one.port && meet(planned, one.on, other.on));
        if let Some(other) = taken {
            diagnostics.push(twice(planned, one, other));
        }
    }
    operations(planned, &listening, diagnostics);
    at_least_one(planned, diagnostics);
    status_of_tcp(config, planned, diagnostics);
    checks_of_services(planned, diagnostics);
}

/// Whether two listeners have an address in common.
fn meet(planned: &Reader<'_>, one: On, other: On) -> bool {
    match (one, other) {
        (On::Unknown, _) | (_, On::Unknown) => false,
        (On::Any, _) | (_, On::Any) => true,
        (On::Only(one), On::Only(other)) => one == other,
        (On::Only(vip), On::Vips) | (On::Vips, On::Only(vip)) => {
            let of_services = service_vips(planned).known().unwrap_or_default();
            !of_services.contains(&vip)
        }
        (one, other) => one == other,
    }
}

fn twice(planned: &Reader<'_>, one: &Listening<'_>, other: &Listening<'_>) -> Diagnostic {
    let port = one.port.unwrap_or_default();
    Diagnostic::invalid(
        one.place.attribute(PORT),
        "Port used twice",
        format!(
            "{port} is both `{}` and `{}`, on the same address. HAProxy would start and mix the two up. Choose another \
             port for one of them{}.",
            other.place.attribute(PORT),
            one.place.attribute(PORT),
            apart(planned, one, other).map_or_else(String::new, |way| format!("; or {way}"))
        ),
    )
}

/// What lets both have the port, where anything does: a virtual IP for each.
fn apart(planned: &Reader<'_>, one: &Listening<'_>, other: &Listening<'_>) -> Option<String> {
    let main = planned.text(VIP).present().and_then(bare)?;
    let own = |service: &&Listening<'_>| matches!(service.on, On::Only(vip) if vip != main);
    let services = || [one, other].into_iter().filter(|service| service.role.is_none());
    match (one.on, other.on, services().find(own)) {
        (On::Only(_), On::Only(_), Some(service)) => {
            Some(format!("set `{}` to another one of `additional_vips`", service.place.attribute(VIP)))
        }
        (_, _, Some(service)) => {
            let vip = if let On::Only(vip) = service.on { vip.to_string() } else { String::new() };
            Some(format!("set `bind = \"vip\"`, which leaves {vip} to `{}`", service.place))
        }
        (_, _, None) => {
            let service = services().next()?;
            let bound = planned.text(BIND).is_known_and(|bind| *bind == Some("vip"));
            Some(format!(
                "give `{}` a virtual IP of its own: one of `additional_vips` as its `vip`{}",
                service.place,
                if bound { "" } else { ", and `bind = \"vip\"`" }
            ))
        }
    }
}

fn operations(planned: &Reader<'_>, listening: &[Listening<'_>], diagnostics: &mut Diagnostics) {
    let Some(haproxy) = planned.nested(HAPROXY).present() else { return };
    let path = Path::of(HAPROXY);
    let address = haproxy.text(OPS_ADDRESS).present().and_then(bare);
    if let Some(ip) = address.filter(|ip| !ip.is_loopback() && !ip.is_unspecified()) {
        diagnostics.push(Diagnostic::invalid(
            path.attribute(OPS_ADDRESS),
            "Not an address of every load balancer",
            format!(
                "`haproxy_cfg` is the same for all load balancers, and HAProxy doesn't start with an address that the \
                 machine doesn't have, such as {ip}. Use a loopback address (`127.0.0.1`), or `0.0.0.0` or `::` for \
                 all addresses."
            ),
        ));
    }
    // Virtual IPs and a loopback address may share a port; what listens everywhere shares it with nobody.
    let everywhere = address.is_some_and(|ip| IpAddr::is_unspecified(&ip));
    let port = haproxy.number(OPS_PORT).present();
    let taken =
        listening.iter().find(|one| (everywhere || one.on == On::Any) && one.port.is_some() && one.port == port);
    if let Some(one) = taken {
        diagnostics.push(Diagnostic::invalid(
            path.attribute(OPS_PORT),
            "Port used twice",
            format!(
                "{} is both `{}` and `haproxy.ops_port`. HAProxy would start and answer part of the clients itself. \
                 Choose another port for one of them.",
                port.unwrap_or_default(),
                one.place.attribute(PORT)
            ),
        ));
    }
}

/// What only a request has.
fn checks_of_services(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    for (name, service) in planned.nested_map(ADDITIONAL_SERVICES).present().unwrap_or_default() {
        let Some(check) = service.nested(HEALTH_CHECK).present() else { continue };
        if !check.text(CHECK_TYPE).is_known_and(|kind| *kind == Some("tcp")) {
            continue;
        }
        for member in [PATH, EXPECT_STATUS] {
            if let Value::String(_) | Value::Set(_) = check.value(member) {
                diagnostics.push(Diagnostic::invalid(
                    service_path(name).attribute(HEALTH_CHECK).attribute(member),
                    "Not for TCP health checks",
                    format!("A TCP check only connects. Remove `{member}`, or set `type` to `https` or `http`."),
                ));
            }
        }
    }
}

fn at_least_one(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if Role::ALL.into_iter().all(|role| is_on(planned, role) == Maybe::Known(false)) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(Role::KubernetesApi.name()).attribute(ENABLED),
            "No listener",
            "Every listener is switched off, so the load balancers would serve nothing. Switch one on.",
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
