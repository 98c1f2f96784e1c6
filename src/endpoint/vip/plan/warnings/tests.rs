mod addresses;
mod ended;
mod moves;
mod selectors;

use serde_json::{Value as Json, json};

use crate::endpoint::golden;
use crate::endpoint::vip::sample::{UNKNOWN, apply, config, nodes, plan, reported};
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::value::Value;

fn diagnostics_of(changes: Json, prior: Option<&Value>) -> Diagnostics {
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
        let all = reported(&diagnostics_of(changes.clone(), prior), Severity::Warning);
        // The contract's own tests have those.
        let of_contract = ["The endpoint moves", "The form of the patches changes", "The host is another address"];
        all.into_iter().filter(|warning| !of_contract.iter().any(|title| warning.ends_with(title))).collect::<Vec<_>>()
    };
    assert_eq!(warned(&changes, None), expected);
    assert_eq!(warned(&changes, Some(&stored(json!({})))), expected);
    let there = stored(changes.clone());
    assert!(warned(&changes, Some(&there)).is_empty(), "warned again");
    let mut other = changes;
    other["host"] = "other.example.com".into();
    assert!(warned(&other, Some(&there)).is_empty(), "warned of what didn't change");
}

const CHECKED: &str = "control_plane: Virtual IP not checked";
const BASE: &str = "control_plane: The base configuration must address the link";

fn by_dhcp() -> Json {
    nodes([json!({}), json!({}), json!({})])
}

fn with(first: Json, second: &Json) -> Json {
    let mut all = first;
    all.as_object_mut().unwrap().extend(second.as_object().unwrap().clone());
    all
}

fn detail(changes: Json, prior: Option<Json>, title: &str) -> String {
    let all = diagnostics_of(changes, prior.map(stored).as_ref());
    all.iter().find(|warning| warning.title == title).expect("a warning").detail.clone()
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
    assert!(reported(&diagnostics_of(json!({"control_plane": UNKNOWN}), None), Severity::Warning).is_empty());
}

#[test]
fn hostnames_that_differ_in_case_only() {
    let alike = json!({"a": {"address": "192.168.0.1/24"}, "A": {"address": "192.168.0.2/24"}, "b": {"address": "192.168.0.3/24"}});
    check(json!({"control_plane": alike}), &["control_plane[\"a\"]: Node names differ only in case"]);
}

#[test]
fn ipv6_is_not_announced() {
    let six =
        |i: u8| json!({"address": format!("192.168.0.1{i}/24"), "additional_addresses": [format!("fd00::{i}/64")]});
    let six = nodes([six(1), six(2), six(3)]);
    check(json!({"vip": "fd00::15", "control_plane": six.clone()}), &["vip: IPv6 virtual IP not announced"]);
    let additional = json!({"additional_vips": [{"address": "fd00::15"}], "control_plane": six});
    check(additional, &["additional_vips[0].address: IPv6 virtual IP not announced"]);
}

#[test]
fn an_additional_virtual_ip_of_another_family() {
    let additional = |vip: Json| json!({"additional_vips": [vip]});
    check(
        additional(json!({"address": "fd00::15"})),
        &[
            "additional_vips[0].address: IPv6 virtual IP not announced",
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
    assert!(reported(&diagnostics_of(json!({"control_plane": unknown}), None), Severity::Warning).is_empty());
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
    let with_addresses = json!({"static_addressing": true, "gateway": "192.168.0.1"});
    for said in [json!({"dhcp": true}), json!({"dhcp": false}), with_addresses] {
        let mut changes = said;
        changes["talos_version"] = "v1.11".into();
        check(changes, &[]);
    }
    check(json!({"talos_version": "v1.11", "control_plane": by_dhcp()}), &[CHECKED]);
    let of_nodes =
        nodes([10, 11, 12].map(|last| json!({"address": format!("192.168.0.{last}/24"), "dhcp": last == 10})));
    check(json!({"talos_version": "v1.11", "control_plane": of_nodes}), &[]);
}

const SEVERAL: &str = "device_selector: The selector may match several devices";
const ALIASED: &str = "link_alias: The device may have an alias already";
const VLAN: &str = "vlan_id: The base configuration must declare the VLAN";
const ENDS: &str = "static_addressing: Default DHCP ends";

/// A device of each node, and these arguments.
fn selected(selectors: [Json; 3], changes: Json) -> Json {
    let [first, second, third] = selectors;
    let node =
        |last: u8, selector: Json| json!({"address": format!("192.168.0.{last}/24"), "device_selector": selector});
    let mut all = changes;
    all["interface"] = Json::Null;
    all["control_plane"] = nodes([node(10, first), node(11, second), node(12, third)]);
    all
}

fn exact() -> [Json; 3] {
    [1, 2, 3].map(|i| json!({"permanent_addr": format!("bc:24:11:00:00:0{i}")}))
}

#[test]
fn selectors_that_may_find_several_devices() {
    let several = [
        json!({"hardware_addr": "bc:24:11:*"}),
        json!({"driver": "virtio_net"}),
        json!({"pci_id": "8086:10D3", "bus_path": "0000:00:*"}),
    ];
    let common = |selector: Json| json!({"interface": null, "device_selector": selector, "link_alias": "lan"});
    for selector in several {
        check(common(selector), &[SEVERAL]);
    }
    check(common(json!({"driver": "virtio_net", "bus_path": "0000:00:12.0"})), &[]);
    check(common(json!({"bus_path": "0000:00:12.0"})), &[]);
    // One warning for each argument that is too wide, and none for the others.
    let mut one = exact();
    one[1] = json!({"driver": "igb"});
    check(
        selected(one, json!({"link_alias": "lan"})),
        &["control_plane[\"cp-2\"].device_selector: The selector may match several devices"],
    );
    let unknown = common(json!({"driver": UNKNOWN}));
    assert!(reported(&diagnostics_of(unknown, None), Severity::Warning).is_empty());
}

#[test]
fn aliases_that_the_base_may_have_given() {
    // One warning whatever the number of nodes; naming the alias answers it.
    check(selected(exact(), json!({})), &[ALIASED]);
    check(selected(exact(), json!({"link_alias": "vip0"})), &[]);
    let mut legacy = selected(exact(), json!({}));
    legacy["talos_version"] = "v1.11".into();
    legacy["dhcp"] = false.into();
    check(legacy, &[]);
    let second = json!([{"address": "10.0.0.15", "device_selector": {"bus_path": "0000:00:13.0"}}]);
    check(json!({"additional_vips": second}), &["additional_vips[0].link_alias: The device may have an alias already"]);
}

/// One node with this device, and these arguments.
fn alone(selector: Json, changes: Json) -> Json {
    let mut all = changes;
    all["interface"] = Json::Null;
    all["control_plane"] = json!({"cp-1": {"address": "192.168.0.10/24", "device_selector": selector}});
    all
}

const ALONE: &str = "control_plane: One control-plane node";

#[test]
fn a_vlan_is_found_by_the_address_of_its_device() {
    let vlan = |selector: Json| alone(selector, json!({"vlan_id": 7, "talos_version": "v1.11", "dhcp": true}));
    let ends = "vlan_id: Default DHCP ends";
    let own = "control_plane[\"cp-1\"].device_selector";
    let members = format!("{own}: The selector matches every member of a bond");
    check(
        vlan(json!({"hardware_addr": "bc:24:11:00:00:01"})),
        &[ALONE, &format!("{own}: The selector matches the VLAN too"), &members, ends],
    );
    let physical = vlan(json!({"hardware_addr": "bc:24:11:00:00:01", "physical": true}));
    let unmerged = format!("{own}.physical: The selector never merges with the base configuration");
    check(physical, &[ALONE, &members, ends, &unmerged]);
    check(vlan(json!({"bus_path": "0000:00:12.0"})), &[ALONE, ends]);
    check(vlan(json!({"permanent_addr": "bc:24:11:00:00:01"})), &[ALONE, ends]);
}

#[test]
fn members_of_a_bond_have_one_hardware_address() {
    let members = "control_plane[\"cp-1\"].device_selector: The selector matches every member of a bond";
    for version in ["v1.11", "v1.13"] {
        let one =
            |selector: Json| alone(selector, json!({"link_alias": "lan", "talos_version": version, "dhcp": false}));
        check(one(json!({"hardware_addr": "bc:24:11:00:00:01", "driver": "virtio_net"})), &[ALONE, members]);
        check(one(json!({"permanent_addr": "bc:24:11:00:00:01"})), &[ALONE]);
    }
}

#[test]
fn vlans_that_the_patches_do_not_declare() {
    check(json!({"vlan_id": 7}), &[VLAN]);
    let second = || json!([{"address": "10.0.0.15", "vlan_id": 9}]);
    let of_second = "additional_vips[0].vlan_id: The base configuration must declare the VLAN";
    check(json!({"additional_vips": second()}), &[of_second]);
    check(json!({"vlan_id": 7, "additional_vips": second()}), &[VLAN, of_second]);
    // Where documents about links are there anyway, they declare every VLAN, and bring up what is under it.
    check(json!({"vlan_id": 7, "dhcp": true, "additional_vips": second()}), &["vlan_id: Default DHCP ends"]);
    let with_addresses = json!({"static_addressing": true, "gateway": "192.168.0.1", "additional_vips": second()});
    check(with_addresses, &[ENDS]);
    // The declaration goes where the contract is raised, and the plan says so.
    let legacy = json!({"vlan_id": 7, "talos_version": "v1.11", "dhcp": false});
    let raised = json!({"vlan_id": 7, "talos_version": "v1.12", "dhcp": false});
    let found = reported(&diagnostics_of(raised, Some(&stored(legacy))), Severity::Warning);
    assert_eq!(found, ["talos_version: The form of the patches changes", VLAN]);
}

#[test]
fn links_that_nothing_brings_up() {
    let up = "vlan_id: The base configuration must bring the link up";
    let of_dhcp = "vlan_id: Default DHCP ends";
    for parent in ["bond0", "br0", "net0"] {
        check(json!({"interface": parent, "vlan_id": 7, "dhcp": true}), &[up, of_dhcp]);
    }
    check(json!({"interface": "enp3s0", "vlan_id": 7, "dhcp": true}), &[of_dhcp]);
    let with_addresses = |changes: Json| {
        let mut all = changes;
        all["static_addressing"] = true.into();
        all["gateway"] = "192.168.0.1".into();
        all
    };
    let second = |interface: &str| json!([{"address": "10.0.0.15", "interface": interface}]);
    let bond = with_addresses(json!({"additional_vips": second("bond1")}));
    check(bond, &["additional_vips[0].interface: The base configuration must bring the link up", ENDS]);
    check(with_addresses(json!({"additional_vips": second("eth1")})), &[ENDS]);
    let twice = "static_addressing: The link may be declared twice";
    check(with_addresses(json!({"interface": "bond0"})), &[twice, ENDS]);
}

#[test]
fn addresses_under_an_alias() {
    let all = json!({"static_addressing": true, "gateway": "192.168.0.1", "link_alias": "lan"});
    check(selected(exact(), all.clone()), &["static_addressing: The address belongs to an alias", ENDS]);
    // A VLAN has a name of its own.
    let mut vlan = all;
    vlan["vlan_id"] = 7.into();
    check(selected(exact(), vlan), &[ENDS]);
}

#[test]
fn default_dhcp_that_the_legacy_form_ends() {
    let legacy = |changes: Json| {
        let mut all = changes;
        all["talos_version"] = "v1.11".into();
        all
    };
    check(legacy(json!({"dhcp": false, "vlan_id": 7})), &["vlan_id: Default DHCP ends"]);
    let second = || json!([{"address": "10.0.0.15", "interface": "eth1"}]);
    check(
        legacy(json!({"dhcp": false, "additional_vips": second()})),
        &["additional_vips[0].interface: Default DHCP ends"],
    );
    check(legacy(json!({"dhcp": true, "additional_vips": second()})), &[]);
    let on_own = json!([{"address": "10.0.0.15", "vlan_id": 9}]);
    check(legacy(json!({"dhcp": false, "additional_vips": on_own})), &[]);
}

#[test]
fn addresses_without_a_default_route() {
    let [four, six] = ["gateway: No default route for IPv4", "gateway: No default route for IPv6"];
    let additional_six = "additional_gateway: No default route for IPv6";
    let with_addresses = |changes: Json| {
        let mut all = changes;
        all["static_addressing"] = true.into();
        all
    };
    check(with_addresses(json!({})), &[four, ENDS]);
    check(with_addresses(json!({"talos_version": "v1.11"})), &[four]);
    check(with_addresses(json!({"dhcp": true})), &[ENDS]);
    check(with_addresses(json!({"gateway": "192.168.0.1"})), &[ENDS]);
    let node = |last: u8| json!({"address": format!("192.168.0.{last}/24"), "additional_addresses": [format!("fd00::{last}/64")]});
    let both = |changes: Json| {
        let mut all = with_addresses(changes);
        all["control_plane"] = nodes([node(10), node(11), node(12)]);
        all
    };
    let additional_four = "additional_gateway: No default route for IPv4";
    check(both(json!({})), &[four, additional_six, ENDS]);
    check(both(json!({"gateway": "fe80::1"})), &[additional_four, ENDS]);
    check(both(json!({"gateway": "fe80::1", "additional_gateway": "192.168.0.1"})), &[ENDS]);
    check(both(json!({"gateway": "192.168.0.1"})), &[additional_six, ENDS]);
    let only_six = nodes([10, 11, 12].map(|last| json!({"address": format!("fd00::{last}/64")})));
    let changes = with_addresses(json!({"vip": "fd00::15", "control_plane": only_six, "talos_version": "v1.11"}));
    check(changes, &["vip: IPv6 virtual IP not announced", six]);
    let unknown = with_addresses(json!({"gateway": UNKNOWN}));
    assert_eq!(reported(&diagnostics_of(unknown, None), Severity::Warning), [ENDS]);
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
        json!({"control_plane": nodes([
            json!({"address": "192.168.0.10"}), json!({"address": "192.168.0.11/32"}), json!({"address": "192.168.0.12/24"})
        ])}),
        json!({"vlan_id": 7}),
        json!({"interface": "bond0", "vlan_id": 7, "dhcp": true}),
        json!({"interface": "bond0", "static_addressing": true}),
        json!({"interface": null, "device_selector": {"driver": "igb"}, "static_addressing": true, "gateway": "192.168.0.1"}),
        alone(json!({"hardware_addr": "bc:24:11:00:00:01"}), json!({"vlan_id": 7, "talos_version": "v1.11"})),
        alone(json!({"hardware_addr": "bc:24:11:00:00:01"}), json!({})),
        json!({"vip": "fd00::15", "static_addressing": true, "gateway": "192.168.0.1", "control_plane": {
            "cp-1": {"address": "192.168.0.10/24", "additional_addresses": ["fd00::10/64"]}
        }}),
        json!({"control_plane": nodes([
            json!({"address": "192.168.0.10/24", "vlan_id": 7}), json!({"address": "192.168.0.11/24"}), json!({"address": "192.168.0.12/24"})
        ])}),
        json!({"static_addressing": true, "gateway": "192.168.0.1", "additional_vips": [{"address": "192.168.0.16", "interface": "eth1"}]}),
        json!({"interface": null, "link_alias": "lan", "device_selector": {"pci_id": "1AF4:1000", "bus_path": "0000:00:12.0"}}),
        json!({"control_plane": nodes([
            json!({"address": "192.168.0.10/24"}), json!({"address": "192.168.0.11/25"}), json!({"address": "fd00::12/64"})
        ])}),
        json!({"vlan_id": 7, "dhcp": true, "control_plane": nodes([
            json!({"address": "192.168.0.10/24", "interface": "eth1"}), json!({"address": "192.168.0.11/24"}), json!({"address": "192.168.0.12/24"})
        ])}),
    ] {
        all.append(diagnostics_of(changes, None));
    }
    let prior = stored(json!({"static_addressing": true, "gateway": "192.168.0.1"}));
    all.append(diagnostics_of(json!({}), Some(&prior)));
    let text: String = all.iter().map(|said| format!("{}: {}\n{}\n\n", said.path, said.title, said.detail)).collect();
    golden::check("vip/warnings.txt", &text);
}
