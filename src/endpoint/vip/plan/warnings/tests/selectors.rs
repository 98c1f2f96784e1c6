//! Selectors that find nothing, or two things.

use serde_json::{Value as Json, json};

use super::{ALIASED, SEVERAL, check};
use crate::endpoint::vip::sample::nodes;

#[test]
fn selectors_that_never_merge() {
    let physical = || json!({"physical": true});
    let warning = "device_selector.physical: The selector never merges with the base configuration";
    let common = |version: &str| json!({"interface": null, "device_selector": physical(), "talos_version": version, "dhcp": false});
    check(common("v1.11"), &[SEVERAL, warning]);
    check(common("v1.12"), &[ALIASED, SEVERAL]);
    let physical = || json!({"physical": true, "permanent_addr": "bc:24:11:00:00:01"});
    let own = nodes([
        json!({"address": "192.168.0.10/24", "device_selector": physical()}),
        json!({"address": "192.168.0.11/24"}),
        json!({"address": "192.168.0.12/24"}),
    ]);
    let additional =
        json!([{"address": "10.0.0.15", "device_selector": {"bus_path": "0000:00:13.0", "physical": true}}]);
    check(
        json!({"talos_version": "v1.11", "dhcp": false, "control_plane": own, "additional_vips": additional}),
        &[
            "additional_vips[0].device_selector: Default DHCP ends",
            "control_plane[\"cp-1\"].device_selector.physical: The selector never merges with the base configuration",
            "additional_vips[0].device_selector.physical: The selector never merges with the base configuration",
        ],
    );
}

#[test]
fn a_virtio_device_has_no_pci_id() {
    let common = |selector: Json| json!({"interface": null, "device_selector": selector, "link_alias": "lan"});
    let none = "device_selector.pci_id: A virtio device has no PCI id";
    check(common(json!({"pci_id": "1AF4:1000"})), &[SEVERAL, none]);
    check(common(json!({"pci_id": "8086:*", "driver": "virtio_net"})), &[SEVERAL, none]);
    check(common(json!({"pci_id": "8086:10D3", "driver": "e1000e"})), &[SEVERAL]);
    let second = json!([{"address": "10.0.0.15", "device_selector": {"pci_id": "1AF4:*", "bus_path": "0000:00:13.0"}, "link_alias": "wan"}]);
    check(json!({"additional_vips": second}), &[&format!("additional_vips[0].{none}")]);
}
