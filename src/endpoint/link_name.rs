//! Names of network links, as Linux and what usually runs on a node or a load balancer give them.

/// The longest name of a link in Linux.
pub const LONGEST_NAME: usize = 15;

/// Devices inside a machine, or tunnels of it, by their whole names: those of Talos, of container runtimes and of network plugins.
const INTERNAL: [&str; 19] = [
    "lo",
    "kubespan",
    "siderolink",
    "cni0",
    "docker0",
    "docker_gwbridge",
    "lxcbr0",
    "lxdbr0",
    "lxc_health",
    "cilium_host",
    "cilium_net",
    "cilium_vxlan",
    "cilium_geneve",
    "kube-bridge",
    "kube-ipvs0",
    "nodelocaldns",
    "antrea-gw0",
    "flannel",
    "flannel-v6",
];

/// The same by their beginnings, before a number.
const INTERNAL_NUMBERED: [&str; 19] = [
    "dummy",
    "ifb",
    "teql",
    "wg",
    "tun",
    "tunl",
    "sit",
    "gre",
    "gretap",
    "erspan",
    "ip6tnl",
    "ip6gre",
    "ip_vti",
    "ip6_vti",
    "virbr",
    "veth",
    "tailscale",
    "nebula",
    "ppp",
];

/// Ends of containers, by their beginnings before hexadecimal digits.
const INTERNAL_HEXADECIMAL: [&str; 3] = ["veth", "cali", "lxc"];

/// WireGuard's links that somebody named.
const WIREGUARD: &str = "wg-";

/// ZeroTier's, before what it makes of the network's number: ten lower-case letters and digits as a rule.
const ZEROTIER: &str = "zt";

/// Calico's tunnel, which is named like a VLAN.
const CALICO: &str = "vxlan.calico";

/// Kinds of links that somebody makes and numbers, and devices that the kernel names.
const NUMBERED: [&str; 13] =
    ["bond", "br", "team", "vlan", "vxlan", "vrf", "macvlan", "macvtap", "ipvlan", "wlan", "wwan", "usb", "ib"];

/// True for a link inside a machine, or a tunnel of it, or a VLAN on one: it leads to no network on which clients ask for an address.
pub fn is_internal(name: &str) -> bool {
    let device = device_of(name);
    let numbered = |prefix: &&str| device.strip_prefix(*prefix).is_some_and(is_number);
    let hexadecimal = |prefix: &&str| {
        device.strip_prefix(*prefix).is_some_and(|rest| rest.len() >= 6 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let network = |rest: &str| rest.len() >= 8 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    INTERNAL.contains(&device)
        || device.starts_with(WIREGUARD)
        || device.strip_prefix(ZEROTIER).is_some_and(network)
        || name == CALICO
        || INTERNAL_NUMBERED.iter().any(numbered)
        || INTERNAL_HEXADECIMAL.iter().any(hexadecimal)
}

/// The device and the number that the name of a VLAN has, as `eth0.30`; the number may be none that a VLAN can have.
pub fn vlan_of(name: &str) -> Option<(&str, u64)> {
    let (device, id) = name.rsplit_once('.')?;
    let is_id = !device.is_empty() && is_number(id);
    id.parse().ok().filter(|_| is_id).map(|id| (device, id))
}

/// True for a name that the kernel or udev gives to a network device: nobody gives it to a bond, a bridge or an alias.
pub fn names_hardware(name: &str) -> bool {
    // systemd.net-naming-scheme(7): `en`, then where it is: on board, in a slot, on a bus, by its address …
    let place = |rest: &str| rest.starts_with(['a', 'b', 'c', 'd', 'i', 'o', 'p', 'P', 's', 'u', 'v', 'x']);
    let udev = |rest: &str| {
        place(rest) && rest.bytes().all(|c| c.is_ascii_alphanumeric()) && rest.bytes().any(|c| c.is_ascii_digit())
    };
    name.strip_prefix("eth").is_some_and(is_number) || name.strip_prefix("en").is_some_and(udev)
}

/// True for a name that a link may have of itself, so that an alias of that name may meet it: a device, a VLAN, or a bond or a bridge by
/// its number.
pub fn names_a_link(name: &str) -> bool {
    let numbered = |kind: &&str| name.strip_prefix(*kind).is_some_and(is_number);
    names_hardware(name) || is_internal(name) || vlan_of(name).is_some() || NUMBERED.iter().any(numbered)
}

/// What comes before the number of a VLAN.
fn device_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(device, _)| device)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_inside_a_machine() {
        for name in [
            "lo",
            "lo.5",
            "dummy0",
            "tunl0",
            "veth1",
            "veth1a2b3c4",
            "docker0",
            "wg0",
            "cilium_host",
            "cilium_net",
            "cali0123456789a",
            "lxc1a2b3c4d5e6f",
            "flannel.1",
            "vxlan.calico",
            "kubespan",
            "siderolink",
            "virbr0",
            "tailscale0",
            "ztbto5wyjkl",
            "nebula1",
            "ppp0",
            "wg-talos",
            "lxc_health",
        ] {
            assert!(is_internal(name), "{name}");
        }
        for name in
            ["eth0", "eth0.100", "bond0", "br-lan", "br0.5", "lan", "lo0", "calico", "wgs", "loop", "vethernet", "net0"]
        {
            assert!(!is_internal(name), "{name}");
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

    #[test]
    fn names_of_vlans() {
        assert_eq!(vlan_of("eth0.30"), Some(("eth0", 30)));
        assert_eq!(vlan_of("eth0.30.5"), Some(("eth0.30", 5)));
        assert_eq!(vlan_of("eth0.5000"), Some(("eth0", 5000)));
        for name in ["eth0", ".30", "eth0.", "eth0.a", "eth0.+5", "eth0.99999999999999999999999"] {
            assert_eq!(vlan_of(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_an_alias_may_meet() {
        for name in ["eth0", "bond0", "br0", "vlan30", "lan.30", "wg0", "ib0"] {
            assert!(names_a_link(name), "{name}");
        }
        for name in ["vip0", "net0", "lan", "ethSel0", "bonding", "br-lan", "v1"] {
            assert!(!names_a_link(name), "{name}");
        }
    }
}
