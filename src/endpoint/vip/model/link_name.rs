//! Names of links: what Talos makes of them, and which may carry a virtual IP.

use aws_lc_rs::digest;

use crate::endpoint::link_name::{LONGEST_NAME, is_internal, vlan_of};

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

/// True for what may be the name of a link that carries a virtual IP, or an alias of it.
///
/// Linux takes 15 bytes without blanks and slashes; the rest would break a link alias or a VLAN's name.
pub fn is_interface(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_@".contains(c))
        && ![".", ".."].contains(&name)
        && vlan_of(name).is_none()
        && !is_internal(name)
}

/// What is wrong with the name of a link, where it can be said.
pub fn link_fault(name: &str) -> Option<String> {
    if is_internal(name) {
        return Some(format!("`{name}` is inside the machine, or a tunnel: no client asks there for an address."));
    }
    let (device, id) = vlan_of(name)?;
    Some(match id {
        1..=4094 => format!("It is VLAN {id} on `{device}`. Set `interface` to `{device}` and `vlan_id` to {id}."),
        _ => format!("It is the name of a VLAN on `{device}`, and the number of a VLAN is from 1 to 4094, not {id}."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_interfaces() {
        for good in ["eth0", "bond0", "enx001a2b3c4d5e", "eth0.a", "br-lan"] {
            assert!(is_interface(good), "{good}");
        }
        for bad in ["", "eth 0", "eth/0", "net%d", "..", "enx001a2b3c4d5e6", "é", "lo", "wg0", "eth0.30", "a.5000"] {
            assert!(!is_interface(bad), "{bad}");
        }
        assert_eq!(
            link_fault("bond0.30").unwrap(),
            "It is VLAN 30 on `bond0`. Set `interface` to `bond0` and `vlan_id` to 30."
        );
        assert!(link_fault("eth0.5000").unwrap().ends_with("from 1 to 4094, not 5000."));
        assert!(link_fault("lo.5").unwrap().contains("is inside the machine"));
        assert_eq!(link_fault("eth 0"), None);
    }

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
}
