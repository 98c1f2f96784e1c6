//! Names of links: what Linux and Talos make of them.

use aws_lc_rs::digest;

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

/// True for a name that the kernel or udev gives to a network device: nobody gives it to a bond, a bridge or an alias.
pub fn names_hardware(name: &str) -> bool {
    let digits = |rest: &str| !rest.is_empty() && rest.bytes().all(|c| c.is_ascii_digit());
    // systemd.net-naming-scheme(7): `en`, then where it is: on board, in a slot, on a bus, by its address …
    let place = |rest: &str| rest.starts_with(['a', 'b', 'c', 'd', 'i', 'o', 'p', 'P', 's', 'u', 'v', 'x']);
    let udev = |rest: &str| {
        place(rest) && rest.bytes().all(|c| c.is_ascii_alphanumeric()) && rest.bytes().any(|c| c.is_ascii_digit())
    };
    name.strip_prefix("eth").is_some_and(digits) || name.strip_prefix("en").is_some_and(udev)
}

/// Links of every Talos node that lead to no network of other machines: no client asks there for an address.
const INTERNAL: [&str; 5] = ["lo", "kubespan", "siderolink", "cni0", "flannel.1"];

/// True for what may be the name of a link that carries a virtual IP, or an alias of it.
///
/// Linux takes 15 bytes without blanks and slashes; the rest would break a link alias or a VLAN's name.
pub fn is_interface(name: &str) -> bool {
    (1..=15).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_@".contains(c))
        && ![".", ".."].contains(&name)
        && !INTERNAL.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_interfaces() {
        for good in ["eth0", "bond0", "enx001a2b3c4d5e", "eth0.100", "br-lan"] {
            assert!(is_interface(good), "{good}");
        }
        for bad in ["", "eth 0", "eth/0", "net%d", "..", "enx001a2b3c4d5e6", "é", "lo", "kubespan"] {
            assert!(!is_interface(bad), "{bad}");
        }
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

    #[test]
    fn names_of_hardware() {
        for name in ["eth0", "eth12", "eno1", "ens18", "enp3s0", "enp94s0f1np1", "enx001a2b3c4d5e", "end0", "enP2p1s0"]
        {
            assert!(names_hardware(name), "{name}");
        }
        for name in ["eth", "eth0.100", "bond0", "br0", "net0", "ethSel0", "vip0", "lan", "english", "en", "enp3s0.7"] {
            assert!(!names_hardware(name), "{name}");
        }
    }
}
