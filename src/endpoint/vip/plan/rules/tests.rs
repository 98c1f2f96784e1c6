mod links;
mod routes;

use serde_json::{Value as Json, json};

use crate::endpoint::golden;
use crate::endpoint::vip::sample::{UNKNOWN, config, nodes, reported, validate};
use crate::framework::diagnostic::{Diagnostics, Severity};

/// The whole validation says exactly `expected`: `PATH: TITLE` of each problem.
#[track_caller]
fn check(changes: Json, expected: &[&str]) {
    assert_eq!(reported(&validate(&config(changes)), Severity::Error), expected);
}

fn with_first(member: &str, value: Json) -> Json {
    let mut first = json!({"address": "192.168.0.10/24"});
    first[member] = value;
    nodes([first, json!({"address": "192.168.0.11/24"}), json!({"address": "192.168.0.12/24"})])
}

fn at(addresses: [&str; 3]) -> Json {
    nodes(addresses.map(|address| json!({"address": address})))
}

#[test]
fn nothing_is_wrong_with_three_nodes() {
    check(json!({}), &[]);
}

#[test]
fn what_is_no_address_is_told_once() {
    for bad in ["", "eth0", "192.168.0.15/24", "[fd00::15]", "fe80::1%eth0", "192.168.000.015"] {
        check(json!({"vip": bad}), &["vip: Invalid value"]);
    }
    for bad in
        ["0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.1", "255.255.255.255", "::", "::1", "ff02::1", "fe80::1"]
    {
        check(json!({"vip": bad}), &["vip: Unusable virtual IP"]);
        let additional = json!([{"address": bad, "interface": "eth1"}]);
        check(json!({"additional_vips": additional}), &["additional_vips[0].address: Unusable virtual IP"]);
    }
    check(json!({"vip": "::ffff:192.168.0.15"}), &["vip: Invalid value"]);
    check(json!({"additional_vips": [{"address": "::ffff:10.0.0.1"}]}), &["additional_vips[0].address: Invalid value"]);
    check(
        json!({"control_plane": with_first("address", "192.168.0.10/33".into())}),
        &["control_plane[\"cp-1\"].address: Invalid value"],
    );
}

#[test]
fn a_virtual_ip_is_nobody_s_address() {
    let taken = "vip: The virtual IP is the address of a node";
    check(json!({"vip": "192.168.0.11"}), &[taken]);
    check(json!({"vip": "192.168.0.11", "control_plane": by_names()}), &[]);
    let more = with_first("additional_addresses", json!(["FD00:0::15/64"]));
    check(
        json!({"control_plane": more, "additional_vips": [{"address": "fd00::15"}]}),
        &["additional_vips[0].address: The virtual IP is the address of a node"],
    );
    check(json!({"control_plane": with_first("address", UNKNOWN.into()), "vip": "192.168.0.10"}), &[]);
}

fn by_names() -> Json {
    nodes([json!({"endpoint": "a.example"}), json!({"endpoint": "b.example"}), json!({"endpoint": "c.example"})])
}

#[test]
fn the_api_server_listens_where_nothing_else_does() {
    for taken in [2379, 2380, 10250, 50000, 50001] {
        check(json!({"kubernetes_api": {"port": taken}}), &["kubernetes_api.port: Port taken by the node itself"]);
    }
    check(json!({"kubernetes_api": {"port": 443}}), &[]);
}

#[test]
fn an_address_is_given_once() {
    let detail = |nodes: Json| validate(&config(json!({"control_plane": nodes}))).iter().next().unwrap().detail.clone();
    let own = detail(with_first("additional_addresses", json!(["192.168.0.10/24"])));
    assert!(own.ends_with("Remove one of the two."), "{own}");
    let other = detail(at(["192.168.0.10/24", "192.168.0.10/24", "192.168.0.12/24"]));
    assert!(other.ends_with("Each node has its own."), "{other}");
}

#[test]
fn a_virtual_ip_is_named_once() {
    let twice = |first: &str, second: &str| json!({"additional_vips": [{"address": first, "interface": "eth1"}, {"address": second, "interface": "eth2"}]});
    check(twice("10.0.0.1", "10.0.0.1"), &["additional_vips[1].address: Virtual IP used twice"]);
    check(twice("192.168.0.15", "10.0.0.1"), &["additional_vips[0].address: Virtual IP used twice"]);
    check(twice("fd00::1", "FD00:0::1"), &["additional_vips[1].address: Virtual IP used twice"]);
    check(twice("fd00::1", "fd00::2"), &[]);
    check(twice(UNKNOWN, UNKNOWN), &[]);
}

#[test]
fn a_virtual_ip_is_in_the_nodes_subnet() {
    check(json!({"vip": "192.168.5.15"}), &["vip: Virtual IP outside the nodes' subnet"]);
    check(
        json!({"control_plane": at(["192.168.0.10/24", "192.168.0.11/24", "192.168.1.12/24"])}),
        &["control_plane[\"cp-3\"].address: Node outside the virtual IP's subnet"],
    );
    // A node without a prefix length, or with an address that isn't known, may be anywhere.
    for open in ["192.168.9.10", "192.168.9.10/32", UNKNOWN] {
        check(json!({"control_plane": at(["192.168.0.10/24", "192.168.0.11/24", open])}), &[]);
    }
    let second = with_first("additional_addresses", json!(["10.0.0.1/8"]));
    check(
        json!({"control_plane": second, "vip": "10.0.0.15"}),
        &[
            "control_plane[\"cp-2\"].address: Node outside the virtual IP's subnet",
            "control_plane[\"cp-3\"].address: Node outside the virtual IP's subnet",
        ],
    );
    let additional = |link: Json| {
        let mut vip = json!({"address": "10.0.0.15"});
        vip.as_object_mut().unwrap().extend(link.as_object().unwrap().clone());
        json!({"additional_vips": [vip]})
    };
    check(additional(json!({})), &["additional_vips[0].address: Virtual IP outside the nodes' subnet"]);
    for link in [json!({"interface": "eth1"}), json!({"vlan_id": 7}), json!({"device_selector": {"driver": "igb"}})] {
        check(additional(link), &[]);
    }
    // The nodes' own link, written out, has the nodes' subnet.
    let outside = "additional_vips[0].address: Virtual IP outside the nodes' subnet";
    check(additional(json!({"interface": "eth0"})), &[outside]);
    check(additional(json!({"interface": UNKNOWN})), &[]);
    let mut elsewhere = additional(json!({"interface": "eth0"}));
    elsewhere["interface"] = "eth1".into();
    check(elsewhere.clone(), &[]);
    elsewhere["control_plane"] = with_first("interface", "eth0".into());
    check(elsewhere, &[outside]);
}

#[test]
fn some_addresses_of_a_subnet_are_nobody_s() {
    let problem = "vip: Unusable virtual IP";
    check(json!({"vip": "192.168.0.0"}), &[problem]);
    check(json!({"vip": "192.168.0.255"}), &[problem]);
    let six = || at(["fd00::10/64", "fd00::11/64", "fd00::12/64"]);
    check(json!({"vip": "fd00::", "control_plane": six()}), &[problem]);
    check(json!({"vip": "fd00::ffff:ffff:ffff:ffff", "control_plane": six()}), &[]);
    let own = json!([{"address": "192.168.0.255", "vlan_id": 9}]);
    check(json!({"additional_vips": own}), &["additional_vips[0].address: Unusable virtual IP"]);
}

#[test]
fn a_virtual_ip_is_of_a_family_that_nodes_have() {
    check(json!({"vip": "fd00::15"}), &["vip: Virtual IP of another address family"]);
    check(json!({"vip": "fd00::15", "control_plane": by_names()}), &[]);
    check(json!({"vip": "fd00::15", "control_plane": with_first("additional_addresses", UNKNOWN.into())}), &[]);
    check(json!({"vip": "fd00::15", "control_plane": with_first("additional_addresses", json!(["fd00::1/64"]))}), &[]);
    check(json!({"additional_vips": [{"address": "fd00::15"}]}), &[]);
}

#[test]
fn nodes_have_addresses_of_their_own() {
    let twice = "control_plane[\"cp-3\"].address: Address used twice";
    check(json!({"control_plane": at(["192.168.0.10/24", "192.168.0.11/24", "192.168.0.10"])}), &[twice]);
    let six = at(["fd00::1/64", "fd00::2/64", "fd00:0::1/64"]);
    check(json!({"control_plane": six, "vip": "fd00::15"}), &[twice]);
    check(
        json!({"control_plane": with_first("additional_addresses", json!(["192.168.0.10/24"]))}),
        &["control_plane[\"cp-1\"].additional_addresses[0]: Address used twice"],
    );
    for bad in ["127.0.0.1", "192.168.0.0/24", "192.168.0.255/24", "0.0.0.0/24"] {
        check(
            json!({"control_plane": with_first("address", bad.into())}),
            &["control_plane[\"cp-1\"].address: Unusable node address"],
        );
    }
}

#[test]
fn the_cluster_s_own_subnets_are_left_alone() {
    let pods = "vip: Address in a pod subnet";
    check(json!({"vip": "10.244.0.15", "control_plane": by_names()}), &[pods]);
    check(json!({"vip": "10.111.255.254", "control_plane": by_names()}), &["vip: Address in a service subnet"]);
    check(json!({"vip": "10.112.0.1", "control_plane": by_names()}), &[]);
    check(json!({"vip": "10.244.0.15", "control_plane": by_names(), "pod_cidrs": ["10.1.0.0/16"]}), &[]);
    check(json!({"vip": "10.244.0.15", "control_plane": by_names(), "pod_cidrs": UNKNOWN}), &[]);
    check(
        json!({"pod_cidrs": ["fd00::/56", "192.168.0.0/26"]}),
        &[
            "control_plane[\"cp-1\"].address: Address in a pod subnet",
            "control_plane[\"cp-2\"].address: Address in a pod subnet",
            "control_plane[\"cp-3\"].address: Address in a pod subnet",
            pods,
        ],
    );
    check(json!({"service_cidrs": ["10.96.0.1/12"]}), &["service_cidrs: Invalid value"]);
}

#[test]
fn talosctl_never_dials_the_virtual_ip() {
    let of_first = |endpoint: &str| with_first("endpoint", endpoint.into());
    let problem = "control_plane[\"cp-1\"].endpoint: talosctl would dial the virtual IP";
    check(json!({"control_plane": of_first("192.168.0.15")}), &[problem]);
    check(json!({"control_plane": of_first("API.example.com"), "host": "api.example.com"}), &[problem]);
    check(json!({"control_plane": of_first("cp-1.example.com"), "host": "api.example.com"}), &[]);
    check(json!({"control_plane": of_first(UNKNOWN)}), &[]);
    check(
        json!({"control_plane": of_first("https://192.168.0.10")}),
        &["control_plane[\"cp-1\"].endpoint: Invalid value"],
    );
}

#[test]
fn forms_and_versions() {
    check(json!({"form": "document", "talos_version": "v1.11"}), &["form: Document form not available"]);
    check(json!({"form": "document", "talos_version": "v1.12"}), &[]);
    check(json!({"form": "legacy", "talos_version": "v1.14"}), &[]);
    check(json!({"form": "document", "talos_version": UNKNOWN}), &[]);
    check(json!({"form": "json6902"}), &["form: Invalid value"]);
    for bad in ["1.8", "banana", "V1.12", "v1", ""] {
        check(json!({"talos_version": bad}), &["talos_version: Invalid value"]);
    }
}

#[test]
fn hosts() {
    for bad in ["https://x", "x:6443", "[fd00::1]", ""] {
        check(json!({"host": bad}), &["host: Invalid value"]);
    }
}

#[test]
fn all_problems_at_once() {
    check(
        json!({
            "vip": "192.168.5.15",
            "form": "document",
            "talos_version": "v1.11",
            "gateway": "192.168.0.1",
            "device_selector": {},
            "control_plane": at(["192.168.0.10/24", "192.168.0.10/24", "127.0.0.1"]),
        }),
        &[
            "form: Document form not available",
            "control_plane[\"cp-2\"].address: Address used twice",
            "control_plane[\"cp-3\"].address: Unusable node address",
            "vip: Virtual IP outside the nodes' subnet",
            "device_selector: Two links for one virtual IP",
            "gateway: Gateway without static addressing",
        ],
    );
}

/// One of each text, to be read.
#[test]
fn the_texts() {
    let mut all = Diagnostics::new();
    for changes in [
        json!({"vip": "127.0.0.1"}),
        json!({"vip": "192.168.0.255"}),
        json!({"vip": "192.168.0.11"}),
        json!({"vip": "192.168.5.15"}),
        json!({"vip": "fd00::15"}),
        json!({"vip": "10.244.0.15", "control_plane": by_names()}),
        json!({"additional_vips": [{"address": "192.168.0.15"}]}),
        json!({"additional_vips": [{"address": "192.168.0.16"}], "talos_version": "v1.11"}),
        json!({"control_plane": at(["192.168.0.10/24", "192.168.0.10", "192.168.1.12/24"])}),
        json!({"control_plane": at(["192.168.0.0/24", "192.168.0.11/24", "192.168.0.12/24"])}),
        json!({"control_plane": with_first("endpoint", "192.168.0.15".into())}),
        json!({"form": "document", "talos_version": "v1.11"}),
        json!({"device_selector": {"driver": "igb"}}),
        json!({"interface": null, "device_selector": {}}),
        json!({"interface": null, "device_selector": {"hardware_addr": "bc-24-11-xx"}}),
        json!({"interface": null, "device_selector": {"driver": "igb"}, "link_alias": "eth0"}),
        json!({"link_alias": "lan"}),
        json!({"interface": null, "device_selector": {"driver": "igb"}, "link_alias": "vip1",
            "additional_vips": [{"address": "10.0.0.15", "device_selector": {"driver": "ixgbe"}}]}),
        json!({"interface": null, "device_selector": {"driver": "igb"}, "link_alias": "lan",
            "additional_vips": [{"address": "192.168.0.16", "link_alias": "wan", "vlan_id": 7}]}),
        json!({"interface": "lo"}),
        json!({"interface": "192.168.0.10"}),
        json!({"interface": null, "device_selector": {"pci_id": "0x8086:0x10d3", "bus_path": "00:1f.6"}}),
        json!({"kubernetes_api": {"port": 50000}}),
        json!({"control_plane": with_first("additional_addresses", json!(["192.168.0.10/24"]))}),
        json!({"interface": null}),
        json!({"interface": null, "control_plane": with_first("interface", "eth1".into())}),
        json!({"gateway": "192.168.0.1"}),
        json!({"gateway": "192.168.0.15", "static_addressing": true}),
        json!({"gateway": "192.168.1.1", "static_addressing": true}),
        json!({"gateway": "fd00::1", "static_addressing": true}),
        json!({"gateway": "192.168.0.1", "additional_gateway": "192.168.0.2", "static_addressing": true}),
        json!({"static_addressing": true, "control_plane": nodes([json!({}), json!({"address": "192.168.0.11"}), json!({"address": "192.168.0.12/24"})])}),
    ] {
        all.append(validate(&config(changes)));
    }
    let text: String = all.iter().map(|said| format!("{}: {}\n{}\n\n", said.path, said.title, said.detail)).collect();
    golden::check("vip/errors.txt", &text);
}

#[test]
fn a_host_is_an_address_of_the_endpoint_or_of_nothing_here() {
    check(json!({"host": "192.168.0.11"}), &["host: The host is a machine's own address"]);
    check(json!({"host": "10.96.0.5"}), &["host: Address in a service subnet"]);
    check(json!({"host": "10.244.0.5"}), &["host: Address in a pod subnet"]);
    check(json!({"host": "203.0.113.5"}), &[]); // a translated one
    check(json!({"host": "192.168.0.15"}), &[]);
}

#[test]
fn an_endpoint_is_of_one_node() {
    let second = |member: &str, value: &str| {
        let mut second = json!({"address": "192.168.0.11/24"});
        second[member] = value.into();
        nodes([
            json!({"address": "192.168.0.10/24", "endpoint": "cp.example.com"}),
            second,
            json!({"endpoint": "192.168.0.12"}),
        ])
    };
    let twice = "control_plane[\"cp-2\"].endpoint: Endpoint used twice";
    check(json!({"control_plane": second("endpoint", "CP.example.com")}), &[twice]);
    check(json!({"control_plane": second("endpoint", "192.168.0.10")}), &[twice]);
    check(
        json!({"control_plane": second("address", "192.168.0.12/24")}),
        &["control_plane[\"cp-3\"].endpoint: Endpoint used twice"],
    );
    check(json!({"control_plane": second("endpoint", "192.168.0.11")}), &[]); // its own
}

#[test]
fn nodes_have_names() {
    let nodes = |name: &str| json!({name: {"address": "192.168.0.10/24"}});
    check(json!({"control_plane": nodes("")}), &["control_plane[\"\"]: Invalid name"]);
    check(json!({"control_plane": nodes("cp 01")}), &["control_plane[\"cp 01\"]: Invalid name"]);
    check(json!({"control_plane": nodes("cp_01.example.com")}), &[]);
}
