//! Who is to hold the VIP: an order without ties, on every load balancer the same.

use super::host_path;
use crate::endpoint::haproxy::effective::{is_absent, uses_keepalived};
use crate::endpoint::haproxy::timer::AdvertInterval;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Value;

/// Checks priorities and the time between advertisements.
pub fn rules(config: &Reader<'_>, effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if uses_keepalived(config) != Maybe::Known(true) {
        return;
    }
    let mut seen: Vec<(i64, &str)> = Vec::new();
    for (name, priority) in known(effective) {
        let own = config.value("load_balancers").entries().and_then(|hosts| hosts.get(name)).unwrap_or(&Value::Null);
        let is_default = is_absent(own, "priority");
        let by_default =
            if is_default { ", by default (100 for the first by name, 99 for the next, and so on)" } else { "" };
        // What the user sets is checked by itself.
        if is_default && priority < 1 {
            diagnostics.push(Diagnostic::invalid(
                host_path(name, "priority"),
                "Too many load balancers",
                format!("{name} would have priority {priority}{by_default}; VRRP knows 1 to 254. Set `priority` of each load balancer."),
            ));
        }
        match seen.iter().find(|(taken, _)| *taken == priority) {
            Some((_, other)) => diagnostics.push(Diagnostic::invalid(
                host_path(name, "priority"),
                "Priority used twice",
                format!(
                    "{name} has priority {priority}{by_default}, and so has {other}: which of them holds the VIP would depend on their \
                     addresses. Give each load balancer a priority of its own."
                ),
            )),
            None => seen.push((priority, name)),
        }
    }
    version_3(effective, diagnostics);
}

/// The priorities that are known.
pub fn known<'a>(effective: &Reader<'a>) -> Vec<(&'a str, i64)> {
    let hosts = effective.nested_map("load_balancers").present().unwrap_or_default().into_iter();
    hosts.filter_map(|(name, host)| Some((name, host.number("priority").present()?))).collect()
}

/// VRRP over IPv6 is version 3, whose field for the interval is short.
fn version_3(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(keepalived) = effective.nested("keepalived").present() else { return };
    let interval = AdvertInterval::read(keepalived.value("advert_interval"));
    let ipv6 = super::addresses::hosts(effective).iter().any(|(_, address)| address.ip.is_ipv6());
    if ipv6 && interval.is_some_and(|interval| !interval.fits_version_3()) {
        diagnostics.push(Diagnostic::invalid(
            Path::of("keepalived").attribute("advert_interval"),
            "Interval too long for IPv6",
            "Load balancers with IPv6 addresses speak VRRP version 3, which counts up to 40.95 seconds. Lower `advert_interval`.",
        ));
    }
}
