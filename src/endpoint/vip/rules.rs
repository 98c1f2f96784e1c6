//! Rules between attributes, silent about what is not yet known. Talos itself checks next to nothing of this before the node has the
//! patch, and most of it never.

mod addresses;
mod links;
mod routes;

pub use addresses::{of_no_node_s_family, subnets};

use super::spec::{Form, Spec};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// Checks everything that can be decided from the effective configuration.
pub fn rules(spec: &Spec, diagnostics: &mut Diagnostics) {
    form(spec, diagnostics);
    addresses::check(spec, diagnostics);
    links::check(spec, diagnostics);
    routes::check(spec, diagnostics);
}

fn form(spec: &Spec, diagnostics: &mut Diagnostics) {
    let too_old = spec.version.is_known_and(|version| !version.has_network_documents());
    if too_old && spec.form == Maybe::Known(Form::Document) {
        diagnostics.push(Diagnostic::invalid(
            Path::of("form"),
            "No documents in this Talos version",
            "`Layer2VIPConfig` exists from Talos 1.12 on; an older node refuses it. Leave `form` out, or raise `talos_version` once the \
             cluster's machine configuration is made for 1.12.",
        ));
    }
}

#[cfg(test)]
mod tests;
