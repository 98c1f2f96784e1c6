//! Addresses that leave the patches, and subnets that don't fit.

use serde_json::{Value as Json, json};

use super::{CHECKED, ENDS, check, detail, diagnostics_of, stored, with};
use crate::endpoint::vip::sample::{UNKNOWN, nodes, reported};
use crate::framework::diagnostic::Severity;

const GONE: &str = "static_addressing: The patches no longer address the nodes";
const OTHER_FAMILY: &str = "Nodes without an address of the virtual IP's family";

#[test]
fn addresses_that_leave_the_patches() {
    let by_patch = || json!({"static_addressing": true, "gateway": "192.168.0.1"});
    let on_vlan =
        json!({"vlan_id": 7, "interface": null, "device_selector": {"bus_path": "0000:00:12.0"}, "link_alias": "lan"});
    let document = json!({"talos_version": "v1.12"});
    for place in [json!({}), on_vlan] {
        for before in [
            json!({"talos_version": "v1.12"}),
            json!({"talos_version": "v1.12", "form": "legacy"}),
            json!({"talos_version": "v1.11"}),
        ] {
            let prior = stored(with(with(by_patch(), &place), &before));
            let found = reported(&diagnostics_of(with(place.clone(), &document), Some(&prior)), Severity::Warning);
            assert!(found.contains(&GONE.to_owned()), "{before}: {found:?}");
            let kept = with(with(by_patch(), &place), &document);
            let found = reported(&diagnostics_of(kept, Some(&prior)), Severity::Warning);
            assert!(!found.contains(&GONE.to_owned()), "{before}: {found:?}");
        }
    }
    let text = detail(json!({}), Some(by_patch()), "The patches no longer address the nodes");
    assert!(text.contains("addresses and default routes of `cp-1`, `cp-2`, `cp-3`."), "{text}");
    let text = detail(json!({}), Some(json!({"static_addressing": true})), "The patches no longer address the nodes");
    assert!(text.contains("carried the addresses of"), "{text}");
    // Where the addresses stay and the route goes, that is the warning.
    let found = diagnostics_of(json!({"static_addressing": true}), Some(&stored(by_patch())));
    assert_eq!(reported(&found, Severity::Warning), ["gateway: No default route for IPv4"]);
    // The legacy form has its own warning, unless DHCP was decided on while the patches carried the addresses.
    let legacy = |changes: Json| with(json!({"talos_version": "v1.11"}), &changes);
    let prior = stored(legacy(by_patch()));
    let found = reported(&diagnostics_of(legacy(json!({})), Some(&prior)), Severity::Warning);
    assert_eq!(found, ["control_plane: The base configuration must address the link"]);
    let prior = stored(legacy(with(by_patch(), &json!({"dhcp": false}))));
    let found = reported(&diagnostics_of(legacy(json!({"dhcp": false})), Some(&prior)), Severity::Warning);
    assert_eq!(found, [GONE]);
    // A node that is new had none.
    let one = json!({"cp-9": {"address": "192.168.0.19/24"}});
    let found = diagnostics_of(json!({"control_plane": one}), Some(&stored(by_patch())));
    assert!(!reported(&found, Severity::Warning).contains(&GONE.to_owned()));
    let open = diagnostics_of(json!({"static_addressing": UNKNOWN}), Some(&stored(by_patch())));
    assert!(!reported(&open, Severity::Warning).contains(&GONE.to_owned()));
}

#[test]
fn nodes_of_the_other_family_cannot_serve() {
    let some = nodes([
        json!({"address": "192.168.0.10/24"}),
        json!({"address": "192.168.0.11/24"}),
        json!({"address": "fd00::12/64"}),
    ]);
    check(json!({"control_plane": some}), &[&format!("vip: {OTHER_FAMILY}")]);
    let both = nodes([
        json!({"address": "192.168.0.10/24", "additional_addresses": ["fd00::10/64"]}),
        json!({"address": "192.168.0.11/24"}),
        json!({}),
    ]);
    let second = json!([{"address": "fd00::15"}]);
    check(
        json!({"control_plane": both.clone(), "additional_vips": second}),
        &[
            "additional_vips[0].address: IPv6 virtual IP not announced",
            CHECKED,
            &format!("additional_vips[0].address: {OTHER_FAMILY}"),
        ],
    );
    let elsewhere = json!([{"address": "fd00::15", "interface": "eth1"}]);
    check(
        json!({"control_plane": both, "additional_vips": elsewhere}),
        &["additional_vips[0].address: IPv6 virtual IP not announced", CHECKED],
    );
}

#[test]
fn a_virtual_ip_is_on_the_link_of_its_subnet() {
    let apart = "additional_vips[0].address: Virtual IP on another link than its subnet";
    let second = |vip: Json| json!({"static_addressing": true, "gateway": "192.168.0.1", "additional_vips": [vip]});
    check(second(json!({"address": "192.168.0.16", "interface": "eth1"})), &[apart, ENDS]);
    check(second(json!({"address": "192.168.0.16", "vlan_id": 7})), &[apart, ENDS]);
    check(second(json!({"address": "192.168.0.16", "interface": "eth0"})), &[ENDS]);
    check(second(json!({"address": "10.0.0.15", "interface": "eth1"})), &[ENDS]);
    // The base configuration may address both links.
    check(json!({"additional_vips": [{"address": "192.168.0.16", "interface": "eth1"}]}), &[]);
}

#[test]
fn nodes_of_one_network_have_one_prefix_length() {
    let three = |last: &str| {
        nodes([
            json!({"address": "192.168.0.10/24"}),
            json!({"address": "192.168.0.11/24"}),
            json!({"address": format!("192.168.0.12{last}")}),
        ])
    };
    check(json!({"control_plane": three("/25")}), &["control_plane: Nodes with different prefix lengths"]);
    check(json!({"control_plane": three("/24")}), &[]);
    check(json!({"control_plane": three("/32")}), &[CHECKED]);
    let text = detail(json!({"control_plane": three("/25")}), None, "Nodes with different prefix lengths");
    assert!(text.contains("192.168.0.0/24 (`cp-1`, `cp-2`), 192.168.0.0/25 (`cp-3`)."), "{text}");
}
