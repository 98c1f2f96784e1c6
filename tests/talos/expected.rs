//! What each golden case of `talosendpoint_vip` means, written down by hand from its arguments and not from its outputs: the virtual
//! addresses with their links, the node's own addresses and routes, and where DHCP is on.
//!
//! A case that isn't listed means [`USUAL`]: a new one that means something else is added here.

use crate::truth::ExpectedPatch;

/// What most cases mean.
const USUAL: Meaning = Meaning {
    vips: "192.168.0.15@eth0",
    addresses: "",
    routes: "",
    metric: 0,
    dhcp: "",
    vlans: "",
    left_down: "",
    dialled: "",
};

/// The devices that are selected by address, by the number of the node.
const DEVICES: [&str; 3] = ["bc:24:11:00:00:01", "bc:24:11:00:00:02", "aa:bb:cc:dd:ee:ff"];

/// Words separated by spaces: `ADDRESS@LINK`, `LINK` for `dhcp`, `NAME=ID@PARENT` for `vlans`, and names for the others. A `#` is the
/// number of the node, a `~` that less one, and `MAC` the address of its device.
#[derive(Clone, Copy, Debug)]
struct Meaning {
    vips: &'static str,
    addresses: &'static str,
    routes: &'static str,
    metric: u64,
    dhcp: &'static str,
    /// Those that the patch declares.
    vlans: &'static str,
    /// What is under them and left to the base configuration.
    left_down: &'static str,
    /// Names in the node's own certificate, beside those of all nodes.
    dialled: &'static str,
}

const fn vips(vips: &'static str) -> Meaning {
    Meaning { vips, ..USUAL }
}

const fn addressed(vips: &'static str, addresses: &'static str, routes: &'static str) -> Meaning {
    Meaning { vips, addresses, routes, ..USUAL }
}

const fn dialled(dialled: &'static str) -> Meaning {
    Meaning { dialled, ..USUAL }
}

const fn dhcp(vips: &'static str, dhcp: &'static str) -> Meaning {
    Meaning { vips, dhcp, ..USUAL }
}

const fn with_vlans(vlans: &'static str, meaning: Meaning) -> Meaning {
    Meaning { vlans, ..meaning }
}

/// By case, or by case and node.
const SPECIAL: &[(&str, Meaning)] = &[
    ("03-legacy-dhcp", dhcp("192.168.0.15@eth0", "eth0")),
    ("05-vlan-document", vips("192.168.1.15@eth0.100")),
    ("05-vlan-legacy", with_vlans("eth0.100=100@eth0", vips("192.168.1.15@eth0.100"))),
    ("05-vlan-long-name", vips("192.168.1.15@enp9853dc2.100")),
    ("06-bond-document", vips("192.168.0.15@bond0")),
    ("06-bond-legacy", vips("192.168.0.15@bond0")),
    ("06-bond-vlan", vips("192.168.0.15@bond0.100")),
    ("07-selector", vips("192.168.0.15@{hardwareAddr=aa:bb:cc:*}")),
    ("07-selector-dhcp", dhcp("192.168.0.15@{busPath=0000:00:12.0}", "{busPath=0000:00:12.0}")),
    ("07-selector-physical", vips("192.168.0.15@{driver=virtio_net,physical=true}")),
    ("08-alias", vips("192.168.0.15@vip0")),
    ("08-alias-of-several-properties", vips("192.168.0.15@vip0")),
    ("08-alias-physical", vips("192.168.0.15@vip0")),
    ("08-alias-vlan", vips("192.168.0.15@vip0.100")),
    ("08-alias-named", vips("192.168.0.15@lan")),
    ("11-inside-a-23", vips("192.168.0.255@eth0")),
    ("12-31", vips("10.0.0.1@eth0")),
    ("13-ipv6", vips("fd00::15@eth0")),
    ("13-ipv6-127", vips("fd00::@eth0")),
    ("13-ipv6-127-upper", vips("fd00::1@eth0")),
    ("16-dual-stack", vips("192.168.0.15@eth0 fd00::15@eth0")),
    (
        "17-three-links-dhcp",
        with_vlans("eth0.100=100@eth0", dhcp("192.168.0.15@eth0 192.168.1.15@eth0.100 10.0.0.15@eth1", "eth0 eth1")),
    ),
    ("17-two-links-1.14", vips("192.168.0.15@eth0 192.168.1.15@eth0.100")),
    ("17-two-links-document", vips("192.168.0.15@eth0 192.168.1.15@eth0.100")),
    ("17-two-links-legacy", with_vlans("eth0.100=100@eth0", vips("192.168.0.15@eth0 192.168.1.15@eth0.100"))),
    ("19-overrides-document cp-2", vips("192.168.0.15@enp3s0")),
    ("19-overrides-document cp-3", vips("192.168.0.15@bond0.20")),
    ("19-overrides-legacy cp-2", dhcp("192.168.0.15@enp3s0", "enp3s0")),
    ("19-overrides-legacy cp-3", with_vlans("bond0.20=20@bond0", vips("192.168.0.15@bond0.20"))),
    ("20-other-service-subnet", vips("10.100.0.10@eth0")),
    ("dhcp-vlan-document", with_vlans("eth0.100=100@eth0", dhcp("192.168.0.15@eth0.100", "eth0.100"))),
    ("dhcp-vlan-legacy", with_vlans("eth0.100=100@eth0", dhcp("192.168.0.15@eth0.100", "eth0.100"))),
    ("endpoints cp-1", dialled("cp-1.example.com")),
    ("endpoints cp-2", dialled("fd00::11")),
    ("guide-alias", addressed("192.168.30.30@vip0", "192.168.30.3#/24@vip0", "192.168.30.1@vip0")),
    ("guide-document", addressed("192.168.30.30@eth0", "192.168.30.3#/24@eth0", "192.168.30.1@eth0")),
    ("guide-legacy", addressed("192.168.30.30@eth0", "192.168.30.3#/24@eth0", "192.168.30.1@eth0")),
    (
        "guide-vlan-and-dhcp",
        Meaning {
            vips: "192.168.30.30@eth0.30",
            addresses: "192.168.30.3#/24@eth0.30",
            routes: "192.168.30.1@eth0.30",
            dhcp: "eth0.30",
            vlans: "eth0.30=30@eth0",
            ..USUAL
        },
    ),
    (
        "guide-vlan-document",
        with_vlans(
            "eth0.30=30@eth0",
            addressed("192.168.30.30@eth0.30", "192.168.30.3#/24@eth0.30", "192.168.30.1@eth0.30"),
        ),
    ),
    (
        "guide-vlan-legacy",
        with_vlans(
            "eth0.30=30@eth0",
            addressed("192.168.30.30@eth0.30", "192.168.30.3#/24@eth0.30", "192.168.30.1@eth0.30"),
        ),
    ),
    ("guide-without-addresses", vips("192.168.30.30@eth0")),
    ("host-in-front-of-two", vips("192.168.0.15@eth0 192.168.0.16@eth0 192.168.0.17@eth0")),
    ("host-is-an-additional-vip", vips("192.168.0.15@eth0 192.168.0.16@eth0 192.168.0.17@eth0")),
    ("link-interface-dhcp-legacy", dhcp("192.168.0.15@eth0", "eth0")),
    ("link-interface-static-legacy", addressed(USUAL.vips, "192.168.0.1~/24@eth0", "192.168.0.1@eth0")),
    ("link-interface-static-document", addressed(USUAL.vips, "192.168.0.1~/24@eth0", "192.168.0.1@eth0")),
    ("link-vlan-legacy", with_vlans("eth0.30=30@eth0", vips("192.168.0.15@eth0.30"))),
    ("link-vlan-document", vips("192.168.0.15@eth0.30")),
    ("link-vlan-dhcp-legacy", with_vlans("eth0.30=30@eth0", dhcp("192.168.0.15@eth0.30", "eth0.30"))),
    ("link-vlan-dhcp-document", with_vlans("eth0.30=30@eth0", dhcp("192.168.0.15@eth0.30", "eth0.30"))),
    (
        "link-vlan-static-legacy",
        with_vlans(
            "eth0.30=30@eth0",
            addressed("192.168.0.15@eth0.30", "192.168.0.1~/24@eth0.30", "192.168.0.1@eth0.30"),
        ),
    ),
    (
        "link-vlan-static-document",
        with_vlans(
            "eth0.30=30@eth0",
            addressed("192.168.0.15@eth0.30", "192.168.0.1~/24@eth0.30", "192.168.0.1@eth0.30"),
        ),
    ),
    ("link-bond-legacy", vips("192.168.0.15@bond0")),
    ("link-bond-document", vips("192.168.0.15@bond0")),
    ("link-bond-static-legacy", addressed("192.168.0.15@bond0", "192.168.0.1~/24@bond0", "192.168.0.1@bond0")),
    ("link-bond-static-document", addressed("192.168.0.15@bond0", "192.168.0.1~/24@bond0", "192.168.0.1@bond0")),
    (
        "link-bond-vlan-static-legacy",
        with_vlans(
            "bond0.30=30@bond0",
            addressed("192.168.0.15@bond0.30", "192.168.0.1~/24@bond0.30", "192.168.0.1@bond0.30"),
        ),
    ),
    (
        "link-bond-vlan-static-document",
        Meaning {
            left_down: "bond0",
            ..with_vlans(
                "bond0.30=30@bond0",
                addressed("192.168.0.15@bond0.30", "192.168.0.1~/24@bond0.30", "192.168.0.1@bond0.30"),
            )
        },
    ),
    ("link-device-legacy", vips("192.168.0.15@{permanentAddr=MAC,physical=true}")),
    ("link-device-document", vips("192.168.0.15@vip0")),
    ("link-device-named-legacy", vips("192.168.0.15@{permanentAddr=MAC,physical=true}")),
    ("link-device-named-document", vips("192.168.0.15@lan")),
    (
        "link-device-static-legacy",
        addressed(
            "192.168.0.15@{permanentAddr=MAC,physical=true}",
            "192.168.0.1~/24@{permanentAddr=MAC,physical=true}",
            "192.168.0.1@{permanentAddr=MAC,physical=true}",
        ),
    ),
    ("link-device-static-document", addressed("192.168.0.15@vip0", "192.168.0.1~/24@vip0", "192.168.0.1@vip0")),
    (
        "link-device-vlan-legacy",
        with_vlans(
            "{permanentAddr=MAC,physical=true}.30=30@{permanentAddr=MAC,physical=true}",
            vips("192.168.0.15@{permanentAddr=MAC,physical=true}.30"),
        ),
    ),
    ("link-device-vlan-document", vips("192.168.0.15@vip0.30")),
    (
        "link-device-vlan-static-legacy",
        with_vlans(
            "{permanentAddr=MAC,physical=true}.30=30@{permanentAddr=MAC,physical=true}",
            addressed(
                "192.168.0.15@{permanentAddr=MAC,physical=true}.30",
                "192.168.0.1~/24@{permanentAddr=MAC,physical=true}.30",
                "192.168.0.1@{permanentAddr=MAC,physical=true}.30",
            ),
        ),
    ),
    (
        "link-device-vlan-static-document",
        with_vlans(
            "vip0.30=30@vip0",
            addressed("192.168.0.15@vip0.30", "192.168.0.1~/24@vip0.30", "192.168.0.1@vip0.30"),
        ),
    ),
    ("link-hardware-legacy", vips("192.168.0.15@{hardwareAddr=MAC}")),
    ("link-hardware-document", vips("192.168.0.15@lan")),
    ("link-several-legacy", vips("192.168.0.15@{driver=virtio_net}")),
    ("link-several-document", vips("192.168.0.15@lan")),
    ("link-second-vlan-legacy", with_vlans("eth0.40=40@eth0", vips("192.168.0.15@eth0 10.0.0.15@eth0.40"))),
    ("link-second-vlan-document", vips("192.168.0.15@eth0 10.0.0.15@eth0.40")),
    (
        "link-second-vlan-static-legacy",
        with_vlans(
            "eth0.40=40@eth0",
            addressed("192.168.0.15@eth0 10.0.0.15@eth0.40", "192.168.0.1~/24@eth0", "192.168.0.1@eth0"),
        ),
    ),
    (
        "link-second-vlan-static-document",
        with_vlans(
            "eth0.40=40@eth0",
            addressed("192.168.0.15@eth0 10.0.0.15@eth0.40", "192.168.0.1~/24@eth0", "192.168.0.1@eth0"),
        ),
    ),
    (
        "link-second-interface-static-legacy",
        addressed("192.168.0.15@eth0 10.0.0.15@eth1", "192.168.0.1~/24@eth0", "192.168.0.1@eth0"),
    ),
    (
        "link-second-interface-static-document",
        addressed("192.168.0.15@eth0 10.0.0.15@eth1", "192.168.0.1~/24@eth0", "192.168.0.1@eth0"),
    ),
    ("link-alias-static-legacy", addressed("192.168.0.15@net0", "192.168.0.1~/24@net0", "192.168.0.1@net0")),
    ("link-alias-static-document", addressed("192.168.0.15@net0", "192.168.0.1~/24@net0", "192.168.0.1@net0")),
    ("static-32-legacy", addressed(USUAL.vips, "192.168.0.1~/32@eth0", "@eth0 192.168.0.1@eth0")),
    ("static-32-document", addressed(USUAL.vips, "192.168.0.1~/32@eth0", "@eth0 192.168.0.1@eth0")),
    (
        "static-gateways-legacy",
        Meaning {
            metric: 512,
            ..addressed(USUAL.vips, "192.168.0.1~/24@eth0 fd00::1~/64@eth0", "192.168.0.1@eth0 fe80::1@eth0")
        },
    ),
    (
        "static-gateways-document",
        Meaning {
            metric: 512,
            ..addressed(USUAL.vips, "192.168.0.1~/24@eth0 fd00::1~/64@eth0", "192.168.0.1@eth0 fe80::1@eth0")
        },
    ),
    ("static-dual-stack-document cp-1", addressed(USUAL.vips, "192.168.0.10/24@eth0 fd00::10/64@eth0", "fe80::1@eth0")),
    ("static-dual-stack-document cp-2", addressed(USUAL.vips, "192.168.0.11/24@eth0 fd00::11/64@eth0", "fe80::1@eth0")),
    ("static-dual-stack-document cp-3", addressed(USUAL.vips, "192.168.0.12/24@eth0 fd00::12/64@eth0", "fe80::1@eth0")),
    ("static-dual-stack-legacy cp-1", addressed(USUAL.vips, "192.168.0.10/24@eth0 fd00::10/64@eth0", "fe80::1@eth0")),
    ("static-dual-stack-legacy cp-2", addressed(USUAL.vips, "192.168.0.11/24@eth0 fd00::11/64@eth0", "fe80::1@eth0")),
    ("static-dual-stack-legacy cp-3", addressed(USUAL.vips, "192.168.0.12/24@eth0 fd00::12/64@eth0", "fe80::1@eth0")),
    ("two-devices-document", vips("192.168.0.15@vip0 192.168.1.15@vip1")),
    ("two-devices-legacy", vips("192.168.0.15@{hardwareAddr=aa:bb:cc:00:*} 192.168.1.15@{hardwareAddr=aa:bb:cc:01:*}")),
    ("two-on-one-device-document", vips("192.168.0.15@vip0 192.168.0.16@vip0")),
];

/// What Talos must see of the `number`th node of a case, the first being 1.
pub fn expected(case: &str, node: &str, number: usize) -> ExpectedPatch {
    let own = format!("{case} {node}");
    let found = SPECIAL.iter().find(|(name, _)| *name == own).or(SPECIAL.iter().find(|(name, _)| *name == case));
    let meaning = found.map_or(USUAL, |(_, meaning)| *meaning);
    let pairs = |words: &str| -> Vec<(String, String)> {
        let words = for_node(words, number);
        let pair =
            |word: &str| word.split_once('@').map(|(address, link)| (address.to_owned(), link.to_owned())).unwrap();
        words.split_whitespace().map(pair).collect()
    };
    let words = |words: &str| for_node(words, number).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    ExpectedPatch {
        vips: pairs(meaning.vips),
        addresses: pairs(meaning.addresses),
        routes: pairs(meaning.routes),
        metric: meaning.metric,
        vlans: words(meaning.vlans),
        left_down: words(meaning.left_down),
        dhcp: words(meaning.dhcp),
        machine_cert_sans: words(meaning.dialled),
        ..ExpectedPatch::default()
    }
}

fn for_node(words: &str, number: usize) -> String {
    let device = DEVICES.get(number - 1).copied().unwrap_or_default();
    words.replace('#', &number.to_string()).replace('~', &(number - 1).to_string()).replace("MAC", device)
}

/// The cases that [`SPECIAL`] names.
pub fn special() -> impl Iterator<Item = &'static str> {
    SPECIAL.iter().filter_map(|(name, _)| name.split(' ').next())
}
