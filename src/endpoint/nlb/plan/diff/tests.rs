//! Waves of single changes as golden files, and any change on a small model of AWS.

mod model;
mod random;

use super::*;
use crate::endpoint::golden;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::sample::{check_of, config, desired, inventory, map, mapping, nested, texts};
use crate::framework::value::Value;

/// The waves from what `before` made to what `after` wants, as `tests/golden/nlb/<case>/waves.txt`.
#[track_caller]
fn check<const N: usize, const M: usize>(case: &str, before: [(&str, Value); N], after: [(&str, Value); M]) {
    check_inventory(case, &inventory(&config(before)), &desired(&config(after)));
}

#[track_caller]
fn check_inventory(case: &str, current: &Inventory, desired: &Desired) {
    let waves = diff(current, desired, SETTINGS);
    let mut text = String::new();
    for (number, wave) in waves.iter().enumerate() {
        text += &format!("wave {}\n", number + 1);
        for step in wave {
            text += &format!("  {step}\n");
        }
    }
    golden::check(&format!("nlb/{case}/waves.txt"), &text);
}

fn port(name: &'static str, port: i64) -> (&'static str, Value) {
    nested(name, [("port", port.into())])
}

#[test]
fn an_attribute_that_a_part_does_not_have_is_as_at_birth() {
    let attributes = |value: &str| Attributes::from([("key".to_owned(), value.to_owned())]);
    let (none, off, on) = (Attributes::new(), attributes("false"), attributes("true"));
    assert_eq!(changed(Some(&none), &off, &off), none);
    assert_eq!(changed(Some(&none), &off, &on), on);
    assert_eq!(changed(Some(&on), &off, &off), off);
}

#[test]
fn creates() {
    let nothing = Inventory::default();
    check_inventory("create", &nothing, &desired(&config([])));
    let full = [
        ("vpc_id", "vpc-1".into()),
        ("internal", false.into()),
        ("security_group_ids", texts(&["sg-2", "sg-1"])),
        ("enforce_security_group_inbound_rules_on_private_link_traffic", "off".into()),
        ("enable_deletion_protection", true.into()),
        ("enable_cross_zone_load_balancing", true.into()),
        ("tcp_idle_timeout", 600.into()),
        ("tags", map(&[("team", "infra")])),
        port("worker_talos_api", 50010),
    ];
    check_inventory("create-with-vpc", &nothing, &desired(&config(full)));
}

#[test]
fn no_change_is_no_wave() {
    for changes in [
        [("tags", map(&[("team", "infra")])), nested("trustd", [])],
        [("security_group_ids", texts(&["sg-1"])), ("enable_deletion_protection", true.into())],
        [("subnet_ids", Value::Null), ("subnet_mappings", mapping([("subnet_id", "subnet-a".into())]))],
    ] {
        let config = config(changes);
        assert_eq!(diff(&inventory(&config), &desired(&config), SETTINGS), Vec::<Vec<Step>>::new());
    }
}

#[test]
fn changes_in_place() {
    check("subnets", [], [("subnet_ids", texts(&["subnet-a", "subnet-c"]))]);
    let groups = |ids: &[&str]| ("security_group_ids", texts(ids));
    check("security-groups", [groups(&["sg-1"])], [groups(&["sg-1", "sg-2"])]);
    let off = ("enforce_security_group_inbound_rules_on_private_link_traffic", "off".into());
    check("private-link", [groups(&["sg-1"])], [groups(&["sg-1"]), off]);
    check("dual-stack", [], [("ip_address_type", "dualstack".into())]);
    check("cross-zone", [], [("enable_cross_zone_load_balancing", true.into())]);
    check("protection-on", [], [("enable_deletion_protection", true.into())]);
    check("protection-off", [("enable_deletion_protection", true.into())], []);
    check("preserve-client-ip", [], [("preserve_client_ip", true.into())]);
    check("deregistration", [], [("deregistration_delay", 60.into()), ("connection_termination", false.into())]);
    check("idle-timeout", [], [("tcp_idle_timeout", 600.into())]);
    check("health-check", [], [nested("health_check", [("interval", 30.into())])]);
    let https = check_of(Role::KubernetesApi, [("protocol", "HTTPS".into()), ("matcher", "200,401".into())]);
    check("health-check-https", [], [nested("kubernetes_api", [("health_check", https)])]);
    let before = [("tags", map(&[("gone", "1"), ("kept", "1"), ("other", "1")]))];
    check("tags", before, [("tags", map(&[("kept", "1"), ("new", "1"), ("other", "2")]))]);
}

#[test]
fn ports_move_in_an_order_in_which_none_is_taken_twice() {
    check("port", [], [port("kubernetes_api", 443)]);
    check("port-chain", [], [port("kubernetes_api", 50000), port("talos_api", 50010)]);
    let idle = || ("tcp_idle_timeout", 600.into());
    check("port-circle", [idle()], [port("kubernetes_api", 50000), port("talos_api", 6443), idle()]);
    check("port-of-a-listener-that-goes", [nested("trustd", [])], [port("kubernetes_api", 50001)]);
}

#[test]
fn listeners_come_and_go_with_their_groups() {
    check("trustd-on", [], [nested("trustd", [])]);
    check("trustd-off", [nested("trustd", [])], []);
}

#[test]
fn what_is_missing_is_made_again() {
    let config = config([]);
    let lacking = |remove: &dyn Fn(&mut Inventory)| {
        let mut inventory = inventory(&config);
        remove(&mut inventory);
        inventory
    };
    let desired = desired(&config);
    let group = lacking(&|inventory| drop(inventory.groups.remove(&Role::TalosApi)));
    check_inventory("group-missing", &group, &desired);
    let listener = lacking(&|inventory| drop(inventory.listeners.remove(&Role::TalosApi)));
    check_inventory("listener-missing", &listener, &desired);
    let balancer = lacking(&|inventory| {
        inventory.balancer = None;
        inventory.listeners.clear();
    });
    check_inventory("balancer-missing", &balancer, &desired);
    let misrouted = lacking(&|inventory| inventory.misrouted.push(Role::KubernetesApi));
    check_inventory("misrouted", &misrouted, &desired);
}
