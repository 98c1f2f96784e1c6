//! Where HAProxy sends to: the nodes, and the servers of services. Usable addresses and names, each once.

use std::net::IpAddr;

use super::addresses::{all_vips_known, distinct, own_address};
use crate::endpoint::address::{Address, bare};
use crate::endpoint::contract::{CONTROL_PLANE, names_the_machine_itself};
use crate::endpoint::haproxy::model::inputs::{node_path, service_path, uses_keepalived, vips};
use crate::endpoint::haproxy::model::schema::names::{ADDITIONAL_SERVICES, ADDRESS, LOAD_BALANCERS, SERVERS, VIP};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};

/// Checks `control_plane` and the servers of each service.
pub fn rules(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    backend("node", &texts(planned, CONTROL_PLANE, node_path), diagnostics);
    for (name, service) in planned.nested_map(ADDITIONAL_SERVICES).present().unwrap_or_default() {
        let place = |server: &str| service_path(name).attribute(SERVERS).key(server).attribute(ADDRESS);
        backend("server", &texts(&service, SERVERS, place), diagnostics);
        of_service(config, planned, name, &service, diagnostics);
    }
}

/// The addresses of a map that are known, as they are written.
fn texts<'a>(reader: &Reader<'a>, map: &str, place: impl Fn(&str) -> Path) -> Vec<(Path, &'a str)> {
    let entries = reader.nested_map(map).present().unwrap_or_default().into_iter();
    entries.filter_map(|(name, entry)| Some((place(name), entry.text(ADDRESS).present()?))).collect()
}

fn backend(kind: &str, texts: &[(Path, &str)], diagnostics: &mut Diagnostics) {
    let mut addresses: Vec<(Path, IpAddr)> = Vec::new();
    let mut names: Vec<(&Path, String)> = Vec::new();
    for (path, text) in texts {
        match Address::parse(text) {
            Some(address) if address.ip.is_loopback() => {
                diagnostics.push(itself(path, kind, &address.ip.to_string()));
            }
            Some(address) => {
                own_address(path, &address, diagnostics);
                addresses.push((path.clone(), address.ip));
            }
            None if names_the_machine_itself(text) => diagnostics.push(itself(path, kind, text)),
            None => names.push((path, text.to_ascii_lowercase())),
        }
    }
    distinct(kind, &addresses, diagnostics);
    for (index, (path, name)) in names.iter().enumerate() {
        if let Some((other, _)) = names[..index].iter().find(|(_, taken)| taken == name) {
            diagnostics.push(Diagnostic::invalid(
                (*path).clone(),
                "Name used twice",
                format!("{name} is both `{other}` and `{path}`. Each {kind} has one of its own."),
            ));
        }
    }
}

/// A loopback address, or a name of one.
fn itself(path: &Path, kind: &str, text: &str) -> Diagnostic {
    Diagnostic::invalid(
        path.clone(),
        "The load balancer itself",
        format!(
            "HAProxy dials this address from each load balancer, where {text} is that load balancer itself. Set the \
             {kind}'s own address."
        ),
    )
}

fn of_service(
    config: &Reader<'_>,
    planned: &Reader<'_>,
    name: &str,
    service: &Reader<'_>,
    diagnostics: &mut Diagnostics,
) {
    let Some(vip) = service.text(VIP).present().and_then(bare) else { return };
    if all_vips_known(planned) && !vips(planned).iter().any(|(_, ip)| *ip == vip) {
        diagnostics.push(Diagnostic::invalid(
            service_path(name).attribute(VIP),
            "Not one of the VIPs",
            format!(
                "{vip} is neither `vip` nor one of `additional_vips`, so no load balancer would have it. {}",
                remedy(config)
            ),
        ));
    }
}

/// What makes the virtual IP of a service one, by what the load balancers can have.
fn remedy(config: &Reader<'_>) -> &'static str {
    let single = config.nested_map(LOAD_BALANCERS).present().is_some_and(|hosts| hosts.len() == 1);
    match uses_keepalived(config) {
        _ if single => {
            "A single load balancer has no VIPs. Remove it: the service then listens on the addresses of `bind`."
        }
        Maybe::Known(false) => "Remove it; or set `vip`, and add this one to `additional_vips`.",
        _ => "Add it to `additional_vips`.",
    }
}
