//! Rules between attributes, silent about what is not yet known.
//!
//! They see the planned object: the configuration with every default filled in. What HAProxy and Keepalived themselves would accept and
//! then fail on at start, or worse, run with, is an error here.

mod names;
mod presence;
mod addresses;
mod loops;
mod ports;
mod priorities;
mod weights;

use super::outputs;
use crate::endpoint::contract::TALOS_VERSION;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;
use crate::framework::value::Object;

/// Checks everything that can be decided from the configuration alone.
pub fn rules(config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
    let (config, planned) = (&Reader::new(config), &Reader::new(planned));
    names::rules(planned, diagnostics);
    presence::rules(config, planned, diagnostics);
    addresses::rules(config, planned, diagnostics);
    loops::rules(planned, diagnostics);
    ports::rules(config, planned, diagnostics);
    priorities::rules(config, planned, diagnostics);
    weights::rules(config, planned, diagnostics);
    talos_version(config, planned, diagnostics);
}

fn talos_version(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    if outputs::contract(config, planned).0.lacks_talos_version() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(TALOS_VERSION),
            "No Talos version",
            "The endpoint has more than one name, so kube-apiserver's certificate needs extra names, and the form of that patch depends on \
             the version contract of the machine configuration. Set `talos_version`, such as `v1.12`.",
        ));
    }
}

#[cfg(test)]
mod tests;
