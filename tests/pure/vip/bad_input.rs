//! Everything that can be seen to be wrong is an error of the plan, all of it at once, each at its place.

use lab::need;
use lab::programs;

use super::resource;
use crate::stage::{Case, assert_all_told, workspace};

const INVALID: &str = "Invalid value";

const CASES: &[Case] = &[
    ("no_nodes", &[("control_plane", "{}")], &[(INVALID, "at least 1 element")]),
    ("vip_with_prefix", &[("vip", r#""192.168.30.30/24""#)], &[(INVALID, "without prefix length")]),
    ("vip_with_zone", &[("vip", r#""fe80::1%eth0""#)], &[(INVALID, "without prefix length")]),
    ("vip_with_port", &[("vip", r#""192.168.30.30:6443""#)], &[(INVALID, "It ends in a port. Write `192.168.30.30`")]),
    (
        "vip_as_url",
        &[("vip", r#""https://192.168.30.30:6443""#)],
        &[(INVALID, "It is a URL. Write the host alone: `192.168.30.30`;")],
    ),
    (
        "vip_with_zeros",
        &[("vip", r#""192.168.030.030""#)],
        &[(INVALID, "Write `192.168.30.30` if that is what you mean.")],
    ),
    ("version_as_number", &[("talos_version", "1.10")], &[(INVALID, "If 1.10 is meant, put it in quotes")]),
    ("host_not_ascii", &[("host", r#""käse.example.com""#)], &[(INVALID, "`ä` is not an ASCII letter")]),
    (
        "prefix_too_long",
        &[("control_plane", r#"{ cp-01 = { address = "192.168.30.31/33" } }"#)],
        &[(INVALID, "Its prefix length is more than 32")],
    ),
    ("host_for_subnet", &[("pod_cidrs", r#"["10.245.0.7/16"]"#)], &[(INVALID, "Write `10.245.0.0/16`.")]),
    (
        "name_twice",
        &[("additional_names", r#"["vpn.example.com", "192.168.30.30"]"#)],
        &[("Name used twice", "both `vip` and `additional_names[1]`")],
    ),
    ("entry_without_name", &[("host_entry", "true")], &[("Host entry not possible", "Set `host` to a DNS name")]),
    ("vip_as_name", &[("vip", r#""käse.example.com""#)], &[(INVALID, "It is a name. Write the address")]),
    ("vip_hexadecimal", &[("vip", r#""0xC0.0xA8.0x1E.0x1E""#)], &[(INVALID, "Write `192.168.30.30`.")]),
    (
        "vip_in_brackets",
        &[("vip", r#""[fd00::30]:50000""#)],
        &[(INVALID, "it ends in a port. Write `fd00::30`; where a port can be changed")],
    ),
    ("host_empty", &[("host", r#""""#)], &[(INVALID, "Write a DNS name or an address, or leave it out")]),
    ("host_of_the_machine", &[("host", r#""localhost""#)], &[(INVALID, "it is the machine itself")]),
    ("host_loopback", &[("host", r#""127.0.0.1""#)], &[(INVALID, "it is a loopback address")]),
    (
        "node_mapped",
        &[("control_plane", r#"{ cp-01 = { address = "::ffff:192.168.30.31/120" } }"#)],
        &[(INVALID, "Write `192.168.30.31/24`.")],
    ),
    (
        "every_address_in_the_subnet",
        &[("control_plane", r#"{ cp-01 = { address = "192.168.30.31/0" } }"#)],
        &[(INVALID, "would put every address into this subnet")],
    ),
    ("version_of_tomorrow", &[("talos_version", r#""v2.0""#)], &[(INVALID, "knows Talos up to v1.14")]),
    ("version_capital", &[("talos_version", r#""V1.12""#)], &[(INVALID, "Write `v1.12`.")]),
    ("vip_mapped", &[("vip", r#""::ffff:192.168.30.30""#)], &[(INVALID, "Write `192.168.30.30`.")]),
    ("vip_multicast", &[("vip", r#""224.0.0.18""#)], &[("Unusable virtual IP", "multicast")]),
    ("vip_broadcast", &[("vip", r#""192.168.30.255""#)], &[("Unusable virtual IP", "broadcast address")]),
    ("vip_of_a_node", &[("vip", r#""192.168.30.32""#)], &[("The virtual IP is the address of a node", "`cp-02`")]),
    ("vip_outside", &[("vip", r#""192.168.31.30""#)], &[("Virtual IP outside the nodes' subnet", "192.168.30.0/24")]),
    ("vip_family", &[("vip", r#""fd00::30""#)], &[("Virtual IP of another address family", "is IPv6")]),
    (
        "vip_twice",
        &[("additional_vips", r#"[{ address = "192.168.30.30" }]"#)],
        &[("Virtual IP used twice", "192.168.30.30")],
    ),
    (
        "two_on_a_link",
        &[("additional_vips", r#"[{ address = "192.168.30.40" }]"#), ("talos_version", r#""v1.11""#)],
        &[("Two virtual IPs on one link", "room for one")],
    ),
    (
        "node_elsewhere",
        &[(
            "control_plane",
            r#"{ a = { address = "192.168.30.31/24" }, b = { address = "192.168.30.32/24" }, c = { address = "10.0.0.1/24" } }"#,
        )],
        &[("Node outside the virtual IP's subnet", "`c` is in 10.0.0.0/24")],
    ),
    (
        "node_twice",
        &[("control_plane", r#"{ a = { address = "192.168.30.31/24" }, b = { address = "192.168.30.31" } }"#)],
        &[("Address used twice", "both `control_plane[\"a\"].address` and `control_plane[\"b\"].address`")],
    ),
    (
        "node_dialled_at_the_vip",
        &[("control_plane", r#"{ a = { address = "192.168.30.31/24", endpoint = "192.168.30.30" } }"#)],
        &[("talosctl would dial the virtual IP", "`a` itself")],
    ),
    (
        "services",
        &[("vip", r#""10.100.0.10""#), ("control_plane", r#"{ a = { endpoint = "a.example.org" } }"#)],
        &[("Address in a service subnet", "set `service_cidrs`")],
    ),
    ("no_link", &[("interface", "")], &[("Missing link", "Set `interface`")]),
    ("two_links", &[("device_selector", r#"{ driver = "igb" }"#)], &[("Two links for one virtual IP", "Remove one")]),
    ("empty_selector", &[("interface", ""), ("device_selector", "{}")], &[("Empty device selector", "permanent_addr")]),
    (
        "selector_that_ends_the_expression",
        &[("interface", ""), ("device_selector", r#"{ driver = "x\") || true || glob(\"" }"#)],
        &[(INVALID, "without blanks, quotes")],
    ),
    (
        "selector_of_no_address",
        &[("interface", ""), ("device_selector", r#"{ hardware_addr = "bc-24-11-xx" }"#)],
        &[(INVALID, "`aa:bb:cc:dd:ee:ff`")],
    ),
    (
        "alias_like_hardware",
        &[("interface", ""), ("device_selector", r#"{ driver = "igb" }"#), ("link_alias", r#""eth0""#)],
        &[(INVALID, "no name that another link may have")],
    ),
    ("idle_alias", &[("link_alias", r#""lan""#)], &[("Alias without a device selector", "named by `interface`")]),
    (
        "aliases_alike",
        &[
            ("interface", ""),
            ("device_selector", r#"{ driver = "igb" }"#),
            ("link_alias", r#""lan""#),
            (
                "additional_vips",
                r#"[{ address = "10.0.0.30", device_selector = { driver = "ixgbe" }, link_alias = "lan" }]"#,
            ),
        ],
        &[("Alias used twice", "to another name")],
    ),
    ("vlan_range", &[("vlan_id", "4095")], &[(INVALID, "from 1 to 4094")]),
    ("interface_name", &[("interface", r#""net%d""#)], &[(INVALID, "name of a network interface")]),
    ("loopback", &[("interface", r#""lo""#)], &[(INVALID, "`lo` is inside the machine")]),
    ("tunnel", &[("interface", r#""wg0""#)], &[(INVALID, "`wg0` is inside the machine, or a tunnel")]),
    (
        "vlan_as_interface",
        &[("interface", r#""eth0.30""#)],
        &[(INVALID, "Set `interface` to `eth0` and `vlan_id` to 30.")],
    ),
    (
        "interface_as_ip_prints_it",
        &[("interface", r#""eth0@if2""#)],
        &[(INVALID, "`ip` prints it behind. Write `eth0`.")],
    ),
    ("address_as_interface", &[("interface", r#""192.168.30.31""#)], &[(INVALID, "It is an address.")]),
    ("interface_too_long", &[("interface", r#""enx001a2b3c4d5e6""#)], &[(INVALID, "It has 16 characters")]),
    (
        "bus_path_of_lspci",
        &[("interface", ""), ("device_selector", r#"{ bus_path = "00:1f.6" }"#)],
        &[(INVALID, "Write `0000:00:1f.6`.")],
    ),
    (
        "pci_id_in_lower_case",
        &[("interface", ""), ("device_selector", r#"{ pci_id = "8086:10d3" }"#)],
        &[(INVALID, "Write `8086:10D3`.")],
    ),
    (
        "nobodys_hardware_address",
        &[("interface", ""), ("device_selector", r#"{ permanent_addr = "ff:ff:ff:ff:ff:ff" }"#)],
        &[(INVALID, "It is the broadcast address")],
    ),
    (
        "port_of_the_talos_api",
        &[("kubernetes_api", "{ port = 50000 }")],
        &[("Port taken by the node itself", "the Talos API listens on every control-plane node")],
    ),
    ("no_vlan_as_interface", &[("interface", r#""eth0.5000""#)], &[(INVALID, "from 1 to 4094, not 5000")]),
    (
        "alias_like_a_bond",
        &[("interface", ""), ("device_selector", r#"{ driver = "igb" }"#), ("link_alias", r#""bond0""#)],
        &[(INVALID, "Choose a name such as `vip0` or `lan`.")],
    ),
    (
        "one_address_for_all",
        &[("interface", ""), ("device_selector", r#"{ permanent_addr = "bc:24:11:00:00:01" }"#)],
        &[("Hardware address used twice", "nodes `cp-01` and `cp-02` both select by it")],
    ),
    (
        "one_device_by_two_selectors",
        &[
            ("interface", ""),
            ("device_selector", r#"{ bus_path = "0000:00:12.0" }"#),
            (
                "additional_vips",
                r#"[{ address = "10.0.0.30", vlan_id = 7, device_selector = { bus_path = "0000:00:12.0", physical = true } }]"#,
            ),
        ],
        &[("Two selectors for one device", "Write both selectors alike.")],
    ),
    (
        "priority_of_no_route",
        &[("static_addressing", "true"), ("route_priority", "100")],
        &[("Route priority without a gateway", "Set `gateway`")],
    ),
    (
        "idle_gateway",
        &[("gateway", r#""192.168.30.1""#)],
        &[("Gateway without static addressing", "static_addressing = true")],
    ),
    (
        "gateway_elsewhere",
        &[("gateway", r#""192.168.31.1""#), ("static_addressing", "true")],
        &[("Gateway outside the node's subnet", "192.168.30.0/24")],
    ),
    (
        "gateway_family",
        &[("gateway", r#""fd00::1""#), ("static_addressing", "true")],
        &[("Gateway of another address family", "no address of that family")],
    ),
    (
        "gateway_link_local",
        &[("gateway", r#""fe80::1""#), ("static_addressing", "true")],
        &[("Gateway of another address family", "no address of that family")],
    ),
    (
        "gateways_of_one_family",
        &[("gateway", r#""192.168.30.1""#), ("additional_gateway", r#""192.168.30.2""#), ("static_addressing", "true")],
        &[("Two gateways of one address family", "both IPv4")],
    ),
    ("idle_priority", &[("route_priority", "100")], &[("Route priority without static addressing", "no place")]),
    (
        "gateway_is_the_vip",
        &[("gateway", r#""192.168.30.30""#), ("static_addressing", "true")],
        &[("Unusable gateway", "is the virtual IP")],
    ),
    (
        "static_without_addresses",
        &[("static_addressing", "true"), ("control_plane", r#"{ a = {}, b = { address = "192.168.30.32" } }"#)],
        &[("Missing address", "or `static_addressing = false`"), ("Missing prefix length", "`192.168.30.32/24`")],
    ),
    (
        "documents_too_early",
        &[("form", r#""document""#), ("talos_version", r#""v1.11""#)],
        &[("Document form not available", "from Talos 1.12 on")],
    ),
    ("version", &[("talos_version", r#""banana""#)], &[(INVALID, "from 1.9 on")]),
    ("form", &[("form", r#""patch""#)], &[(INVALID, "must be one of")]),
    ("host_with_scheme", &[("host", r#""https://api""#)], &[(INVALID, "without scheme")]),
    ("port_range", &[("kubernetes_api", "{ port = 0 }")], &[(INVALID, "from 1 to 65535")]),
    ("cidr", &[("pod_cidrs", r#"["10.244.0.1/16"]"#)], &[(INVALID, "by its first address")]),
    (
        "several_at_once",
        &[("vip", r#""192.168.31.30""#), ("interface", ""), ("gateway", r#""192.168.30.1""#), ("vlan_id", "0")],
        &[
            (INVALID, "from 1 to 4094"),
            ("Virtual IP outside the nodes' subnet", "192.168.31.30"),
            ("Missing link", "Set `interface`"),
            ("Gateway without static addressing", "gateway"),
        ],
    ),
];

#[test]
fn every_error_is_told_at_plan_in_one_run() {
    let workspace = workspace(&need!(programs::terraform()));
    assert_all_told(&workspace, "talosendpoint_vip", CASES, resource);
}
