//! What must be there, and what has no meaning beside the rest.

use super::host_path;
use crate::endpoint::haproxy::effective::uses_keepalived;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// One load balancer has no VIP; several have one, or something of the user's in front.
pub fn rules(config: &Reader<'_>, effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let keepalived = uses_keepalived(config);
    let hosts = effective.nested_map("load_balancers").present().unwrap_or_default();
    if hosts.len() == 1 && keepalived == Maybe::Known(true) {
        diagnostics.push(Diagnostic::invalid(
            Path::of("vip"),
            "A VIP for a single load balancer",
            "There is no other load balancer that the VIP could move to. Leave `vip` out: the endpoint is then the load balancer's own \
             address. Or add a second one to `load_balancers`.",
        ));
    }
    if hosts.len() > 1 && config.text("vip").is_absent() && config.text("host").is_absent() {
        diagnostics.push(Diagnostic::invalid(
            Path::of("vip"),
            "No VIP",
            "Several load balancers need one address for clients. Set `vip` to an unused address of their subnet; or, if something of yours \
             stands in front of them, set `host` to its name.",
        ));
    }
    if keepalived == Maybe::Known(false) {
        without_vip(effective, diagnostics);
    }
    if keepalived == Maybe::Known(true) && hosts.len() > 1 {
        for (name, _) in hosts.iter().filter(|(_, host)| host.text("interface").is_absent()) {
            diagnostics.push(Diagnostic::invalid(
                host_path(name, "interface"),
                "No interface",
                format!("Keepalived must know which network interface of {name} takes the VIP. Set `interface`, such as `eth0`."),
            ));
        }
    }
}

fn without_vip(effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if effective.nested_items("additional_vips").present().is_some_and(|vips| !vips.is_empty()) {
        diagnostics.push(Diagnostic::invalid(
            Path::of("additional_vips"),
            "Additional VIPs without a VIP",
            "There is no `vip` that these could move with. Make one of them the `vip`, or remove them.",
        ));
    }
    if effective.text("bind").is_known_and(|bind| *bind == Some("vip")) {
        diagnostics.push(Diagnostic::invalid(
            Path::of("bind"),
            "No VIP to listen on",
            "There is no `vip`, so HAProxy would listen nowhere. Set `bind = \"any\"`, or leave it out.",
        ));
    }
}
