use super::*;
use crate::endpoint::haproxy::sample::{
    config, hosts, inner, nested, nodes, reported, service, services, single, whole, with,
};
use crate::framework::value::Value;

/// What is reported when `config` is created; and that nothing is reported again.
#[track_caller]
fn check(config: Object, expected: &[&str]) {
    let planned = whole(&config);
    let mut diagnostics = Diagnostics::new();
    warnings(&config, None, &planned, &mut diagnostics);
    assert_eq!(reported(&diagnostics), expected);
    let mut again = Diagnostics::new();
    warnings(&config, Some(&planned), &planned, &mut again);
    assert!(again.is_empty(), "{again:?}");
}

#[test]
fn nothing_is_reported_about_the_defaults() {
    check(config([]), &[]);
}

#[test]
fn b04_a_short_tunnel_timeout_is_reported() {
    let tunnel = |text: &str| {
        config([nested("haproxy", [("timeouts", inner("haproxy", "timeouts", [("tunnel", text.into())]))])])
    };
    check(tunnel("9m59s"), &["warning: haproxy.timeouts.tunnel: Silent connections are cut early"]);
    check(tunnel("10m"), &[]);
}

#[test]
fn more_connections_than_files_are_reported() {
    let maxconn = |number: i64| config([nested("haproxy", [("maxconn", number.into())])]);
    check(maxconn(262_124), &[]);
    check(maxconn(262_125), &["warning: haproxy.maxconn: More connections than file descriptors"]);
}

#[test]
fn open_statistics_are_reported() {
    for address in ["0.0.0.0", "::"] {
        check(
            config([nested("haproxy", [("ops_address", address.into())])]),
            &["warning: haproxy.ops_address: Statistics open to everyone"],
        );
    }
}

#[test]
fn b05_a_strict_check_is_reported() {
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

#[test]
fn ports_that_talos_does_not_have_are_reported() {
    let listener = |name: &'static str, port: i64, target: i64| {
        config([nested(name, [("port", port.into()), ("target_port", target.into())])])
    };
    check(listener("kubernetes_api", 443, 7443), &[]);
    check(listener("talos_api", 50010, 50000), &[]);
    check(listener("trustd", 50001, 50001), &[]);
    check(listener("kubernetes_api", 50001, 6443), &["warning: kubernetes_api.port: The port of trustd"]);
    check(listener("trustd", 50002, 50001), &["warning: trustd.port: Nobody dials trustd there"]);
    check(
        listener("talos_api", 50001, 50001),
        &["warning: talos_api.port: The port of trustd", "warning: talos_api.target_port: Not the port of the nodes"],
    );
    check(listener("trustd", 50001, 50000), &["warning: trustd.target_port: Not the port of the nodes"]);
    let off = [("enabled", false.into()), ("port", 50002.into()), ("target_port", 1.into())];
    check(config([nested("trustd", off)]), &[]);
}

#[test]
fn b22_nodes_by_name_and_even_numbers_are_reported() {
    let named = config([("control_plane", nodes(&["cp-01.example.org", "192.168.30.32", "192.168.30.33"]))]);
    check(named, &["warning: control_plane: Nodes by DNS name"]);
    let two = config([("control_plane", nodes(&["192.168.30.31", "192.168.30.32"]))]);
    check(two, &["warning: control_plane: An even number of control-plane nodes"]);
    check(config([("control_plane", nodes(&["192.168.30.31"]))]), &[]);
}

#[test]
fn what_keepalived_would_use_is_reported_without_a_vip() {
    let keepalived = || nested("keepalived", [("advert_interval", 2.into())]);
    let ranked = || ("load_balancers", with(hosts(&["192.168.30.21"]), "lb-01", [("priority", 50.into())]));
    check(single([keepalived()]), &["warning: keepalived: Not used without a VIP"]);
    check(single([ranked()]), &["warning: load_balancers[\"lb-01\"].priority: Not used without a VIP"]);
    check(config([keepalived()]), &[]);
}

#[test]
fn b22_names_that_only_a_search_domain_completes_are_reported() {
    let short = config([("control_plane", nodes(&["cp-01", "cp-02.example.org", "2001:db8::33"]))]);
    check(
        short,
        &[
            "warning: control_plane: Nodes by DNS name",
            "warning: control_plane[\"cp-01\"].address: A DNS name without a domain",
        ],
    );
}

#[test]
fn servers_of_services_are_as_nodes() {
    let web = |address: &str, port: i64, target: i64| {
        let members = [("port", port.into()), ("target_port", target.into())];
        config([services([("web", service(&[address, "192.168.30.42"], members))])])
    };
    check(web("web-01.example.org", 80, 80), &["warning: additional_services[\"web\"].servers: Servers by DNS name"]);
    check(
        web("web-01", 80, 80),
        &[
            "warning: additional_services[\"web\"].servers: Servers by DNS name",
            "warning: additional_services[\"web\"].servers[\"web-01\"].address: A DNS name without a domain",
        ],
    );
    check(web("192.168.30.41", 80, 80), &[]);
    // Workers dial that port of the endpoint, whoever listens there.
    let trustd = "warning: additional_services[\"web\"].port: The port of trustd";
    check(web("192.168.30.41", 50001, 80), &[trustd]);
    check(web("192.168.30.41", 50001, 50001), &[]);
}
