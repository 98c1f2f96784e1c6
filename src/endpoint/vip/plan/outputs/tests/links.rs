//! Which links need what in the base configuration: each kind of link in both forms, as a golden case and as a row of the table in the
//! documentation.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::super::super::super::sample::{config, nodes, object, plan, shown};
use super::check;
use crate::endpoint::vip::model::inputs::Inputs;
use crate::endpoint::vip::plan::base::{Base, base};
use crate::framework::value::Value;

/// A kind of link.
struct Case {
    name: &'static str,
    /// In the documentation.
    described: &'static str,
    changes: fn() -> Json,
}

const fn case(name: &'static str, described: &'static str, changes: fn() -> Json) -> Case {
    Case { name, described, changes }
}

const CASES: [Case; 20] = [
    case("interface", "interface", || json!({})),
    case("interface-dhcp", "interface, `dhcp = true`", || json!({"dhcp": true})),
    case("interface-static", "interface, `static_addressing`", || with_addresses(json!({}))),
    case("vlan", "VLAN", || json!({"vlan_id": 30})),
    case("vlan-dhcp", "VLAN, `dhcp = true`", || json!({"vlan_id": 30, "dhcp": true})),
    case("vlan-static", "VLAN, `static_addressing`", || with_addresses(json!({"vlan_id": 30}))),
    case("bond", "bond or bridge", || json!({"interface": "bond0"})),
    case("bond-static", "bond or bridge, `static_addressing`", || with_addresses(json!({"interface": "bond0"}))),
    case("bond-vlan-static", "VLAN on a bond, `static_addressing`", || {
        with_addresses(json!({"interface": "bond0", "vlan_id": 30}))
    }),
    case("device", "selected device", || selected(json!({}))),
    case("device-named", "selected device, `link_alias`", || selected(json!({"link_alias": "lan"}))),
    case("device-static", "selected device, `static_addressing`", || with_addresses(selected(json!({})))),
    case("device-vlan", "VLAN on a selected device", || selected(json!({"vlan_id": 30}))),
    case("device-vlan-static", "VLAN on a selected device, `static_addressing`", || {
        with_addresses(selected(json!({"vlan_id": 30})))
    }),
    case(
        "several",
        "selector by `driver`, `pci_id`, `physical` or with `*`",
        || json!({"interface": null, "device_selector": {"driver": "virtio_net"}, "link_alias": "lan"}),
    ),
    case("hardware", "selector by `hardware_addr`", || {
        let mut changes = selected(json!({"link_alias": "lan"}));
        for (_, node) in changes["control_plane"].as_object_mut().unwrap() {
            let address = node["device_selector"]["permanent_addr"].take();
            node["device_selector"] = json!({"hardware_addr": address});
        }
        changes
    }),
    case("second-vlan", "second virtual IP on a VLAN", || json!({"additional_vips": [second(json!({"vlan_id": 40}))]})),
    case("second-vlan-static", "second virtual IP on a VLAN, `static_addressing`", || {
        with_addresses(json!({"additional_vips": [second(json!({"vlan_id": 40}))]}))
    }),
    case("second-interface-static", "second virtual IP on another interface, `static_addressing`", || {
        with_addresses(json!({"additional_vips": [second(json!({"interface": "eth1"}))]}))
    }),
    case("alias-static", "alias of the base configuration (`net0`), `static_addressing`", || {
        with_addresses(json!({"interface": "net0"}))
    }),
];

fn with_addresses(mut changes: Json) -> Json {
    changes["static_addressing"] = true.into();
    changes["gateway"] = "192.168.0.1".into();
    changes
}

/// Each node's device by the hardware address that it has for good.
fn selected(mut changes: Json) -> Json {
    let devices = [("10", "bc:24:11:00:00:01"), ("11", "bc:24:11:00:00:02"), ("12", "aa:bb:cc:dd:ee:ff")];
    let node = |(last, device): (&str, &str)| json!({"address": format!("192.168.0.{last}/24"), "device_selector": {"permanent_addr": device, "physical": true}});
    changes["interface"] = Json::Null;
    changes["control_plane"] = nodes(devices.map(node));
    changes
}

fn second(mut vip: Json) -> Json {
    vip["address"] = "10.0.0.15".into();
    vip
}

/// Both forms, with the contract that is usual for each.
const FORMS: [(&str, &str); 2] = [("legacy", "v1.11"), ("document", "v1.13")];

fn in_form(case: &Case, version: &str) -> Value {
    let mut changes = (case.changes)();
    changes["talos_version"] = version.into();
    config(changes)
}

#[test]
fn every_kind_of_link() {
    for case in &CASES {
        for (form, version) in FORMS {
            check(&format!("link-{}-{form}", case.name), &in_form(case, version));
        }
    }
}

/// The first node's patches in few words.
fn patches(config: &Value) -> String {
    let planned = shown(&plan(config, None).planned);
    let texts = planned["patches"]["cp-1"].as_array().unwrap();
    let parsed = texts.iter().map(|text| serde_json::from_str::<Json>(text.as_str().unwrap()).unwrap());
    // What is about names in certificates has nothing to do with links.
    let about_links = parsed.filter(|patch| !patch["name"].is_null() || !patch["machine"]["network"].is_null());
    about_links.map(|patch| document(&patch)).collect::<Vec<_>>().join(", ")
}

fn document(patch: &Json) -> String {
    if let (Some(kind), Some(name)) = (patch["kind"].as_str(), patch["name"].as_str()) {
        return if kind == "Layer2VIPConfig" {
            format!("`{kind}` on `{}`", patch["link"].as_str().unwrap())
        } else {
            format!("`{kind}` `{name}`")
        };
    }
    let entries = patch["machine"]["network"]["interfaces"].as_array().unwrap();
    let entries = entries.iter().map(|entry| {
        let name = entry["interface"].as_str().map_or("the selected device".to_owned(), |name| format!("`{name}`"));
        let vlans = entry["vlans"].as_array().into_iter().flatten().map(|vlan| format!(", VLAN {}", vlan["vlanId"]));
        format!("entry for {name}{}", vlans.collect::<String>())
    });
    entries.collect::<Vec<_>>().join(", ")
}

fn base_of(config: &Value) -> Base {
    let planned = plan(config, None).planned;
    let inputs = Inputs::read(object(config), object(&planned));
    base(&inputs, &inputs.known_nodes()[0]).unwrap()
}

fn row(case: &Case, form: &str, version: &str) -> String {
    let config = in_form(case, version);
    let Base { must, ended } = base_of(&config);
    let listed = |items: Vec<String>| if items.is_empty() { "–".to_owned() } else { items.join("; ") };
    format!(
        "| {} | {form} | {} | {} | {} |\n",
        case.described,
        patches(&config),
        listed(must.iter().map(|(_, duty)| duty.to_string()).collect()),
        listed(ended.iter().map(|(_, ended)| ended.to_string()).collect()),
    )
}

const BEGIN: &str =
    "<!-- table: made by `TALOSENDPOINT_GOLDEN=write cargo test --lib the_table_in_the_documentation` -->\n";
const END: &str = "<!-- end of the table -->\n";

#[test]
fn the_table_in_the_documentation() {
    let rows = CASES.iter().flat_map(|case| FORMS.map(|(form, version)| row(case, form, version)));
    let head = "| link | form | patches of a node | the base configuration must | default DHCP ends \
                |\n|---|---|---|---|---|\n";
    let table: String = std::iter::once(head.to_owned()).chain(rows).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides/vip-links.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    if std::env::var("TALOSENDPOINT_GOLDEN").is_ok_and(|word| word == "write") {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(found, table, "docs/guides/vip-links.md differs; TALOSENDPOINT_GOLDEN=write writes it anew");
    }
}
