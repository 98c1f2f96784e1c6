use serde_json::{Value as Json, json};

use crate::endpoint::golden;
use crate::endpoint::static_endpoint::sample::{UNKNOWN, applied, nodes, plan, shown};

/// Plans and applies, and compares with the golden file `case`; a second plan must change nothing.
#[track_caller]
fn check(case: &str, arguments: Json) {
    let planned = plan(&arguments, None).planned;
    assert!(planned.is_wholly_known(), "known at plan");
    let (state, reported) = applied(&planned, &arguments);
    assert!(reported.is_empty(), "{reported:?}");
    assert_eq!(state, planned);
    let again = plan(&arguments, Some(&state));
    assert_eq!(again.planned, state);
    assert!(again.diagnostics.is_empty(), "{:?}", again.diagnostics);
    golden::check(&format!("static/{case}.json"), &(serde_json::to_string_pretty(&shown(&state)).unwrap() + "\n"));
}

#[test]
fn single_node() {
    check("single-node", json!({"control_plane": nodes(&["192.0.2.11/24"])}));
    check("single-node-ipv6", json!({"control_plane": nodes(&["2001:DB8::0011/64"])}));
    check("single-node-named", json!({"host": "api.example.com", "control_plane": nodes(&["192.0.2.11/24"])}));
    check("single-node-spelt", json!({"host": "2001:db8:0::11", "control_plane": nodes(&["2001:db8::11"])}));
}

#[test]
fn round_robin() {
    let three = nodes(&["192.0.2.11/24", "192.0.2.12/24", "192.0.2.13"]);
    check("round-robin", json!({"host": "api.example.com", "control_plane": three, "ttl": 30}));
    let both = json!({
        "cp-1": {"address": "192.0.2.11/24", "additional_addresses": ["2001:db8::11/64"]},
        "cp-2": {"address": "192.0.2.12/24", "additional_addresses": ["2001:db8::12/64"]},
    });
    check("round-robin-dual-stack", json!({"host": "api.example.com", "control_plane": both}));
    check("round-robin-ipv4-of-both", json!({"host": "api.example.com", "control_plane": both, "record_types": ["A"]}));
}

#[test]
fn somebody_elses_load_balancer() {
    check("external", json!({"host": "lb.example.com"}));
    check(
        "external-ports",
        json!({"host": "2001:db8::5", "kubernetes_api": {"port": 443}, "talos_api": {"port": 50010}}),
    );
    let nodes = nodes(&["192.0.2.11", "192.0.2.12"]);
    check(
        "external-nodes",
        json!({"host": "192.0.2.5", "control_plane": nodes, "external": true, "talos_api": {"enabled": false}}),
    );
}

/// What a plan shows, and what becomes of it.
fn planned(arguments: &Json, known: Json) -> Json {
    let planned = plan(arguments, None).planned;
    let shown = shown(&planned);
    let (state, reported) = applied(&planned, &known);
    assert!(!reported.has_error(), "{reported:?}");
    assert!(state.is_wholly_known());
    shown
}

#[test]
fn unknown_addresses_leave_the_rest_known() {
    let known = |mut arguments: Json| {
        arguments["control_plane"] = nodes(&["192.0.2.11", "192.0.2.12"]);
        arguments
    };
    let arguments =
        json!({"host": "api.example.com", "control_plane": nodes(&[UNKNOWN, "192.0.2.12"]), "record_types": ["A"]});
    let seen = planned(&arguments, known(arguments.clone()));
    assert_eq!(seen["kubernetes_api_endpoint"], "https://api.example.com:6443");
    assert_eq!(seen["talosctl_endpoints"], json!([UNKNOWN, "192.0.2.12"]));
    let record_set = json!({"name": "api.example.com", "type": "A", "ttl": 60, "records": UNKNOWN});
    assert_eq!(seen["dns_record_sets"], json!({"A": record_set}), "the keys are known");
    assert_eq!(seen["patches"]["cp-1"], json!([r#"{"machine":{"certSANs":["api.example.com"]}}"#]));

    let arguments = json!({"host": "api.example.com", "control_plane": nodes(&[UNKNOWN, "192.0.2.12"])});
    let seen = planned(&arguments, known(arguments.clone()));
    assert_eq!((&seen["record_types"], &seen["dns_record_sets"]), (&json!(UNKNOWN), &json!(UNKNOWN)));
}

#[test]
fn an_unknown_host_leaves_the_length_of_lists_known() {
    let load_balancer = json!({"host": UNKNOWN, "external": true});
    let seen = planned(&load_balancer, json!({"host": "lb.example.com", "external": true}));
    assert_eq!(seen["machine_cert_sans"], json!([UNKNOWN]));
    assert_eq!(seen["api_server_cert_sans"], json!([]));
    assert_eq!(seen["dns_record_sets"], json!({}));
    let several = json!({"host": UNKNOWN, "control_plane": nodes(&["192.0.2.11", "192.0.2.12"])});
    let seen =
        planned(&several, json!({"host": "api.example.com", "control_plane": nodes(&["192.0.2.11", "192.0.2.12"])}));
    assert_eq!(seen["kubernetes_api_endpoint"], UNKNOWN);
    assert_eq!(seen["talosctl_endpoints"], json!(["192.0.2.11", "192.0.2.12"]));
}

#[test]
fn what_is_known_only_at_apply_is_checked_then() {
    let arguments =
        json!({"host": "api.example.com", "control_plane": nodes(&[UNKNOWN, "192.0.2.12"]), "record_types": ["A"]});
    let mut known = arguments.clone();
    known["control_plane"] = nodes(&["2001:db8::11", "192.0.2.12"]);
    let (state, reported) = applied(&plan(&arguments, None).planned, &known);
    assert!(state.is_null());
    let first = reported.iter().next().unwrap();
    assert_eq!((first.path.to_string(), first.title.as_str()), ("record_types".to_owned(), "Node without a record"));
}
