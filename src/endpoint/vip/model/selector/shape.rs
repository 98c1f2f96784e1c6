//! The text that each property of a device has, as Talos reads it from the kernel: a pattern that none of them fits finds nothing, silently.

/// What the text of a property must be.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Completes "The value …".
    pub sentence: &'static str,
    /// Why a text finds no device; none where it may find one.
    pub fault: fn(&str) -> Option<String>,
}

impl PartialEq for Shape {
    fn eq(&self, other: &Shape) -> bool {
        self.sentence == other.sentence
    }
}

impl Eq for Shape {}

/// Of hardware addresses.
pub const HARDWARE_ADDRESS: Shape = Shape {
    sentence: "must be the hardware address of a device, such as `aa:bb:cc:dd:ee:ff`, in which `*` may stand for any \
               part",
    fault: hardware_address_fault,
};

/// Of places on a bus.
pub const BUS_PATH: Shape =
    Shape { sentence: "must be a place on the bus as Talos writes it, such as `0000:00:1f.6`", fault: bus_path_fault };

/// Of PCI ids.
pub const VENDOR_AND_PRODUCT: Shape = Shape {
    sentence: "must be a vendor and a product in hexadecimal capital letters, such as `8086:10D3`",
    fault: pci_id_fault,
};

/// A place on the PCI bus, as sysfs writes it; some bridges have domains of five digits.
const PLACES: [&str; 2] = ["hhhh:hh:hh.o", "hhhhh:hh:hh.o"];

/// Vendor and product, as the kernel writes `PCI_ID` into a device's `uevent`.
const PCI_ID: &str = "HHHH:HHHH";

/// Lengths of hardware addresses in bytes: Ethernet, and InfiniBand.
const HARDWARE_ADDRESSES: [usize; 3] = [6, 8, 20];

/// True if a device may have a hardware address that `pattern` fits, written as Talos compares them.
fn fits_a_hardware_address(pattern: &str) -> bool {
    HARDWARE_ADDRESSES.into_iter().any(|bytes| fits(pattern, &vec!["xx"; bytes].join(":")))
}

/// What is wrong with the pattern of a hardware address.
fn hardware_address_fault(pattern: &str) -> Option<String> {
    if fits_a_hardware_address(pattern) {
        let bytes: Vec<u8> = pattern.split(':').map_while(|byte| u8::from_str_radix(byte, 16).ok()).collect();
        let what = match bytes[..] {
            [255, 255, 255, 255, 255, 255] => "the broadcast address",
            [0, 0, 0, 0, 0, 0] => "no address: only zeros",
            [first, _, _, _, _, _] if first & 1 == 1 => "a multicast address",
            _ => return None,
        };
        return Some(format!(
            "It is {what}, which no device has of its own. `talosctl get links -o yaml` shows the addresses."
        ));
    }
    let digits: String = pattern.chars().filter(|c| !"-.: ".contains(*c)).collect();
    let pairs = digits.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).to_lowercase());
    let is_address = digits.len() == 12 && digits.bytes().all(|c| c.is_ascii_hexdigit());
    Some(match is_address {
        true => format!("Write `{}`.", pairs.collect::<Vec<_>>().join(":")),
        false => "It has six bytes of two hexadecimal digits each, with a colon between each two.".to_owned(),
    })
}

/// What is wrong with the pattern of a place on the bus, which is that of a PCI device. Other buses write it in their own ways.
fn bus_path_fault(pattern: &str) -> Option<String> {
    let bare = pattern.strip_prefix("pci-").or_else(|| pattern.strip_prefix("pci@")).unwrap_or(pattern);
    let lower = bare.to_ascii_lowercase();
    let whole = if fits(&lower, "hh:hh.o") && !lower.contains('*') { format!("0000:{lower}") } else { lower };
    let is_place = whole.contains(':') && PLACES.iter().any(|place| fits(&whole, place));
    (is_place && whole != pattern).then(|| {
        format!(
            "No device has it written so: Talos has the domain in front, and hexadecimal digits in lower case. \
                 Write `{whole}`."
        )
    })
}

/// What is wrong with the pattern of a vendor and a product.
fn pci_id_fault(pattern: &str) -> Option<String> {
    if fits(pattern, PCI_ID) {
        return None;
    }
    let without =
        |part: &str| part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")).unwrap_or(part).to_uppercase();
    let whole = pattern.split(':').map(without).collect::<Vec<_>>().join(":");
    let is_vendor = fits(&whole, "HHHH") && !whole.contains('*');
    let whole = if is_vendor { format!("{whole}:*") } else { whole };
    Some(match (is_vendor, fits(&whole, PCI_ID)) {
        (true, _) => format!("It is a vendor alone. Write `{whole}` for all its devices."),
        (false, true) => {
            format!(
                "No device has it written so: the kernel writes four digits each, in capital letters. Write `{whole}`."
            )
        }
        (false, false) => {
            "It is a vendor and a product of four hexadecimal digits each, such as `8086:10D3`; `lspci -nn` lists them."
                .to_owned()
        }
    })
}

/// Whether `pattern`, in which `*` stands for anything, fits some text of `shape`: `h` is a hexadecimal digit in lower case, `H` one in
/// upper case, `x` one of either, `o` an octal one.
fn fits(pattern: &str, shape: &str) -> bool {
    let shape: Vec<char> = shape.chars().collect();
    let may_be = |c: char, place: char| match place {
        'h' => matches!(c, '0'..='9' | 'a'..='f'),
        'H' => matches!(c, '0'..='9' | 'A'..='F'),
        'x' => c.is_ascii_hexdigit(),
        'o' => matches!(c, '0'..='7'),
        _ => c == place,
    };
    // reached[i]: what has been read of the pattern fits some beginning of i characters.
    let mut reached = vec![false; shape.len() + 1];
    reached[0] = true;
    for c in pattern.chars() {
        reached = match c {
            '*' => (0..=shape.len()).map(|i| reached[..=i].contains(&true)).collect(),
            _ => (0..=shape.len()).map(|i| i > 0 && reached[i - 1] && may_be(c, shape[i - 1])).collect(),
        };
    }
    reached[shape.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_hardware_addresses() {
        let long = ["80"; 20].join(":");
        for good in
            ["aa:bb:cc:dd:ee:ff", "AA:bb:*", "*:ff", "*", "a*", "aa:bb:*:ff", "aa:bb:cc:dd:ee:ff:00:11", &long, "*a:b*"]
        {
            assert!(fits_a_hardware_address(good), "{good}");
            assert_eq!(hardware_address_fault(good), None, "{good}");
        }
        for bad in [
            "bc-24-11-xx",
            "aa:bb:cc",
            "aabbccddeeff",
            "aa:bb:cc:dd:ee:ff:00",
            "aa:bb:cc:dd:ee:fg",
            "aaa*",
            "::*",
            "aa.bb*",
            "",
        ] {
            assert!(!fits_a_hardware_address(bad), "{bad}");
        }
        for written in ["BC-24-11-AA-00-01", "bc24.11aa.0001", "bc2411aa0001"] {
            assert_eq!(hardware_address_fault(written).unwrap(), "Write `bc:24:11:aa:00:01`.");
        }
        for (never, what) in [
            ("FF:ff:ff:ff:ff:ff", "the broadcast address"),
            ("00:00:00:00:00:00", "only zeros"),
            ("01:00:5e:00:00:01", "a multicast address"),
        ] {
            assert!(hardware_address_fault(never).unwrap().contains(what), "{never}");
        }
    }

    #[test]
    fn shapes_of_places_on_the_bus() {
        for good in [
            "0000:00:1f.6",
            "10000:01:00.0",
            "0000:00:*",
            "*",
            "*.0",
            "usb-0000:00:14.0-1",
            "fd580000.ethernet",
            "virtio0",
        ] {
            assert_eq!(bus_path_fault(good), None, "{good}");
        }
        for bad in ["00:1f.6", "0000:00:1F.6", "pci-0000:00:1f.6", "pci@0000:00:1f.6", "00:1F.6", "pci-00:1f.6"] {
            assert!(bus_path_fault(bad).unwrap().ends_with("Write `0000:00:1f.6`."), "{bad}");
        }
        assert!(bus_path_fault("0000:00:1F.*").unwrap().ends_with("Write `0000:00:1f.*`."));
    }

    #[test]
    fn shapes_of_vendors_and_products() {
        for good in ["8086:10D3", "8086:*", "*", "*:10D3"] {
            assert_eq!(pci_id_fault(good), None, "{good}");
        }
        for (bad, written) in [
            ("8086", "Write `8086:*`"),
            ("0x8086", "Write `8086:*`"),
            ("0x8086:0x10d3", "Write `8086:10D3`."),
            ("8086:10d3", "Write `8086:10D3`."),
            ("15b3:*", "Write `15B3:*`."),
            ("8086:10D", "four hexadecimal digits each"),
            ("intel", "four hexadecimal digits each"),
        ] {
            assert!(pci_id_fault(bad).unwrap().contains(written), "{bad}");
        }
    }
}
