//! What the patches of a node leave to its base configuration, and what they end there. Talos says neither: a document for a link that
//! nothing declares does nothing, without an error. The warnings and the table in the documentation are made of this.

use std::fmt;

use super::devices::{Device, devices, link_name, parent_name};
use super::links::{are_declared, carries_itself, distinct, may_be_brought_up};
use super::render::Addressing;
use crate::endpoint::enumeration::quoted;
use crate::endpoint::vip::model::inputs::{Form, Inputs, Node};
use crate::endpoint::vip::model::link::Parent;
use crate::endpoint::vip::model::link_name::vlan_name;
use crate::endpoint::vip::model::placement::Placement;
use crate::endpoint::vip::model::schema::names::{DEVICE_SELECTOR, INTERFACE, LINK_ALIAS, STATIC_ADDRESSING, VLAN_ID};
use crate::endpoint::vip::model::selector::Finds;
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// What a base configuration has to do with the patches of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// What it must do, each with the argument from which that follows.
    pub must: Vec<(Path, Duty)>,
    /// Where the patches end Talos' default DHCP, the node's own link aside, each with the argument from which that follows.
    pub ended: Vec<(Path, Ended)>,
}

/// One thing that a base configuration must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Give the node's own link its address.
    Address(String),
    /// Declare a VLAN.
    Vlan {
        /// The name under which the patches know it.
        name: String,
        /// Its id.
        id: i64,
        /// The link that it is on.
        parent: String,
    },
    /// Bring a link up.
    Up(String),
    /// Declare the link by no other kind of document than the patches do.
    OneKind(String),
    /// Give the device of this alias no other.
    OneAlias(String),
    /// Not have the platform address the device of this alias.
    OneAddress(String),
    /// Have only one device that the selector finds.
    OneDevice,
    /// Not put the selected device into a bond, whose members have one hardware address.
    NoBond,
    /// Have only one device that the selector finds, where it finds a VLAN on the device too.
    NoVlanFound,
}

/// Where default DHCP ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// On every link of the node.
    Everywhere {
        /// The links that the patches bring up and don't address.
        only_up: Vec<String>,
    },
    /// On this one.
    On(String),
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Duty::Address(link) => write!(f, "address {link}"),
            Duty::Vlan { name, id, parent } => {
                write!(f, "declare VLAN {id} on `{parent}` as `{name}`, and bring `{parent}` up")
            }
            Duty::Up(link) => write!(f, "bring `{link}` up"),
            Duty::OneKind(link) => write!(f, "not declare `{link}` as `BondConfig`, `BridgeConfig` or the like"),
            Duty::OneAlias(alias) => write!(f, "give the device of `{alias}` no alias of its own"),
            Duty::OneAddress(alias) => write!(f, "leave the device of `{alias}` unaddressed, as must the platform"),
            Duty::OneDevice | Duty::NoVlanFound => write!(f, "hold on a machine where the selector finds one device"),
            Duty::NoBond => write!(f, "not put the selected device into a bond"),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Everywhere { only_up } if only_up.is_empty() => f.write_str("on every other link"),
            Ended::Everywhere { only_up } => {
                write!(f, "on every other link; {} is only brought up", quoted(only_up))
            }
            Ended::On(link) => write!(f, "on {link}"),
        }
    }
}

/// What the base configuration of `node` has to do; none where something that it depends on isn't known.
pub fn base(inputs: &Inputs, node: &Node) -> Option<Base> {
    let placements = inputs.placements(node)?;
    if !placements.iter().all(|placement| placement.link.is_known()) {
        return None;
    }
    let (links, devices) = (distinct(&placements)?, devices(&placements)?);
    match inputs.form.clone().known()? {
        Form::Legacy => legacy(inputs, node, &links, &devices),
        Form::Document => documents(inputs, node, &links, &devices),
    }
}

/// What the selector of a device leaves to the machine.
fn of_selector(device: &Device<'_>) -> Option<Duty> {
    match device.selector.as_ref().known()?.finds() {
        Finds::One => None,
        Finds::OneOrABond => Some(Duty::NoBond),
        Finds::Several => Some(Duty::OneDevice),
    }
}

fn legacy(inputs: &Inputs, node: &Node, links: &[&Placement<'_>], devices: &[Device<'_>]) -> Option<Base> {
    let mut base = Base::default();
    let addressing = Addressing::read(inputs, node, Form::Legacy)?;
    let own = &links.first()?.link;
    let mut parents: Vec<&Parent> = Vec::new();
    for Placement { link, device_place, vlan_place, .. } in links.iter().copied() {
        let (vlan, is_own) = (link.vlan.clone().known()?, link == own);
        let device = || argument(device_place, &link.parent);
        if is_own && !addressing.dhcp && addressing.addresses.is_empty() {
            base.must.push((device(), Duty::Address(shown(&link.parent, vlan))));
        }
        // Naming an interface ends its default DHCP, on that of a VLAN too.
        let path = if vlan.is_some() { vlan_place.attribute(VLAN_ID) } else { device() };
        let ends = match vlan {
            Some(_) => !carries_itself(&link.parent, links) && !parents.contains(&&link.parent),
            None => !is_own && !addressing.dhcp,
        };
        if ends {
            base.ended.push((path, Ended::On(shown(&link.parent, None))));
        }
        parents.push(&link.parent);
    }
    for device in devices {
        let on_vlan = |placement: &&Placement<'_>| {
            matches!(&placement.link.parent, Parent::Device(selector) if selector == device.selector)
                && !placement.link.vlan.is_absent()
        };
        let path = device.place.attribute(DEVICE_SELECTOR);
        let finds_vlan = device.selector.is_known_and(|selector| selector.finds_vlans_of_the_device());
        let duty = of_selector(device);
        if duty != Some(Duty::OneDevice) && finds_vlan && links.iter().any(on_vlan) {
            base.must.push((path.clone(), Duty::NoVlanFound));
        }
        base.must.extend(duty.map(|duty| (path, duty)));
    }
    Some(base)
}

fn documents(inputs: &Inputs, node: &Node, links: &[&Placement<'_>], devices: &[Device<'_>]) -> Option<Base> {
    let mut base = Base::default();
    let own = &links.first()?.link;
    let with_addresses = inputs.static_addressing.clone().known()?;
    let declared = are_declared(inputs, node, own)?;
    let dhcp = node.dhcp.clone().known()? == Some(true);
    for Placement { link, device_place, vlan_place, .. } in links.iter().copied() {
        let path = || vlan_place.attribute(VLAN_ID);
        let hardware = may_be_brought_up(&link.parent)?;
        let Some(parent) = parent_name(&link.parent, devices) else { continue };
        match link.vlan.clone().known()? {
            Some(id) if !declared => {
                base.must.push((path(), Duty::Vlan { name: link_name(link, devices)?, id, parent }));
            }
            Some(_) if !hardware && !carries_itself(&link.parent, links) => base.must.push((path(), Duty::Up(parent))),
            None if declared && link == own && !hardware => {
                base.must.push((Path::of(STATIC_ADDRESSING), Duty::OneKind(parent)));
            }
            None if declared && link == own && matches!(link.parent, Parent::Device(_)) => {
                base.must.push((Path::of(STATIC_ADDRESSING), Duty::OneAddress(parent)));
            }
            None if declared && link != own && !dhcp && !hardware => {
                base.must.push((device_place.attribute(INTERFACE), Duty::Up(parent)));
            }
            _ => {}
        }
    }
    for device in devices {
        let path = || device.place.attribute(DEVICE_SELECTOR);
        if let (Maybe::Known(alias), false) = (&device.alias, device.is_named) {
            base.must.push((device.alias_place.attribute(LINK_ALIAS), Duty::OneAlias(alias.clone())));
        }
        base.must.extend(of_selector(device).map(|duty| (path(), duty)));
    }
    if declared {
        let cause = if with_addresses { STATIC_ADDRESSING } else { VLAN_ID };
        let place = if with_addresses { Path::root() } else { links.first()?.vlan_place.clone() };
        base.ended.push((place.attribute(cause), Ended::Everywhere { only_up: only_up(links, devices, dhcp)? }));
    }
    Some(base)
}

/// The links that the patches name by a bare `LinkConfig`, because a virtual IP or a VLAN is on them.
fn only_up(links: &[&Placement<'_>], devices: &[Device<'_>], dhcp: bool) -> Option<Vec<String>> {
    let own = &links.first()?.link;
    let mut names: Vec<String> = Vec::new();
    for Placement { link, .. } in links.iter().copied() {
        let is_bare = match link.vlan.clone().known()? {
            Some(_) => !carries_itself(&link.parent, links),
            None => link != own && !dhcp,
        };
        if is_bare && may_be_brought_up(&link.parent)? {
            names.extend(parent_name(&link.parent, devices).filter(|name| !names.contains(name)));
        }
    }
    Some(names)
}

/// The argument that names a link's device.
fn argument(place: &Path, parent: &Parent) -> Path {
    place.attribute(if matches!(parent, Parent::Device(_)) { DEVICE_SELECTOR } else { INTERFACE })
}

/// A link of the legacy form, in words: what a selector finds has no name there.
fn shown(parent: &Parent, vlan: Option<i64>) -> String {
    match (parent, vlan) {
        (Parent::Interface(Maybe::Known(name)), None) => format!("`{name}`"),
        (Parent::Interface(Maybe::Known(name)), Some(id)) => format!("`{}`", vlan_name(name, id)),
        (_, None) => "the selected device".to_owned(),
        (_, Some(id)) => format!("VLAN {id} of the selected device"),
    }
}
