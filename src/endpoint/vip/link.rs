//! Which link of a node carries a virtual IP: what the arguments say, and what follows from them.

use aws_lc_rs::digest;
use serde_json::{Value as Json, json};

use crate::framework::reader::{Maybe, Reader};

/// A property by which a device is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The argument.
    pub attribute: &'static str,
    /// For the documentation.
    pub description: &'static str,
    /// Talos' name of it in `deviceSelector`.
    legacy: &'static str,
    /// The same in the expressions of `LinkAliasConfig` (siderolabs/talos, LinkStatusSpec).
    expression: &'static str,
    /// Whether it is a hardware address: Talos compares with lower-case text.
    lower_case: bool,
}

/// The properties that are compared as text, in the order in which they are written.
pub const FIELDS: [Field; 5] = [
    Field {
        attribute: "bus_path",
        description: "Place on the bus, such as `0000:00:1f.6`; `*` stands for anything.",
        legacy: "busPath",
        expression: "link.bus_path",
        lower_case: false,
    },
    Field {
        attribute: "hardware_addr",
        description: "Hardware (MAC) address, such as `aa:bb:cc:*`.",
        legacy: "hardwareAddr",
        expression: "mac(link.hardware_addr)",
        lower_case: true,
    },
    Field {
        attribute: "permanent_addr",
        description: "Hardware address that the device was made with, which a bond doesn't change.",
        legacy: "permanentAddr",
        expression: "mac(link.permanent_addr)",
        lower_case: true,
    },
    Field {
        attribute: "pci_id",
        description: "Vendor and product on the PCI bus, such as `1AF4:1000`.",
        legacy: "pciID",
        expression: "link.pciid",
        lower_case: false,
    },
    Field {
        attribute: "driver",
        description: "Kernel driver, such as `virtio_net`.",
        legacy: "driver",
        expression: "link.driver",
        lower_case: false,
    },
];

/// The property that is no text.
pub const PHYSICAL: &str = "physical";

/// What selects a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The properties that are asked for, in the order of [`FIELDS`].
    fields: Vec<(Field, String)>,
    /// Whether only hardware is meant.
    pub physical: bool,
}

impl Selector {
    fn read(reader: &Reader<'_>) -> Maybe<Selector> {
        let mut fields = Vec::new();
        for field in FIELDS {
            match reader.text(field.attribute) {
                Maybe::Known(None) => {}
                Maybe::Known(Some(text)) if field.lower_case => fields.push((field, text.to_ascii_lowercase())),
                Maybe::Known(Some(text)) => fields.push((field, text.to_owned())),
                Maybe::Unknown => return Maybe::Unknown,
            }
        }
        reader.bool(PHYSICAL).map(|physical| Selector { fields, physical: physical == Some(true) })
    }

    /// True if it says nothing.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && !self.physical
    }

    /// As `deviceSelector`.
    pub fn legacy(&self) -> Json {
        let mut selector: serde_json::Map<String, Json> =
            self.fields.iter().map(|(field, text)| (field.legacy.to_owned(), text.as_str().into())).collect();
        if self.physical {
            selector.insert(PHYSICAL.to_owned(), true.into());
        }
        selector.into()
    }

    /// As an expression over `link`. Aliases are given to hardware only, so `physical` alone asks nothing more.
    pub fn expression(&self) -> String {
        if self.fields.is_empty() {
            return "true".to_owned();
        }
        let compared = self.fields.iter().map(|(field, text)| format!("glob({}, {})", json!(text), field.expression));
        compared.collect::<Vec<_>>().join(" && ")
    }
}

/// What a group of arguments says of a link.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The interface.
    pub interface: Maybe<Option<String>>,
    /// The device selector; one of whose properties may not be known yet.
    pub selector: Maybe<Option<Maybe<Selector>>>,
    /// The VLAN.
    pub vlan: Maybe<Option<i64>>,
}

impl Choice {
    /// Reads `interface`, `device_selector` and `vlan_id`.
    pub fn read(reader: &Reader<'_>) -> Choice {
        Choice {
            interface: reader.text("interface").map(|name| name.map(str::to_owned)),
            selector: reader.nested("device_selector").map(|selector| selector.map(|it| Selector::read(&it))),
            vlan: reader.number("vlan_id"),
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

    /// The link of a node whose own choice this is; none where neither names one. Each argument falls back by itself.
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

/// The longest name of a link in Linux.
const LONGEST_NAME: usize = 15;

/// The name that Talos gives a VLAN of the legacy form (siderolabs/talos, nethelpers.VLANLinkName): `PARENT.ID`, with a parent that would
/// leave no room for any id replaced by its beginning and a hash.
pub fn vlan_name(parent: &str, id: i64) -> String {
    if parent.len() + ".4094".len() <= LONGEST_NAME {
        return format!("{parent}.{id}");
    }
    let hash = digest::digest(&digest::SHA256, parent.as_bytes());
    let hex: String = hash.as_ref().iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    // Names are ASCII: their validator has seen to it.
    format!("{}{hex}.{id}", parent.get(..4).unwrap_or(parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vlans_are_named_as_talos_does() {
        for (parent, id, name) in [
            ("eth0", 100, "eth0.100"),
            ("enp0s31f6", 4000, "enp0s31f6.4000"),
            ("enp94s0f1np1", 100, "enp9853dc2.100"),
            ("enx001a2b3c4d5e", 100, "enx0bff5ef.100"),
            ("enp0s31f6a", 100, "enp0s31f6a.100"),
            ("enp0s31f6ab", 100, "enp04a79cb.100"),
        ] {
            assert_eq!(vlan_name(parent, id), name);
        }
    }

    #[test]
    fn expressions() {
        let selector = Selector {
            fields: vec![(FIELDS[1], "aa:bb:cc:*".to_owned()), (FIELDS[4], "virtio_net".to_owned())],
            physical: true,
        };
        let expected = r#"glob("aa:bb:cc:*", mac(link.hardware_addr)) && glob("virtio_net", link.driver)"#;
        assert_eq!(selector.expression(), expected);
        let physical = Selector { fields: vec![], physical: true };
        assert_eq!(physical.expression(), "true");
        assert!(!physical.is_empty() && Selector { physical: false, ..physical }.is_empty());
    }
}
