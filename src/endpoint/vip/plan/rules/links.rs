//! Links: one for each node, and one that the form of the patches can name.

use crate::endpoint::vip::model::inputs::{Form, Inputs, Node};
use crate::endpoint::vip::model::link::{Choice, Parent};
use crate::endpoint::vip::model::placement::Placement;
use crate::endpoint::vip::model::schema::names::{DEVICE_SELECTOR, INTERFACE, LINK_ALIAS};
use crate::endpoint::vip::plan::devices::devices;
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
            Maybe::Known(Form::Document) => one_alias_for_each_device(&placements, diagnostics),
            Maybe::Unknown => {}
        }
    }
    idle_aliases(inputs, diagnostics);
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
            "{whose} no link for the virtual IP. Set `interface`, or `device_selector` where names differ from node to \
             node. Nothing is guessed here: Talos takes a wrong name without a word, and the virtual IP never appears. \
             `talosctl get links` lists the names."
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
                "The legacy form has room for one virtual IP on a link. Put this one on another interface or VLAN \
                 (`interface`, `vlan_id`), or use the document form, which is usual from `talos_version` 1.12 on.",
            ));
        }
    }
}

/// An alias is that of one device, and a device has one.
fn one_alias_for_each_device(placements: &[Placement<'_>], diagnostics: &mut Diagnostics) {
    for placement in placements {
        let Parent::Device(selector) = &placement.link.parent else { continue };
        let known = |other: &&Placement<'_>| other.link.parent == placement.link.parent && !other.alias.is_absent();
        let Some(first) = placements.iter().find(known) else { continue };
        if let (Maybe::Known(Some(one)), Maybe::Known(Some(other)), true) =
            (&first.alias, &placement.alias, matches!(selector, Maybe::Known(_)))
            && one != other
        {
            diagnostics.push(Diagnostic::invalid(
                placement.alias_place.attribute(LINK_ALIAS),
                "Two aliases for one device",
                format!(
                    "A device has one alias in Talos, and this selection has `{one}` already. Use that, or leave \
                     `link_alias` out."
                ),
            ));
        }
    }
    let Some(devices) = devices(placements) else { return };
    for (i, device) in devices.iter().enumerate() {
        let Maybe::Known(alias) = &device.alias else { continue };
        if devices[..i].iter().any(|other| other.alias == device.alias) {
            diagnostics.push(Diagnostic::invalid(
                device.alias_place.attribute(LINK_ALIAS),
                "Alias used twice",
                format!(
                    "`{alias}` is the alias of another selected device already. Set `link_alias` here to another name."
                ),
            ));
        }
    }
}

/// An alias that no device gets. In the legacy form there are none, and the argument waits for a later `talos_version`.
fn idle_aliases(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let nodes = inputs.known_nodes();
    let Some(placements) = nodes.iter().map(|node| inputs.placements(node)).collect::<Option<Vec<_>>>() else { return };
    let selects = |placement: &&Placement<'_>| matches!(placement.link.parent, Parent::Device(_));
    let used: Vec<&Path> =
        placements.iter().flatten().filter(selects).map(|placement| &placement.alias_place).collect();
    let own = nodes.iter().map(|node| (node.path(), &node.link));
    let vips = inputs.additional.as_ref().known().into_iter().flatten();
    let vips = vips.filter_map(|vip| Some((vip.place(), vip.link.as_ref()?)));
    for (place, choice) in std::iter::once((Path::root(), &inputs.common.link)).chain(own).chain(vips) {
        if choice.alias.clone().present().is_some() && !nodes.is_empty() && !used.contains(&&place) {
            diagnostics.push(Diagnostic::invalid(
                place.attribute(LINK_ALIAS),
                "Alias without a device selector",
                "Only a device that `device_selector` selects gets an alias here. Remove `link_alias`; an alias of the \
                 base configuration is named by `interface`.",
            ));
        }
    }
}
