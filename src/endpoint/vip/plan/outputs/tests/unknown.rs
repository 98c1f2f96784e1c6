//! Values that are known only at apply: never an error, and what the plan says of the outputs all the same is kept at apply.

use serde_json::{Value as Json, json};

use super::{at, by_dhcp};
use crate::endpoint::vip::sample::{UNKNOWN, config, nodes, plan, reported, shown, validate};
use crate::framework::diagnostic::Severity;
use crate::framework::value::Value;

/// The places where `applied` departs from what `planned` says.
fn broken(planned: &Json, applied: &Json, place: &str) -> Vec<String> {
    match (planned, applied) {
        (Json::String(text), applied) if text == UNKNOWN && !applied.is_null() => Vec::new(),
        (Json::Array(p), Json::Array(a)) if p.len() == a.len() => {
            p.iter().zip(a).enumerate().flat_map(|(i, (p, a))| broken(p, a, &format!("{place}[{i}]"))).collect()
        }
        (Json::Object(p), Json::Object(a)) if p.keys().eq(a.keys()) => {
            p.iter().flat_map(|(name, p)| broken(p, &a[name], &format!("{place}.{name}"))).collect()
        }
        (p, a) if p == a => Vec::new(),
        (p, a) => vec![format!("{place}: {p} became {a}")],
    }
}

/// `value` with one of the values inside it replaced, for each of them in the same order.
fn with_one_replaced(value: &Value, by: &Value) -> Vec<Value> {
    let put = |children: Vec<(usize, Value)>, rebuild: &dyn Fn(usize, Value) -> Value| {
        children.into_iter().map(|(i, child)| rebuild(i, child)).collect::<Vec<_>>()
    };
    let inside = |items: Vec<&Value>| -> Vec<(usize, Value)> {
        items
            .iter()
            .enumerate()
            .flat_map(|(i, item)| with_one_replaced(item, by).into_iter().map(move |it| (i, it)))
            .collect()
    };
    let mut all = match value {
        Value::Null => return Vec::new(),
        Value::List(items) => put(inside(items.iter().collect()), &|i, child| {
            let mut items = items.clone();
            items[i] = child;
            Value::List(items)
        }),
        Value::Map(items) | Value::Object(items) => {
            let names: Vec<&String> = items.keys().collect();
            put(inside(items.values().collect()), &|i, child| {
                let mut items = items.clone();
                items.insert(names[i].clone(), child);
                if matches!(value, Value::Map(_)) { Value::Map(items) } else { Value::Object(items) }
            })
        }
        _ => Vec::new(),
    };
    all.push(by.clone());
    all
}

/// Plans `config` with each of its values unknown in turn, which then turns out to be what it is in `config`, or null.
#[track_caller]
fn check(config: &Value) {
    assert!(!validate(config).has_error(), "{:?}", validate(config));
    let applied = shown(&plan(config, None).planned);
    let variants = with_one_replaced(config, &Value::UNKNOWN);
    let nulls = with_one_replaced(config, &Value::Null);
    assert!(variants.len() > 5);
    let mut became_null = 0;
    // The last one is the whole object, which Terraform never sends so.
    for (variant, null) in variants.iter().zip(&nulls).take(variants.len() - 1) {
        let errors = reported(&validate(variant), Severity::Error);
        assert!(errors.is_empty(), "{errors:?} for {}", shown(variant));
        let planned = shown(&plan(variant, None).planned);
        let mut departures = broken(&planned, &applied, "");
        // What is known of a node may be nothing.
        departures.retain(|departure| !(departure.starts_with(".nodes.") && departure.ends_with("became null")));
        assert!(departures.is_empty(), "{departures:?} for {}", shown(variant));
        if validate(null).has_error() {
            continue;
        }
        became_null += 1;
        let mut departures = broken(&planned, &shown(&plan(null, None).planned), "");
        // The length of this list is known in the plan, at the price that an unknown address must not turn out to be null.
        departures.retain(|departure| !departure.starts_with(".talosctl_endpoints"));
        // What was unknown in the configuration is so in the plan.
        departures.retain(|departure| !departure.contains(&format!("\"{UNKNOWN}\" became null")));
        assert!(departures.is_empty(), "{departures:?} for {}, then null", shown(variant));
    }
    assert!(became_null > 0);
}

#[test]
fn any_value_may_be_unknown() {
    check(&config(json!({})));
    check(&config(json!({"talos_version": "v1.11"})));
    check(&config(json!({"control_plane": by_dhcp(), "dhcp": true, "talos_version": "v1.11", "vlan_id": 7})));
    check(&config(json!({"control_plane": by_dhcp(), "dhcp": true, "vlan_id": 7, "host": "api.example.com"})));
    check(&config(json!({"host": "192.168.0.15", "form": "document", "pod_cidrs": ["10.1.0.0/16"]})));
    let node = |last: u8| {
        json!({
            "address": format!("192.168.0.{last}/24"),
            "additional_addresses": [format!("fd00::{last}/64")],
            "endpoint": format!("cp-{last}.example.com"),
            "gateway": "192.168.0.1",
            "interface": "enp3s0",
        })
    };
    for version in ["v1.11", "v1.14"] {
        check(&config(json!({
            "talos_version": version,
            "static_addressing": true,
            "kubernetes_api": {"port": 6444},
            "control_plane": nodes([node(10), node(11), node(12)]),
            "additional_vips": [
                {"address": "fd00::15", "vlan_id": 9},
                {"address": "10.0.0.15", "device_selector": {"driver": "igb", "physical": true}},
            ],
        })));
    }
}

#[test]
fn what_does_not_need_an_unknown_address_is_known() {
    let unknown = || at([UNKNOWN, "192.168.0.11/24", "192.168.0.12/24"]);
    let planned = |changes: Json| shown(&plan(&config(changes), None).planned);
    let document = planned(json!({"control_plane": unknown()}));
    assert_eq!(document["talosctl_endpoints"], json!([UNKNOWN, "192.168.0.11", "192.168.0.12"]));
    assert_eq!(document["patches"], planned(json!({}))["patches"]);
    let legacy = planned(json!({"control_plane": unknown(), "talos_version": "v1.11", "dhcp": false}));
    assert_eq!(legacy["patches"], planned(json!({"talos_version": "v1.11", "dhcp": false}))["patches"]);
    // Whether there is DHCP depends on the address then, or the address is in the patch.
    let by_address = planned(json!({"control_plane": unknown(), "talos_version": "v1.11"}));
    assert_eq!(by_address["patches"]["cp-1"], UNKNOWN);
    assert_ne!(by_address["patches"]["cp-2"], UNKNOWN);
    let with_addresses = planned(json!({"control_plane": unknown(), "static_addressing": true}));
    assert_eq!(with_addresses["patches"]["cp-1"], UNKNOWN, "one of its documents is");
    assert!(with_addresses["patches"]["cp-2"].is_array());
}

#[test]
fn lists_have_their_length_before_their_elements() {
    let planned = shown(&plan(&config(json!({"vip": UNKNOWN, "host": "api.example.com"})), None).planned);
    assert_eq!(planned["api_server_cert_sans"], json!([UNKNOWN]));
    assert_eq!(planned["machine_cert_sans"], json!(["api.example.com"]));
    assert_eq!(planned["patches"]["cp-1"], UNKNOWN, "a list of patches is known as a whole or not at all");
    assert_eq!(planned["host"], "api.example.com");
    let planned = shown(&plan(&config(json!({"vip": UNKNOWN})), None).planned);
    assert_eq!(planned["patches"]["cp-1"], UNKNOWN);
    assert_eq!(planned["host"], UNKNOWN);
    assert_eq!(planned["control_plane_config_patches"], json!([]));
    let planned = shown(&plan(&config(json!({"control_plane": UNKNOWN})), None).planned);
    assert_eq!(planned["patches"], UNKNOWN);
    assert_eq!(planned["kubernetes_api_endpoint"], "https://192.168.0.15:6443");
}
