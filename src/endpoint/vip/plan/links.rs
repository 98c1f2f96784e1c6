//! Which links of a node its documents are about. The first such document ends Talos' default DHCP on every link, and from then on
//! only links are up that a document names (siderolabs/talos, Container.RunDefaultDHCPOperators and network.LinkConfigController): so there
//! is none, or everything that the virtual IPs need.

use crate::endpoint::link_name::names_hardware;
use crate::endpoint::vip::model::inputs::{Inputs, Node};
use crate::endpoint::vip::model::link::{Link, Parent};
use crate::endpoint::vip::model::placement::Placement;
use crate::framework::reader::Maybe;

/// Whether the documents of `node` are about links beside virtual IPs; none where that isn't known.
pub fn are_declared(inputs: &Inputs, node: &Node, own: &Link) -> Option<bool> {
    if inputs.static_addressing.clone().known()? {
        return Some(true);
    }
    // Default DHCP serves a link without a document, but never a VLAN.
    Some(node.dhcp.clone().known()? == Some(true) && own.vlan.clone().known()?.is_some())
}

/// The links that carry virtual IPs, without repetition, the node's own first; none where it is not known yet whether two are the same.
pub fn distinct<'a>(placements: &'a [Placement<'_>]) -> Option<Vec<&'a Placement<'a>>> {
    if placements.len() > 1 && !placements.iter().all(|placement| placement.link.is_known()) {
        return None;
    }
    let mut links: Vec<&Placement<'_>> = Vec::new();
    for placement in placements {
        if links.iter().all(|other| other.link != placement.link) {
            links.push(placement);
        }
    }
    Some(links)
}

/// Whether a bare `LinkConfig` may bring the link up. A bond or a bridge has a document of its own kind in the base configuration, and
/// Talos refuses two kinds of one name; only the name of hardware tells that it is neither. None where the name isn't known.
pub fn may_be_brought_up(parent: &Parent) -> Option<bool> {
    match parent {
        Parent::Interface(Maybe::Known(name)) => Some(names_hardware(name)),
        Parent::Interface(Maybe::Unknown) => None,
        Parent::Device(_) => Some(true), // aliases are for hardware
    }
}

/// Whether one of `links` is the device itself, without a VLAN.
pub fn carries_itself(parent: &Parent, links: &[&Placement<'_>]) -> bool {
    links.iter().any(|other| other.link.parent == *parent && other.link.vlan.is_absent())
}
