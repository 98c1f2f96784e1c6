//! Cases beyond the specification's: the guide's set-up, static addresses, several links, hosts, numbers of nodes.

use serde_json::{Value as Json, json};

use super::{at, by_dhcp, check, selected};
use crate::endpoint::vip::sample::{config, nodes};

#[test]
fn the_guide() {
    let guide = |version: &str| {
        json!({
            "vip": "192.168.30.30",
            "talos_version": version,
            "static_addressing": true,
            "gateway": "192.168.30.1",
            "control_plane": {
                "cp-01": {"address": "192.168.30.31/24"},
                "cp-02": {"address": "192.168.30.32/24"},
                "cp-03": {"address": "192.168.30.33/24"},
            },
        })
    };
    check("guide-legacy", &config(guide("v1.11")));
    check("guide-document", &config(guide("v1.12")));
    let mut vlan = guide("v1.11");
    vlan["vlan_id"] = 30.into();
    check("guide-vlan-legacy", &config(vlan.clone()));
    vlan["talos_version"] = "v1.12".into();
    check("guide-vlan-document", &config(vlan.clone()));
    vlan["dhcp"] = true.into();
    check("guide-vlan-and-dhcp", &config(vlan));
    let mut selected = guide("v1.13");
    selected["interface"] = Json::Null;
    selected["device_selector"] = json!({"driver": "virtio_net"});
    check("guide-alias", &config(selected));
    let mut bare = guide("v1.11");
    bare["static_addressing"] = false.into();
    bare["gateway"] = Json::Null;
    check("guide-without-addresses", &config(bare));
}

#[test]
fn static_addresses_of_two_families() {
    let node = |last: u8| {
        let address = format!("192.168.0.{last}/24");
        json!({"address": address, "additional_addresses": [format!("FD00::0:{last}/64")], "gateway": "fe80::1"})
    };
    let both = |version: &str| {
        config(json!({
            "talos_version": version,
            "static_addressing": true,
            "control_plane": nodes([node(10), node(11), node(12)]),
        }))
    };
    check("static-dual-stack-legacy", &both("v1.11"));
    check("static-dual-stack-document", &both("v1.14"));
}

#[test]
fn a_gateway_of_each_family() {
    let node = |last: u8| {
        let address = format!("192.168.0.{last}/24");
        json!({"address": address, "additional_addresses": [format!("fd00::{last}/64")]})
    };
    let both = |version: &str| {
        config(json!({
            "talos_version": version,
            "static_addressing": true,
            "gateway": "192.168.0.1",
            "additional_gateway": "fe80::1",
            "route_priority": 512,
            "control_plane": nodes([node(10), node(11), node(12)]),
        }))
    };
    check("static-gateways-legacy", &both("v1.9"));
    check("static-gateways-document", &both("v1.12"));
    // A prefix that covers one address alone leads nowhere: the way to the gateway is a route of its own.
    let alone = |version: &str| {
        config(json!({
            "talos_version": version,
            "static_addressing": true,
            "gateway": "192.168.0.1",
            "control_plane": at(["192.168.0.10/32", "192.168.0.11/32", "192.168.0.12/32"]),
        }))
    };
    check("static-32-legacy", &alone("v1.11"));
    check("static-32-document", &alone("v1.13"));
}

#[test]
fn dhcp_on_a_vlan() {
    let vlan = |version: &str| config(json!({"talos_version": version, "vlan_id": 100, "control_plane": by_dhcp()}));
    check("dhcp-vlan-legacy", &vlan("v1.11"));
    let asked = json!({"vlan_id": 100, "dhcp": true, "control_plane": by_dhcp()});
    check("dhcp-vlan-document", &config(asked));
}

#[test]
fn two_virtual_ips_on_two_devices() {
    let two = |version: &str, address: &str, second: &str| {
        let additional = json!([{"address": address, "device_selector": {"hardware_addr": second}}]);
        let changes = json!({"talos_version": version, "additional_vips": additional, "dhcp": false});
        selected(json!({"hardware_addr": "aa:bb:cc:00:*"}), changes)
    };
    check("two-devices-legacy", &two("v1.11", "192.168.1.15", "aa:bb:cc:01:*"));
    check("two-devices-document", &two("v1.13", "192.168.1.15", "aa:bb:cc:01:*"));
    check("two-on-one-device-document", &two("v1.13", "192.168.0.16", "aa:bb:cc:00:*"));
    check("two-on-one-device-legacy", &two("v1.11", "192.168.0.16", "AA:bb:cc:00:*"));
}

#[test]
fn hosts() {
    check("host-is-the-vip", &config(json!({"host": "192.168.0.15"})));
    let both = json!([{"address": "192.168.0.16"}, {"address": "192.168.0.17"}]);
    check("host-is-an-additional-vip", &config(json!({"host": "192.168.0.16", "additional_vips": both})));
    check("host-is-another-address", &config(json!({"host": "203.0.113.7"})));
    check(
        "host-in-front-of-two",
        &config(json!({"host": "api.example.com", "additional_vips": both, "talos_version": "v1.14"})),
    );
}

#[test]
fn numbers_of_nodes() {
    check("one-node", &config(json!({"control_plane": {"cp-1": {"address": "192.168.0.10/24"}}})));
    let two = json!({"cp-1": {"address": "192.168.0.10/24"}, "CP-1": {"address": "192.168.0.11/24"}});
    check("two-nodes", &config(json!({"control_plane": two})));
    check("no-node", &config(json!({"control_plane": {}})));
}

#[test]
fn endpoints_of_nodes() {
    let mixed = nodes([
        json!({"endpoint": "cp-1.example.com"}),
        json!({"address": "192.168.0.11/24", "endpoint": "FD00::0:11"}),
        json!({"address": "192.168.0.12"}),
    ]);
    check("endpoints", &config(json!({"control_plane": mixed})));
}
