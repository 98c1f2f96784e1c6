//! Listeners on other ports than Talos has, and checks that take healthy nodes out.

use crate::endpoint::haproxy::model::inputs::{On, is_on, listening, service_vips};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{EXPECT_STATUS, HEALTH_CHECK, PORT, TARGET_PORT};
use crate::endpoint::node_ports;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// The port of sshd.
const SSH_PORT: i64 = 22;

/// The port of trustd on every control-plane node.
const TRUSTD_PORT: i64 = 50001;

/// Talos' ports are fixed (siderolabs/talos, constants.ApidPort and constants.TrustdPort), and workers dial 50001 of the endpoint.
pub fn ports_of_talos(planned: &Reader<'_>, role: Role, diagnostics: &mut Diagnostics) {
    if is_on(planned, role) != Maybe::Known(true) {
        return;
    }
    let Some(listener) = planned.nested(role.name()).present() else { return };
    let port = listener.number(PORT).present();
    let target = listener.number(TARGET_PORT).present();
    let fixed = match role {
        Role::KubernetesApi => None,
        Role::TalosApi => Some(node_ports::TALOS_API),
        Role::Trustd => Some(TRUSTD_PORT),
    };
    let mut warn = |argument: &str, title: &str, detail: String| {
        diagnostics.push(Diagnostic::warning(Path::of(role.name()).attribute(argument), title, detail));
    };
    if role != Role::Trustd && port == Some(TRUSTD_PORT) {
        warn(PORT, "The port of trustd", in_place_of_trustd(&format!("the {}", role.title())));
    }
    if role == Role::Trustd && port.is_some_and(|port| port != TRUSTD_PORT) {
        let detail = format!("Talos workers dial trustd on port {TRUSTD_PORT} and no other. Remove `port`.");
        warn(PORT, "Nobody dials trustd there", detail);
    }
    if let Some(fixed) = fixed.filter(|fixed| target.is_some_and(|target| target != *fixed)) {
        let detail = format!(
            "On a Talos node the port of {} is {fixed}, which can't be changed. Remove `target_port`, unless something \
             before the nodes translates it.",
            if role == Role::Trustd { "trustd" } else { "the Talos API" }
        );
        warn(TARGET_PORT, "Not the port of the nodes", detail);
    }
}

/// Where sshd listens on every address, as it does unless it is configured otherwise, nobody else gets the port on any.
pub fn port_of_ssh(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    for one in listening(planned).into_iter().filter(|one| one.port == Some(SSH_PORT)) {
        diagnostics.push(Diagnostic::warning(
            one.place.attribute(PORT),
            "The port of SSH",
            format!(
                "sshd listens on port {SSH_PORT} of every address of a machine, unless its `ListenAddress` says \
                 otherwise, and HAProxy doesn't start then. Choose another port, or have sshd leave the address of \
                 `{}` free.",
                one.place
            ),
        ));
    }
}

fn in_place_of_trustd(what: &str) -> String {
    format!(
        "Talos workers dial port {TRUSTD_PORT} of the endpoint for trustd of the control plane. Here they reach {what} \
         instead, and may get no certificate of their own. Choose another port."
    )
}

/// A service there gets the workers' connections too, unless its virtual IP is none of the endpoint's, or it leads to trustd.
pub fn services_on_the_port_of_trustd(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let elsewhere = service_vips(planned).known().unwrap_or_default();
    for service in listening(planned).into_iter().filter(|service| service.role.is_none()) {
        let of_services = matches!(service.on, On::Only(vip) if elsewhere.contains(&vip)) || service.on == On::Unknown;
        if service.port == Some(TRUSTD_PORT) && service.target_port != Some(TRUSTD_PORT) && !of_services {
            diagnostics.push(Diagnostic::warning(
                service.place.attribute(PORT),
                "The port of trustd",
                in_place_of_trustd(&format!("`{}`", service.place)),
            ));
        }
    }
}

/// A check that an API server without anonymous access never passes.
pub fn strict_check(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let name = Role::KubernetesApi.name();
    let check = planned.nested(name).present().and_then(|listener| listener.nested(HEALTH_CHECK).present());
    let Some(codes) = check.and_then(|check| check.value(EXPECT_STATUS).elements()) else { return };
    if codes.iter().all(|code| code.as_i64().is_some_and(|code| code != 401)) {
        diagnostics.push(Diagnostic::warning(
            Path::of(name).attribute(HEALTH_CHECK).attribute(EXPECT_STATUS),
            "A node that answers 401 counts as down",
            "Talos up to 1.13, and clusters that were upgraded from it, start kube-apiserver without anonymous access: \
             `/readyz` answers 401 on a healthy node, and no node would be left. Add 401, unless your API servers \
             admit anonymous requests.",
        ));
    }
}
