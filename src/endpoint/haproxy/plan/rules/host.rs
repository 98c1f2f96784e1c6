//! A `host` that is an address of this network: HAProxy has to answer there.

use std::net::IpAddr;

use crate::endpoint::address::bare;
use crate::endpoint::contract::{self, HOST};
use crate::endpoint::haproxy::model::inputs::{hosts, nodes, service_vips, uses_keepalived};
use crate::endpoint::haproxy::model::schema::names::BIND;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// Checks `host` where it is an address. Any other machine may stand in front.
pub fn rules(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(host) = config.text(HOST).present().and_then(bare) else { return };
    let vip_alone = planned.text(BIND).is_known_and(|bind| *bind == Some("vip"));
    let vip_alone = vip_alone && uses_keepalived(config) == Maybe::Known(true);
    let nodes: Vec<(String, IpAddr)> =
        nodes(planned).into_iter().map(|(node, own)| (format!("node `{node}`"), own.ip)).collect();
    let mut refuse = |title: &str, detail: String| diagnostics.push(Diagnostic::invalid(Path::of(HOST), title, detail));
    if let Some((balancer, _)) = hosts(planned).iter().find(|(_, own)| own.ip == host) {
        if vip_alone {
            refuse(
                "HAProxy doesn't listen there",
                format!(
                    "{host} is the address of {balancer}, and with `bind = \"vip\"` HAProxy listens on the VIPs alone. \
                     Remove `host`: clients then dial the VIP."
                ),
            );
        }
    } else if nodes.iter().any(|(_, own)| *own == host) {
        contract::host_of_a_machine(config, &[], &nodes, instead(config), diagnostics);
    } else if vip_alone && of_services(planned, host) {
        refuse(
            "HAProxy doesn't listen there",
            format!(
                "{host} belongs to `additional_services`, and with `bind = \"vip\"` the endpoint doesn't listen on it: \
                 clients would reach another service, or none. Remove `host`: clients then dial the VIP."
            ),
        );
    }
}

fn of_services(planned: &Reader<'_>, ip: IpAddr) -> bool {
    service_vips(planned).known().is_some_and(|vips| vips.contains(&ip))
}

/// What to do, by what else is there to dial.
fn instead(config: &Reader<'_>) -> &'static str {
    match uses_keepalived(config) {
        Maybe::Known(true) => "Remove `host`: clients then dial the VIP.",
        _ => "Set it to what leads clients to the load balancers, or remove it.",
    }
}
