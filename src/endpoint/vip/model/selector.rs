//! What selects a network device, as Talos writes it in both forms.

pub mod shape;

use serde_json::{Value as Json, json};
use shape::{BUS_PATH, HARDWARE_ADDRESS, Shape, VENDOR_AND_PRODUCT};

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
    hardware_address: bool,
    /// What text must be that may find a device, where not every text may.
    pub shape: Option<Shape>,
    /// Whether it tells one device, written out in full.
    identifies: bool,
}

/// The properties that are compared as text, in the order in which they are written.
pub const FIELDS: [Field; 5] = [
    Field {
        attribute: "bus_path",
        description: "Place on the bus, such as `0000:00:1f.6`; `*` stands for anything.",
        legacy: "busPath",
        expression: "link.bus_path",
        hardware_address: false,
        shape: Some(BUS_PATH),
        identifies: true,
    },
    Field {
        attribute: HARDWARE_ADDR,
        description: "Hardware (MAC) address, such as `aa:bb:cc:dd:ee:ff`; `*` stands for anything. A bond gives its \
                      own to all its members: prefer `permanent_addr`.",
        legacy: "hardwareAddr",
        expression: "mac(link.hardware_addr)",
        hardware_address: true,
        shape: Some(HARDWARE_ADDRESS),
        identifies: true,
    },
    Field {
        attribute: "permanent_addr",
        description: "Hardware address that the device was made with, which a bond doesn't change; `*` stands for \
                      anything.",
        legacy: "permanentAddr",
        expression: "mac(link.permanent_addr)",
        hardware_address: true,
        shape: Some(HARDWARE_ADDRESS),
        identifies: true,
    },
    Field {
        attribute: PCI_ID,
        description:
            "Vendor and product on the PCI bus, such as `8086:10D3`; `*` stands for anything. A virtio device has
                      none.",
        legacy: "pciID",
        expression: "link.pciid",
        hardware_address: false,
        shape: Some(VENDOR_AND_PRODUCT),
        identifies: false,
    },
    Field {
        attribute: DRIVER,
        description: "Kernel driver, such as `virtio_net`.",
        legacy: "driver",
        expression: "link.driver",
        hardware_address: false,
        shape: None,
        identifies: false,
    },
];

/// The hardware address that a device has at present, which a VLAN takes over, and which all members of a bond have in common.
const HARDWARE_ADDR: &str = "hardware_addr";

/// The vendor and product, which the kernel writes where the device itself is on the PCI bus.
pub const PCI_ID: &str = "pci_id";

/// The kernel driver.
const DRIVER: &str = "driver";

/// The property that is no text.
pub const PHYSICAL: &str = "physical";

/// How many devices of one machine a selector may find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finds {
    /// One at most.
    One,
    /// One, or all members of a bond.
    OneOrABond,
    /// Any number.
    Several,
}

/// What selects a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The properties that are asked for, in the order of [`FIELDS`].
    fields: Vec<(Field, String)>,
    /// Whether only hardware is meant.
    pub physical: bool,
}

impl Selector {
    /// Reads `device_selector`.
    pub fn read(reader: &Reader<'_>) -> Maybe<Selector> {
        let mut fields = Vec::new();
        for field in FIELDS {
            match reader.text(field.attribute) {
                Maybe::Known(None) => {}
                Maybe::Known(Some(text)) if field.hardware_address => fields.push((field, text.to_ascii_lowercase())),
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

    /// How many devices of one machine may have these properties.
    pub fn finds(&self) -> Finds {
        let mut exact = self.exact();
        match exact.next() {
            None => Finds::Several,
            Some((HARDWARE_ADDR, _)) if exact.next().is_none_or(|(other, _)| other == HARDWARE_ADDR) => {
                Finds::OneOrABond
            }
            Some(_) => Finds::One,
        }
    }

    /// What it asks for that tells one device: the arguments and their texts.
    fn exact(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let exact = self.fields.iter().filter(|(field, text)| field.identifies && !text.contains('*'));
        exact.map(|(field, text)| (field.attribute, text.as_str()))
    }

    /// The hardware address that it asks for in full; none where its validator has reported it.
    pub fn hardware_address(&self) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, text)| {
                field.hardware_address && !text.contains('*') && (HARDWARE_ADDRESS.fault)(text).is_none()
            })
            .map(|(_, text)| text.as_str())
    }

    /// True if it asks for a PCI id of a virtio device, which has none: Talos reads it from the device's `uevent`, and the virtio device
    /// is one on a bus of its own.
    pub fn asks_virtio_for_a_pci_id(&self) -> bool {
        let of =
            |name: &str| self.fields.iter().find(|(field, _)| field.attribute == name).map(|(_, text)| text.as_str());
        of(PCI_ID)
            .is_some_and(|id| id.starts_with("1AF4:") || of(DRIVER).is_some_and(|driver| driver.starts_with("virtio")))
    }

    /// What both ask for that only one device has: they select the same one.
    pub fn same_device(&self, other: &Selector) -> Option<&str> {
        let same = |text: &str| other.exact().any(|(_, others)| others == text);
        self.exact().map(|(_, text)| text).find(|text| same(text))
    }

    /// True if it also finds the VLANs on the device, in the legacy form: a VLAN has the hardware address of what it is on, and Talos
    /// looks at all links there (siderolabs/talos, network.DeviceConfigController).
    pub fn finds_vlans_of_the_device(&self) -> bool {
        !self.physical && self.fields.iter().all(|(field, _)| field.attribute == HARDWARE_ADDR)
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

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_may_find_several_devices() {
        let selects = |fields: &[(usize, &str)], physical| Selector {
            fields: fields.iter().map(|(i, text)| (FIELDS[*i], (*text).to_owned())).collect(),
            physical,
        };
        for several in [
            selects(&[(1, "bc:24:11:*")], false),
            selects(&[(3, "8086:10D3"), (4, "e1000e")], true),
            selects(&[], true),
            selects(&[(0, "0000:00:*")], false),
        ] {
            assert_eq!(several.finds(), Finds::Several, "{several:?}");
        }
        for one in [
            selects(&[(0, "0000:00:1f.6")], false),
            selects(&[(0, "0000:00:1f.6"), (1, "bc:24:11:00:00:01")], false),
            selects(&[(1, "bc:24:11:00:00:01"), (2, "bc:24:11:00:00:01")], false),
            selects(&[(2, "bc:24:11:00:00:01"), (4, "virtio*")], true),
        ] {
            assert_eq!(one.finds(), Finds::One, "{one:?}");
        }
        let members = selects(&[(1, "bc:24:11:00:00:01"), (4, "virtio_net")], true);
        assert_eq!(members.finds(), Finds::OneOrABond);
        assert!(selects(&[(1, "bc:24:11:00:00:01")], false).finds_vlans_of_the_device());
        assert!(!selects(&[(1, "bc:24:11:00:00:01")], true).finds_vlans_of_the_device());
        assert!(!selects(&[(1, "bc:24:11:00:00:01"), (4, "virtio_net")], false).finds_vlans_of_the_device());
    }

    #[test]
    fn a_virtio_device_has_no_pci_id() {
        let selects = |fields: &[(usize, &str)]| Selector {
            fields: fields.iter().map(|(i, text)| (FIELDS[*i], (*text).to_owned())).collect(),
            physical: false,
        };
        assert!(selects(&[(3, "1AF4:1000")]).asks_virtio_for_a_pci_id());
        assert!(selects(&[(3, "*"), (4, "virtio_net")]).asks_virtio_for_a_pci_id());
        assert!(!selects(&[(3, "8086:10D3"), (4, "e1000e")]).asks_virtio_for_a_pci_id());
        assert!(!selects(&[(4, "virtio_net")]).asks_virtio_for_a_pci_id());
    }

    #[test]
    fn selectors_of_the_same_device() {
        let selects = |fields: &[(usize, &str)]| Selector {
            fields: fields.iter().map(|(i, text)| (FIELDS[*i], (*text).to_owned())).collect(),
            physical: false,
        };
        let mac = selects(&[(1, "bc:24:11:00:00:01")]);
        let permanent = selects(&[(2, "bc:24:11:00:00:01"), (4, "virtio_net")]);
        assert_eq!(mac.same_device(&permanent), Some("bc:24:11:00:00:01"));
        assert_eq!(mac.same_device(&selects(&[(1, "bc:24:11:00:00:02")])), None);
        let driver = selects(&[(4, "virtio_net")]);
        assert_eq!(driver.same_device(&driver), None, "that may be several");
        assert_eq!((mac.hardware_address(), driver.hardware_address()), (Some("bc:24:11:00:00:01"), None));
    }
}
