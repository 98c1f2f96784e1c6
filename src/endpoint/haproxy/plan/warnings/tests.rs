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
    let without = config([nested("haproxy", [("ops_address", "::".into()), ("metrics", false.into())])]);
    let mut diagnostics = Diagnostics::new();
    warnings(&without, None, &whole(&without), &mut diagnostics);
    assert!(!diagnostics.iter().next().unwrap().detail.contains("/metrics"), "{diagnostics:?}");
}

#[test]
fn a_haproxy_that_stays_root_is_reported() {
    for name in ["user", "group"] {
        let root = config([nested("haproxy", [(name, "root".into())])]);
        check(root, &[&format!("warning: haproxy.{name}: HAProxy stays root")]);
    }
}

#[test]
fn a_host_without_failover_is_reported() {
    let version = || ("talos_version", "v1.12".into());
    let host = |host: &str| ("host", host.into());
    check(config([host("192.168.30.21"), version()]), &["warning: host: No failover"]);
    check(config([host("api.example.org"), version()]), &[]);
    let alone = |name: &str| config([("vip", Value::Null), host(name), version()]);
    check(alone("api.example.org"), &["warning: host: No health checks"]);
    check(alone("192.168.30.22"), &["warning: host: No failover"]);
    check(single([host("api.example.org"), version()]), &[]);
}

#[test]
fn a_vip_that_nothing_is_compared_with_is_reported() {
    let unchecked = "warning: load_balancers: VIP not checked";
    let mixed = || hosts(&["192.168.30.21/24", "192.168.30.22"]);
    check(config([("load_balancers", mixed())]), &[unchecked]);
    let elsewhere = with(mixed(), "lb-02", [("vip_interface", "eth1".into())]);
    check(config([("load_balancers", elsewhere)]), &[]);
    check(single([("load_balancers", hosts(&["192.168.30.21"]))]), &[]);
}

#[test]
fn files_that_do_not_go_together_are_reported() {
    let before = whole(&config([]));
    let found = |config: Object| {
        let mut diagnostics = Diagnostics::new();
        warnings(&config, Some(&before), &whole(&config), &mut diagnostics);
        let all = diagnostics.iter().filter(|one| one.title.starts_with("Two load balancers"));
        all.map(|one| format!("{}: {}", one.path, one.detail)).collect::<Vec<_>>()
    };
    let keepalived = |name: &'static str| found(config([nested("keepalived", [(name, 7.into())])]));
    assert!(keepalived("virtual_router_id")[0].starts_with("keepalived.virtual_router_id: "));
    assert!(keepalived("advert_interval")[0].starts_with("keepalived.advert_interval: "));
    let moved = found(config([("vip", "192.168.30.29".into())]));
    assert!(moved.len() == 1 && moved[0].contains("`virtual_router_id`, `vip`"), "{moved:?}");
    assert_eq!(found(config([nested("keepalived", [("ready_weight", (-60).into())])])), [""; 0]);
    assert_eq!(found(single([])), [""; 0]);
}

#[test]
fn the_port_of_ssh_is_reported() {
    let ssh = service(&["192.168.30.41"], [("port", 22.into())]);
    check(config([services([("git", ssh)])]), &["warning: additional_services[\"git\"].port: The port of SSH"]);
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

/// `PATH: TITLE: DETAIL` of what the contract warns of when `before` becomes `after`.
fn moved(before: &Object, after: &Object) -> String {
    let mut diagnostics = Diagnostics::new();
    warnings(after, Some(&whole(before)), &whole(after), &mut diagnostics);
    let titles = ["The endpoint moves", "The endpoint leaves its host"];
    let found = diagnostics.iter().filter(|warning| titles.contains(&warning.title.as_str()));
    found.map(|one| format!("{}: {}: {}", one.path, one.title, one.detail)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_vip_moves_where_it_can_and_leaves_no_host_behind() {
    let vip = |vip: &str| config([("vip", vip.into())]);
    let warning = moved(&vip("192.168.30.30"), &vip("192.168.30.40"));
    assert!(
        warning.starts_with("vip: The endpoint moves: ") && warning.contains("kubeconfigs, talosconfigs and"),
        "{warning}"
    );
    assert!(warning.contains("(1) keep 192.168.30.30, in `additional_vips`; (2) apply"), "{warning}");
    let elsewhere =
        config([("vip", "192.168.31.30".into()), ("load_balancers", hosts(&["192.168.31.21/24", "192.168.31.22/24"]))]);
    let warning = moved(&vip("192.168.30.30"), &elsewhere);
    assert!(warning.contains("A VIP must be in the load balancers' subnet, so 192.168.30.30 ends"), "{warning}");
    let host =
        |vip: &str| config([("host", "192.168.30.30".into()), ("vip", vip.into()), ("talos_version", "v1.12".into())]);
    let warning = moved(&host("192.168.30.30"), &host("192.168.30.40"));
    assert!(
        warning.starts_with("host: The endpoint leaves its host: Clients go on dialling 192.168.30.30"),
        "{warning}"
    );
}

#[test]
fn a_single_load_balancer_has_one_address() {
    let at = |address: &str| single([("load_balancers", hosts(&[address]))]);
    let warning = moved(&at("192.168.30.21/24"), &at("192.168.30.29/24"));
    assert!(warning.starts_with("load_balancers: The endpoint moves: "), "{warning}");
    assert!(warning.contains("192.168.30.21 ends when `lb-01` gets its new address."), "{warning}");
}

#[test]
fn files_that_two_load_balancers_read_at_different_times_are_reported() {
    let vip = |vip: &str| whole(&config([("vip", vip.into())]));
    let changed = |before: &str, after: &str| {
        let mut diagnostics = Diagnostics::new();
        failover::split(&vip(before), &vip(after), &mut diagnostics);
        reported(&diagnostics)
    };
    let split = ["warning: keepalived.virtual_router_id: Two load balancers act for the VIP meanwhile"];
    assert_eq!(changed("192.0.2.30", "192.0.2.36"), split);
    assert_eq!(changed("2001:db8::30", "2001:DB8:0::30"), Vec::<String>::new(), "the same address");
}
