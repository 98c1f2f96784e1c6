use serde_json::{Value as Json, json};

use crate::endpoint::static_endpoint::sample::{UNKNOWN, nodes, plan, reported};
use crate::framework::diagnostic::Severity;
use crate::framework::value::Value;

fn warnings(arguments: &Json, prior: Option<&Value>) -> Vec<String> {
    reported(&plan(arguments, prior).diagnostics, Severity::Warning)
}

const HEALTH: &str = "host: No health checks";
const FAILOVER: &str = "control_plane: No failover";

#[test]
fn a_create_is_warned_of_what_the_endpoint_lacks() {
    let one = json!({"control_plane": nodes(&["192.0.2.11"])});
    let named = json!({"host": "api.example.com", "control_plane": nodes(&["192.0.2.11"])});
    let two = json!({"host": "api.example.com", "control_plane": nodes(&["192.0.2.11", "192.0.2.12"])});
    let external = json!({"host": "api.example.com", "control_plane": nodes(&["192.0.2.11"]), "external": true});
    assert_eq!(warnings(&one, None), [FAILOVER]);
    assert_eq!(warnings(&named, None), [FAILOVER]);
    assert_eq!(warnings(&two, None), [HEALTH]);
    assert_eq!(warnings(&external, None), [""; 0]);
    assert_eq!(warnings(&json!({"host": "lb.example.com"}), None), [""; 0]);
}

#[test]
fn a_warning_comes_again_only_when_it_is_about_a_change() {
    let named = |addresses: &[&str]| json!({"host": "api.example.com", "control_plane": nodes(addresses)});
    let two = named(&["192.0.2.11", "192.0.2.12"]);
    let stored = plan(&two, None).planned;
    assert_eq!(warnings(&two, Some(&stored)), [""; 0]);
    assert_eq!(warnings(&named(&["192.0.2.11", "192.0.2.13"]), Some(&stored)), [""; 0]);
    assert_eq!(warnings(&named(&["192.0.2.11"]), Some(&stored)), [FAILOVER]);
    let single = plan(&named(&["192.0.2.11"]), None).planned;
    assert_eq!(warnings(&two, Some(&single)), [HEALTH]);
}

#[test]
fn what_talosctl_dials_is_known_or_missed() {
    let alone = json!({"host": "lb.example.com", "talos_api": {"enabled": false}});
    assert_eq!(warnings(&alone, None), ["talos_api: No talosctl endpoints"]);
    let served = plan(&json!({"host": "lb.example.com"}), None).planned;
    let less = ["talos_api: API switched off", "talos_api: No talosctl endpoints"];
    assert_eq!(warnings(&alone, Some(&served)), less);
    let mut with_nodes = alone;
    with_nodes["control_plane"] = nodes(&["192.0.2.11"]);
    with_nodes["external"] = true.into();
    assert_eq!(warnings(&with_nodes, None), [""; 0]);
}

#[test]
fn nothing_translates_the_port_of_the_api_server() {
    let mut two = json!({
        "host": "api.example.com", "control_plane": nodes(&["192.0.2.11", "192.0.2.12"]), "kubernetes_api": {"port": 443},
    });
    let moved = "kubernetes_api.port: The API server must listen on this port";
    assert_eq!(warnings(&two, None), [HEALTH, moved]);
    two["external"] = true.into();
    assert_eq!(warnings(&two, None), [""; 0]);
}

#[test]
fn unknown_record_types_are_told_while_they_matter() {
    let mut two = json!({"host": "api.example.com", "control_plane": nodes(&[UNKNOWN, UNKNOWN])});
    assert_eq!(warnings(&two, None), [HEALTH, "record_types: The types of the DNS records are not known yet"]);
    two["record_types"] = json!(["A"]);
    assert_eq!(warnings(&two, None), [HEALTH]);
}

/// The details of what a plan from `before` to `after` warns of under the title "The endpoint moves".
fn moved(before: &Json, after: &Json) -> String {
    let found = plan(after, Some(&plan(before, None).planned)).diagnostics;
    let found = found.iter().filter(|warning| warning.title == "The endpoint moves");
    found.map(|warning| warning.detail.clone()).collect::<Vec<_>>().join("\n")
}

#[test]
fn several_nodes_leave_a_name_together() {
    let named = |addresses: &[&str]| json!({"host": "api.example.com", "control_plane": nodes(addresses)});
    let three = named(&["192.0.2.11", "192.0.2.12", "192.0.2.13"]);
    let external = json!({"host": "api.example.com"});
    let warning = moved(&three, &external);
    assert!(warning.contains("changes from 192.0.2.11, 192.0.2.12 and 192.0.2.13 to the load balancer."), "{warning}");
    assert!(moved(&external, &three).contains("changes from the load balancer to 192.0.2.11, 192.0.2.12 and"));
    let others = json!({"host": "api.example.com", "control_plane": {"n-1": {"address": "192.0.2.21"}}});
    let warning = moved(&three, &others);
    assert!(warning.contains("(1) keep 192.0.2.11, 192.0.2.12 and 192.0.2.13 in service; (2)"), "{warning}");
    assert_eq!(warning.matches("out of service").count(), 1, "{warning}");
}

#[test]
fn the_only_node_gives_up_its_only_address() {
    let at = |address: &str| json!({"control_plane": nodes(&[address])});
    let warning = moved(&at("192.0.2.11"), &at("192.0.2.12"));
    assert!(
        warning.contains("192.0.2.11 ends when `cp-1` gets its new address. To avoid that, first set `host`"),
        "{warning}"
    );
    assert!(warning.contains("kubeconfigs, talosconfigs and") && !warning.contains("keep"), "{warning}");
}

#[test]
fn a_step_that_needs_a_version_says_so() {
    let at = |host: &str| json!({"host": host});
    let warning = moved(&at("lb.example.com"), &at("new.example.com"));
    assert!(warning.contains("into `additional_names` and set `talos_version`"), "{warning}");
    let port = |port: i64| json!({"host": "lb.example.com", "kubernetes_api": {"port": port}});
    assert!(moved(&port(6443), &port(443)).contains("(1) keep the old port served beside the new one"));
}

#[test]
fn a_record_leads_to_every_node() {
    let both = json!({
        "cp-1": {"address": "192.0.2.11", "additional_addresses": ["2001:db8::11"]},
        "cp-2": {"address": "192.0.2.12"},
    });
    let mut two = json!({"host": "api.example.com", "control_plane": both});
    assert_eq!(warnings(&two, None), [HEALTH, "record_types: The AAAA record lacks nodes"]);
    let detail = plan(&two, None).diagnostics.iter().last().unwrap().detail.clone();
    assert!(
        detail.starts_with("The AAAA record leads to `cp-1` alone: clients that use it never try `cp-2`."),
        "{detail}"
    );
    assert!(detail.contains("`record_types = [\"A\"]`"), "{detail}");
    let stored = plan(&two, None).planned;
    assert_eq!(warnings(&two, Some(&stored)), [""; 0]);
    two["record_types"] = json!(["A"]);
    assert_eq!(warnings(&two, None), [HEALTH]);
}

#[test]
fn a_ttl_belongs_to_records() {
    let idle = "ttl: Not used without DNS records";
    assert_eq!(warnings(&json!({"host": "lb.example.com", "ttl": 30}), None), [idle]);
    assert_eq!(warnings(&json!({"control_plane": nodes(&["192.0.2.11"]), "ttl": 30}), None), [FAILOVER, idle]);
    let named = json!({"host": "api.example.com", "control_plane": nodes(&["192.0.2.11"]), "ttl": 30});
    assert_eq!(warnings(&named, None), [FAILOVER]);
}
