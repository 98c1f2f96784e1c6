//! Settings of HAProxy and of health checks.

use super::check;
use crate::endpoint::haproxy::sample::{config, inner, nested};
use crate::framework::value::Value;

#[test]
fn paths_are_one_thing_each() {
    let with = |name: &'static str, path: &str| config([nested("haproxy", [(name, path.into())])]);
    for (name, path) in [
        ("chroot", "/run/haproxy/admin.sock"),
        ("chroot", "/run/haproxy/admin.sock/x"),
        ("chroot", "/dev/log"),
        ("stats_socket", "/dev/log"),
        ("server_state_file", "/run/haproxy/admin.sock/x"),
    ] {
        check(with(name, path), &[&format!("haproxy.{name}: Path used twice")]);
    }
    check(with("chroot", "/run/haproxy"), &[]);
    check(with("chroot", ""), &[]);
    check(with("log", "stdout"), &[]);
}

#[test]
fn status_codes_are_for_https() {
    let tcp = [("type", "tcp".into()), ("expect_status", Value::set([200.into()]))];
    let listener = nested("kubernetes_api", [("health_check", inner("kubernetes_api", "health_check", tcp))]);
    check(config([listener]), &["kubernetes_api.health_check.expect_status: Not for TCP health checks"]);
}
