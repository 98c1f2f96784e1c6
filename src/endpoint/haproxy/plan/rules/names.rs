//! Names that get into a file.

use crate::endpoint::config_token::Token;
use crate::endpoint::contract::{self, CONTROL_PLANE};
use crate::endpoint::haproxy::model::inputs::service_path;
use crate::endpoint::haproxy::model::role::{OPS, Role, service_backend};
use crate::endpoint::haproxy::model::schema::names::{ADDITIONAL_SERVICES, LOAD_BALANCERS, SERVERS};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// The keys of maps are checked by no validator.
pub fn rules(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let keys = |map: &str| planned.value(map).entries().into_iter().flat_map(|entries| entries.keys());
    contract::node_names(keys(CONTROL_PLANE).map(String::as_str), diagnostics);
    for name in keys(LOAD_BALANCERS).filter(|name| Token::name(name).is_none()) {
        diagnostics.push(invalid(Path::of(LOAD_BALANCERS).key(name), "a load balancer", name));
    }
    services(planned, diagnostics);
}

/// HAProxy has one name for each frontend and backend: those of the endpoint, of `ops`, and of the services.
fn services(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let services = planned.nested_map(ADDITIONAL_SERVICES).present().unwrap_or_default();
    for (name, service) in &services {
        for (server, _) in service.value(SERVERS).entries().into_iter().flatten() {
            if Token::name(server).is_none() {
                diagnostics.push(invalid(service_path(name).attribute(SERVERS).key(server), "a server", server));
            }
        }
        if Token::name(name).is_none() {
            diagnostics.push(invalid(service_path(name), "a service", name));
        }
        taken(name, services.keys().copied()).into_iter().for_each(|problem| diagnostics.push(problem));
    }
}

/// A frontend or a backend of that name is there already, or is kept free for one.
fn taken<'a>(name: &str, mut services: impl Iterator<Item = &'a str>) -> Option<Diagnostic> {
    let of_roles = Role::ALL.into_iter().find(|role| name == role.name() || name == role.backend());
    let why = if let Some(role) = of_roles {
        format!("{name:?} is kept for the endpoint's own listener `{}`, whether that is on or off.", role.name())
    } else if name == OPS {
        format!("{name:?} is the listener of `haproxy.ops_port`.")
    } else {
        let other = services.find(|other| service_backend(other) == name)?;
        format!("{name:?} is the name of the servers of `{}` in HAProxy's file.", service_path(other))
    };
    Some(Diagnostic::invalid(service_path(name), "Name taken", format!("{why} Choose another key.")))
}

fn invalid(path: Path, what: &str, name: &str) -> Diagnostic {
    Diagnostic::invalid(
        path,
        "Invalid name",
        format!(
            "The name of {what} stands in a configuration file, and {name:?} can't: it must have 1 to 64 letters, \
             digits, `_`, `.`, `:` and `-`. Choose another key."
        ),
    )
}
