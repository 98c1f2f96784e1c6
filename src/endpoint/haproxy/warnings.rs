//! What works but is probably not what the user wants: told when it is created or changed, not for ever.

use super::role::Role;
use super::timer::Timer;
use crate::endpoint::address::bare;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;
use crate::framework::value::Object;

/// A tunnel timeout below this cuts what people watch.
const SHORT_TUNNEL: u64 = 600_000;

/// The file descriptors that systemd grants a service (its default hard limit since version 240).
const DESCRIPTORS: i64 = 524_288;

/// What HAProxy asks for beside two for each connection (2.6 with `maxconn 20000`: 40036).
const OVERHEAD: i64 = 40;

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let reader = Reader::new(planned);
    let changed = |name: &str| prior.is_none_or(|prior| prior.get(name) != planned.get(name));
    if changed("haproxy")
        && let Some(haproxy) = reader.nested("haproxy").present()
    {
        short_tunnel(&haproxy, diagnostics);
        many_descriptors(&haproxy, diagnostics);
        open_operations(&haproxy, diagnostics);
    }
    if changed(Role::KubernetesApi.name()) {
        strict_check(&reader, diagnostics);
    }
}

fn short_tunnel(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let tunnel = haproxy.nested("timeouts").present().and_then(|timeouts| timeouts.text("tunnel").present());
    if let Some(tunnel) = tunnel.and_then(Timer::parse).filter(|tunnel| tunnel.milliseconds() < SHORT_TUNNEL) {
        diagnostics.push(Diagnostic::warning(
            Path::of("haproxy").attribute("timeouts").attribute("tunnel"),
            "Silent connections are cut early",
            format!(
                "A connection on which nothing is said for {tunnel} is cut: `kubectl logs -f`, `kubectl exec`, `talosctl dmesg -f` and watches \
                 of controllers are silent for longer. The default is 4h."
            ),
        ));
    }
}

fn many_descriptors(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(maxconn) = haproxy.number("maxconn").present() else { return };
    let needed = 2 * maxconn + OVERHEAD;
    if needed > DESCRIPTORS {
        diagnostics.push(Diagnostic::warning(
            Path::of("haproxy").attribute("maxconn"),
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
    if haproxy.text("ops_address").present().and_then(bare).is_some_and(|ip| ip.is_unspecified()) {
        diagnostics.push(Diagnostic::warning(
            Path::of("haproxy").attribute("ops_address"),
            "Statistics for everybody",
            "Whoever reaches the load balancers reads names and addresses of the nodes under `/stats` and `/metrics`, without a password. Close \
             the port to strangers, or use `127.0.0.1`.",
        ));
    }
}

fn strict_check(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let name = Role::KubernetesApi.name();
    let check = planned.nested(name).present().and_then(|listener| listener.nested("health_check").present());
    let Some(codes) = check.and_then(|check| check.value("expect_status").elements()) else { return };
    if codes.iter().all(|code| code.as_i64().is_some_and(|code| code != 401)) {
        diagnostics.push(Diagnostic::warning(
            Path::of(name).attribute("health_check").attribute("expect_status"),
            "A node that answers 401 counts as down",
            "Talos up to 1.13, and clusters that were upgraded from it, start kube-apiserver without anonymous access: `/readyz` answers 401 \
             while everything is well, and no node would be left. Add 401, unless your API servers admit anonymous requests.",
        ));
    }
}

#[cfg(test)]
mod tests;
