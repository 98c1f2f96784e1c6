//! Rules between attributes, silent about what is not yet known. Talos itself checks next to nothing of this before the node has the
//! patch, and most of it never.

mod addresses;
mod links;
mod routes;

use crate::endpoint::vip::model::inputs::{Form, Inputs};
use crate::endpoint::vip::model::schema::names::FORM;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;
use crate::framework::value::Object;

/// Checks everything that can be decided from the configuration alone.
pub fn rules(config: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
    let inputs = &Inputs::read(config, planned);
    form(inputs, diagnostics);
    addresses::check(inputs, diagnostics);
    links::check(inputs, diagnostics);
    routes::check(inputs, diagnostics);
}

fn form(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let too_old = inputs.version.is_known_and(|version| !version.has_network_documents());
    if too_old && inputs.form == Maybe::Known(Form::Document) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(FORM),
            "No documents in this Talos version",
            "`Layer2VIPConfig` exists from Talos 1.12 on; an older node refuses it. Leave `form` out, or raise `talos_version` once the \
             cluster's machine configuration is made for 1.12.",
        ));
    }
}

#[cfg(test)]
mod tests;
