//! One link for each node, VLANs, aliases.

use serde_json::{Value as Json, json};

use super::{UNKNOWN, check, with_first};

#[test]
fn a_node_has_one_link() {
    check(json!({"interface": null}), &["interface: Missing link"]);
    check(json!({"interface": UNKNOWN}), &[]);
    let one = with_first("interface", "eth1".into());
    check(
        json!({"interface": null, "control_plane": one}),
        &["control_plane[\"cp-2\"].interface: Missing link", "control_plane[\"cp-3\"].interface: Missing link"],
    );
    let driver = || json!({"driver": "igb"});
    check(json!({"device_selector": driver()}), &["device_selector: Two links for one virtual IP"]);
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
    check(json!({"additional_vips": both}), &["additional_vips[0].device_selector: Two links for one virtual IP"]);
    for bad in ["", "eth 0", "net%d", "an-interface-too-long", "lo", "siderolink"] {
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
    // An alias may be under a VLAN: the document form takes what the legacy form does.
    for version in ["v1.11", "v1.13", UNKNOWN] {
        check(on_device(json!({"vlan_id": 7, "talos_version": version})), &[]);
        let second = json!([{"address": "10.0.0.15", "vlan_id": 7}]);
        check(on_device(json!({"additional_vips": second, "talos_version": version})), &[]);
    }
}

#[test]
fn aliases() {
    let on_device = |changes: Json| {
        let mut all = json!({"interface": null, "device_selector": {"driver": "igb"}});
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        all
    };
    for good in ["vip0", "lan", "net0", UNKNOWN] {
        check(on_device(json!({"link_alias": good})), &[]);
    }
    for bad in ["", "eth0", "enp3s0", "net%d", "lo", "an-alias-too-long"] {
        check(on_device(json!({"link_alias": bad})), &["link_alias: Invalid value"]);
    }
    let idle = "link_alias: Alias without a device selector";
    check(json!({"link_alias": "lan"}), &[idle]);
    check(json!({"link_alias": "lan", "talos_version": "v1.11"}), &[idle]);
    check(json!({"link_alias": "lan", "interface": UNKNOWN}), &[idle]);
    check(json!({"link_alias": "lan", "interface": null, "device_selector": UNKNOWN}), &[]);
    check(on_device(json!({"link_alias": "lan", "talos_version": "v1.11"})), &[]);
    // The common alias is that of the one node with a selection.
    let one = with_first("device_selector", json!({"driver": "igb"}));
    check(json!({"link_alias": "lan", "control_plane": one}), &[]);
    check(
        json!({"control_plane": with_first("link_alias", "lan".into())}),
        &["control_plane[\"cp-1\"].link_alias: Alias without a device selector"],
    );
    let second = |changes: Json| {
        let mut vip = json!({"address": "10.0.0.15"});
        vip.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!([vip])
    };
    let other = || json!({"driver": "ixgbe"});
    check(
        on_device(
            json!({"link_alias": "lan", "additional_vips": second(json!({"device_selector": other(), "link_alias": "lan"}))}),
        ),
        &["additional_vips[0].link_alias: Alias used twice"],
    );
    check(
        on_device(json!({"link_alias": "vip1", "additional_vips": second(json!({"device_selector": other()}))})),
        &["additional_vips[0].link_alias: Alias used twice"],
    );
    check(
        on_device(json!({"link_alias": "lan", "additional_vips": second(json!({"vlan_id": 7, "link_alias": "wan"}))})),
        &["additional_vips[0].link_alias: Two aliases for one device"],
    );
    check(
        on_device(json!({"link_alias": "lan", "additional_vips": second(json!({"vlan_id": 7, "link_alias": "lan"}))})),
        &[],
    );
}

#[test]
fn hardware_addresses_have_a_shape() {
    let selected = |field: &str, value: &str| {
        let node = json!({"address": "192.168.0.10/24", "device_selector": {field: value}});
        json!({"interface": null, "control_plane": {"cp-1": node}})
    };
    for field in ["hardware_addr", "permanent_addr"] {
        for good in ["aa:bb:cc:dd:ee:ff", "BC:24:11:*", "*"] {
            check(selected(field, good), &[]);
        }
        for bad in
            ["bc-24-11-xx", "aabbccddeeff", "aa:bb:cc", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:00:5e:00:00:01"]
        {
            check(selected(field, bad), &[&format!("control_plane[\"cp-1\"].device_selector.{field}: Invalid value")]);
        }
    }
    check(selected("bus_path", "bc-24-11-xx"), &[]);
    for (field, bad) in [
        ("bus_path", "00:1f.6"),
        ("bus_path", "0000:00:1F.6"),
        ("bus_path", "pci-0000:00:12.0"),
        ("pci_id", "8086"),
        ("pci_id", "0x1af4:0x1000"),
        ("pci_id", "8086:10d3"),
    ] {
        check(selected(field, bad), &[&format!("control_plane[\"cp-1\"].device_selector.{field}: Invalid value")]);
    }
    for (field, good) in [("bus_path", "0000:00:1f.6"), ("bus_path", "usb-0000:00:14.0-1"), ("pci_id", "8086:10D3")] {
        check(selected(field, good), &[]);
    }
    check(selected("hardware_addr", "a b"), &["control_plane[\"cp-1\"].device_selector.hardware_addr: Invalid value"]);
}

#[test]
fn a_hardware_address_is_that_of_one_node() {
    let device = |address: &str| json!({"permanent_addr": address});
    let common = json!({"interface": null, "device_selector": device("bc:24:11:00:00:01")});
    check(common, &["device_selector: Hardware address used twice"]);
    let nobody_s = json!({"interface": null, "device_selector": device("ff:ff:ff:ff:ff:ff")});
    check(nobody_s, &["device_selector.permanent_addr: Invalid value"]);
    let each = |devices: [Json; 3]| {
        let [first, second, third] = devices.map(|device| json!({"device_selector": device}));
        json!({"interface": null, "control_plane": {"cp-1": first, "cp-2": second, "cp-3": third}})
    };
    let last = "control_plane[\"cp-3\"].device_selector: Hardware address used twice";
    check(each([device("bc:24:11:00:00:01"), device("bc:24:11:00:00:02"), device("BC:24:11:00:00:01")]), &[last]);
    let present = json!({"hardware_addr": "bc:24:11:00:00:01"});
    check(each([device("bc:24:11:00:00:01"), device("bc:24:11:00:00:02"), present]), &[last]);
    check(each([device("bc:24:11:00:00:01"), device("bc:24:11:00:00:02"), device(UNKNOWN)]), &[]);
    check(each([device("bc:24:11:*"), device("bc:24:11:*"), device("bc:24:11:*")]), &[]);
    // The place on the bus is often the same, and one node may have several virtual IPs on its device.
    check(json!({"interface": null, "device_selector": {"bus_path": "0000:00:12.0"}}), &[]);
    let one = json!({"cp-1": {"device_selector": device("bc:24:11:00:00:01")}});
    let second = json!([{"address": "10.0.0.15", "vlan_id": 7}]);
    check(json!({"interface": null, "control_plane": one, "additional_vips": second}), &[]);
    // An additional virtual IP has one selector for all nodes.
    let second = json!([{"address": "10.0.0.15", "device_selector": device("bc:24:11:00:00:01")}]);
    check(json!({"additional_vips": second}), &["additional_vips[0].device_selector: Hardware address used twice"]);
}

#[test]
fn a_device_has_one_selector() {
    let two = |first: Json, second: Json, version: &str| {
        json!({
            "interface": null,
            "device_selector": first,
            "talos_version": version,
            "additional_vips": [{"address": "10.0.0.15", "device_selector": second, "vlan_id": 7}],
        })
    };
    let bus = || json!({"bus_path": "0000:00:12.0"});
    let twice = "additional_vips[0].device_selector: Two selectors for one device";
    for version in ["v1.11", "v1.13", UNKNOWN] {
        check(two(bus(), json!({"bus_path": "0000:00:12.0", "physical": true}), version), &[twice]);
        check(two(bus(), bus(), version), &[]);
        check(two(bus(), json!({"bus_path": "0000:00:13.0"}), version), &[]);
        // These may be the same, or not.
        check(two(bus(), json!({"driver": "virtio_net"}), version), &[]);
    }
}

#[test]
fn an_alias_is_no_other_link() {
    for bad in ["bond0", "br0", "lan.30", "wg0", "vlan30"] {
        let changes = json!({"interface": null, "device_selector": {"driver": "igb"}, "link_alias": bad});
        check(changes, &["link_alias: Invalid value"]);
    }
    let named = |interface: &str| {
        let second = json!([{"address": "10.0.0.15", "interface": interface}]);
        json!({"interface": null, "device_selector": {"driver": "igb"}, "link_alias": "lan", "additional_vips": second})
    };
    check(named("lan"), &["link_alias: Alias used twice"]);
    check(named("wan"), &[]);
    let second = json!([{"address": "10.0.0.15", "interface": "vip0"}]);
    let by_default = json!({"interface": null, "device_selector": {"driver": "igb"}, "additional_vips": second});
    check(by_default, &["link_alias: Alias used twice"]);
}

#[test]
fn an_interface_is_no_vlan_and_leads_out() {
    for bad in ["eth0@if2", "eth0:1", "eth0 ", "192.168.0.10", "tailscale0", "wg-talos", "lxc_health"] {
        check(json!({"interface": bad}), &["interface: Invalid value"]);
    }
    for bad in ["eth0.30", "eth0.5000", "bond0.7", "lo.5", "dummy0", "tunl0", "veth1", "docker0", "wg0", "cilium_host"]
    {
        check(json!({"interface": bad}), &["interface: Invalid value"]);
    }
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
