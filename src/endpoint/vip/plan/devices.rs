//! The devices of a node that are found by a selector, and the aliases under which documents know them.

use crate::endpoint::vip::model::link::{Link, Parent};
use crate::endpoint::vip::model::link_name::vlan_name;
use crate::endpoint::vip::model::placement::Placement;
use crate::endpoint::vip::model::selector::Selector;
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// A device that is selected, once for all virtual IPs on it.
#[derive(Clone, Debug)]
pub struct Device<'a> {
    /// What finds it.
    pub selector: &'a Maybe<Selector>,
    /// Its name in documents.
    pub alias: Maybe<String>,
    /// Whether the configuration says so.
    pub is_named: bool,
    /// The object of the configuration that selects it.
    pub place: &'a Path,
    /// The object that names the alias, or would.
    pub alias_place: &'a Path,
}

/// The devices, without repetition; none where it is not known yet whether two are the same.
pub fn devices<'a>(placements: &'a [Placement<'_>]) -> Option<Vec<Device<'a>>> {
    let mut devices: Vec<Device<'a>> = Vec::new();
    for placement in placements {
        match &placement.link.parent {
            Parent::Device(Maybe::Unknown) if placements.len() > 1 => return None,
            Parent::Device(selector) if devices.iter().all(|other| other.selector != selector) => {
                let own = placement.alias.clone();
                devices.push(Device {
                    selector,
                    is_named: !own.is_absent(),
                    alias: own.map(|own| own.unwrap_or_else(|| default_alias(devices.len()))),
                    place: &placement.device_place,
                    alias_place: &placement.alias_place,
                });
            }
            Parent::Device(_) | Parent::Interface(_) => {}
        }
    }
    Some(devices)
}

/// An alias that can't be taken for a name of the system.
fn default_alias(place: usize) -> String {
    format!("vip{place}")
}

/// The name under which documents know a link's device, or the link itself where it is no VLAN.
pub fn parent_name(parent: &Parent, devices: &[Device<'_>]) -> Option<String> {
    match parent {
        Parent::Interface(name) => name.clone().known(),
        Parent::Device(selector) => {
            devices.iter().find(|device| device.selector == selector).and_then(|device| device.alias.clone().known())
        }
    }
}

/// The name under which documents know the link. In the document form the name of a VLAN is free: it is the one that Talos itself makes.
pub fn link_name(link: &Link, devices: &[Device<'_>]) -> Option<String> {
    let parent = parent_name(&link.parent, devices)?;
    Some(link.vlan.clone().known()?.map_or(parent.clone(), |id| vlan_name(&parent, id)))
}
