//! Listeners on other ports than Talos has, and checks that take healthy nodes out.

use crate::endpoint::nlb::model::inputs::listener;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// The port of the Talos API on every node (siderolabs/talos, constants.ApidPort).
const TALOS_API_PORT: i64 = 50000;

/// The port of trustd on every control-plane node (constants.TrustdPort), on which workers dial the cluster endpoint too (siderolabs/talos
/// PR 6694).
const TRUSTD_PORT: i64 = 50001;

/// The health check's port where it is the target's own.
const TRAFFIC_PORT: &str = "traffic-port";

/// Warns of ports on which nothing of Talos listens, or on which something else is looked for.
pub fn ports(planned: &Reader<'_>, role: Role, diagnostics: &mut Diagnostics) {
    let Some(listener) = listener(planned, role) else { return };
    let (port, target) = (listener.number(names::PORT).present(), listener.number(names::TARGET_PORT).present());
    let mut warn = |argument: &str, title: &str, detail: String| {
        diagnostics.push(Diagnostic::warning(Path::of(role.name()).attribute(argument), title, detail));
    };
    match role {
        Role::WorkerTalosApi if port == Some(TRUSTD_PORT) => warn(
            names::PORT,
            "The worker listener is on trustd's port",
            "Talos workers dial port 50001 of the cluster endpoint for trustd of the control plane. Here they reach \
             the Talos API of another worker, which fails the certificate check: joining takes longer, and fails where \
             discovery is off. Choose another port, such as 50010, or switch `trustd` on instead."
                .to_owned(),
        ),
        Role::KubernetesApi | Role::TalosApi if port == Some(TRUSTD_PORT) => warn(
            names::PORT,
            "The port of trustd",
            "Talos workers dial port 50001 of the endpoint for trustd of the control plane. Here they reach something \
             else, and may get no certificate of their own. Choose another port."
                .to_owned(),
        ),
        Role::Trustd if port.is_some_and(|port| port != TRUSTD_PORT) => {
            let detail = format!("Talos workers dial trustd on port {TRUSTD_PORT} and no other. Remove `port`.");
            warn(names::PORT, "Nobody dials trustd there", detail);
        }
        _ => {}
    }
    let (fixed, what) = match role {
        Role::KubernetesApi => return,
        Role::TalosApi | Role::WorkerTalosApi => (TALOS_API_PORT, "the Talos API"),
        Role::Trustd => (TRUSTD_PORT, "trustd"),
    };
    if target.is_some_and(|target| target != fixed) {
        let detail = format!(
            "On a Talos node the port of {what} is {fixed}, which can't be changed. Remove `target_port`, unless \
             something before the nodes translates it."
        );
        warn(names::TARGET_PORT, "Not the port of the nodes", detail);
    }
}

/// Warns of a check that no healthy node passes, or that says nothing of what the listener leads to.
pub fn health_check(planned: &Reader<'_>, role: Role, diagnostics: &mut Diagnostics) {
    let Some(listener) = listener(planned, role) else { return };
    let Some(check) = listener.nested(names::HEALTH_CHECK).present() else { return };
    let (Some(protocol), Some(port)) = (check.text(names::PROTOCOL).present(), check.text(names::PORT).present())
    else {
        return;
    };
    let Some(target) = listener.number(names::TARGET_PORT).present() else { return };
    let place = Path::of(role.name()).attribute(names::HEALTH_CHECK);
    let checked = if port == TRAFFIC_PORT { Some(target) } else { port.parse().ok() };
    if checked != Some(target) {
        diagnostics.push(Diagnostic::warning(
            place.attribute(names::PORT),
            "The health check asks another port",
            format!(
                "The listener leads to port {target} of a node, and its health check asks port {port}: it says nothing \
                 of whether port {target} answers. A node counts as healthy while that is down, and as down where \
                 nothing answers on port {port}. Remove `port`, unless something there reports how port {target} is."
            ),
        ));
    }
    let asks_kubernetes = role == Role::KubernetesApi && checked == Some(target);
    let asks_talos = checked.is_some_and(|port| [TALOS_API_PORT, TRUSTD_PORT].contains(&port));
    let (title, detail) = match protocol {
        "HTTPS" if asks_kubernetes => (
            "HTTPS health check of the API server",
            "Talos starts kube-apiserver without anonymous access: up to 1.13 it answers 401, which is healthy only \
             with a `matcher` that has 401, and from 1.14 on it takes TLS 1.3 only, which the check may not speak. \
             Every node would be marked unhealthy. The safe check is `protocol = \"TCP\"`.",
        ),
        "HTTP" if asks_kubernetes => (
            "No node passes the health check",
            "kube-apiserver speaks TLS only, and answers a check by HTTP with 400. Every node would be marked \
             unhealthy. The safe check is `protocol = \"TCP\"`.",
        ),
        "HTTP" | "HTTPS" if asks_talos => (
            "No node passes the health check",
            "The Talos API and trustd speak gRPC over TLS, and the Talos API asks every client for a certificate, \
             which the check of a load balancer can't present. Every node would be marked unhealthy. Use `protocol = \
             \"TCP\"`.",
        ),
        _ => return,
    };
    diagnostics.push(Diagnostic::warning(place.attribute(names::PROTOCOL), title, detail));
}
