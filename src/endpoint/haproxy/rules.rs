//! Rules between attributes, silent about what is not yet known.
//!
//! They see the effective object: the configuration with every default filled in. What HAProxy and Keepalived themselves would accept and
//! then fail on at start, or worse, run with, is an error here.

mod names;
mod presence;
mod addresses;
mod loops;
mod ports;
mod priorities;
mod weights;

use super::outputs;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// Checks everything that can be decided from the configuration alone.
pub fn rules(config: &Reader<'_>, effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    names::rules(effective, diagnostics);
    presence::rules(config, effective, diagnostics);
    addresses::rules(config, effective, diagnostics);
    loops::rules(effective, diagnostics);
    ports::rules(config, effective, diagnostics);
    priorities::rules(config, effective, diagnostics);
    weights::rules(config, effective, diagnostics);
    talos_version(config, effective, diagnostics);
}

fn talos_version(config: &Reader<'_>, effective: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if outputs::contract(config, effective).0.lacks_talos_version() {
        diagnostics.push(Diagnostic::invalid(
            Path::of("talos_version"),
            "No Talos version",
            "The endpoint has more than one name, so kube-apiserver's certificate needs extra names, and the form of that patch depends on \
             the version contract of the machine configuration. Set `talos_version`, such as `v1.12`.",
        ));
    }
}

/// `load_balancers["NAME"].MEMBER`.
fn host_path(name: &str, member: &str) -> Path {
    Path::of("load_balancers").key(name).attribute(member)
}

/// `control_plane["NAME"].address`.
fn node_path(name: &str) -> Path {
    Path::of("control_plane").key(name).attribute("address")
}

#[cfg(test)]
mod tests;
