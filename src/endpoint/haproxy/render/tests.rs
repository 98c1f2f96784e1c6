use std::collections::BTreeMap;

use super::super::sample::{config, hosts, inner, nested, nodes, single, vips, whole, with};
use super::super::spec;
use super::*;
use crate::endpoint::golden;
use crate::framework::reader::Reader;
use crate::framework::value::{Object, Value};

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

/// Configurations whose files stand under `tests/golden/haproxy/`.
fn cases() -> BTreeMap<&'static str, Object> {
    let version = || ("talos_version", "v1.12".into());
    let ipv6_nodes = || nodes(&["2001:db8:30::31", "2001:db8:30::32", "2001:db8:30::33"]);
    let three = || hosts(&["192.168.30.21/24", "192.168.30.22/24", "192.168.30.23/24"]);
    BTreeMap::from([
        ("guide", config([])),
        ("single", single([])),
        (
            "ipv6",
            config([
                ("control_plane", ipv6_nodes()),
                ("load_balancers", hosts(&["2001:db8:30::21/64", "2001:DB8:30:0::22/64"])),
                ("vip", "2001:db8:30::30".into()),
            ]),
        ),
        ("dual-stack", config([("additional_vips", vips(&["2001:db8:30::30", "192.168.30.29"])), version()])),
        ("bind-vip", config([("bind", "vip".into()), ("additional_vips", vips(&["2001:db8:30::30"])), version()])),
        (
            "dns-backends",
            config([("control_plane", nodes(&["cp-01.example.org", "CP-02.example.org", "192.168.30.33"]))]),
        ),
        ("trustd", config([nested("trustd", [])])),
        ("fractional-advert", config([nested("keepalived", [("advert_interval", number("0.3"))])])),
        ("no-preempt", config([nested("keepalived", [("preempt", false.into())])])),
        (
            "weights",
            config([
                (
                    "load_balancers",
                    with(hosts(&["192.168.30.21/24", "192.168.30.22/24"]), "lb-02", [("priority", 30.into())]),
                ),
                nested("keepalived", [("live_weight", (-90).into()), ("ready_weight", 80.into())]),
            ]),
        ),
        ("three-load-balancers", config([("load_balancers", three())])),
        ("custom-everything", custom()),
    ])
}

/// Every argument unlike its default.
fn custom() -> Object {
    let timeouts = [
        ("connect", "1500ms".into()),
        ("check", "3s".into()),
        ("queue", "1m".into()),
        ("client_server", "90s".into()),
        ("tunnel", "24h".into()),
        ("fin", "1m30s".into()),
    ];
    let balancers = hosts(&["10.1.0.21", "10.1.0.22"]);
    let balancers = with(balancers, "lb-01", [("interface", "bond0.30".into()), ("priority", 50.into())]);
    config([
        ("control_plane", nodes(&["10.1.0.31/16", "10.1.0.32/16"])),
        ("load_balancers", with(balancers, "lb-02", [("interface", "ens18".into()), ("priority", 150.into())])),
        ("vip", "10.1.0.0".into()),
        ("host", "api.example.org".into()),
        ("talos_version", "v1.14".into()),
        nested(
            "kubernetes_api",
            [
                ("port", 8443.into()),
                ("target_port", 7443.into()),
                (
                    "health_check",
                    inner("kubernetes_api", "health_check", [("expect_status", Value::set([200.into()]))]),
                ),
            ],
        ),
        nested("talos_api", [("port", 50010.into()), ("target_port", 50000.into())]),
        nested("trustd", [("port", 50011.into()), ("target_port", 50001.into())]),
        nested(
            "haproxy",
            [
                ("maxconn", 20000.into()),
                ("balance", "roundrobin".into()),
                ("timeouts", inner("haproxy", "timeouts", timeouts)),
                ("hard_stop_after", "1h30m".into()),
                ("log", "stdout".into()),
                ("chroot", "/srv/haproxy".into()),
                ("stats_socket", "/var/lib/haproxy/stats".into()),
                ("ops_address", "0.0.0.0".into()),
                ("ops_port", 9000.into()),
            ],
        ),
        nested(
            "keepalived",
            [
                ("virtual_router_id", 77.into()),
                ("advert_interval", 2.into()),
                ("live_weight", (-120).into()),
                ("ready_weight", (-110).into()),
            ],
        ),
    ])
}

/// Every file of a configuration: `haproxy.cfg`, and `HOST/keepalived.conf`.
fn files(config: &Object) -> BTreeMap<String, String> {
    let object = whole(config);
    let text = |value: &Value| value.as_str().expect("known").to_owned();
    let mut files = BTreeMap::from([("haproxy.cfg".to_owned(), text(&object["haproxy_cfg"]))]);
    for (host, file) in object["keepalived_conf"].entries().unwrap() {
        files.insert(format!("{host}/keepalived.conf"), text(file));
    }
    files
}

#[test]
fn the_files_are_the_golden_ones() {
    for (case, config) in cases() {
        for (file, text) in files(&config) {
            golden::check(&format!("haproxy/{case}/{file}"), &text);
        }
    }
}

#[test]
fn b01_rendering_is_deterministic_and_plain() {
    for (case, config) in cases() {
        let all = files(&config);
        assert_eq!(all, files(&config), "{case}");
        for (file, text) in all {
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{case}/{file}: one final newline");
            assert!(
                text.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)),
                "{case}/{file}: no tab, no CR, only ASCII"
            );
            assert!(text.lines().all(|line| line.trim_end() == line), "{case}/{file}: no space at an end");
            let mut comments = text.lines().filter(|line| line.trim_start().starts_with('#'));
            assert!(comments.all(|line| line.len() <= 130), "{case}/{file}: comments that can be read");
        }
    }
}
