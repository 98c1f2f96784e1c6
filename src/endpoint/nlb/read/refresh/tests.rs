use super::*;
use crate::endpoint::nlb::model::desired::BalancerSettings;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::sample::{changed, config, inventory, map, mapping, nested, state, texts};

/// What AWS has that differs from `before` by `change`, as the attributes of the state that change.
#[track_caller]
fn check<const N: usize>(before: [(&str, Value); N], change: impl Fn(&mut Inventory), expected: &[(&str, Value)]) {
    let config = config(before);
    let stored = state(&config);
    let shown = shown(&config, change, Mixed::Differing);
    let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(changed(&stored, &shown), names);
    for (name, value) in expected {
        assert_eq!(shown[*name], *value, "{name}");
    }
}

fn shown(config: &Object, change: impl Fn(&mut Inventory), mixed: Mixed) -> Object {
    let mut found = inventory(config);
    change(&mut found);
    refresh(&state(config), &found, "eu-central-1", mixed, SETTINGS)
}

fn balancer(found: &mut Inventory) -> &mut BalancerSettings {
    &mut found.balancer.as_mut().unwrap().settings
}

fn group(found: &mut Inventory, role: Role) -> &mut GroupSettings {
    &mut found.groups.get_mut(&role).unwrap().settings
}

/// AWS's key of one of our attributes.
fn key(attribute: &str) -> String {
    SETTINGS.iter().find(|setting| setting.attribute == [attribute]).unwrap().key.to_owned()
}

fn subnet(id: &str) -> SubnetMapping {
    SubnetMapping { subnet_id: id.to_owned(), ..SubnetMapping::default() }
}

#[test]
fn no_drift_is_no_change() {
    check([], |_| {}, &[]);
    check([("tags", map(&[("a", "1")])), nested("trustd", []), ("security_group_ids", texts(&["sg-1"]))], |_| {}, &[]);
    check([("host", "api.example.com".into()), ("talos_version", "v1.12".into())], |_| {}, &[]);
}

#[test]
fn drift_of_the_load_balancer() {
    let set = |name: &'static str| {
        move |found: &mut Inventory| drop(balancer(found).attributes.insert(key(name), "true".into()))
    };
    for name in ["enable_deletion_protection", "enable_cross_zone_load_balancing"] {
        check([], set(name), &[(name, true.into())]);
    }
    check([], |found| balancer(found).ip_address_type = "dualstack".into(), &[("ip_address_type", "dualstack".into())]);
    check([], |found| balancer(found).internal = false, &[("internal", false.into())]);
    let groups = [("security_group_ids", texts(&["sg-1"]))];
    let link = "enforce_security_group_inbound_rules_on_private_link_traffic";
    check(
        groups.clone(),
        |found| balancer(found).security_groups.push("sg-2".into()),
        &[("security_group_ids", texts(&["sg-1", "sg-2"]))],
    );
    check(groups, |found| balancer(found).private_link_rules = Some("off".into()), &[(link, "off".into())]);
}

#[test]
fn subnets_keep_the_form_of_the_state() {
    let found = |found: &mut Inventory| balancer(found).subnets = vec![subnet("subnet-a"), subnet("subnet-c")];
    check([], found, &[("subnet_ids", texts(&["subnet-a", "subnet-c"]))]);
    let mapped = || {
        let pinned = mapping([("subnet_id", "subnet-a".into()), ("private_ipv4_address", "10.0.0.1".into())]);
        [("subnet_ids", Value::Null), ("subnet_mappings", pinned), ("talos_version", "v1.12".into())]
    };
    // An address that AWS does not report is kept; it is no drift.
    check(mapped(), |found| balancer(found).subnets = vec![subnet("subnet-a")], &[]);
    let moved = |found: &mut Inventory| balancer(found).subnets[0].private_ipv4_address = Some("10.0.0.2".into());
    let shown = shown(&config(mapped()), moved, Mixed::Differing);
    let expected = mapping([("subnet_id", "subnet-a".into()), ("private_ipv4_address", "10.0.0.2".into())]);
    assert_eq!(shown["subnet_mappings"], expected);
    assert_eq!(shown["subnet_ids"], Value::Null);
}

#[test]
fn drift_of_one_group_or_listener() {
    let of_group = |name: &'static str, value: &'static str| {
        move |found: &mut Inventory| drop(group(found, Role::TalosApi).attributes.insert(key(name), value.into()))
    };
    check([], of_group("preserve_client_ip", "true"), &[("preserve_client_ip", true.into())]);
    check([], of_group("connection_termination", "false"), &[("connection_termination", false.into())]);
    check([], of_group("deregistration_delay", "300"), &[("deregistration_delay", 300.into())]);
    let idle = |found: &mut Inventory| {
        let listener = found.listeners.get_mut(&Role::TalosApi).unwrap();
        listener.settings.attributes.insert(key("tcp_idle_timeout"), "600".into());
    };
    check([], idle, &[("tcp_idle_timeout", 600.into())]);
    let stored = state(&config([]));
    let shown = shown(&config([]), |found| group(found, Role::TalosApi).health_check.interval = 30, Mixed::Differing);
    assert_eq!(changed(&stored, &shown), ["talos_api"]);
    assert_eq!(shown["talos_api"].attribute("health_check").unwrap().attribute("interval"), Some(&30.into()));
}

#[test]
fn a_half_done_change_leaves_its_rest_as_a_difference() {
    let stored = state(&config([]));
    let half = |found: &mut Inventory| {
        drop(group(found, Role::TalosApi).attributes.insert(key("deregistration_delay"), "60".into()))
    };
    assert_eq!(shown(&config([]), half, Mixed::Stored), stored);
    let whole = |found: &mut Inventory| {
        half(found);
        group(found, Role::KubernetesApi).attributes.insert(key("deregistration_delay"), "60".into());
    };
    assert_eq!(changed(&stored, &shown(&config([]), whole, Mixed::Stored)), ["deregistration_delay"]);
}

#[test]
fn only_managed_tags_are_shown() {
    let tags = || [("tags", map(&[("a", "1"), ("b", "1")]))];
    let other = |found: &mut Inventory| drop(found.balancer.as_mut().unwrap().tags.insert("theirs".into(), "1".into()));
    check(tags(), other, &[]);
    check([], other, &[]);
    let lacking = |found: &mut Inventory| drop(found.groups.get_mut(&Role::TalosApi).unwrap().tags.remove("a"));
    check(tags(), lacking, &[("tags", map(&[("b", "1")])), ("tags_all", map(&[("b", "1")]))]);
    let changed = |found: &mut Inventory| {
        drop(found.listeners.get_mut(&Role::TalosApi).unwrap().tags.insert("a".into(), "2".into()))
    };
    let now = || map(&[("a", "2"), ("b", "1")]);
    check(tags(), changed, &[("tags", now()), ("tags_all", now())]);
}

#[test]
fn missing_parts_are_planned_anew() {
    let stored = state(&config([]));
    let no_group = |found: &mut Inventory| {
        found.groups.remove(&Role::TalosApi);
    };
    let without = shown(&config([]), no_group, Mixed::Differing);
    assert_eq!(
        changed(&stored, &without),
        ["control_plane_target_group_arns", "talos_api_target_group_arn", "target_groups"]
    );
    assert_eq!(without["talos_api_target_group_arn"], Value::Null);
    assert_eq!(without["target_groups"].entries().unwrap().keys().collect::<Vec<_>>(), ["kubernetes_api"]);
    let no_listener = |found: &mut Inventory| {
        found.listeners.remove(&Role::TalosApi);
    };
    assert_eq!(changed(&stored, &shown(&config([]), no_listener, Mixed::Differing)), ["listener_arns"]);
    let no_balancer = |found: &mut Inventory| {
        found.balancer = None;
        found.listeners.clear();
    };
    let without = shown(&config([]), no_balancer, Mixed::Differing);
    assert_eq!((&without["arn"], &without["dns_name"]), (&Value::Null, &Value::Null));
    assert_eq!(without["target_groups"], stored["target_groups"]);
    assert!(Value::Object(without).is_wholly_known());
}

#[test]
fn parts_that_are_not_set_alike() {
    let config = config([("tags", map(&[("a", "1")]))]);
    let mixed = |change: &dyn Fn(&mut Inventory)| {
        let mut found = inventory(&config);
        change(&mut found);
        is_mixed(&state(&config), &found, SETTINGS)
    };
    assert!(!mixed(&|_| {}));
    let delay = |group: &mut Existing<GroupSettings>| {
        drop(group.settings.attributes.insert(key("deregistration_delay"), "60".into()))
    };
    assert!(mixed(&|found| delay(found.groups.get_mut(&Role::TalosApi).unwrap())));
    assert!(!mixed(&|found| found.groups.values_mut().for_each(delay)), "all alike is a plain difference");
    assert!(mixed(&|found| drop(found.balancer.as_mut().unwrap().tags.remove("a"))));
    assert!(!mixed(&|found| drop(found.balancer.as_mut().unwrap().tags.insert("theirs".into(), "1".into()))));
    let idle = |found: &mut Inventory| {
        let listener = found.listeners.get_mut(&Role::TalosApi).unwrap();
        listener.settings.attributes.insert(key("tcp_idle_timeout"), "600".into());
    };
    assert!(mixed(&idle));
}
