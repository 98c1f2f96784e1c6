use super::*;
use crate::endpoint::nlb::model::schema::SCHEMA;
use crate::endpoint::nlb::sample::{check_of, config, in_full, mapping, nested, planned, said, texts};
use crate::framework::ty::Type;
use crate::framework::value::Value;

/// The rules say exactly `expected`: `PATH: TITLE` of each problem.
#[track_caller]
fn check<const N: usize>(changes: [(&str, Value); N], expected: &[&str]) {
    let config = config(changes);
    let planned = planned(&config);
    let mut diagnostics = Diagnostics::new();
    rules(&config, &planned, &mut diagnostics);
    assert_eq!(said(&diagnostics), expected);
}

#[test]
fn nothing_is_wrong_with_the_defaults() {
    check([], &[]);
}

#[test]
fn exactly_one_name() {
    check([("name", Value::Null)], &["name: No name"]);
    let lacking = &[
        "kubernetes_api.target_group_name: No target group name",
        "talos_api.target_group_name: No target group name",
    ];
    check([("name", Value::Null), ("load_balancer_name", "x".into())], lacking);
    check([("load_balancer_name", "x".into())], &["load_balancer_name: Two names"]);
    check([("name", Value::UNKNOWN), ("load_balancer_name", "x".into())], &[]);
    let named = |name: &'static str, group: &str| nested(name, [("target_group_name", group.into())]);
    let own = [
        ("name", Value::Null),
        ("load_balancer_name", "x".into()),
        named("kubernetes_api", "a"),
        named("talos_api", "b"),
    ];
    check(own, &[]);
}

#[test]
fn derived_names_fit_into_32_characters() {
    let of = |length: usize| Value::String("a".repeat(length));
    check([("name", of(24))], &[]);
    // The load balancer's and that of the Talos API's group.
    check([("name", of(25))], &["name: Name too long"]);
    let mut diagnostics = Diagnostics::new();
    let long = config([("name", of(30)), nested("worker_talos_api", [("port", 50010.into())])]);
    rules(&long, &planned(&long), &mut diagnostics);
    let said = in_full(&diagnostics);
    assert_eq!(said.matches("Name too long").count(), 1, "{said}");
    for part in ["aa-api-nlb` (38 characters)", "aa-wk-apid-tg` (41 characters)", "at most 21 characters"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // `-wk-apid-tg` is longer than `-api-nlb`.
    check([("name", of(22)), nested("worker_talos_api", [("port", 50010.into())])], &["name: Name too long"]);
    let own = nested("worker_talos_api", [("port", 50010.into()), ("target_group_name", "w".into())]);
    check([("name", of(22)), own], &[]);
    let off = nested("worker_talos_api", [("port", 50010.into()), ("enabled", false.into())]);
    check([("name", of(22)), off], &[]);
}

#[test]
fn group_names_differ() {
    let same = nested("talos_api", [("target_group_name", "prod-api-tg".into())]);
    check([same], &["talos_api.target_group_name: Target group name used twice"]);
}

#[test]
fn exactly_one_kind_of_subnets() {
    check([("subnet_ids", Value::Null)], &["subnet_ids: No subnets"]);
    let mappings = || mapping([("subnet_id", "subnet-a".into())]);
    check([("subnet_mappings", mappings())], &["subnet_mappings: Subnets twice"]);
    check([("subnet_mappings", Value::UNKNOWN)], &[]);
    check([("subnet_ids", Value::UNKNOWN), ("subnet_mappings", mappings())], &[]);
}

#[test]
fn pinned_addresses_fit_the_load_balancer() {
    let with = |field: &'static str, value: &str, change: (&'static str, Value), expected: &[&str]| {
        let mappings = mapping([("subnet_id", "subnet-a".into()), (field, value.into())]);
        let version = ("talos_version", "v1.12".into());
        check([("subnet_ids", Value::Null), ("subnet_mappings", mappings), version, change], expected);
    };
    let public = || ("internal", false.into());
    let eip = "subnet_mappings: Elastic IP on an internal load balancer";
    with("allocation_id", "eipalloc-1", ("internal", true.into()), &[eip]);
    with("allocation_id", "eipalloc-1", public(), &[]);
    let private = "subnet_mappings: Private address on an internet-facing load balancer";
    with("private_ipv4_address", "10.0.0.1", public(), &[private]);
    with("private_ipv4_address", "10.0.0.1", ("internal", Value::UNKNOWN), &[]);
    let six = "subnet_mappings: IPv6 address without dual stack";
    with("ipv6_address", "2001:db8::1", ("ip_address_type", Value::Null), &[six]);
    with("ipv6_address", "2001:db8::1", ("ip_address_type", "dualstack".into()), &[]);
}

#[test]
fn a_subnet_has_one_mapping() {
    let of = |zone: &str| mapping([("subnet_id", "subnet-a".into()), ("private_ipv4_address", zone.into())]);
    let both = Value::set([of("10.0.0.1"), of("10.0.0.2")].iter().flat_map(|set| set.elements().unwrap().to_vec()));
    let changes = [("subnet_ids", Value::Null), ("subnet_mappings", both), ("talos_version", "v1.12".into())];
    check(changes, &["subnet_mappings: Subnet named twice"]);
}

#[test]
fn draining_needs_connections_that_are_not_reset() {
    let state = |members: [(&str, Value); 2]| nested("target_health_state", members);
    let (reset, drain) = ("enable_unhealthy_connection_termination", "unhealthy_draining_interval");
    let problem = "target_health_state.unhealthy_draining_interval: Nothing to drain";
    check([state([(reset, true.into()), (drain, 60.into())])], &[problem]);
    check([state([(reset, Value::Null), (drain, 60.into())])], &[problem]);
    check([state([(reset, false.into()), (drain, 60.into())])], &[]);
    check([state([(reset, Value::UNKNOWN), (drain, 60.into())])], &[]);
    check([state([(reset, true.into()), (drain, 0.into())])], &[]);
}

#[test]
fn targets_over_ipv6_need_dual_stack() {
    let targets = || ("target_ip_address_type", "ipv6".into());
    check([targets()], &["target_ip_address_type: IPv6 targets behind an IPv4 load balancer"]);
    check([targets(), ("ip_address_type", "dualstack".into())], &[]);
    check([targets(), ("ip_address_type", Value::UNKNOWN)], &[]);
}

#[test]
fn private_link_needs_security_groups() {
    let name = "enforce_security_group_inbound_rules_on_private_link_traffic";
    let problem = format!("{name}: No security groups");
    check([(name, "on".into())], &[&problem]);
    check([(name, "on".into()), ("security_group_ids", texts(&[]))], &[&problem]);
    check([(name, "on".into()), ("security_group_ids", texts(&["sg-1"]))], &[]);
    check([(name, "on".into()), ("security_group_ids", Value::UNKNOWN)], &[]);
}

#[test]
fn ports_differ() {
    let port = |name: &'static str, port: i64| nested(name, [("port", port.into())]);
    check([port("talos_api", 6443)], &["talos_api.port: Port used twice"]);
    check([port("worker_talos_api", 50001), nested("trustd", [])], &["trustd.port: Port used twice"]);
    check([nested("talos_api", [("port", 6443.into()), ("enabled", false.into())])], &[]);
    check([nested("talos_api", [("port", Value::UNKNOWN)])], &[]);
}

#[test]
fn a_health_check_ends_before_the_next() {
    // What a listener inherits is told once.
    check(
        [nested("health_check", [("timeout", 11.into())])],
        &["health_check.timeout: Timeout longer than the interval"],
    );
    // The default counts: an interval of 5 is as long as the timeout, 10 as long as 10.
    check([nested("health_check", [("interval", 5.into())])], &[]);
    check([nested("health_check", [("timeout", 10.into())])], &[]);
    let own = check_of(Role::TalosApi, [("timeout", 30.into())]);
    check(
        [nested("talos_api", [("health_check", own)])],
        &["talos_api.health_check.timeout: Timeout longer than the interval"],
    );
    check([nested("health_check", [("timeout", 11.into()), ("interval", Value::UNKNOWN)])], &[]);
}

#[test]
fn only_http_has_a_path_and_a_matcher() {
    let of = |protocol: Value| {
        let own = [("path", "/readyz".into()), ("matcher", "200,401".into()), ("protocol", protocol)];
        nested("kubernetes_api", [("health_check", check_of(Role::KubernetesApi, own))])
    };
    check(
        [of(Value::Null)],
        &[
            "kubernetes_api.health_check.path: Not for TCP health checks",
            "kubernetes_api.health_check.matcher: Not for TCP health checks",
        ],
    );
    check([of("HTTPS".into())], &[]);
    check([of(Value::UNKNOWN)], &[]);
}

#[test]
fn at_least_one_listener_is_on() {
    let off = |name: &'static str| nested(name, [("enabled", false.into())]);
    check([off("kubernetes_api"), off("talos_api")], &["kubernetes_api.enabled: No listener"]);
    check([off("kubernetes_api"), off("talos_api"), nested("trustd", [])], &[]);
    check([off("kubernetes_api"), nested("talos_api", [("enabled", Value::UNKNOWN)])], &[]);
}

#[test]
fn extra_names_need_the_talos_version() {
    check([("host", "api.example.com".into())], &["talos_version: No Talos version"]);
    check([("host", "api.example.com".into()), ("talos_version", "v1.12".into())], &[]);
    check([("host", Value::UNKNOWN), ("talos_version", Value::UNKNOWN)], &[]);
    let pinned = mapping([("subnet_id", "subnet-a".into()), ("private_ipv4_address", "10.0.0.1".into())]);
    // A plan judges those: see its tests.
    check([("subnet_ids", Value::Null), ("subnet_mappings", pinned)], &[]);
}

#[test]
fn several_problems_at_once() {
    let eip = mapping([("subnet_id", "subnet-a".into()), ("allocation_id", "eipalloc-1".into())]);
    check(
        [
            ("name", "a".repeat(25).as_str().into()),
            ("subnet_mappings", eip),
            nested("talos_api", [("port", 6443.into())]),
        ],
        &[
            "name: Name too long",
            "subnet_mappings: Subnets twice",
            "subnet_mappings: Elastic IP on an internal load balancer",
            "talos_api.port: Port used twice",
        ],
    );
}

#[test]
fn what_is_unknown_is_never_wrong() {
    let config: Vec<String> = SCHEMA.null_object().into_keys().collect();
    let unknown = config.into_iter().map(|name| (name, Value::UNKNOWN)).collect();
    let planned = planned(&unknown);
    let mut diagnostics = Diagnostics::new();
    rules(&unknown, &planned, &mut diagnostics);
    assert_eq!(said(&diagnostics), Vec::<String>::new());
}

#[test]
fn an_address_is_pinned_once() {
    let pinned = |field: &'static str, value: &str, subnets: [&str; 2]| {
        let one = |subnet: &str| mapping([("subnet_id", subnet.into()), (field, value.into())]);
        let both = Value::set(subnets.iter().flat_map(|subnet| one(subnet).elements().unwrap().to_vec()));
        [("subnet_ids", Value::Null), ("subnet_mappings", both), ("talos_version", "v1.12".into())]
    };
    let twice = &["subnet_mappings: Address pinned twice"];
    check(pinned("private_ipv4_address", "10.0.0.1", ["subnet-a", "subnet-b"]), twice);
    check(pinned("private_ipv4_address", "10.0.0.1", ["subnet-a", "subnet-a"]), &[]);
    let [ids, mappings, version] = pinned("allocation_id", "eipalloc-1", ["subnet-a", "subnet-b"]);
    check([ids, mappings, version, ("internal", false.into())], twice);
    let one = |address: &str, subnet: &str| mapping([("subnet_id", subnet.into()), ("ipv6_address", address.into())]);
    let two = [one("2001:db8::1", "subnet-a"), one("2001:DB8:0::1", "subnet-b")];
    let both = Value::set(two.iter().flat_map(|set| set.elements().unwrap().to_vec()));
    let dual = ("ip_address_type", "dualstack".into());
    let version = ("talos_version", "v1.12".into());
    check([("subnet_ids", Value::Null), ("subnet_mappings", both), dual, version], twice);
}

#[test]
fn a_zone_leaves_dns_before_it_sends_to_unhealthy_targets() {
    let thresholds = |dns: (&str, Value), routing: (&str, Value)| {
        let Type::Object(types) = SCHEMA.attribute("target_group_health").unwrap().value_type() else { unreachable!() };
        let of = |part: &str, member: (&str, Value)| Value::Object(types[part].object_of([member]));
        let (dns, routing) = (of("dns_failover", dns), of("unhealthy_state_routing", routing));
        nested("target_group_health", [("dns_failover", dns), ("unhealthy_state_routing", routing)])
    };
    let (count, percentage) = ("minimum_healthy_targets_count", "minimum_healthy_targets_percentage");
    let problem =
        |name: &str| format!("target_group_health.unhealthy_state_routing.{name}: Routing threshold above that of DNS");
    check([thresholds((count, "1".into()), (count, 2.into()))], &[&problem(count)]);
    // The default of DNS counts.
    check([thresholds((count, Value::Null), (count, 2.into()))], &[&problem(count)]);
    check([thresholds((count, "2".into()), (count, 2.into()))], &[]);
    check([thresholds((count, "off".into()), (count, 2.into()))], &[]);
    check([thresholds((percentage, "50".into()), (percentage, "60".into()))], &[&problem(percentage)]);
    check([thresholds((percentage, "off".into()), (percentage, "60".into()))], &[]);
    check([thresholds((count, Value::UNKNOWN), (count, 2.into()))], &[]);
}
