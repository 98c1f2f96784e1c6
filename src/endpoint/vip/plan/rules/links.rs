//! Links: one for each node, and one that the form of the patches can name.

use crate::endpoint::vip::model::inputs::{Form, Inputs, Node, Placement};
use crate::endpoint::vip::model::link::{Choice, Parent};
use crate::endpoint::vip::model::schema::names::{DEVICE_SELECTOR, INTERFACE, VLAN_ID};
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
        let Some(placements) = inputs.placements(node) else { continue };
        match inputs.form {
            Maybe::Known(Form::Legacy) => one_on_each_link(&placements, diagnostics),
            Maybe::Known(Form::Document) => no_vlan_on_an_alias(node, &placements, diagnostics),
            Maybe::Unknown => {}
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
            "Two links",
            "`interface` and `device_selector` both say which link carries the virtual IP. Remove one of them.",
        ));
    } else if selector.is_some_and(|selector| selector.is_known_and(|selector| selector.is_empty())) {
        diagnostics.push(Diagnostic::invalid(
            path,
            "Empty device selector",
            "It selects by nothing, and Talos refuses that. Set at least one property, such as `hardware_addr`.",
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
            "{whose} no link for the virtual IP. Set `interface`, or `device_selector` where names differ from node to node. Nothing is \
             guessed here: Talos takes a wrong name without a word, and the virtual IP never appears. `talosctl get links` lists the names."
        );
        diagnostics.push(Diagnostic::invalid(path, "No link", detail));
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
                "The legacy form has room for one virtual IP on a link. Put this one on another interface or VLAN (`interface`, `vlan_id`), \
                 or use the document form, which is usual from `talos_version` 1.12 on.",
            ));
        }
    }
}

/// Aliases are for hardware, and a VLAN's name is made from that of its interface.
fn no_vlan_on_an_alias(node: &Node, placements: &[Placement<'_>], diagnostics: &mut Diagnostics) {
    for Placement { vip, link } in placements {
        let on_device = matches!(link.parent, Parent::Device(_));
        if !on_device || link.vlan.clone().present().is_none() {
            continue;
        }
        let own = |choice: &Choice| !choice.vlan.is_absent();
        let place = match &vip.link {
            Some(choice) if own(choice) => vip.place(),
            _ if own(&node.link) => node.path(),
            _ => Path::root(),
        };
        diagnostics.push(Diagnostic::invalid(
            place.attribute(VLAN_ID),
            "VLAN on a selected device",
            "In the document form a selected device gets an alias, and aliases are for hardware only. Name the interface (`interface`), or \
             name a VLAN of the base configuration as `interface` and leave `vlan_id` out.",
        ));
    }
}
