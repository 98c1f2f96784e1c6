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
        check(json!({"vip": bad}), &["vip: Not an address for a virtual IP"]);
        let additional = json!([{"address": bad, "interface": "eth1"}]);
        check(json!({"additional_vips": additional}), &["additional_vips[0].address: Not an address for a virtual IP"]);
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
fn a_virtual_ip_is_named_once() {
    let twice = |first: &str, second: &str| json!({"additional_vips": [{"address": first, "interface": "eth1"}, {"address": second, "interface": "eth2"}]});
    check(twice("10.0.0.1", "10.0.0.1"), &["additional_vips[1].address: Virtual IP named twice"]);
    check(twice("192.168.0.15", "10.0.0.1"), &["additional_vips[0].address: Virtual IP named twice"]);
    check(twice("fd00::1", "FD00:0::1"), &["additional_vips[1].address: Virtual IP named twice"]);
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
}

#[test]
fn some_addresses_of_a_subnet_are_nobody_s() {
    let problem = "vip: Not an address for a virtual IP";
    check(json!({"vip": "192.168.0.0"}), &[problem]);
    check(json!({"vip": "192.168.0.255"}), &[problem]);
    let six = || at(["fd00::10/64", "fd00::11/64", "fd00::12/64"]);
    check(json!({"vip": "fd00::", "control_plane": six()}), &[problem]);
    check(json!({"vip": "fd00::ffff:ffff:ffff:ffff", "control_plane": six()}), &[]);
    let own = json!([{"address": "192.168.0.255", "vlan_id": 9}]);
    check(json!({"additional_vips": own}), &["additional_vips[0].address: Not an address for a virtual IP"]);
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
            &["control_plane[\"cp-1\"].address: Not an address of a node"],
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
fn a_node_has_one_link() {
    check(json!({"interface": null}), &["interface: No link"]);
    check(json!({"interface": UNKNOWN}), &[]);
    let one = with_first("interface", "eth1".into());
    check(
        json!({"interface": null, "control_plane": one}),
        &["control_plane[\"cp-2\"].interface: No link", "control_plane[\"cp-3\"].interface: No link"],
    );
    let driver = || json!({"driver": "igb"});
    check(json!({"device_selector": driver()}), &["device_selector: Two links"]);
    check(json!({"device_selector": UNKNOWN}), &[]);
    check(json!({"interface": null, "device_selector": {}}), &["device_selector: Empty device selector"]);
    check(json!({"interface": null, "device_selector": {"driver": UNKNOWN}}), &[]);
    // A node's own choice stands for itself, of whichever kind it is.
    check(json!({"control_plane": with_first("device_selector", driver())}), &[]);
    check(
        json!({"control_plane": with_first("device_selector", json!({}))}),
        &["control_plane[\"cp-1\"].device_selector: Empty device selector"],
    );
    let both = json!([{"address": "10.0.0.15", "interface": "eth1", "device_selector": driver()}]);
    check(json!({"additional_vips": both}), &["additional_vips[0].device_selector: Two links"]);
    for bad in ["", "eth 0", "net%d", "an-interface-too-long"] {
        check(json!({"interface": bad}), &["interface: Invalid value"]);
    }
    check(
        json!({"interface": null, "device_selector": {"physical": false}}),
        &["device_selector.physical: Invalid value", "device_selector: Empty device selector"],
    );
}

#[test]
fn vlans() {
    for bad in [0, 4095, -1] {
        check(json!({"vlan_id": bad}), &["vlan_id: Invalid value"]);
    }
    let on_device = |changes: Json| {
        let mut all = json!({"interface": null, "device_selector": {"driver": "igb"}});
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        all
    };
    check(on_device(json!({"vlan_id": 7})), &["vlan_id: VLAN on a selected device"]);
    check(on_device(json!({"vlan_id": 7, "talos_version": "v1.11"})), &[]);
    check(on_device(json!({"vlan_id": 7, "talos_version": UNKNOWN})), &[]);
    check(
        on_device(json!({"control_plane": with_first("vlan_id", 7.into())})),
        &["control_plane[\"cp-1\"].vlan_id: VLAN on a selected device"],
    );
    check(
        on_device(json!({"additional_vips": [{"address": "10.0.0.15", "vlan_id": 7}]})),
        &["additional_vips[0].vlan_id: VLAN on a selected device"],
    );
}

#[test]
fn the_legacy_form_has_one_virtual_ip_on_a_link() {
    let with = |link: Json, version: &str| {
        let mut vip = json!({"address": "192.168.0.16"});
        vip.as_object_mut().unwrap().extend(link.as_object().unwrap().clone());
        json!({"additional_vips": [vip], "talos_version": version})
    };
    let two = "additional_vips[0].address: Two virtual IPs on one link";
    check(with(json!({}), "v1.11"), &[two]);
    check(with(json!({"interface": "eth0"}), "v1.11"), &[two]);
    check(with(json!({}), "v1.12"), &[]);
    check(with(json!({"vlan_id": 7}), "v1.11"), &[]);
    check(with(json!({"interface": "eth1"}), "v1.11"), &[]);
    check(with(json!({"interface": UNKNOWN}), "v1.11"), &[]);
    // Where one node has its link elsewhere, the others still have two on one.
    let mut moved = with(json!({"interface": "eth0"}), "v1.11");
    moved["control_plane"] = with_first("interface", "eth1".into());
    check(moved, &[two]);
    let mut legacy = with(json!({}), "v1.14");
    legacy["form"] = "legacy".into();
    check(legacy, &[two]);
}

#[test]
fn static_addressing_needs_whole_addresses() {
    let with = |nodes: Json| json!({"static_addressing": true, "control_plane": nodes});
    check(
        with(at(["192.168.0.10/24", "192.168.0.11/24", "192.168.0.12"])),
        &["control_plane[\"cp-3\"].address: No prefix length"],
    );
    check(
        with(nodes([json!({"address": "192.168.0.10/24"}), json!({}), json!({"address": UNKNOWN})])),
        &["control_plane[\"cp-2\"].address: No address"],
    );
    check(
        with(with_first("additional_addresses", json!(["fd00::1"]))),
        &["control_plane[\"cp-1\"].additional_addresses[0]: No prefix length"],
    );
}

#[test]
fn gateways() {
    let idle = "gateway: Gateway without static addressing";
    check(json!({"gateway": "192.168.0.1"}), &[idle]);
    check(
        json!({"control_plane": with_first("gateway", "192.168.0.1".into())}),
        &["control_plane[\"cp-1\"].gateway: Gateway without static addressing"],
    );
    check(json!({"gateway": "192.168.0.1", "static_addressing": UNKNOWN}), &[]);
    let with = |gateway: &str| json!({"gateway": gateway, "static_addressing": true});
    for good in ["192.168.0.1", "fe80::1", UNKNOWN] {
        check(with(good), &[]);
    }
    for bad in ["192.168.0.15", "192.168.0.0", "192.168.0.255", "127.0.0.1", "192.168.0.12", "0.0.0.0"] {
        check(with(bad), &["gateway: Not the address of a gateway"]);
    }
    check(with("192.168.1.1"), &["gateway: Gateway outside the node's subnet"]);
    check(with("fd00::1"), &["gateway: Gateway of another address family"]);
    check(with("192.168.0.1/24"), &["gateway: Invalid value"]);
    let mut own = with("192.168.1.1");
    own["control_plane"] = with_first("gateway", "192.168.2.1".into());
    check(
        own,
        &[
            "control_plane[\"cp-1\"].gateway: Gateway outside the node's subnet",
            "gateway: Gateway outside the node's subnet",
        ],
    );
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
    check(json!({"form": "document", "talos_version": "v1.11"}), &["form: No documents in this Talos version"]);
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
            "form: No documents in this Talos version",
            "control_plane[\"cp-2\"].address: Address used twice",
            "control_plane[\"cp-3\"].address: Not an address of a node",
            "vip: Virtual IP outside the nodes' subnet",
            "device_selector: Two links",
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
        json!({"interface": null, "device_selector": {"driver": "igb"}, "vlan_id": 7}),
        json!({"interface": null}),
        json!({"interface": null, "control_plane": with_first("interface", "eth1".into())}),
        json!({"gateway": "192.168.0.1"}),
        json!({"gateway": "192.168.0.15", "static_addressing": true}),
        json!({"gateway": "192.168.1.1", "static_addressing": true}),
        json!({"gateway": "fd00::1", "static_addressing": true}),
        json!({"static_addressing": true, "control_plane": nodes([json!({}), json!({"address": "192.168.0.11"}), json!({"address": "192.168.0.12/24"})])}),
    ] {
        all.append(validate(&config(changes)));
    }
    let text: String = all.iter().map(|said| format!("{}: {}\n{}\n\n", said.path, said.title, said.detail)).collect();
    golden::check("vip/errors.txt", &text);
}
