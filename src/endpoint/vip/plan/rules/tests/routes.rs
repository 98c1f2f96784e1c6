//! Static addresses and their default routes.

use serde_json::{Value as Json, json};

use super::{UNKNOWN, at, check, nodes, with_first};

#[test]
fn static_addressing_needs_whole_addresses() {
    let with = |nodes: Json| json!({"static_addressing": true, "control_plane": nodes});
    check(
        with(at(["192.168.0.10/24", "192.168.0.11/24", "192.168.0.12"])),
        &["control_plane[\"cp-3\"].address: Missing prefix length"],
    );
    check(
        with(nodes([json!({"address": "192.168.0.10/24"}), json!({}), json!({"address": UNKNOWN})])),
        &["control_plane[\"cp-2\"].address: Missing address"],
    );
    check(
        with(with_first("additional_addresses", json!(["fd00::1"]))),
        &["control_plane[\"cp-1\"].additional_addresses[0]: Missing prefix length"],
    );
}

#[test]
fn gateways() {
    let idle = "gateway: Gateway without static addressing";
    check(json!({"gateway": "192.168.0.1"}), &[idle]);
    check(
        json!({"control_plane": with_first("gateway", "192.168.0.1".into())}),
        &["control_plane[\"cp-1\"].gateway: Gateway without static addressing"],
    );
    check(json!({"gateway": "192.168.0.1", "static_addressing": UNKNOWN}), &[]);
    let with = |gateway: &str| json!({"gateway": gateway, "static_addressing": true});
    for good in ["192.168.0.1", UNKNOWN] {
        check(with(good), &[]);
    }
    check(with("fe80::1"), &["gateway: Gateway of another address family"]);
    let six = at(["fd00::10/64", "fd00::11/64", "fd00::12/64"]);
    let on_six = |changes: Json| {
        let mut all = json!({"vip": "fd00::15", "static_addressing": true, "control_plane": six});
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        all
    };
    check(on_six(json!({"gateway": "fe80::1"})), &[]);
    check(
        on_six(json!({"gateway": "fe80::1", "additional_gateway": "fd00::1"})),
        &["additional_gateway: Two gateways of one address family"],
    );
    check(
        on_six(json!({"gateway": "fe80::1", "additional_gateway": "192.168.0.1"})),
        &["additional_gateway: Gateway of another address family"],
    );
    for (argument, value, what) in
        [("additional_gateway", json!("fd00::1"), "Gateway"), ("route_priority", json!(100), "Route priority")]
    {
        check(json!({argument: value}), &[&format!("{argument}: {what} without static addressing")]);
        check(
            json!({"control_plane": with_first(argument, value)}),
            &[&format!("control_plane[\"cp-1\"].{argument}: {what} without static addressing")],
        );
    }
    for bad in [0, -1, 4_294_967_296_i64] {
        let bad = json!({"route_priority": bad, "gateway": "192.168.0.1", "static_addressing": true});
        check(bad, &["route_priority: Invalid value"]);
    }
    for bad in ["192.168.0.15", "192.168.0.0", "192.168.0.255", "127.0.0.1", "192.168.0.12", "0.0.0.0"] {
        check(with(bad), &["gateway: Unusable gateway"]);
    }
    check(with("192.168.1.1"), &["gateway: Gateway outside the node's subnet"]);
    check(with("fd00::1"), &["gateway: Gateway of another address family"]);
    check(with("192.168.0.1/24"), &["gateway: Invalid value"]);
    let mut own = with("192.168.1.1");
    own["control_plane"] = with_first("gateway", "192.168.2.1".into());
    check(
        own,
        &[
            "control_plane[\"cp-1\"].gateway: Gateway outside the node's subnet",
            "gateway: Gateway outside the node's subnet",
        ],
    );
}

#[test]
fn a_priority_is_that_of_a_route() {
    let idle = "route_priority: Route priority without a gateway";
    let with = |changes: Json| {
        let mut all = json!({"static_addressing": true, "route_priority": 100});
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        all
    };
    check(with(json!({})), &[idle]);
    for gateway in ["192.168.0.1", UNKNOWN] {
        check(with(json!({"gateway": gateway})), &[]);
        check(with(json!({"control_plane": with_first("gateway", gateway.into())})), &[]);
    }
    let mut first = with_first("gateway", "192.168.0.1".into());
    first["cp-2"]["route_priority"] = 7.into();
    check(
        with(json!({"control_plane": first})),
        &["control_plane[\"cp-2\"].route_priority: Route priority without a gateway"],
    );
}
