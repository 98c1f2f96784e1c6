//! One link for each node, VLANs, aliases.

use serde_json::{Value as Json, json};

use super::{UNKNOWN, check, with_first};

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
    let selected = |field: &str, value: &str| json!({"interface": null, "device_selector": {field: value}});
    for field in ["hardware_addr", "permanent_addr"] {
        for good in ["aa:bb:cc:dd:ee:ff", "BC:24:11:*", "*"] {
            check(selected(field, good), &[]);
        }
        for bad in ["bc-24-11-xx", "aabbccddeeff", "aa:bb:cc"] {
            check(selected(field, bad), &[&format!("device_selector.{field}: Invalid value")]);
        }
    }
    check(selected("bus_path", "bc-24-11-xx"), &[]);
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
