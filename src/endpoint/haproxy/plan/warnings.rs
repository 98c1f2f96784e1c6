//! What works but is probably not what the user wants: reported when something is created or the argument changes, not on every plan.

mod settings;
mod listeners;
mod nodes;
mod unused;

use crate::endpoint::contract::{self, CONTROL_PLANE};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{ADDITIONAL_SERVICES, HAPROXY, KEEPALIVED, LOAD_BALANCERS, VIP};
use crate::framework::diagnostic::Diagnostics;
use crate::framework::reader::Reader;
use crate::framework::value::Object;

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    contract::moved(config, prior, planned, diagnostics);
    let reader = Reader::new(planned);
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

#[cfg(test)]
mod tests;
