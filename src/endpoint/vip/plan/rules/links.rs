//! Links: one for each node, and one that the form of the patches can name.

use crate::endpoint::vip::model::inputs::{Form, Inputs, Node};
use crate::endpoint::vip::model::link::Choice;
use crate::endpoint::vip::model::placement::Placement;
use crate::endpoint::vip::model::schema::names::{DEVICE_SELECTOR, INTERFACE};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// Every rule about links.
pub fn check(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    choice(&Path::root(), &inputs.common.link, diagnostics);
    for vip in inputs.additional.as_ref().known().into_iter().flatten() {
        let Some(link) = &vip.link else { continue };
        choice(&vip.place(), link, diagnostics);
    }
    for node in inputs.known_nodes() {
        choice(&node.path(), &node.link, diagnostics);
    }
    a_link_for_each_node(inputs, diagnostics);
    for node in inputs.known_nodes() {
        if let (Maybe::Known(Form::Legacy), Some(placements)) = (&inputs.form, inputs.placements(node)) {
            one_on_each_link(&placements, diagnostics);
        }
    }
}

/// `interface` or `device_selector`, and not an empty one.
fn choice(place: &Path, choice: &Choice, diagnostics: &mut Diagnostics) {
    let selector = choice.selector.clone().present();
    let path = place.attribute(DEVICE_SELECTOR);
    if choice.interface.clone().present().is_some() && selector.is_some() {
        diagnostics.push(Diagnostic::invalid(
            path,
            "Two links for one virtual IP",
            "`interface` and `device_selector` both say which link carries the virtual IP. Remove one of them.",
        ));
    } else if selector.is_some_and(|selector| selector.is_known_and(|selector| selector.is_empty())) {
        diagnostics.push(Diagnostic::invalid(
            path,
            "Empty device selector",
            "It has no property, and Talos refuses that. Set at least one, such as `permanent_addr`.",
        ));
    }
}

fn a_link_for_each_node(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let lacks = |node: &&Node| node.link.or(&inputs.common.link).is_absent();
    let lacking: Vec<&Node> = inputs.known_nodes().iter().filter(lacks).collect();
    let all = lacking.len() == inputs.known_nodes().len();
    for node in lacking {
        let (path, whose) = match all {
            true => (Path::of(INTERFACE), "The nodes have".to_owned()),
            false => (node.path().attribute(INTERFACE), format!("Node `{}` has", node.name)),
        };
        let detail = format!(
            "{whose} no link for the virtual IP. Set `interface`, or `device_selector` where names differ from node to \
             node. There is no default: Talos accepts a wrong name, and the virtual IP then never comes up, without an \
             error. `talosctl get links` lists the names."
        );
        diagnostics.push(Diagnostic::invalid(path, "Missing link", detail));
    }
}

/// `vip` is one field of a link in the legacy form, and before Talos 1.12 a node can hold but one address by it.
fn one_on_each_link(placements: &[Placement<'_>], diagnostics: &mut Diagnostics) {
    for (i, placement) in placements.iter().enumerate() {
        let taken = placements[..i].iter().any(|other| other.link.is_known() && other.link == placement.link);
        if taken {
            diagnostics.push(Diagnostic::invalid(
                placement.vip.path.clone(),
                "Two virtual IPs on one link",
                "The legacy form has room for one virtual IP on a link. Put this one on another interface or VLAN \
                 (`interface`, `vlan_id`), or use the document form, which is usual from `talos_version` 1.12 on.",
            ));
        }
    }
}
