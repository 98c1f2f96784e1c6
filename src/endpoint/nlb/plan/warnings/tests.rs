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
    check([by("HTTP")], &[], &[]);
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
    let with = |names: Value| {
        [
            ("internal", false.into()),
            ("security_group_ids", texts(&["sg-1"])),
            ("subnet_ids", Value::Null),
            ("subnet_mappings", mapping([("subnet_id", "subnet-a".into()), ("allocation_id", "eipalloc-1".into())])),
            ("talos_version", "v1.12".into()),
            ("additional_names", names),
        ]
    };
    check(with(Value::Null), &[EIP], &[]);
    check(with(Value::list([Value::UNKNOWN])), &[], &[]);
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
    all.append(diagnostics_of([("internal", false.into()), groups, ("subnet_ids", Value::Null), mapped], None));
    golden::check("nlb/warnings.txt", &in_full(&all));
}
