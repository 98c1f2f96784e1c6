//! Rules between attributes, silent about what is not yet known.
//!
//! They see the planned object: the configuration with every default filled in. What HAProxy and Keepalived themselves would accept and
//! then fail on at start, or worse, run with, is an error here.

mod names;
mod presence;
mod addresses;
mod backends;
mod loops;
mod host;
mod node_ports;
mod ports;
mod paths;
mod priorities;
mod weights;

pub use addresses::on_the_subnet;

use super::outputs;
use crate::endpoint::contract::{self, HOST, Taken};
use crate::endpoint::haproxy::model::inputs::{host_path, hosts, uses_keepalived, vips};
use crate::endpoint::haproxy::model::schema::names::{ADDRESS, LOAD_BALANCERS};
use crate::framework::diagnostic::Diagnostics;
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// Checks everything that can be decided from the configuration alone.
pub fn rules(config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
    let (config, planned) = (&Reader::new(config), &Reader::new(planned));
    names::rules(planned, diagnostics);
    presence::rules(config, planned, diagnostics);
    backends::rules(config, planned, diagnostics);
    addresses::rules(config, planned, diagnostics);
    loops::rules(planned, diagnostics);
    host::rules(config, planned, diagnostics);
    node_ports::rules(planned, diagnostics);
    ports::rules(config, planned, diagnostics);
    paths::rules(planned, diagnostics);
    priorities::rules(config, planned, diagnostics);
    weights::rules(config, planned, diagnostics);
    talos_version(config, planned, diagnostics);
    additional_names(config, planned, diagnostics);
}

fn talos_version(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let reasons = outputs::contract(config, planned).needs_talos_version();
    if !reasons.is_empty() {
        diagnostics.push(contract::no_talos_version(&reasons));
    }
}

/// Names beside the host, and its entry in host tables.
fn additional_names(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let host = config.text(HOST).present().map(|host| (Path::of(HOST), host.to_owned()));
    let vips = vips(planned).into_iter().map(|(path, ip)| (path, ip.to_string()));
    let hosts = hosts(planned).into_iter().map(|(name, address)| (host_path(name, ADDRESS), address.ip.to_string()));
    let keepalived = uses_keepalived(config);
    let own: Vec<Taken> = if keepalived == Maybe::Known(false) { hosts.collect() } else { vips.collect() };
    contract::repeated_names(config, &host.into_iter().chain(own).collect::<Vec<_>>(), diagnostics);
    let several = config.nested_map(LOAD_BALANCERS).present().is_some_and(|hosts| hosts.len() > 1);
    let several = several && keepalived == Maybe::Known(false);
    contract::host_entry_rules(
        config,
        several.then_some("Without a VIP the name leads to several load balancers."),
        diagnostics,
    );
}

#[cfg(test)]
mod tests;
