use super::*;
use crate::endpoint::golden;
use crate::endpoint::nlb::sample::{check_of, config, in_full, nested, planned, said, texts};

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
    check([preserve(true)], &[ITSELF], &[]);
    check([preserve(false)], &[], &[]);
    check([public(), ("security_group_ids", Value::UNKNOWN)], &[], &[]);
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
    golden::check("nlb/warnings.txt", &in_full(&all));
}
