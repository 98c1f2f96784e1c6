//! Settings of Keepalived where it doesn't run.

use crate::endpoint::haproxy::model::inputs::{host_path, uses_keepalived};
use crate::endpoint::haproxy::model::schema::names::{KEEPALIVED, LOAD_BALANCERS, PRIORITY};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// Warns of what the configuration sets and nothing uses.
pub fn warnings(config: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if uses_keepalived(config) != Maybe::Known(false) {
        return;
    }
    let without = "There is no `vip`, so Keepalived doesn't run on the load balancers.";
    // A single load balancer can't have one.
    let single = config.nested_map(LOAD_BALANCERS).present().is_some_and(|hosts| hosts.len() == 1);
    let or = if single { "" } else { ", or set `vip`" };
    if let Maybe::Known(Some(_)) = config.nested(KEEPALIVED) {
        diagnostics.push(Diagnostic::warning(
            Path::of(KEEPALIVED),
            "Not used without a VIP",
            format!("{without} Remove `keepalived`{or}."),
        ));
    }
    for (name, host) in config.nested_map(LOAD_BALANCERS).present().unwrap_or_default() {
        if let Maybe::Known(Some(_)) = host.number(PRIORITY) {
            diagnostics.push(Diagnostic::warning(
                host_path(name, PRIORITY),
                "Not used without a VIP",
                format!("{without} Remove `priority`{or}."),
            ));
        }
    }
}
