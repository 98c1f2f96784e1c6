//! Names that get into a file.

use crate::endpoint::contract::CONTROL_PLANE;
use crate::endpoint::haproxy::model::schema::names::LOAD_BALANCERS;
use crate::endpoint::haproxy::model::token::Token;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// The keys of maps are checked by no validator.
pub fn rules(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    for (map, what) in [(CONTROL_PLANE, "a node"), (LOAD_BALANCERS, "a load balancer")] {
        let entries = planned.value(map).entries().into_iter().flatten();
        for (name, _) in entries.filter(|(name, _)| Token::name(name).is_none()) {
            diagnostics.push(Diagnostic::invalid(
                Path::of(map).key(name),
                "Invalid name",
                format!(
                    "The name of {what} stands in a configuration file, and {name:?} can't: it must have 1 to 64 letters, digits, `_`, `.`, \
                     `:` and `-`. Choose another key."
                ),
            ));
        }
    }
}
