use serde_json::{Value as Json, json};

use crate::endpoint::static_endpoint::sample::{UNKNOWN, errors, nodes};

#[test]
fn what_must_be_there() {
    for (arguments, expected) in [
        (json!({}), "host: Missing host"),
        (json!({"control_plane": {}}), "host: Missing host"),
        (json!({"control_plane": nodes(&["192.0.2.11", "192.0.2.12"])}), "host: Missing host"),
        (json!({"control_plane": nodes(&["192.0.2.11"]), "external": true}), "host: Missing host"),
        (json!({"host": "api.example.com", "external": false}), "external: Missing nodes"),
    ] {
        assert_eq!(errors(arguments.clone()), [expected], "{arguments}");
    }
}

#[test]
fn what_is_well_formed() {
    let two = || nodes(&["192.0.2.11/24", "192.0.2.12/24"]);
    for good in [
        json!({"host": "lb.example.com"}),
        json!({"host": "192.0.2.5", "kubernetes_api": {"port": 443}, "talos_api": {"port": 50010}}),
        json!({"host": "192.0.2.5", "control_plane": two(), "external": true}),
        json!({"host": "api.example.com", "control_plane": two()}),
        json!({"host": "api.example.com", "control_plane": two(), "record_types": ["A"]}),
        json!({"control_plane": nodes(&["2001:db8::11/64"])}),
        json!({"host": "2001:0db8::0011", "control_plane": nodes(&["2001:db8::11"])}),
        json!({"host": UNKNOWN, "control_plane": two()}),
        json!({"host": "192.0.2.5", "control_plane": two(), "external": UNKNOWN}),
        json!({"control_plane": UNKNOWN}),
        json!({"host": "192.0.2.5", "control_plane": {"cp-1": {"address": UNKNOWN}}}),
        json!({"host": "lb.example.com", "kubernetes_api": {"port": 50000}, "talos_api": {"enabled": false}}),
    ] {
        assert_eq!(errors(good.clone()), [""; 0], "{good}");
    }
}

#[test]
fn hosts_addresses_and_ports() {
    let two = || nodes(&["192.0.2.11", "192.0.2.12"]);
    let of = |mut arguments: Json, name: &str, value: Json| {
        arguments[name] = value;
        arguments
    };
    let named = json!({"host": "api.example.com", "control_plane": two()});
    let address = "control_plane[\"cp-2\"].address";
    for (arguments, expected) in [
        (of(named.clone(), "host", "192.0.2.5".into()), "host: The host is an address".to_owned()),
        (of(named.clone(), "host", "192.0.2.11".into()), "host: The host is an address".to_owned()),
        (json!({"host": "0.0.0.0"}), "host: Invalid value".to_owned()),
        (json!({"host": "https://lb.example.com"}), "host: Invalid value".to_owned()),
        (
            of(named.clone(), "control_plane", nodes(&["192.0.2.11", "127.0.0.1"])),
            format!("{address}: Unusable address"),
        ),
        (
            of(named.clone(), "control_plane", nodes(&["fd00::1", "fd00:0::1"])),
            format!("{address}: Address used twice"),
        ),
        (of(named.clone(), "control_plane", nodes(&["192.0.2.11", "cp"])), format!("{address}: Invalid value")),
        (of(named.clone(), "talos_api", json!({"port": 50010})), "talos_api.port: Port not translated".to_owned()),
        (
            json!({"host": "lb.example.com", "kubernetes_api": {"port": 443}, "talos_api": {"port": 443}}),
            "talos_api.port: Port used twice".to_owned(),
        ),
        (of(named.clone(), "ttl", (-1).into()), "ttl: Invalid value".to_owned()),
    ] {
        assert_eq!(errors(arguments.clone()), [expected], "{arguments}");
    }
    let twice = json!({"cp-1": {"address": "192.0.2.11", "additional_addresses": ["fd00::1", "192.0.2.11"]}});
    let found = errors(json!({"control_plane": twice}));
    assert_eq!(found, ["control_plane[\"cp-1\"].additional_addresses[1]: Address used twice"]);
}

#[test]
fn records_fit_the_nodes() {
    let with = |addresses: &[&str], types: Json| {
        errors(json!({"host": "api.example.com", "control_plane": nodes(addresses), "record_types": types}))
    };
    assert_eq!(with(&["192.0.2.11"], json!(["A", "AAAA"])), ["record_types: Record type without addresses"]);
    assert_eq!(with(&["192.0.2.11", "fd00::12"], json!(["A"])), ["record_types: Node without a record"]);
    assert_eq!(with(&["192.0.2.11", UNKNOWN], json!(["A"])), [""; 0]);
    assert_eq!(with(&["192.0.2.11"], json!([])), ["record_types: Invalid value"]);
    assert_eq!(with(&["192.0.2.11"], json!(["CNAME"])), ["record_types: Invalid value"]);
    assert_eq!(
        errors(json!({"host": "lb.example.com", "record_types": ["A"]})),
        ["record_types: No DNS records needed"]
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let nodes = nodes(&["127.0.0.1", "127.0.0.1"]);
    assert_eq!(errors(json!({"control_plane": nodes, "talos_api": {"port": 6443}})).len(), 4);
}

#[test]
fn one_fault_is_one_error() {
    let two = || nodes(&["192.0.2.11", "192.0.2.12"]);
    for (arguments, expected) in [
        (json!({"control_plane": two(), "host_entry": true, "talos_version": "v1.12"}), "host: Missing host"),
        (json!({"control_plane": two(), "record_types": ["A"]}), "host: Missing host"),
        (json!({"host_entry": true, "talos_version": "v1.12"}), "host: Missing host"),
        (
            json!({"host": "lb.example.com", "additional_names": ["vpn.example.com"], "talos_version": "v2.0"}),
            "talos_version: Invalid value",
        ),
        (
            json!({"host": "lb.example.com", "additional_names": ["", ""], "talos_version": "v1.12"}),
            "additional_names: Invalid value",
        ),
        (json!({"host": "localhost", "control_plane": two()}), "host: Invalid value"),
        (json!({"host": "127.0.0.1", "control_plane": two()}), "host: Invalid value"),
        (
            json!({"host": "lb.example.com", "host_entry": true, "talos_version": "v1.12"}),
            "host_entry: Host entry not possible",
        ),
        (json!({"control_plane": nodes(&["::ffff:192.0.2.11"])}), "control_plane[\"cp-1\"].address: Invalid value"),
        (json!({"control_plane": nodes(&["192.0.2.11/0"])}), "control_plane[\"cp-1\"].address: Invalid value"),
    ] {
        assert_eq!(errors(arguments.clone()), [expected], "{arguments}");
    }
}

#[test]
fn one_port_for_two_is_reported_where_it_is_written() {
    let lb = |name: &str, port: i64| errors(json!({"host": "lb.example.com", name: {"port": port}}));
    assert_eq!(lb("kubernetes_api", 50000), ["kubernetes_api.port: Port used twice"]);
    assert_eq!(lb("talos_api", 6443), ["talos_api.port: Port used twice"]);
}

#[test]
fn nodes_have_names() {
    for name in ["", "cp 01"] {
        let expected = format!("control_plane[{name:?}]: Invalid name");
        assert_eq!(errors(json!({"control_plane": {name: {"address": "192.0.2.11"}}})), [expected]);
    }
    assert_eq!(errors(json!({"control_plane": {"cp_01.x": {"address": "192.0.2.11"}}})), [""; 0]);
}
