use serde_json::{Value as Json, json};

use crate::endpoint::golden;
use crate::endpoint::vip::sample::{UNKNOWN, apply, config, nodes, plan, reported};
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::value::Value;

fn told(changes: Json, prior: Option<&Value>) -> Diagnostics {
    plan(&config(changes), prior).diagnostics
}

fn stored(changes: Json) -> Value {
    let config = config(changes);
    let planned = plan(&config, None).planned;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(apply(&config, planned)).0
}

/// A create with `changes` warns of `expected`, and so does a change that leads there; a plan that changes nothing of it is silent, also
/// where it changes something else.
#[track_caller]
fn check(changes: Json, expected: &[&str]) {
    let warned = |changes: &Json, prior: Option<&Value>| {
        let all = reported(&told(changes.clone(), prior), Severity::Warning);
        // The contract's own tests have those.
        all.into_iter().filter(|warning| !warning.ends_with("The endpoint moves")).collect::<Vec<_>>()
    };
    assert_eq!(warned(&changes, None), expected);
    assert_eq!(warned(&changes, Some(&stored(json!({})))), expected);
    let there = stored(changes.clone());
    assert!(warned(&changes, Some(&there)).is_empty(), "warned for ever");
    let mut other = changes;
    other["host"] = "other.example.com".into();
    assert!(warned(&other, Some(&there)).is_empty(), "warned of what didn't change");
}

const CHECKED: &str = "control_plane: The virtual IP can't be checked";
const BASE: &str = "control_plane: The base configuration must address the link";

fn by_dhcp() -> Json {
    nodes([json!({}), json!({}), json!({})])
}

#[test]
fn nothing_to_warn_of() {
    check(json!({}), &[]);
}

#[test]
fn numbers_of_nodes() {
    let first = |count: u8| {
        (1..=count).map(|i| (format!("cp-{i}"), json!({"address": format!("192.168.0.{i}/24")}))).collect::<Json>()
    };
    let even = "control_plane: An even number of control-plane nodes";
    check(json!({"control_plane": first(1)}), &["control_plane: One control-plane node"]);
    check(json!({"control_plane": first(2)}), &[even]);
    check(json!({"control_plane": first(4)}), &[even]);
    check(json!({"control_plane": first(5)}), &[]);
    assert!(reported(&told(json!({"control_plane": UNKNOWN}), None), Severity::Warning).is_empty());
}

#[test]
fn hostnames_that_differ_in_case_only() {
    let alike = json!({"a": {"address": "192.168.0.1/24"}, "A": {"address": "192.168.0.2/24"}, "b": {"address": "192.168.0.3/24"}});
    check(json!({"control_plane": alike}), &["control_plane[\"a\"]: Two nodes of one name"]);
}

#[test]
fn ipv6_is_not_announced() {
    let six =
        |i: u8| json!({"address": format!("192.168.0.1{i}/24"), "additional_addresses": [format!("fd00::{i}/64")]});
    let six = nodes([six(1), six(2), six(3)]);
    check(json!({"vip": "fd00::15", "control_plane": six.clone()}), &["vip: Nobody announces an IPv6 virtual IP"]);
    let additional = json!({"additional_vips": [{"address": "fd00::15"}], "control_plane": six});
    check(additional, &["additional_vips[0].address: Nobody announces an IPv6 virtual IP"]);
}

#[test]
fn an_additional_virtual_ip_of_another_family() {
    let additional = |vip: Json| json!({"additional_vips": [vip]});
    check(
        additional(json!({"address": "fd00::15"})),
        &[
            "additional_vips[0].address: Nobody announces an IPv6 virtual IP",
            "additional_vips[0].address: Virtual IP of another address family",
        ],
    );
}

#[test]
fn subnets_that_nobody_has_said() {
    check(json!({"control_plane": by_dhcp()}), &[CHECKED]);
    let some = nodes([
        json!({"address": "192.168.0.10"}),
        json!({"address": "192.168.0.11/32"}),
        json!({"address": "192.168.0.12/24"}),
    ]);
    check(json!({"control_plane": some}), &[CHECKED]);
    let unknown = nodes([json!({"address": UNKNOWN}), json!({"address": UNKNOWN}), json!({"address": UNKNOWN})]);
    assert!(reported(&told(json!({"control_plane": unknown}), None), Severity::Warning).is_empty());
}

#[test]
fn another_port() {
    check(
        json!({"kubernetes_api": {"port": 443}}),
        &["kubernetes_api.port: The API server must listen on another port"],
    );
    check(json!({"kubernetes_api": {"port": 6443}}), &[]);
}

#[test]
fn who_addresses_the_link_in_the_legacy_form() {
    check(json!({"talos_version": "v1.11"}), &[BASE]);
    check(json!({"form": "legacy"}), &[BASE]);
    for said in [json!({"dhcp": true}), json!({"dhcp": false}), json!({"static_addressing": true})] {
        let mut changes = said;
        changes["talos_version"] = "v1.11".into();
        check(changes, &[]);
    }
    check(json!({"talos_version": "v1.11", "control_plane": by_dhcp()}), &[CHECKED]);
    let of_nodes =
        nodes([10, 11, 12].map(|last| json!({"address": format!("192.168.0.{last}/24"), "dhcp": last == 10})));
    check(json!({"talos_version": "v1.11", "control_plane": of_nodes}), &[]);
}

#[test]
fn selectors_that_never_merge() {
    let physical = || json!({"physical": true});
    let warning = "device_selector.physical: Never merged with the base configuration";
    let common = |version: &str| json!({"interface": null, "device_selector": physical(), "talos_version": version, "dhcp": false});
    check(common("v1.11"), &[warning]);
    check(common("v1.12"), &[]);
    let own = nodes([
        json!({"address": "192.168.0.10/24", "device_selector": physical()}),
        json!({"address": "192.168.0.11/24"}),
        json!({"address": "192.168.0.12/24"}),
    ]);
    let additional = json!([{"address": "10.0.0.15", "device_selector": {"driver": "igb", "physical": true}}]);
    check(
        json!({"talos_version": "v1.11", "dhcp": false, "control_plane": own, "additional_vips": additional}),
        &[
            "control_plane[\"cp-1\"].device_selector.physical: Never merged with the base configuration",
            "additional_vips[0].device_selector.physical: Never merged with the base configuration",
        ],
    );
}

/// One of each text, to be read.
#[test]
fn the_texts() {
    let mut all = Diagnostics::new();
    for changes in [
        json!({"control_plane": {"cp-1": {}}}),
        json!({"control_plane": {"cp-1": {"endpoint": "a.example"}, "CP-1": {}}}),
        json!({"talos_version": "v1.11", "kubernetes_api": {"port": 443}}),
        json!({"additional_vips": [{"address": "fd00::15"}]}),
        json!({"interface": null, "device_selector": {"physical": true}, "form": "legacy", "dhcp": true}),
    ] {
        all.append(told(changes, None));
    }
    let text: String = all.iter().map(|said| format!("{}: {}\n{}\n\n", said.path, said.title, said.detail)).collect();
    golden::check("vip/warnings.txt", &text);
}
