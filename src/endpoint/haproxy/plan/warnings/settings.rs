//! Settings of HAProxy itself.

use crate::endpoint::address::bare;
use crate::endpoint::haproxy::model::schema::names::{
    GROUP, HAPROXY, MAXCONN, METRICS, OPS_ADDRESS, TIMEOUTS, TUNNEL, USER,
};
use crate::endpoint::haproxy::model::timer::Timer;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// A tunnel timeout below this cuts what people watch.
const SHORT_TUNNEL: u64 = 600_000;

/// The file descriptors that systemd grants a service (its default hard limit since version 240).
const DESCRIPTORS: i64 = 524_288;

/// What HAProxy asks for beside two for each connection (2.6 with `maxconn 20000`: 40036).
const OVERHEAD: i64 = 40;

/// Warns of members of `haproxy`.
pub fn warnings(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    short_tunnel(haproxy, diagnostics);
    many_descriptors(haproxy, diagnostics);
    open_operations(haproxy, diagnostics);
    stays_root(haproxy, diagnostics);
}

fn short_tunnel(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let tunnel = haproxy.nested(TIMEOUTS).present().and_then(|timeouts| timeouts.text(TUNNEL).present());
    if let Some(tunnel) = tunnel.and_then(Timer::parse).filter(|tunnel| tunnel.milliseconds() < SHORT_TUNNEL) {
        diagnostics.push(Diagnostic::warning(
            Path::of(HAPROXY).attribute(TIMEOUTS).attribute(TUNNEL),
            "Silent connections are cut early",
            format!(
                "A connection that is silent for {tunnel} is cut: `kubectl logs -f`, `kubectl exec`, `talosctl dmesg \
                 -f` and watches of controllers are silent for longer. The default is 4h."
            ),
        ));
    }
}

fn many_descriptors(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(maxconn) = haproxy.number(MAXCONN).present() else { return };
    let needed = maxconn.saturating_mul(2).saturating_add(OVERHEAD);
    if needed > DESCRIPTORS {
        diagnostics.push(Diagnostic::warning(
            Path::of(HAPROXY).attribute(MAXCONN),
            "More connections than file descriptors",
            format!(
                "HAProxy needs about 2 x {maxconn} + {OVERHEAD} = {needed} file descriptors, and systemd grants a \
                 service {DESCRIPTORS} by default: `haproxy -c` would accept the file, and the service would not \
                 start. Lower `maxconn`, or raise `LimitNOFILE` of the service."
            ),
        ));
    }
}

fn open_operations(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if haproxy.text(OPS_ADDRESS).present().and_then(bare).is_some_and(|ip| ip.is_unspecified()) {
        diagnostics.push(Diagnostic::warning(
            Path::of(HAPROXY).attribute(OPS_ADDRESS),
            "Statistics open to everyone",
            format!(
                "Anyone who reaches the load balancers can read the names and addresses of the nodes under {}, without \
                 a password. Restrict the port in a firewall, or use `127.0.0.1`.",
                match haproxy.bool(METRICS).present() {
                    Some(false) => "`/stats`",
                    _ => "`/stats` and `/metrics`",
                }
            ),
        ));
    }
}

fn stays_root(haproxy: &Reader<'_>, diagnostics: &mut Diagnostics) {
    for name in [USER, GROUP].into_iter().filter(|name| haproxy.text(name).is_known_and(|text| *text == Some("root"))) {
        diagnostics.push(Diagnostic::warning(
            Path::of(HAPROXY).attribute(name),
            "HAProxy stays root",
            format!(
                "HAProxy would handle every connection with the rights of the {name} root. Remove `{name}`: \
                     packages make `haproxy`."
            ),
        ));
    }
}
