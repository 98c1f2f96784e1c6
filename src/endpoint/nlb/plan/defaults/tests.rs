use super::*;
use crate::endpoint::nlb::sample::{check_of, config, nested, planned, texts};
use crate::framework::value::Refinement;

/// What is left out is filled in as `expected`; and filling in again changes nothing.
#[track_caller]
fn check<const N: usize>(changes: [(&str, Value); N], name: &str, expected: Value) {
    let config = config(changes);
    let once = planned(&config);
    assert_eq!(once[name], expected);
    let mut twice = once.clone();
    defaults(&config, &mut twice);
    assert_eq!(twice, once, "filling in twice changes something");
}

fn one_unknown() -> Value {
    Value::set([Value::UNKNOWN])
}

fn at_least(min_length: u64) -> Value {
    Value::Unknown(Refinement { not_null: false, min_length })
}

const GROUPS: &str = "security_group_ids";

#[test]
fn client_addresses_are_preserved_where_only_the_nodes_filter() {
    let unknown = || Value::UNKNOWN_NOT_NULL;
    for (internal, groups, expected) in [
        (true.into(), Value::Null, false.into()),
        (Value::Null, Value::Null, false.into()),
        (true.into(), Value::UNKNOWN, false.into()),
        (false.into(), Value::Null, true.into()),
        (false.into(), texts(&[]), true.into()),
        (false.into(), texts(&["sg-1"]), false.into()),
        (false.into(), one_unknown(), false.into()),
        (false.into(), at_least(1), false.into()),
        (false.into(), Value::UNKNOWN, unknown()),
        (Value::UNKNOWN, Value::Null, unknown()),
        (Value::UNKNOWN, texts(&["sg-1"]), false.into()),
        (Value::UNKNOWN, one_unknown(), false.into()),
        (Value::UNKNOWN, Value::UNKNOWN, unknown()),
    ] {
        check([("internal", internal), (GROUPS, groups)], "preserve_client_ip", expected);
    }
    check([("internal", true.into()), ("preserve_client_ip", true.into())], "preserve_client_ip", true.into());
    check([("preserve_client_ip", Value::UNKNOWN)], "preserve_client_ip", Value::UNKNOWN);
}

#[test]
fn rules_for_private_link_follow_the_security_groups() {
    let name = "enforce_security_group_inbound_rules_on_private_link_traffic";
    check([], name, Value::Null);
    check([(GROUPS, texts(&["sg-1"]))], name, "on".into());
    check([(GROUPS, one_unknown())], name, "on".into());
    check([(GROUPS, Value::UNKNOWN)], name, Value::UNKNOWN);
    check([(GROUPS, texts(&["sg-1"])), (name, "off".into())], name, "off".into());
}

/// The members of a listener's effective health check.
fn health<const N: usize>(changes: [(&str, Value); N]) -> Object {
    let config = config(changes);
    let planned = planned(&config);
    planned["kubernetes_api"].attribute("health_check").unwrap().clone().into_object().unwrap()
}

#[test]
fn a_listener_inherits_the_common_health_check_field_by_field() {
    let plain = health([]);
    assert_eq!(
        plain,
        Object::from(
            [
                ("interval", 10.into()),
                ("timeout", 5.into()),
                ("healthy_threshold", 2.into()),
                ("unhealthy_threshold", 2.into()),
                ("protocol", "TCP".into()),
                ("port", "traffic-port".into()),
                ("path", Value::Null),
                ("matcher", Value::Null),
            ]
            .map(|(name, value): (&str, Value)| (name.to_owned(), value))
        )
    );
    let common = || nested("health_check", [("interval", 30.into()), ("timeout", Value::UNKNOWN)]);
    let own = check_of(Role::KubernetesApi, [("interval", 20.into())]);
    let both = health([common(), nested("kubernetes_api", [("health_check", own)])]);
    assert_eq!(both["interval"], 20.into());
    assert_eq!(both["timeout"], Value::UNKNOWN);
    assert_eq!(both["healthy_threshold"], 2.into());
    let unknown = health([("health_check", Value::UNKNOWN)]);
    assert_eq!(unknown["interval"], Value::UNKNOWN_NOT_NULL);
    assert_eq!(unknown["protocol"], "TCP".into());
    check([common()], "health_check", planned(&config([common()]))["health_check"].clone());
}

#[test]
fn a_check_by_http_has_a_path_and_a_matcher() {
    let by = |protocol: Value| {
        let own = check_of(Role::KubernetesApi, [("protocol", protocol)]);
        health([nested("kubernetes_api", [("health_check", own)])])
    };
    assert_eq!(
        (by("HTTPS".into())["path"].clone(), by("HTTP".into())["matcher"].clone()),
        ("/".into(), "200-399".into())
    );
    assert_eq!((&by("TCP".into())["path"], &by(Value::UNKNOWN)["path"]), (&Value::Null, &Value::UNKNOWN));
}

#[test]
fn groups_are_named_after_the_endpoint() {
    let name = |changes: [(&str, Value); 2]| {
        planned(&config(changes))["kubernetes_api"].attribute("target_group_name").unwrap().clone()
    };
    assert_eq!(name([("name", "x".into()), ("talos_version", Value::Null)]), "x-api-tg".into());
    assert_eq!(name([("name", Value::UNKNOWN), ("talos_version", Value::Null)]), Value::UNKNOWN_NOT_NULL);
    assert_eq!(name([("name", Value::Null), ("load_balancer_name", "x".into())]), Value::Null);
}
