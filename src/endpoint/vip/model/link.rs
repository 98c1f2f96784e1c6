//! Which link of a node carries a virtual IP: what the arguments say, and what follows from them.

use super::schema::names::{DEVICE_SELECTOR, INTERFACE, LINK_ALIAS, VLAN_ID};
use super::selector::Selector;
use crate::framework::reader::{Maybe, Reader};

/// What a group of arguments says of a link.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The interface.
    pub interface: Maybe<Option<String>>,
    /// The device selector; one of whose properties may not be known yet.
    pub selector: Maybe<Option<Maybe<Selector>>>,
    /// The alias that a selected device gets in the document form.
    pub alias: Maybe<Option<String>>,
    /// The VLAN.
    pub vlan: Maybe<Option<i64>>,
}

impl Choice {
    /// Reads `interface`, `device_selector`, `link_alias` and `vlan_id`.
    pub fn read(reader: &Reader<'_>) -> Choice {
        Choice {
            interface: reader.text(INTERFACE).map(|name| name.map(str::to_owned)),
            selector: reader.nested(DEVICE_SELECTOR).map(|selector| selector.map(|it| Selector::read(&it))),
            alias: reader.text(LINK_ALIAS).map(|name| name.map(str::to_owned)),
            vlan: reader.number(VLAN_ID),
        }
    }

    /// The parent that it names; none where it names none. Where both are set, which is an error, the interface.
    fn parent(&self) -> Maybe<Option<Parent>> {
        match (&self.interface, &self.selector) {
            (Maybe::Known(Some(name)), _) => Maybe::Known(Some(Parent::Interface(Maybe::Known(name.clone())))),
            (_, Maybe::Known(Some(selector))) => Maybe::Known(Some(Parent::Device(selector.clone()))),
            (Maybe::Known(None), Maybe::Known(None)) => Maybe::Known(None),
            (Maybe::Unknown, Maybe::Known(None)) => Maybe::Known(Some(Parent::Interface(Maybe::Unknown))),
            (_, Maybe::Unknown) => Maybe::Unknown,
        }
    }

    /// True if it is known to say nothing of the link's parent.
    pub fn names_no_parent(&self) -> bool {
        matches!(self.parent(), Maybe::Known(None))
    }

    /// The link of a node whose own choice this is; none where neither names one. Each argument falls back on its own.
    pub fn or(&self, common: &Choice) -> Maybe<Option<Link>> {
        let parent = match self.parent() {
            Maybe::Known(None) => common.parent(),
            // It may turn out to be null, and then the kind of the parent is another.
            Maybe::Known(Some(Parent::Interface(Maybe::Unknown))) if !common.selector.is_absent() => Maybe::Unknown,
            own => own,
        };
        let vlan = if self.vlan.is_absent() { common.vlan.clone() } else { self.vlan.clone() };
        parent.map(|parent| parent.map(|parent| Link { parent, vlan }))
    }

    /// The link of an additional virtual IP whose own choice this is, on a node whose link is `node`. One that names a parent has
    /// nothing in common with the node's.
    pub fn beside(&self, node: &Link) -> Maybe<Link> {
        match self.parent() {
            Maybe::Known(None) => {
                let vlan = if self.vlan.is_absent() { node.vlan.clone() } else { self.vlan.clone() };
                Maybe::Known(Link { parent: node.parent.clone(), vlan })
            }
            Maybe::Known(Some(parent)) => Maybe::Known(Link { parent, vlan: self.vlan.clone() }),
            Maybe::Unknown => Maybe::Unknown,
        }
    }
}

/// What a VLAN is on, or the link itself where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parent {
    /// By name.
    Interface(Maybe<String>),
    /// By properties.
    Device(Maybe<Selector>),
}

/// A link of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The device, or the VLAN's device.
    pub parent: Parent,
    /// The VLAN.
    pub vlan: Maybe<Option<i64>>,
}

impl Link {
    /// True if nothing of it is open.
    pub fn is_known(&self) -> bool {
        let parent = match &self.parent {
            Parent::Interface(name) => matches!(name, Maybe::Known(_)),
            Parent::Device(selector) => matches!(selector, Maybe::Known(_)),
        };
        parent && matches!(self.vlan, Maybe::Known(_))
    }
}
