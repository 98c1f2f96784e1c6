//! Rules of health checks, and of what follows from them.

use crate::endpoint::nlb::model::inputs::on;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// Checks the common health check and those of the listeners.
pub(super) fn health_checks(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let common = planned.nested(names::HEALTH_CHECK).present();
    if let Some(check) = &common {
        timeout_within_interval(check, &Path::of(names::HEALTH_CHECK), diagnostics);
    }
    let inherits = |check: &Reader<'_>| {
        let same = |name: &str| common.is_some_and(|common| common.value(name) == check.value(name));
        same(names::INTERVAL) && same(names::TIMEOUT)
    };
    for (role, listener) in on(planned) {
        let Some(check) = listener.nested(names::HEALTH_CHECK).present() else { continue };
        let path = Path::of(role.name()).attribute(names::HEALTH_CHECK);
        if !inherits(&check) {
            timeout_within_interval(&check, &path, diagnostics);
        }
        if check.text(names::PROTOCOL).is_known_and(|protocol| *protocol == Some("TCP")) {
            for name in [names::PATH, names::MATCHER] {
                if check.text(name).present().is_some() {
                    diagnostics.push(Diagnostic::invalid(
                        path.attribute(name),
                        "Not for TCP health checks",
                        format!("A TCP check only connects. Remove `{name}`, or set `protocol` to `HTTP` or `HTTPS`."),
                    ));
                }
            }
        }
    }
}

fn timeout_within_interval(check: &Reader<'_>, path: &Path, diagnostics: &mut Diagnostics) {
    let (Some(interval), Some(timeout)) =
        (check.number(names::INTERVAL).present(), check.number(names::TIMEOUT).present())
    else {
        return;
    };
    if timeout > interval {
        diagnostics.push(Diagnostic::invalid(
            path.attribute(names::TIMEOUT),
            "Timeout longer than the interval",
            format!(
                "The check waits {timeout} s for an answer but runs every {interval} s. Lower `timeout` (5 if it is \
                 not set) or raise `interval` (10 if it is not set)."
            ),
        ));
    }
}

/// AWS takes an interval only where connections to unhealthy targets are not reset at once.
pub(super) fn draining_of_unhealthy(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(state) = planned.nested(names::TARGET_HEALTH_STATE).present() else { return };
    let resets = state.bool(names::ENABLE_UNHEALTHY_CONNECTION_TERMINATION) == Maybe::Known(Some(true));
    let drains = state.number(names::UNHEALTHY_DRAINING_INTERVAL).present().is_some_and(|seconds| seconds > 0);
    if resets && drains {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::TARGET_HEALTH_STATE).attribute(names::UNHEALTHY_DRAINING_INTERVAL),
            "Nothing to drain",
            "Connections to a target that becomes unhealthy are reset at once, so they have no time to drain. Set \
             `enable_unhealthy_connection_termination = false`, or remove the interval.",
        ));
    }
}

/// A zone must leave the DNS name at the latest when it sends to unhealthy targets too (user guide, target group health).
pub(super) fn routing_before_dns(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(thresholds) = planned.nested(names::TARGET_GROUP_HEALTH).present() else { return };
    let (dns, routing) = (thresholds.nested(names::DNS_FAILOVER), thresholds.nested(names::UNHEALTHY_STATE_ROUTING));
    let (Some(dns), Some(routing)) = (dns.present(), routing.present()) else { return };
    for name in [names::MINIMUM_HEALTHY_TARGETS_COUNT, names::MINIMUM_HEALTHY_TARGETS_PERCENTAGE] {
        let (Some(of_dns), Some(of_routing)) = (threshold(&dns, name), threshold(&routing, name)) else { continue };
        if of_routing > of_dns {
            diagnostics.push(Diagnostic::invalid(
                Path::of(names::TARGET_GROUP_HEALTH).attribute(names::UNHEALTHY_STATE_ROUTING).attribute(name),
                "Routing threshold above that of DNS",
                format!(
                    "With fewer than {of_routing} healthy targets a zone sends to unhealthy ones too, and it leaves \
                     the DNS name only with fewer than {of_dns}. AWS wants the threshold of `dns_failover` to be at \
                     least that of `unhealthy_state_routing`. Raise `dns_failover.{name}`, or lower this one."
                ),
            ));
        }
    }
}

/// A threshold as a number; none where it is off or not known.
fn threshold(thresholds: &Reader<'_>, name: &str) -> Option<i64> {
    let value = thresholds.value(name);
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
