//! The cases of the specification, each a golden file with everything that the user gets: patches, outputs, errors and warnings. Other
//! programs read these files (Talos' own library among them), so their form is fixed.

mod forms;
mod links;
mod own;
mod unknown;

use serde_json::{Map, Value as Json, json};

use crate::endpoint::golden;
use crate::endpoint::vip::sample::{apply, config, nodes, plan, reported, shown, validate};
use crate::framework::diagnostic::Severity;
use crate::framework::value::Value;

/// Plans and applies `config`, and compares with the golden file `case`.
#[track_caller]
fn check(case: &str, config: &Value) {
    let mut golden = Map::new();
    let problems = validate(config);
    golden.insert("talos_version".into(), shown(config.attribute("talos_version").unwrap()));
    golden.insert("errors".into(), reported(&problems, Severity::Error).into());
    golden.insert("warnings".into(), Json::Array(Vec::new()));
    if !problems.has_error() {
        let planned = plan(config, None);
        assert!(planned.planned.is_wholly_known(), "known at plan");
        golden.insert("warnings".into(), reported(&planned.diagnostics, Severity::Warning).into());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (state, reported) = runtime.block_on(apply(config, planned.planned.clone()));
        assert!(reported.is_empty(), "{reported:?}");
        assert_eq!(state, planned.planned);
        resolved(config, &state);
        golden.extend(exported(&state));
    }
    forms::agree(case, config);
    golden::check(&format!("vip/{case}.json"), &(serde_json::to_string_pretty(&Json::Object(golden)).unwrap() + "\n"));
}

/// A second plan changes nothing and says nothing.
#[track_caller]
fn resolved(config: &Value, state: &Value) {
    let again = plan(config, Some(state));
    assert_eq!(&again.planned, state);
    assert!(again.diagnostics.is_empty(), "{:?}", again.diagnostics);
}

fn exported(state: &Value) -> Map<String, Json> {
    let output = |name: &str| shown(state.attribute(name).unwrap());
    let mut golden = Map::new();
    for name in ["patches", "control_plane_config_patches"] {
        golden.insert(name.to_owned(), output(name));
    }
    let names = [
        "host",
        "kubernetes_api_endpoint",
        "talos_api_endpoint",
        "talosctl_endpoints",
        "machine_cert_sans",
        "api_server_cert_sans",
    ];
    let outputs: Map<String, Json> = names.into_iter().map(|name| (name.to_owned(), output(name))).collect();
    golden.insert("outputs".into(), outputs.into());
    golden
}

/// Three nodes without addresses.
fn by_dhcp() -> Json {
    nodes([json!({}), json!({}), json!({})])
}

/// Three nodes with these addresses.
fn at(addresses: [&str; 3]) -> Json {
    nodes(addresses.map(|address| json!({"address": address})))
}

#[test]
fn case_01_static_nodes() {
    check("01-document", &config(json!({})));
}

#[test]
fn case_02_static_nodes_before_1_12() {
    check("02-legacy", &config(json!({"talos_version": "1.11.6"})));
    check("02-legacy-dhcp-false", &config(json!({"talos_version": "1.11.6", "dhcp": false})));
}

#[test]
fn case_03_dhcp_before_1_12() {
    check("03-legacy-dhcp", &config(json!({"talos_version": "v1.11", "control_plane": by_dhcp()})));
}

#[test]
fn case_04_dhcp() {
    check("04-document-dhcp", &config(json!({"talos_version": "v1.12", "control_plane": by_dhcp()})));
}

#[test]
fn case_05_vlan() {
    let vlan = |changes: Json| {
        let mut all = json!({
            "vip": "192.168.1.15",
            "vlan_id": 100,
            "control_plane": at(["192.168.1.10/24", "192.168.1.11/24", "192.168.1.12/24"]),
        });
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        config(all)
    };
    check("05-vlan-legacy", &vlan(json!({"talos_version": "v1.11"})));
    check("05-vlan-document", &vlan(json!({})));
    check("05-vlan-long-name", &vlan(json!({"interface": "enp94s0f1np1"})));
    check("05-vlan-0", &vlan(json!({"vlan_id": 0})));
    check("05-vlan-4095", &vlan(json!({"vlan_id": 4095, "talos_version": "v1.11"})));
}

#[test]
fn case_06_bond() {
    check("06-bond-legacy", &config(json!({"interface": "bond0", "talos_version": "v1.11"})));
    check("06-bond-document", &config(json!({"interface": "bond0"})));
    check("06-bond-vlan", &config(json!({"interface": "bond0", "vlan_id": 100})));
}

/// Arguments with a device selector in place of `interface`.
fn selected(selector: Json, changes: Json) -> Value {
    let mut all = json!({"interface": null, "device_selector": selector});
    all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    config(all)
}

#[test]
fn case_07_device_selector_before_1_12() {
    let old = json!({"talos_version": "v1.11"});
    check("07-selector", &selected(json!({"hardware_addr": "AA:bb:cc:*"}), old.clone()));
    check("07-selector-and-interface", &config(json!({"device_selector": {"driver": "virtio_net"}})));
    check("07-selector-empty", &selected(json!({}), old.clone()));
    check("07-selector-physical", &selected(json!({"physical": true, "driver": "virtio_net"}), old.clone()));
    let dhcp = json!({"talos_version": "v1.9", "control_plane": by_dhcp()});
    check("07-selector-dhcp", &selected(json!({"bus_path": "0000:00:12.0"}), dhcp));
    check("07-no-link", &config(json!({"interface": null})));
}

#[test]
fn case_08_device_selector() {
    check("08-alias", &selected(json!({"hardware_addr": "aa:bb:cc:*"}), json!({})));
    check("08-alias-of-several-properties", &{
        let all = json!({"bus_path": "0000:01:*", "pci_id": "8086:1521", "driver": "igb", "physical": true});
        selected(all, json!({"talos_version": "v1.12"}))
    });
    check("08-alias-physical", &selected(json!({"physical": true}), json!({})));
    check("08-alias-vlan", &selected(json!({"driver": "virtio_net"}), json!({"vlan_id": 100})));
    check("08-alias-named", &selected(json!({"bus_path": "0000:00:12.0"}), json!({"link_alias": "lan"})));
    check("08-alias-of-hardware", &selected(json!({"driver": "virtio_net"}), json!({"link_alias": "enp3s0"})));
    check("08-alias-quotes", &selected(json!({"driver": "x\") || (\""}), json!({})));
}

#[test]
fn case_09_the_address_of_a_node() {
    check("09-node-address", &config(json!({"vip": "192.168.0.11"})));
}

#[test]
fn case_10_outside_the_subnet() {
    check("10-outside", &config(json!({"vip": "192.168.5.15"})));
    let apart = at(["192.168.0.10/24", "192.168.0.11/24", "192.168.1.12/24"]);
    check("10-not-one-subnet", &config(json!({"control_plane": apart})));
}

#[test]
fn case_11_network_and_broadcast() {
    check("11-network", &config(json!({"vip": "192.168.0.0"})));
    check("11-broadcast", &config(json!({"vip": "192.168.0.255"})));
    let wide = at(["192.168.0.10/23", "192.168.0.11/23", "192.168.1.12/23"]);
    check("11-inside-a-23", &config(json!({"vip": "192.168.0.255", "control_plane": wide})));
    check("11-gateway", &config(json!({"gateway": "192.168.0.15", "static_addressing": true})));
}

#[test]
fn case_12_point_to_point() {
    let one = json!({"cp-1": {"address": "10.0.0.0/31"}});
    check("12-31", &config(json!({"vip": "10.0.0.1", "control_plane": one})));
    let two = json!({"cp-1": {"address": "10.0.0.0/31"}, "cp-2": {"address": "10.0.0.1/31"}});
    check("12-31-full", &config(json!({"vip": "10.0.0.1", "control_plane": two})));
    let hosts = at(["192.168.0.10/32", "192.168.0.11/32", "192.168.0.12/32"]);
    check("12-32", &config(json!({"control_plane": hosts})));
}

#[test]
fn case_13_ipv6() {
    let six = |vip: &str, addresses: [&str; 3]| config(json!({"vip": vip, "control_plane": at(addresses)}));
    let usual = ["fd00::10/64", "fd00::11/64", "fd00::12/64"];
    check("13-ipv6", &six("FD00:0:0::15", usual));
    check("13-ipv6-routers", &six("fd00::", usual));
    let one = |node: &str, vip: &str| config(json!({"vip": vip, "control_plane": {"cp-1": {"address": node}}}));
    check("13-ipv6-127", &one("fd00::1/127", "fd00::"));
    check("13-ipv6-127-upper", &one("fd00::/127", "fd00::1"));
}

#[test]
fn case_14_families_and_spellings() {
    for (case, vip) in [
        ("14-other-family", "fd00::15"),
        ("14-prefix", "192.168.0.15/24"),
        ("14-leading-zeros", "192.168.000.015"),
        ("14-empty", ""),
        ("14-unspecified", "0.0.0.0"),
        ("14-loopback", "127.0.0.1"),
        ("14-link-local", "169.254.1.1"),
        ("14-multicast", "224.0.0.1"),
        ("14-zone", "fe80::1%eth0"),
        ("14-mapped", "::ffff:192.168.0.15"),
    ] {
        check(case, &config(json!({"vip": vip})));
    }
}

#[test]
fn case_15_addresses_used_twice() {
    check("15-twice", &config(json!({"control_plane": at(["192.168.0.10/24", "192.168.0.11/24", "192.168.0.10/24"])})));
    let six = at(["fd00::1/64", "fd00::2/64", "fd00:0::1/64"]);
    check("15-twice-ipv6", &config(json!({"vip": "fd00::15", "control_plane": six})));
}

#[test]
fn case_16_two_families() {
    let both = |version: &str| {
        let node = |last: u8| {
            let address = format!("192.168.0.{last}/24");
            json!({"address": address, "additional_addresses": [format!("fd00::{last}/64")]})
        };
        json!({
            "talos_version": version,
            "additional_vips": [{"address": "fd00::15"}],
            "control_plane": nodes([node(10), node(11), node(12)]),
        })
    };
    check("16-dual-stack", &config(both("v1.13")));
    check("16-dual-stack-legacy", &config(both("v1.11")));
    let twice = |second: &str| json!({"additional_vips": [{"address": second}], "vip": "192.168.0.15"});
    check("16-twice", &config(twice("192.168.0.15")));
    let mut spelt = both("v1.13");
    spelt["additional_vips"] = json!([{"address": "fd00::15"}, {"address": "FD00:0::15"}]);
    check("16-twice-in-two-spellings", &config(spelt));
}

#[test]
fn case_17_two_links() {
    let two = |version: &str| {
        config(json!({
            "talos_version": version,
            "additional_vips": [{"address": "192.168.1.15", "interface": "eth0", "vlan_id": 100}],
        }))
    };
    check("17-two-links-document", &two("v1.13"));
    check("17-two-links-legacy", &two("v1.11"));
    check("17-two-links-1.14", &two("v1.14"));
    let dhcp = json!({
        "talos_version": "v1.11",
        "control_plane": by_dhcp(),
        "additional_vips": [{"address": "192.168.1.15", "vlan_id": 100}, {"address": "10.0.0.15", "interface": "eth1"}],
    });
    check("17-three-links-dhcp", &config(dhcp));
}

#[test]
fn case_18_versions() {
    for (case, version) in [
        ("18-1.11.6", "1.11.6"),
        ("18-1.12.0", "v1.12.0"),
        ("18-1.14", "1.14"),
        ("18-1.12.0-rc.0", "v1.12.0-rc.0"),
        ("18-banana", "banana"),
        ("18-1.8", "v1.8"),
    ] {
        check(case, &config(json!({"talos_version": version})));
    }
    check("18-unset", &config(json!({"talos_version": null})));
    check("18-legacy-on-1.14", &config(json!({"talos_version": "v1.14", "form": "legacy", "dhcp": false})));
    check("18-document-on-1.11", &config(json!({"talos_version": "v1.11", "form": "document"})));
    let host = json!({"host": "api.example.com"});
    check("18-host-1.13", &config(host.clone()));
    let mut newer = host.clone();
    newer["talos_version"] = "v1.14".into();
    check("18-host-1.14", &config(newer));
    let mut older = host;
    older["talos_version"] = "v1.11".into();
    check("18-host-1.11", &config(older));
}

#[test]
fn case_19_overrides() {
    let overrides = nodes([
        json!({"address": "192.168.0.10/24"}),
        json!({"address": "192.168.0.11/24", "interface": "enp3s0", "dhcp": true}),
        json!({"address": "192.168.0.12/24", "interface": "bond0", "vlan_id": 20}),
    ]);
    check("19-overrides-document", &config(json!({"control_plane": overrides.clone()})));
    check("19-overrides-legacy", &config(json!({"control_plane": overrides, "talos_version": "v1.11"})));
}

#[test]
fn case_20_surroundings() {
    let services = at(["10.100.0.1/24", "10.100.0.2/24", "10.100.0.3/24"]);
    check("20-service-subnet", &config(json!({"vip": "10.100.0.10", "control_plane": services.clone()})));
    let elsewhere = json!({"vip": "10.100.0.10", "control_plane": services, "service_cidrs": ["172.20.0.0/16"]});
    check("20-other-service-subnet", &config(elsewhere));
    let pods = at(["10.244.0.1/24", "10.244.0.2/24", "192.168.0.1/24"]);
    check("20-pod-subnet", &config(json!({"vip": "10.244.0.10", "control_plane": pods})));
    check("20-port", &config(json!({"kubernetes_api": {"port": 443}})));
    let dialled = nodes([json!({"endpoint": "192.168.0.15"}), json!({"endpoint": "cp-2.example.com"}), json!({})]);
    check("20-talosctl-at-the-vip", &config(json!({"control_plane": dialled})));
}
