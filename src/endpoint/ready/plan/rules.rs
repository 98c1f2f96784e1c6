//! What attributes say of one another.

use crate::endpoint::readiness::rules::{is_on, something_to_probe};
use crate::endpoint::ready::model::schema::apis;
use crate::endpoint::ready::model::schema::names::{ENDPOINT, WAIT_FOR};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::Object;

/// Checks what can be decided. Silent about what is not known yet.
pub fn rules(config: &Object, diagnostics: &mut Diagnostics) {
    something_to_probe(config, diagnostics);
    if diagnostics.has_error() {
        return;
    }
    let wanted = Reader::new(config).texts(WAIT_FOR).present().unwrap_or_default();
    let wanted: Vec<&str> = wanted.into_iter().filter_map(Maybe::known).collect();
    for api in apis(&wanted) {
        if is_on(config, api) == Maybe::Known(false) {
            let name = api.name();
            diagnostics.push(Diagnostic::invalid(
                Path::of(WAIT_FOR),
                "Nothing to wait for",
                format!(
                    "The endpoint doesn't serve `{name}`: `{ENDPOINT}.{name}_endpoint` is null. Remove `{name}` from \
                     `{WAIT_FOR}`, or switch it on at the endpoint."
                ),
            ));
        }
    }
}
