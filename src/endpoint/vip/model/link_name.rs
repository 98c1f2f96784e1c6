//! Names of links: what Talos makes of them, and which may carry a virtual IP.

use aws_lc_rs::digest;

use crate::endpoint::address;
use crate::endpoint::link_name::{LONGEST_NAME, is_internal, names_a_link, vlan_of};

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
    text_fault(name).is_none() && vlan_of(name).is_none() && !is_internal(name)
}

/// What is wrong with the name of a link.
pub fn link_fault(name: &str) -> Option<String> {
    if let Some((bare, other)) = name.split_once('@').filter(|(bare, _)| !bare.is_empty()) {
        let instead = link_fault(bare).unwrap_or_else(|| format!("Write `{bare}`."));
        return Some(format!("`@{other}` is not part of the name: `ip` prints it behind. {instead}"));
    }
    if is_internal(name) {
        return Some(format!("`{name}` is inside the machine, or a tunnel: no client asks there for an address."));
    }
    let vlan = vlan_of(name).filter(|_| !is_address(name));
    vlan.map(|(device, id)| vlan_fault(device, id)).or_else(|| text_fault(name))
}

fn vlan_fault(device: &str, id: u64) -> String {
    match id {
        1..=4094 => format!("It is VLAN {id} on `{device}`. Set `interface` to `{device}` and `vlan_id` to {id}."),
        _ => format!("It is the name of a VLAN on `{device}`, and the number of a VLAN is from 1 to 4094, not {id}."),
    }
}

/// What is wrong with an alias of a link.
pub fn alias_fault(name: &str) -> Option<String> {
    text_fault(name).or_else(|| names_a_link(name).then(|| "Choose a name such as `vip0` or `lan`.".to_owned()))
}

/// What is wrong with the text of a name, whatever it names.
fn text_fault(name: &str) -> Option<String> {
    let trimmed = name.trim();
    if trimmed.is_empty() || [".", ".."].contains(&name) {
        return Some("It names nothing. Write a name, or `null`.".to_owned());
    }
    if trimmed != name {
        return Some(format!("There is a blank before or after it. Write `{trimmed}`."));
    }
    if is_address(name) {
        return Some(
            "It is an address. Write the name of the link that has it; `talosctl get links` lists them.".to_owned(),
        );
    }
    if let Some((device, label)) = name.split_once(':').filter(|(device, _)| !device.is_empty()) {
        return Some(format!("`:{label}` is a label of an address, not part of the name. Write `{device}`."));
    }
    if let Some(other) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !".-_".contains(*c)) {
        return Some(format!("`{other}` can't be in the name, only letters, digits, `.`, `-` and `_`."));
    }
    (name.len() > LONGEST_NAME).then(|| {
        format!(
            "It has {} characters, and Linux takes at most {LONGEST_NAME}. `talosctl get links` lists the names.",
            name.len()
        )
    })
}

/// True for an address, with or without its prefix length.
fn is_address(text: &str) -> bool {
    let (address, _) = text.split_once('/').unwrap_or((text, ""));
    address::bare(address).is_some()
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
        assert_eq!(link_fault("eth0"), None);
        for (bad, want) in [
            ("eth 0", "` ` can't be in the name"),
            ("eth0 ", "a blank before or after it. Write `eth0`."),
            ("eth0:1", "`:1` is a label of an address, not part of the name. Write `eth0`."),
            ("eth0@if2", "`@if2` is not part of the name: `ip` prints it behind. Write `eth0`."),
            ("eth0.30@eth0", "Set `interface` to `eth0` and `vlan_id` to 30."),
            ("192.168.30.31", "It is an address."),
            ("192.168.30.31/24", "It is an address."),
            ("fd00::31", "It is an address."),
            ("enx001a2b3c4d5e6", "It has 16 characters, and Linux takes at most 15."),
            ("", "It names nothing."),
            ("..", "It names nothing."),
            ("é", "`é` can't be in the name"),
            ("tailscale0", "or a tunnel"),
        ] {
            let fault = link_fault(bad).unwrap_or_default();
            assert!(fault.contains(want) && !is_interface(bad), "{bad}: {fault}");
        }
        assert!(alias_fault("eth0").unwrap().contains("such as `vip0`"));
        assert!(alias_fault("an-alias-too-long").unwrap().contains("17 characters"));
        assert_eq!(alias_fault("lan"), None);
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
