//! Who is to hold the VIP: an order without ties, on every load balancer the same.

use crate::endpoint::haproxy::model::inputs::{host_path, hosts, is_absent, priorities, uses_keepalived};
use crate::endpoint::haproxy::model::schema::names::{ADVERT_INTERVAL, KEEPALIVED, LOAD_BALANCERS, PRIORITY};
use crate::endpoint::haproxy::model::timer::AdvertInterval;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Value;

/// Checks priorities and the time between advertisements.
pub fn rules(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if uses_keepalived(config) != Maybe::Known(true) {
        return;
    }
    let mut seen: Vec<(i64, &str)> = Vec::new();
    for (name, priority) in priorities(planned) {
        let own = config.value(LOAD_BALANCERS).entries().and_then(|hosts| hosts.get(name)).unwrap_or(&Value::Null);
        let is_default = is_absent(own, PRIORITY);
        let by_default =
            if is_default { ", by default (100 for the first by name, 99 for the next, and so on)" } else { "" };
        // What the user sets has a validator of its own.
        if is_default && priority < 1 {
            diagnostics.push(Diagnostic::invalid(
                host_path(name, PRIORITY),
                "Too many load balancers",
                format!(
                    "{name} would have priority {priority}{by_default}; VRRP knows 1 to 254. Set `priority` of each \
                     load balancer."
                ),
            ));
        }
        match seen.iter().find(|(taken, _)| *taken == priority) {
            Some((_, other)) => diagnostics.push(Diagnostic::invalid(
                host_path(name, PRIORITY),
                "Priority used twice",
                format!(
                    "{name} has priority {priority}{by_default}, and so has {other}: which of them holds the VIP would \
                     depend on their addresses. Give each load balancer a priority of its own."
                ),
            )),
            None => seen.push((priority, name)),
        }
    }
    version_3(planned, diagnostics);
}

/// VRRP over IPv6 is version 3, whose field for the interval is short.
fn version_3(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(keepalived) = planned.nested(KEEPALIVED).present() else { return };
    let interval = AdvertInterval::read(keepalived.value(ADVERT_INTERVAL));
    let ipv6 = hosts(planned).iter().any(|(_, address)| address.ip.is_ipv6());
    if ipv6 && interval.is_some_and(|interval| !interval.fits_version_3()) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(KEEPALIVED).attribute(ADVERT_INTERVAL),
            "Interval too long for IPv6",
            "Load balancers with IPv6 addresses speak VRRP version 3, which counts up to 40.95 seconds. Lower \
             `advert_interval`.",
        ));
    }
}
