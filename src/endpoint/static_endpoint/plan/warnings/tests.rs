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
