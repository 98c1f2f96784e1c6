use super::*;
use crate::endpoint::nlb::model::inventory::Parts;
use crate::endpoint::nlb::model::observed::Observed;
use crate::endpoint::nlb::plan::render::recorded;
use crate::endpoint::nlb::sample::{changed, config, map, mapping, nested, state, texts};

/// What a look finds that differs from `before` by `change`, as the attributes of the state that change.
#[track_caller]
fn check<const N: usize>(before: [(&str, Value); N], change: impl Fn(&mut Look), expected: &[(&str, Value)]) {
    let stored = state(&config(before));
    let shown = shown(&stored, change, Uneven::Differing);
    let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(changed(&stored, &shown), names);
    for (name, value) in expected {
        assert_eq!(shown[*name], *value, "{name}");
    }
}

fn shown(stored: &Object, change: impl Fn(&mut Look), uneven: Uneven) -> Object {
    let observed = recorded(stored, Vec::new()).unwrap();
    let mut look = Look { parts: Parts::from_state(stored), observed, ..Look::default() };
    change(&mut look);
    refresh(stored, &look, "eu-central-1", uneven)
}

fn balancer(look: &mut Look) -> &mut crate::endpoint::nlb::model::desired::BalancerSettings {
    &mut look.observed.balancer.as_mut().unwrap().settings
}

fn group(look: &mut Look, role: Role) -> &mut GroupSettings {
    &mut look.observed.groups.get_mut(&role).unwrap().settings
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
    let set =
        |key: &'static str| move |look: &mut Look| drop(balancer(look).attributes.insert(key.into(), "true".into()));
    check([], set(DELETION_PROTECTION), &[("enable_deletion_protection", true.into())]);
    check([], set(CROSS_ZONE), &[("enable_cross_zone_load_balancing", true.into())]);
    check([], |look| balancer(look).ip_address_type = "dualstack".into(), &[("ip_address_type", "dualstack".into())]);
    check([], |look| balancer(look).internal = false, &[("internal", false.into())]);
    let groups = [("security_group_ids", texts(&["sg-1"]))];
    let link = "enforce_security_group_inbound_rules_on_private_link_traffic";
    check(
        groups.clone(),
        |look| balancer(look).security_groups.push("sg-2".into()),
        &[("security_group_ids", texts(&["sg-1", "sg-2"]))],
    );
    check(groups, |look| balancer(look).private_link_rules = Some("off".into()), &[(link, "off".into())]);
}

#[test]
fn subnets_keep_the_form_of_the_state() {
    let found = |look: &mut Look| balancer(look).subnets = vec![subnet("subnet-a"), subnet("subnet-c")];
    check([], found, &[("subnet_ids", texts(&["subnet-a", "subnet-c"]))]);
    let mapped = || {
        let pinned = mapping([("subnet_id", "subnet-a".into()), ("private_ipv4_address", "10.0.0.1".into())]);
        [("subnet_ids", Value::Null), ("subnet_mappings", pinned), ("talos_version", "v1.12".into())]
    };
    // An address that AWS does not report is kept; it is no drift.
    check(mapped(), |look| balancer(look).subnets = vec![subnet("subnet-a")], &[]);
    let moved = |look: &mut Look| balancer(look).subnets[0].private_ipv4_address = Some("10.0.0.2".into());
    let stored = state(&config(mapped()));
    let shown = shown(&stored, moved, Uneven::Differing);
    let expected = mapping([("subnet_id", "subnet-a".into()), ("private_ipv4_address", "10.0.0.2".into())]);
    assert_eq!(shown["subnet_mappings"], expected);
    assert_eq!(shown["subnet_ids"], Value::Null);
}

#[test]
fn drift_of_one_group_or_listener() {
    let of_group = |key: &'static str, value: &'static str| {
        move |look: &mut Look| drop(group(look, Role::TalosApi).attributes.insert(key.into(), value.into()))
    };
    check([], of_group(PRESERVE_CLIENT_IP, "true"), &[("preserve_client_ip", true.into())]);
    check([], of_group(CONNECTION_TERMINATION, "true"), &[("connection_termination", true.into())]);
    check([], of_group(DEREGISTRATION_DELAY, "300"), &[("deregistration_delay", 300.into())]);
    let idle = |look: &mut Look| {
        let listener = look.observed.listeners.get_mut(&Role::TalosApi).unwrap();
        listener.settings.attributes.insert(IDLE_TIMEOUT.into(), "600".into());
    };
    check([], idle, &[("tcp_idle_timeout", 600.into())]);
    let stored = state(&config([]));
    let shown = shown(&stored, |look| group(look, Role::TalosApi).health_check.interval = 30, Uneven::Differing);
    assert_eq!(changed(&stored, &shown), ["talos_api"]);
    assert_eq!(shown["talos_api"].attribute("health_check").unwrap().attribute("interval"), Some(&30.into()));
}

#[test]
fn a_half_done_change_leaves_its_rest_as_a_difference() {
    let stored = state(&config([]));
    let half =
        |look: &mut Look| drop(group(look, Role::TalosApi).attributes.insert(DEREGISTRATION_DELAY.into(), "60".into()));
    assert_eq!(shown(&stored, half, Uneven::Stored), stored);
    let whole = |look: &mut Look| {
        half(look);
        group(look, Role::KubernetesApi).attributes.insert(DEREGISTRATION_DELAY.into(), "60".into());
    };
    assert_eq!(changed(&stored, &shown(&stored, whole, Uneven::Stored)), ["deregistration_delay"]);
}

#[test]
fn only_managed_tags_are_shown() {
    let tags = || [("tags", map(&[("a", "1"), ("b", "1")]))];
    let other =
        |look: &mut Look| drop(look.observed.balancer.as_mut().unwrap().tags.insert("theirs".into(), "1".into()));
    check(tags(), other, &[]);
    check([], other, &[]);
    let lacking = |look: &mut Look| drop(look.observed.groups.get_mut(&Role::TalosApi).unwrap().tags.remove("a"));
    check(tags(), lacking, &[("tags", map(&[("b", "1")])), ("tags_all", map(&[("b", "1")]))]);
    let changed = |look: &mut Look| {
        drop(look.observed.listeners.get_mut(&Role::TalosApi).unwrap().tags.insert("a".into(), "2".into()))
    };
    let now = || map(&[("a", "2"), ("b", "1")]);
    check(tags(), changed, &[("tags", now()), ("tags_all", now())]);
}

#[test]
fn missing_parts_are_planned_anew() {
    let stored = state(&config([]));
    let no_group = |look: &mut Look| {
        look.parts.groups.remove(&Role::TalosApi);
        look.observed.groups.remove(&Role::TalosApi);
    };
    let without = shown(&stored, no_group, Uneven::Differing);
    assert_eq!(
        changed(&stored, &without),
        ["control_plane_target_group_arns", "talos_api_target_group_arn", "target_groups"]
    );
    assert_eq!(without["talos_api_target_group_arn"], Value::Null);
    assert_eq!(without["target_groups"].entries().unwrap().keys().collect::<Vec<_>>(), ["kubernetes_api"]);
    let no_listener = |look: &mut Look| {
        look.parts.listeners.remove(&Role::TalosApi);
        look.observed.listeners.remove(&Role::TalosApi);
    };
    assert_eq!(changed(&stored, &shown(&stored, no_listener, Uneven::Differing)), ["listener_arns"]);
    let no_balancer = |look: &mut Look| {
        look.parts.load_balancer = None;
        look.parts.listeners.clear();
        look.observed.balancer = None;
        look.observed.listeners.clear();
    };
    let without = shown(&stored, no_balancer, Uneven::Differing);
    assert_eq!((&without["arn"], &without["dns_name"]), (&Value::Null, &Value::Null));
    assert_eq!(without["target_groups"], stored["target_groups"]);
    assert!(Value::Object(without).is_wholly_known());
}

#[test]
fn parts_that_are_not_set_alike() {
    let stored = state(&config([("tags", map(&[("a", "1")]))]));
    let uneven = |change: &dyn Fn(&mut Observed)| {
        let mut observed = recorded(&stored, Vec::new()).unwrap();
        change(&mut observed);
        is_uneven(&stored, &observed)
    };
    assert!(!uneven(&|_| {}));
    let delay = |group: &mut Existing<GroupSettings>| {
        drop(group.settings.attributes.insert(DEREGISTRATION_DELAY.into(), "60".into()))
    };
    assert!(uneven(&|observed| delay(observed.groups.get_mut(&Role::TalosApi).unwrap())));
    assert!(!uneven(&|observed| observed.groups.values_mut().for_each(delay)), "all alike is a plain difference");
    assert!(uneven(&|observed| drop(observed.balancer.as_mut().unwrap().tags.remove("a"))));
    assert!(!uneven(&|observed| drop(observed.balancer.as_mut().unwrap().tags.insert("theirs".into(), "1".into()))));
    let idle = |observed: &mut Observed| {
        let listener = observed.listeners.get_mut(&Role::TalosApi).unwrap();
        listener.settings.attributes.insert(IDLE_TIMEOUT.into(), "600".into());
    };
    assert!(uneven(&idle));
}
