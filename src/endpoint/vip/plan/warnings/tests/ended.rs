//! Default DHCP that ends: on which links of which nodes.

use serde_json::json;

use super::{detail, with};
use crate::endpoint::vip::sample::nodes;

const ENDS: &str = "Default DHCP ends";

#[test]
fn links_that_the_patches_only_bring_up_lose_dhcp_too() {
    let detail = |changes| detail(changes, None, ENDS);
    let bare = detail(json!({"vlan_id": 7, "dhcp": true}));
    assert!(bare.contains("This includes `eth0`, which the patches bring up without an address."), "{bare}");
    let second = json!([{"address": "10.0.0.15", "interface": "eth1"}, {"address": "10.0.1.15", "interface": "eth2", "vlan_id": 9}]);
    let with_addresses = json!({"static_addressing": true, "gateway": "192.168.0.1", "additional_vips": second});
    assert!(detail(with_addresses.clone()).contains("This includes `eth1` and `eth2`, which"));
    let mut by_dhcp = with_addresses;
    by_dhcp["dhcp"] = true.into();
    assert!(detail(by_dhcp).contains("This includes `eth2`, which"), "eth1 has its own DHCPv4Config");
    assert!(!detail(json!({"static_addressing": true, "gateway": "192.168.0.1"})).contains("This includes"));
}

#[test]
fn links_that_differ_from_node_to_node_are_all_named() {
    let own = nodes([
        json!({"address": "192.168.0.10/24"}),
        json!({"address": "192.168.0.11/24", "interface": "eth1"}),
        json!({"address": "192.168.0.12/24"}),
    ]);
    let changes = || json!({"vlan_id": 7, "dhcp": true, "control_plane": own});
    let text = detail(changes(), None, ENDS);
    assert!(text.contains("This includes `eth0` (`cp-1`, `cp-3`) and `eth1` (`cp-2`), which the patches"), "{text}");
    let text = detail(with(changes(), &json!({"talos_version": "v1.11"})), None, ENDS);
    assert!(text.contains("ends Talos' default DHCP there: on `eth0` (`cp-1`, `cp-3`), on `eth1` (`cp-2`)."), "{text}");
}
