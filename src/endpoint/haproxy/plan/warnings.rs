//! What works but is probably not what the user wants: reported when something is created or the argument changes, not on every plan.

mod settings;
mod listeners;
mod nodes;
mod unused;

use std::net::IpAddr;

use crate::endpoint::address::Address;
use crate::endpoint::contract::{self, Addresses, Behind, CONTROL_PLANE, Kind};
use crate::endpoint::haproxy::model::inputs::{hosts, vip_interface};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{
    ADDITIONAL_SERVICES, ADDITIONAL_VIPS, HAPROXY, INTERFACE, KEEPALIVED, LOAD_BALANCERS, VIP,
};
use crate::framework::diagnostic::Diagnostics;
use crate::framework::reader::Reader;
use crate::framework::value::Object;

/// What the contract has to know of this kind.
const KIND: Kind<'_> = Kind {
    inputs: &[VIP, ADDITIONAL_VIPS, LOAD_BALANCERS],
    behind_name,
    own_addresses: |object| Some(own_addresses(object)),
    ..Kind::PLAIN
};

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let reader = Reader::new(planned);
    let kind = Kind { no_room: &|ip| no_room(&reader, ip), ..KIND };
    contract::warnings(&kind, config, prior, planned, diagnostics);
    let changed = |name: &str| prior.is_none_or(|prior| prior.get(name) != planned.get(name));
    if changed(HAPROXY)
        && let Some(haproxy) = reader.nested(HAPROXY).present()
    {
        settings::warnings(&haproxy, diagnostics);
    }
    if changed(Role::KubernetesApi.name()) {
        listeners::strict_check(&reader, diagnostics);
    }
    for role in Role::ALL.into_iter().filter(|role| changed(role.name())) {
        listeners::ports_of_talos(&reader, role, diagnostics);
    }
    if changed(CONTROL_PLANE) {
        nodes::warnings(&reader, diagnostics);
    }
    if changed(ADDITIONAL_SERVICES) {
        nodes::servers(&reader, diagnostics);
        listeners::services_on_the_port_of_trustd(&reader, diagnostics);
    }
    if changed(VIP) || changed(KEEPALIVED) || changed(LOAD_BALANCERS) {
        unused::warnings(&Reader::new(config), diagnostics);
    }
}

/// The VIPs; without any, the load balancers' own addresses.
fn own_addresses(object: &Object) -> Addresses {
    match object.get(VIP).is_some_and(|vip| !vip.is_null()) {
        true => Addresses::virtual_ips(object),
        false => Addresses::of_machines(object, LOAD_BALANCERS),
    }
}

/// A name leads to one VIP of each family, or to every load balancer.
fn behind_name(object: &Object) -> Behind {
    let own = own_addresses(object);
    Behind::Addresses(if object.get(VIP).is_some_and(|vip| !vip.is_null()) { own.one_of_each_family() } else { own })
}

/// Why `ip` can't stay as an additional VIP, where that is so.
fn no_room(planned: &Reader<'_>, ip: IpAddr) -> Option<String> {
    if planned.text(VIP).is_absent() {
        return Some("There are additional VIPs only beside a `vip`".to_owned());
    }
    let balancers = planned.nested_map(LOAD_BALANCERS).present().unwrap_or_default();
    // The own address says nothing of the subnet of another interface.
    let is_beside =
        |name: &str| balancers.get(name).map(|own| own.text(INTERFACE)) == Some(vip_interface(planned, name, None));
    let is_outside = |(name, own): &(&str, Address)| {
        own.same_family(ip) && is_beside(name) && own.subnet().is_some_and(|subnet| !subnet.contains(&ip))
    };
    hosts(planned).iter().any(is_outside).then(|| "A VIP must be in the load balancers' subnet".to_owned())
}

#[cfg(test)]
mod tests;
