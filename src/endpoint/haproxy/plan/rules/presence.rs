//! What must be there, and what has no meaning beside the rest.

use crate::endpoint::contract::HOST;
use crate::endpoint::haproxy::model::inputs::{host_path, uses_keepalived};
use crate::endpoint::haproxy::model::schema::names::{ADDITIONAL_VIPS, BIND, INTERFACE, LOAD_BALANCERS, VIP};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// One load balancer has no VIP; several have one, or something of the user's in front.
pub fn rules(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let keepalived = uses_keepalived(config);
    let hosts = planned.nested_map(LOAD_BALANCERS).present().unwrap_or_default();
    if hosts.len() == 1 && keepalived == Maybe::Known(true) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(VIP),
            "A VIP for a single load balancer",
            "There is no other load balancer that the VIP could move to. Leave `vip` out, `additional_vips` too, and \
             `vip` of services: the endpoint is then the load balancer's own address. Or add a second one to \
             `load_balancers`.",
        ));
    }
    if hosts.len() > 1 && config.text(VIP).is_absent() && config.text(HOST).is_absent() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(VIP),
            "No VIP",
            "Several load balancers need one address for clients. Set `vip` to an unused address of their subnet; or, \
             if something of yours stands in front of them, set `host` to its name.",
        ));
    }
    if hosts.len() > 1 && planned.text(BIND).is_known_and(|bind| *bind == Some("own")) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(BIND),
            "Several load balancers have no address in common",
            "`haproxy_cfg` is the same for all load balancers, and `own` is the address of a single one. Set `bind` to \
             `any`, or to `vip`.",
        ));
    }
    if keepalived == Maybe::Known(false) {
        without_vip(planned, hosts.len(), diagnostics);
    }
    if keepalived == Maybe::Known(true) && hosts.len() > 1 {
        for (name, _) in hosts.iter().filter(|(_, host)| host.text(INTERFACE).is_absent()) {
            diagnostics.push(Diagnostic::invalid(
                host_path(name, INTERFACE),
                "No interface",
                format!(
                    "Keepalived needs the network interface of {name} that takes the VIP. Set `interface`, such as \
                     `eth0`."
                ),
            ));
        }
    }
}

fn without_vip(planned: &Reader<'_>, hosts: usize, diagnostics: &mut Diagnostics) {
    if planned.nested_items(ADDITIONAL_VIPS).present().is_some_and(|vips| !vips.is_empty()) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(ADDITIONAL_VIPS),
            "Additional VIPs without a VIP",
            match hosts {
                1 => {
                    "A single load balancer has no VIPs: there is no other one that they could move to. Remove \
                     `additional_vips`, or add a second load balancer and a `vip`."
                }
                _ => "There is no `vip` that these could move with. Make one of them the `vip`, or remove them.",
            },
        ));
    }
    if planned.text(BIND).is_known_and(|bind| *bind == Some("vip")) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(BIND),
            "No VIP to listen on",
            match hosts {
                1 => {
                    "There is no `vip`, so HAProxy would listen nowhere. Set `bind = \"own\"` for the load balancer's \
                     address alone, or leave `bind` out."
                }
                _ => "There is no `vip`, so HAProxy would listen nowhere. Set `bind = \"any\"`, or leave it out.",
            },
        ));
    }
}
