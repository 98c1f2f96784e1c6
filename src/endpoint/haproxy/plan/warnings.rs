//! What works but is probably not what the user wants: reported when something is created or the argument changes, not on every plan.

use crate::endpoint::address::bare;
use crate::endpoint::contract::CONTROL_PLANE;
use crate::endpoint::haproxy::model::inputs::is_on;
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{
    ADDRESS, EXPECT_STATUS, HAPROXY, HEALTH_CHECK, MAXCONN, OPS_ADDRESS, PORT, TARGET_PORT, TIMEOUTS, TRUSTD, TUNNEL,
};
use crate::endpoint::haproxy::model::timer::Timer;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// A tunnel timeout below this cuts what people watch.
const SHORT_TUNNEL: u64 = 600_000;

/// The port of the Talos API on every node.
const TALOS_API_PORT: i64 = 50000;

/// The port of trustd on every control-plane node.
const TRUSTD_PORT: i64 = 50001;

/// The file descriptors that systemd grants a service (its default hard limit since version 240).
const DESCRIPTORS: i64 = 524_288;

/// What HAProxy asks for beside two for each connection (2.6 with `maxconn 20000`: 40036).
const OVERHEAD: i64 = 40;

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(_config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let reader = Reader::new(planned);
    let changed = |name: &str| prior.is_none_or(|prior| prior.get(name) != planned.get(name));
    if changed(HAPROXY)
        && let Some(haproxy) = reader.nested(HAPROXY).present()
    {
        short_tunnel(&haproxy, diagnostics);
        many_descriptors(&haproxy, diagnostics);
        open_operations(&haproxy, diagnostics);
    }
    if changed(Role::KubernetesApi.name()) {
        strict_check(&reader, diagnostics);
    }
    for role in Role::ALL.into_iter().filter(|role| changed(role.name())) {
        ports_of_talos(&reader, role, diagnostics);
    }
    if changed(CONTROL_PLANE) {
        short_names(&reader, diagnostics);
    }
}

/// Talos' ports are fixed (siderolabs/talos, constants.ApidPort and constants.TrustdPort), and workers dial 50001 of the endpoint.
fn ports_of_talos(planned: &Reader<'_>, role: Role, diagnostics: &mut Diagnostics) {
    if is_on(planned, role) != Maybe::Known(true) {
        return;
    }
    let Some(listener) = planned.nested(role.name()).present() else { return };
    let port = listener.number(PORT).present();
    let target = listener.number(TARGET_PORT).present();
    let fixed = match role {
        Role::KubernetesApi => None,
        Role::TalosApi => Some(TALOS_API_PORT),
        Role::Trustd => Some(TRUSTD_PORT),
    };
    let mut warn = |argument: &str, title: &str, detail: String| {
        diagnostics.push(Diagnostic::warning(Path::of(role.name()).attribute(argument), title, detail));
    };
    if role != Role::Trustd && port == Some(TRUSTD_PORT) {
        let detail = format!(
            "Talos workers dial port {TRUSTD_PORT} of the endpoint for trustd of the control plane. Here they reach the {} instead, and may get no \
             certificate of their own. Choose another port.",
            role.title()
        );
        warn(PORT, "The port of trustd", detail);
    }
    if role == Role::Trustd && port.is_some_and(|port| port != TRUSTD_PORT) {
        let detail = format!("Talos workers dial trustd on port {TRUSTD_PORT} and no other. Remove `port`.");
        warn(PORT, "Nobody dials trustd there", detail);
    }
    if let Some(fixed) = fixed.filter(|fixed| target.is_some_and(|target| target != *fixed)) {
        let detail = format!(
            "On a Talos node the port of {} is {fixed}, which can't be changed. Remove `target_port`, unless something before the nodes \
             translates it.",
            if role == Role::Trustd { TRUSTD } else { "the Talos API" }
        );
        warn(TARGET_PORT, "Not the port of the nodes", detail);
    }
}

/// HAProxy's resolver knows neither search domains nor `/etc/hosts`: such names are looked up once, when it starts.
fn short_names(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let nodes = planned.nested_map(CONTROL_PLANE).present().unwrap_or_default();
    for (node, entry) in nodes {
        let Some(name) = entry.text(ADDRESS).present().filter(|text| !text.contains(['.', ':'])) else { continue };
        diagnostics.push(Diagnostic::warning(
            Path::of(CONTROL_PLANE).key(node).attribute(ADDRESS),
            "A DNS name without a domain",
            format!(
                "HAProxy asks the DNS servers for exactly `{name}` while it runs: search domains and `/etc/hosts` serve only when it starts, and \
                 the node may be taken out later. Set the whole name, such as `{name}.example.com`, or the address."
            ),
        ));
    }
}

fn short_tunnel(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let tunnel = haproxy.nested(TIMEOUTS).present().and_then(|timeouts| timeouts.text(TUNNEL).present());
    if let Some(tunnel) = tunnel.and_then(Timer::parse).filter(|tunnel| tunnel.milliseconds() < SHORT_TUNNEL) {
        diagnostics.push(Diagnostic::warning(
            Path::of(HAPROXY).attribute(TIMEOUTS).attribute(TUNNEL),
            "Silent connections are cut early",
            format!(
                "A connection that is silent for {tunnel} is cut: `kubectl logs -f`, `kubectl exec`, `talosctl dmesg -f` and watches \
                 of controllers are silent for longer. The default is 4h."
            ),
        ));
    }
}

fn many_descriptors(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(maxconn) = haproxy.number(MAXCONN).present() else { return };
    let needed = 2 * maxconn + OVERHEAD;
    if needed > DESCRIPTORS {
        diagnostics.push(Diagnostic::warning(
            Path::of(HAPROXY).attribute(MAXCONN),
            "More connections than file descriptors",
            format!(
                "HAProxy needs about 2 x {maxconn} + {OVERHEAD} = {needed} file descriptors, and systemd grants a service {DESCRIPTORS} by \
                 default: `haproxy -c` would accept the file, and the service would not start. Lower `maxconn`, or raise `LimitNOFILE` of the \
                 service."
            ),
        ));
    }
}

fn open_operations(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if haproxy.text(OPS_ADDRESS).present().and_then(bare).is_some_and(|ip| ip.is_unspecified()) {
        diagnostics.push(Diagnostic::warning(
            Path::of(HAPROXY).attribute(OPS_ADDRESS),
            "Statistics for everybody",
            "Whoever reaches the load balancers reads names and addresses of the nodes under `/stats` and `/metrics`, without a password. Close \
             the port to strangers, or use `127.0.0.1`.",
        ));
    }
}

fn strict_check(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let name = Role::KubernetesApi.name();
    let check = planned.nested(name).present().and_then(|listener| listener.nested(HEALTH_CHECK).present());
    let Some(codes) = check.and_then(|check| check.value(EXPECT_STATUS).elements()) else { return };
    if codes.iter().all(|code| code.as_i64().is_some_and(|code| code != 401)) {
        diagnostics.push(Diagnostic::warning(
            Path::of(name).attribute(HEALTH_CHECK).attribute(EXPECT_STATUS),
            "A node that answers 401 counts as down",
            "Talos up to 1.13, and clusters that were upgraded from it, start kube-apiserver without anonymous access: `/readyz` answers 401 \
             while everything is well, and no node would be left. Add 401, unless your API servers admit anonymous requests.",
        ));
    }
}

#[cfg(test)]
mod tests;
