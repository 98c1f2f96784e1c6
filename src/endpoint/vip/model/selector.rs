//! What selects a network device, as Talos writes it in both forms.

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
    /// Reads `device_selector`.
    pub fn read(reader: &Reader<'_>) -> Maybe<Selector> {
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
}
