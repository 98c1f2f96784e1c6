use super::super::sample::{config, inner, nested, said, whole};
use super::*;
use crate::framework::value::Value;

/// What is told when `config` is created; and that nothing is told again.
#[track_caller]
fn check(config: Object, expected: &[&str]) {
    let planned = whole(&config);
    let mut diagnostics = Diagnostics::new();
    warnings(None, &planned, &mut diagnostics);
    assert_eq!(said(&diagnostics), expected);
    let mut again = Diagnostics::new();
    warnings(Some(&planned), &planned, &mut again);
    assert!(again.is_empty(), "{again:?}");
}

#[test]
fn nothing_is_said_about_the_defaults() {
    check(config([]), &[]);
}

#[test]
fn b04_a_short_tunnel_timeout_is_told() {
    let tunnel = |text: &str| {
        config([nested("haproxy", [("timeouts", inner("haproxy", "timeouts", [("tunnel", text.into())]))])])
    };
    check(tunnel("9m59s"), &["warning: haproxy.timeouts.tunnel: Silent connections are cut early"]);
    check(tunnel("10m"), &[]);
}

#[test]
fn more_connections_than_files_are_told() {
    let maxconn = |number: i64| config([nested("haproxy", [("maxconn", number.into())])]);
    check(maxconn(262_124), &[]);
    check(maxconn(262_125), &["warning: haproxy.maxconn: More connections than file descriptors"]);
}

#[test]
fn open_statistics_are_told() {
    for address in ["0.0.0.0", "::"] {
        check(
            config([nested("haproxy", [("ops_address", address.into())])]),
            &["warning: haproxy.ops_address: Statistics for everybody"],
        );
    }
}

#[test]
fn b05_a_strict_check_is_told() {
    let strict = |codes: &[i64]| {
        let check = inner(
            "kubernetes_api",
            "health_check",
            [("expect_status", Value::set(codes.iter().map(|code| (*code).into())))],
        );
        config([nested("kubernetes_api", [("health_check", check)])])
    };
    check(
        strict(&[200]),
        &["warning: kubernetes_api.health_check.expect_status: A node that answers 401 counts as down"],
    );
    check(strict(&[200, 401]), &[]);
}
