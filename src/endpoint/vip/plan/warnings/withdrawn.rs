//! Addresses that the patches carried and carry no longer.

use crate::endpoint::vip::model::inputs::{Form, Inputs, Node, names};
use crate::endpoint::vip::model::schema::names::STATIC_ADDRESSING;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// Warns where nodes of `prior` had their addresses by the patches and don't in `planned`, whatever the forms of both are.
pub fn warnings(prior: &Inputs, planned: &Inputs, diagnostics: &mut Diagnostics) {
    let [before, after] = [prior, planned].map(|inputs| inputs.static_addressing.clone());
    if (before, after) != (Maybe::Known(true), Maybe::Known(false)) {
        return;
    }
    let legacy = planned.form == Maybe::Known(Form::Legacy);
    let mut gateways = false;
    let mut loses = |node: &&Node| {
        let Some(before) = prior.known_nodes().iter().find(|before| before.name == node.name) else { return false };
        // The legacy form has its own warning of these.
        let is_reported = legacy && node.has_no_way_to_its_address();
        let is_lost = !is_reported && !before.addresses().is_empty();
        gateways |= is_lost && before.routes.known_gateways().is_some_and(|all| !all.is_empty());
        is_lost
    };
    let nodes: Vec<&Node> = planned.known_nodes().iter().filter(|node| loses(node)).collect();
    if nodes.is_empty() {
        return;
    }
    let what = if gateways { "addresses and default routes" } else { "addresses" };
    diagnostics.push(Diagnostic::warning(
        Path::of(STATIC_ADDRESSING),
        "The patches no longer address the nodes",
        format!(
            "Until now the patches carried the {what} of {}. Unless the base configuration addresses their links, or \
             a DHCP server gives them the same addresses, the nodes lose them, and etcd loses its members. Put the \
             {what} into the base configuration in the same apply, or keep `static_addressing = true`.",
            names(nodes)
        ),
    ));
}
