//! Devices that are selected, and their aliases: a device has one alias, and an alias is that of one device.

use crate::endpoint::vip::model::inputs::{Form, Inputs, Node};
use crate::endpoint::vip::model::link::Parent;
use crate::endpoint::vip::model::placement::Placement;
use crate::endpoint::vip::model::schema::names::{DEVICE_SELECTOR, INTERFACE, LINK_ALIAS};
use crate::endpoint::vip::model::selector::Selector;
use crate::endpoint::vip::plan::devices::devices;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// Every rule about selected devices.
pub fn check(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    let nodes: Vec<(&Node, Vec<Placement<'_>>)> =
        inputs.known_nodes().iter().filter_map(|node| Some((node, inputs.placements(node)?))).collect();
    for (_, placements) in &nodes {
        let alike = one_selector_for_each_device(placements, diagnostics);
        if alike && inputs.form == Maybe::Known(Form::Document) {
            one_alias_for_each_device(placements, diagnostics);
            no_link_of_the_alias(placements, diagnostics);
        }
    }
    one_node_for_each_device(&nodes, diagnostics);
    idle_aliases(inputs, diagnostics);
}

/// The selector of a link that is on a selected device.
fn selector<'a>(placement: &'a Placement<'_>) -> Option<&'a Selector> {
    match &placement.link.parent {
        Parent::Device(Maybe::Known(selector)) => Some(selector),
        _ => None,
    }
}

/// Two selectors of one device are two devices to us: two entries for one link, or two aliases, of which Talos drops one.
fn one_selector_for_each_device(placements: &[Placement<'_>], diagnostics: &mut Diagnostics) -> bool {
    let mut alike = true;
    for (i, placement) in placements.iter().enumerate() {
        let Some(own) = selector(placement) else { continue };
        let other = placements[..i].iter().find_map(|other| {
            let theirs = selector(other).filter(|theirs| *theirs != own)?;
            Some((&other.device_place, own.same_device(theirs)?))
        });
        if let Some((place, value)) = other {
            alike = false;
            let (first, path) = (place.attribute(DEVICE_SELECTOR), placement.device_place.attribute(DEVICE_SELECTOR));
            let detail = format!(
                "`{first}` and `{path}` select the same device, `{value}`, in two ways. Talos would configure it \
                 twice, or give it one alias of two. Write both selectors alike."
            );
            diagnostics.push(Diagnostic::invalid(path, "Two selectors for one device", detail));
        }
    }
    alike
}

/// A hardware address is that of one device on one machine.
fn one_node_for_each_device(nodes: &[(&Node, Vec<Placement<'_>>)], diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(&str, &Node, &Path)> = Vec::new();
    for (node, placements) in nodes {
        for placement in placements {
            let Some(address) = selector(placement).and_then(Selector::hardware_address) else { continue };
            let place = &placement.device_place;
            match seen.iter().find(|(taken, ..)| *taken == address) {
                Some((_, first, _)) if first.name != node.name => {
                    let detail = format!(
                        "`{address}` is the hardware address of one network device, and nodes `{}` and `{}` both \
                         select by it. Where no device matches, the virtual IP never comes up, without an error. Set \
                         `device_selector` on each node to its own device, or `interface` where the nodes name it \
                         alike.",
                        first.name, node.name
                    );
                    let path = place.attribute(DEVICE_SELECTOR);
                    if !diagnostics.iter().any(|other| other.path == path && other.title == ONE_ADDRESS) {
                        diagnostics.push(Diagnostic::invalid(path, ONE_ADDRESS, detail));
                    }
                }
                Some(_) => {}
                None => seen.push((address, node, place)),
            }
        }
    }
}

const ONE_ADDRESS: &str = "Hardware address used twice";

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
                    "In Talos a device has one alias, and the device of this selector has `{one}` already. Use that, \
                     or remove this `link_alias`."
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
                format!("`{alias}` is the alias of another selected device already. Set `link_alias` to another name."),
            ));
        }
    }
}

/// An alias of ours that `interface` names too means two devices by one name.
fn no_link_of_the_alias(placements: &[Placement<'_>], diagnostics: &mut Diagnostics) {
    for device in devices(placements).into_iter().flatten() {
        let named = placements.iter().find(|other| match (&other.link.parent, &device.alias) {
            (Parent::Interface(Maybe::Known(name)), Maybe::Known(alias)) => name == alias,
            _ => false,
        });
        if let (Some(named), Maybe::Known(alias)) = (named, &device.alias) {
            let interface = named.device_place.attribute(INTERFACE);
            diagnostics.push(Diagnostic::invalid(
                device.alias_place.attribute(LINK_ALIAS),
                "Alias used twice",
                format!(
                    "`{alias}` is the alias that the selected device gets, and `{interface}` names another link so. \
                     Set `link_alias` to another name."
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
