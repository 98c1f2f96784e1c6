use super::*;
use crate::endpoint::golden;
use crate::endpoint::nlb::sample::{check_of, config, in_full, mapping, nested, planned, said, texts};

fn diagnostics_of<const N: usize>(changes: [(&str, Value); N], prior: Option<&Object>) -> Diagnostics {
    let config = config(changes);
    let mut diagnostics = Diagnostics::new();
    warnings(&config, prior, &planned(&config), &mut diagnostics);
    diagnostics
}

/// A create with `changes` warns of `expected`; a plan that changes nothing of it is silent; a change to it warns again, except of
/// `only_at_create`.
#[track_caller]
fn check<const N: usize>(changes: [(&'static str, Value); N], expected: &[&str], only_at_create: &[&str]) {
    assert_eq!(said(&diagnostics_of(changes.clone(), None)), expected);
    let same = planned(&config(changes.clone()));
    assert_eq!(said(&diagnostics_of(changes.clone(), Some(&same))), Vec::<String>::new(), "warned again");
    let before = planned(&config([]));
    let again: Vec<&str> = expected.iter().copied().filter(|warning| !only_at_create.contains(warning)).collect();
    assert_eq!(said(&diagnostics_of(changes, Some(&before))), again);
}

const OPEN: &str = "[preserve_client_ip: Nothing limits who reaches the control plane]";
const ITSELF: &str = "[preserve_client_ip: A node cannot reach itself through this load balancer]";
const NO_GROUP: &str = "[security_group_ids: An internet-facing load balancer without a security group]";
const TRUSTD: &str = "[worker_talos_api.port: The worker listener is on trustd's port]";
const HTTPS: &str = "[kubernetes_api.health_check.protocol: HTTPS health check of the API server]";

#[test]
fn workers_on_the_port_of_trustd() {
    let worker =
        |port: i64, enabled: bool| nested("worker_talos_api", [("port", port.into()), ("enabled", enabled.into())]);
    check([worker(50001, true)], &[TRUSTD], &[]);
    check([worker(50010, true)], &[], &[]);
    check([worker(50001, false)], &[], &[]);
}

#[test]
fn https_towards_the_api_server() {
    let by = |protocol: &str| {
        nested("kubernetes_api", [("health_check", check_of(Role::KubernetesApi, [("protocol", protocol.into())]))])
    };
    check([by("HTTPS")], &[HTTPS], &[]);
    check([by("HTTP")], &["[kubernetes_api.health_check.protocol: No node passes the health check]"], &[]);
    check([by("TCP")], &[], &[]);
}

#[test]
fn talos_answers_no_check_by_http() {
    for (role, port) in [(Role::TalosApi, 50000), (Role::WorkerTalosApi, 50010), (Role::Trustd, 50001)] {
        let by = |protocol: &str| {
            let check = check_of(role, [("protocol", protocol.into())]);
            nested(role.name(), [("port", port.into()), ("health_check", check)])
        };
        let never = format!("[{role}.health_check.protocol: No node passes the health check]", role = role.name());
        check([by("HTTPS")], &[&never], &[]);
        check([by("HTTP")], &[&never], &[]);
        check([by("TCP")], &[], &[]);
    }
}

#[test]
fn a_check_of_another_port_says_nothing_of_the_own_one() {
    let on = |members: [(&str, Value); 2]| {
        nested("kubernetes_api", [("health_check", check_of(Role::KubernetesApi, members))])
    };
    let another = "[kubernetes_api.health_check.port: The health check asks another port]";
    check([on([("port", "8080".into()), ("protocol", "HTTP".into())])], &[another], &[]);
    let talos = "[kubernetes_api.health_check.protocol: No node passes the health check]";
    check([on([("port", "50000".into()), ("protocol", "HTTPS".into())])], &[another, talos], &[]);
    check([on([("port", "6443".into()), ("protocol", Value::Null)])], &[], &[]);
    check([on([("port", Value::UNKNOWN), ("protocol", "HTTP".into())])], &[], &[]);
}

#[test]
fn the_ports_of_talos_are_fixed() {
    let listener = |name: &'static str, port: i64, target: i64| {
        nested(name, [("port", port.into()), ("target_port", target.into())])
    };
    check([listener("talos_api", 50010, 50000)], &[], &[]);
    check([listener("talos_api", 50000, 50005)], &["[talos_api.target_port: Not the port of the nodes]"], &[]);
    check([listener("trustd", 50001, 50000)], &["[trustd.target_port: Not the port of the nodes]"], &[]);
    check([listener("trustd", 50002, 50001)], &["[trustd.port: Nobody dials trustd there]"], &[]);
    let prior = planned(&config([]));
    let moved = diagnostics_of([listener("kubernetes_api", 50001, 7443)], Some(&prior));
    assert!(said(&moved).contains(&"[kubernetes_api.port: The port of trustd]".to_owned()), "{moved:?}");
}

#[test]
fn a_zone_that_leaves_takes_its_connections_along() {
    let of = |subnets: &[&str]| config([("subnet_ids", texts(subnets))]);
    let change = |before: &[&str], after: Object| {
        let mut diagnostics = Diagnostics::new();
        warnings(&after, Some(&planned(&of(before))), &planned(&after), &mut diagnostics);
        diagnostics
    };
    let leaves = change(&["subnet-a", "subnet-b"], of(&["subnet-a"]));
    assert_eq!(said(&leaves), ["[subnet_ids: A zone is taken out of the load balancer]"]);
    assert!(in_full(&leaves).contains("subnet-b no longer belongs"), "{leaves:?}");
    assert_eq!(said(&change(&["subnet-a"], of(&["subnet-a", "subnet-b"]))), Vec::<String>::new());
    let unknown = config([("subnet_ids", Value::set([Value::UNKNOWN]))]);
    assert_eq!(said(&change(&["subnet-a"], unknown)), Vec::<String>::new());
    let pinned = mapping([("subnet_id", "subnet-a".into())]);
    let mapped = config([("subnet_ids", Value::Null), ("subnet_mappings", pinned)]);
    assert_eq!(said(&change(&["subnet-a"], mapped.clone())), Vec::<String>::new(), "the same one in another form");
    let [left] = &said(&change(&["subnet-a", "subnet-b"], mapped))[..] else { panic!() };
    assert_eq!(left, "[subnet_mappings: A zone is taken out of the load balancer]");
}

#[test]
fn the_dangerous_opposite_of_the_default() {
    let preserve = |on: bool| ("preserve_client_ip", on.into());
    let public = || ("internal", false.into());
    check([public(), preserve(false)], &[OPEN, NO_GROUP], &[NO_GROUP]);
    check([public()], &[NO_GROUP], &[NO_GROUP]);
    check([public(), preserve(false), ("security_group_ids", texts(&["sg-1"]))], &[], &[]);
    assert_eq!(said(&diagnostics_of([preserve(true)], None)), [ITSELF]);
    check([preserve(false)], &[], &[]);
    check([public(), ("security_group_ids", Value::UNKNOWN)], &[], &[]);
}

const HIDDEN: &str = "[preserve_client_ip: The nodes no longer see the client's address]";
const SHOWN: &str = "[preserve_client_ip: The nodes see the client's address]";

#[test]
fn who_gets_in_changes_with_what_the_nodes_see() {
    let preserve = |on: bool| ("preserve_client_ip", on.into());
    let groups = || ("security_group_ids", texts(&["sg-1"]));
    let change = |before: &Object, after: Object| {
        let mut diagnostics = Diagnostics::new();
        warnings(&after, Some(&planned(before)), &planned(&after), &mut diagnostics);
        said(&diagnostics)
    };
    assert_eq!(change(&config([preserve(true)]), config([preserve(false)])), [HIDDEN]);
    assert_eq!(change(&config([preserve(true)]), config([])), [HIDDEN], "the default is off");
    assert_eq!(change(&config([]), config([preserve(true)])), [ITSELF, SHOWN]);
    assert_eq!(change(&config([groups()]), config([groups(), preserve(true)])), [ITSELF, SHOWN]);
    let public = || ("internal", false.into());
    assert_eq!(change(&config([public()]), config([public(), preserve(false)])), [OPEN]);
    assert_eq!(change(&config([public(), groups()]), config([public(), groups(), preserve(true)])), [SHOWN]);
    assert_eq!(change(&config([]), config([("tcp_idle_timeout", 600.into())])), Vec::<String>::new());
}

const EIP: &str = "[subnet_mappings: Elastic IPs are not in the certificates]";

#[test]
fn elastic_ips_are_no_names_that_we_know() {
    let pinned = |subnet: &str, id: &str| {
        let one = mapping([("subnet_id", subnet.into()), ("allocation_id", id.into())]);
        one.elements().unwrap()[0].clone()
    };
    let with = |names: Value| {
        [
            ("internal", false.into()),
            ("security_group_ids", texts(&["sg-1"])),
            ("subnet_ids", Value::Null),
            ("subnet_mappings", Value::set([pinned("subnet-a", "eipalloc-1"), pinned("subnet-b", "eipalloc-2")])),
            ("talos_version", "v1.12".into()),
            ("additional_names", names),
        ]
    };
    check(with(Value::Null), &[EIP], &[]);
    check(with(Value::list([Value::UNKNOWN])), &[EIP], &[]);
    check(with(Value::list([Value::UNKNOWN, Value::UNKNOWN])), &[], &[]);
    check(with(Value::UNKNOWN), &[], &[]);
}

#[test]
fn the_texts() {
    let https = check_of(Role::KubernetesApi, [("protocol", "HTTPS".into())]);
    let mut all = diagnostics_of(
        [
            nested("worker_talos_api", [("port", 50001.into())]),
            nested("kubernetes_api", [("health_check", https)]),
            ("internal", false.into()),
            ("preserve_client_ip", false.into()),
        ],
        None,
    );
    all.append(diagnostics_of([("preserve_client_ip", true.into())], None));
    let before = planned(&config([]));
    all.append(diagnostics_of([("preserve_client_ip", true.into())], Some(&before)));
    let before = planned(&config([("preserve_client_ip", true.into())]));
    all.append(diagnostics_of([], Some(&before)));
    let pinned = mapping([("subnet_id", "subnet-a".into()), ("allocation_id", "eipalloc-1".into())]);
    let groups = ("security_group_ids", texts(&["sg-1"]));
    let mapped = ("subnet_mappings", pinned);
    let check = check_of(Role::TalosApi, [("protocol", "HTTPS".into()), ("port", "50001".into())]);
    let talos = nested("talos_api", [("target_port", 50005.into()), ("health_check", check)]);
    all.append(diagnostics_of([talos, nested("trustd", [("port", 50002.into())])], None));
    let plain = check_of(Role::KubernetesApi, [("protocol", "HTTP".into())]);
    all.append(diagnostics_of([nested("kubernetes_api", [("health_check", plain)])], None));
    let prior = planned(&config([]));
    all.append(diagnostics_of([("subnet_ids", texts(&["subnet-a"]))], Some(&prior)));
    all.append(diagnostics_of([("internal", false.into()), groups, ("subnet_ids", Value::Null), mapped], None));
    golden::check("nlb/warnings.txt", &in_full(&all));
}
