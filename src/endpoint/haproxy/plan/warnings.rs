//! What works but is probably not what the user wants: reported when something is created or the argument changes, not on every plan.

mod settings;
mod listeners;
mod nodes;
mod unused;
mod failover;

use std::net::IpAddr;

use crate::endpoint::address::Address;
use crate::endpoint::contract::{self, Addresses, Behind, CONTROL_PLANE, HOST, Kind};
use crate::endpoint::haproxy::model::inputs::hosts;
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{
    ADDITIONAL_SERVICES, ADDITIONAL_VIPS, BIND, HAPROXY, KEEPALIVED, LOAD_BALANCERS, VIP,
};
use crate::endpoint::haproxy::plan::rules::on_the_subnet;
use crate::framework::diagnostic::Diagnostics;
use crate::framework::path::Path;
use crate::framework::reader::Reader;
use crate::framework::value::Object;

/// What the contract has to know of this kind.
const KIND: Kind<'_> =
    Kind { inputs: &[VIP, ADDITIONAL_VIPS, LOAD_BALANCERS], behind_name, own_addresses, ..Kind::PLAIN };

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let reader = Reader::new(planned);
    let kind = Kind { only_one_fits: &|ip| only_one_fits(&reader, ip), ..KIND };
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
    if changed(HOST) || changed(VIP) || changed(LOAD_BALANCERS) {
        failover::host(&Reader::new(config), &reader, diagnostics);
    }
    if changed(VIP) || changed(ADDITIONAL_VIPS) || changed(LOAD_BALANCERS) {
        failover::unknown_subnet(&reader, diagnostics);
    }
    if let Some(prior) = prior {
        failover::split(prior, planned, diagnostics);
    }
    if changed(BIND) || changed(ADDITIONAL_SERVICES) || Role::ALL.into_iter().any(|role| changed(role.name())) {
        listeners::port_of_ssh(&reader, diagnostics);
    }
    if changed(VIP) || changed(KEEPALIVED) || changed(LOAD_BALANCERS) {
        unused::warnings(&Reader::new(config), diagnostics);
    }
}

fn has_vip(object: &Object) -> bool {
    object.get(VIP).is_some_and(|vip| !vip.is_null())
}

/// The VIPs and the load balancers' own addresses. Several load balancers without a VIP have something in front, whose address isn't known.
fn own_addresses(object: &Object) -> Option<Addresses> {
    let balancers = Addresses::of_machines(object, LOAD_BALANCERS);
    match has_vip(object) {
        true => Some(Addresses::virtual_ips(object).and(balancers)),
        false => (balancers.machines.len() == 1).then_some(balancers),
    }
}

/// A name leads to one VIP of each family, or to every load balancer.
fn behind_name(object: &Object) -> Behind {
    Behind::Addresses(match has_vip(object) {
        true => Addresses::virtual_ips(object).one_of_each_family(),
        false => Addresses::of_machines(object, LOAD_BALANCERS),
    })
}

/// Why `ip` can't stay as an additional VIP, where that is so.
fn only_one_fits(planned: &Reader<'_>, ip: IpAddr) -> Option<String> {
    if planned.text(VIP).is_absent() {
        return Some("There are additional VIPs only beside a `vip`".to_owned());
    }
    let beside = on_the_subnet(planned, &Path::of(VIP), &hosts(planned));
    let is_outside =
        |(_, own): &(&str, Address)| own.same_family(ip) && own.subnet().is_some_and(|subnet| !subnet.contains(&ip));
    beside.iter().any(is_outside).then(|| "A VIP must be in the load balancers' subnet".to_owned())
}

#[cfg(test)]
mod tests;
