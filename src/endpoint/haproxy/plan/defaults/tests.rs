use super::*;
use crate::endpoint::haproxy::sample::{
    config, hosts, inner, nested, own_interface, planned, service, service_check, services, single, with,
};

fn member(object: &Object, path: &[&str]) -> Value {
    let mut value = &Value::Object(object.clone());
    for name in path {
        value = value.entries().and_then(|entries| entries.get(*name)).unwrap_or_else(|| panic!("no {name}"));
    }
    value.clone()
}

/// What `config` has at `path` once its defaults are filled in.
#[track_caller]
fn check(config: Object, path: &[&str], want: impl Into<Value>) {
    let object = planned(&config);
    assert_eq!(member(&object, path), want.into());
    let mut again = object.clone();
    defaults(&config, &mut again);
    assert_eq!(again, object, "filling twice changes nothing");
}

const ROUTER: &[&str] = &["keepalived", "virtual_router_id"];
const READY: &[&str] = &["keepalived", "ready_weight"];
const SECOND: &[&str] = &["load_balancers", "lb-02", "priority"];
const STATUS: &[&str] = &["kubernetes_api", "health_check", "expect_status"];

#[test]
fn the_router_id_is_the_last_byte_of_the_vip() {
    check(config([]), ROUTER, 30);
    check(config([("vip", "192.168.30.0".into())]), ROUTER, 51);
    check(config([("vip", "2001:db8::fe".into())]), ROUTER, 254);
    check(config([("vip", Value::UNKNOWN)]), ROUTER, Value::UNKNOWN_NOT_NULL);
    check(config([nested("keepalived", [("virtual_router_id", 7.into())])]), ROUTER, 7);
    check(single([]), ROUTER, Value::Null);
}

#[test]
fn priorities_go_down_in_the_order_of_names() {
    check(config([]), &["load_balancers", "lb-01", "priority"], 100);
    check(config([]), SECOND, 99);
    let own = with(hosts(&["192.168.30.21", "192.168.30.22"]), "lb-02", [("priority", 7.into())]);
    check(config([("load_balancers", own)]), SECOND, 7);
    check(single([]), &["load_balancers", "lb-01", "priority"], Value::Null);
}

#[test]
fn the_ready_weight_bridges_the_priorities() {
    check(config([]), READY, -50);
    let apart = || with(hosts(&["192.168.30.21", "192.168.30.22"]), "lb-02", [("priority", 20.into())]);
    check(config([("load_balancers", apart())]), READY, -81);
    let unknown = with(apart(), "lb-01", [("priority", Value::UNKNOWN)]);
    check(config([("load_balancers", unknown)]), READY, Value::UNKNOWN_NOT_NULL);
    check(config([nested("keepalived", [("preempt", false.into())])]), READY, Value::Null);
    check(config([nested("keepalived", [("preempt", Value::UNKNOWN)])]), READY, Value::UNKNOWN);
    check(config([nested("keepalived", [("ready_weight", (-99).into())])]), READY, -99);
    check(single([]), READY, Value::Null);
    // Keepalived takes nothing below, and doesn't start.
    let far = with(hosts(&["192.168.30.21", "192.168.30.22"]), "lb-01", [("priority", 254.into())]);
    check(config([("load_balancers", with(far, "lb-02", [("priority", 1.into())]))]), READY, -253);
}

#[test]
fn the_ready_weight_leaves_room_for_a_live_weight() {
    let low = |live: Value| {
        let both = with(hosts(&["192.168.30.21", "192.168.30.22"]), "lb-01", [("priority", 40.into())]);
        let both = with(both, "lb-02", [("priority", 30.into())]);
        config([("load_balancers", both), nested("keepalived", [("live_weight", live)])])
    };
    check(low(0.into()), READY, -50);
    check(low((-11).into()), READY, -28);
    check(low(15.into()), READY, -43);
    check(low(Value::UNKNOWN), READY, Value::UNKNOWN_NOT_NULL);
}

#[test]
fn b05_401_is_the_answer_of_a_healthy_api_server_by_default() {
    check(config([]), STATUS, Value::set([200.into(), 401.into()]));
    let listener = |members: [(&str, Value); 1]| {
        nested("kubernetes_api", [("health_check", inner("kubernetes_api", "health_check", members))])
    };
    check(config([listener([("type", "tcp".into())])]), STATUS, Value::Null);
    check(config([listener([("type", Value::UNKNOWN)])]), STATUS, Value::UNKNOWN);
    check(config([listener([("expect_status", Value::set([200.into()]))])]), STATUS, Value::set([200.into()]));
}

#[test]
fn keepalived_runs_where_there_is_a_vip_or_must_be_one() {
    let uses = |config: Object| uses_keepalived(&Reader::new(&config));
    assert_eq!(uses(config([])), Maybe::Known(true));
    assert_eq!(uses(single([])), Maybe::Known(false));
    assert_eq!(
        uses(config([("vip", Value::UNKNOWN)])),
        Maybe::Known(true),
        "several load balancers without `host` need one"
    );
    assert_eq!(uses(config([("vip", Value::UNKNOWN), ("host", "api.example.org".into())])), Maybe::Unknown);
    assert_eq!(uses(single([("vip", Value::UNKNOWN)])), Maybe::Unknown);
    assert_eq!(uses(single([("vip", Value::UNKNOWN_NOT_NULL)])), Maybe::Known(true));
}

#[test]
fn what_is_wholly_unknown_stays_so() {
    let object = planned(&config([
        ("keepalived", Value::UNKNOWN),
        ("load_balancers", Value::UNKNOWN),
        ("kubernetes_api", Value::UNKNOWN),
    ]));
    for name in ["keepalived", "load_balancers", "kubernetes_api"] {
        assert_eq!(object[name], Value::UNKNOWN);
    }
}

#[test]
fn services_and_interfaces_take_their_defaults_from_other_arguments() {
    let of_web = |member: &'static str| ["additional_services", "web", member];
    let web = |members| config([services([("web", element_of_services(members))])]);
    let plain = || web([("port", 80.into()), ("balance", Value::Null)]);
    check(plain(), &of_web("target_port"), 80);
    check(plain(), &of_web("balance"), "leastconn");
    check(plain(), &["additional_services", "web", "health_check", "path"], Value::Null);
    check(web([("port", Value::UNKNOWN), ("balance", "source".into())]), &of_web("target_port"), Value::UNKNOWN);
    check(web([("port", 80.into()), ("balance", "source".into())]), &of_web("balance"), "source");
    let random = [
        nested("haproxy", [("balance", "random".into())]),
        services([("web", element_of_services([("port", 80.into())]))]),
    ];
    check(config(random), &of_web("balance"), "random");
    let http = web([("port", 80.into()), service_check([("type", "http".into())])]);
    check(http, &["additional_services", "web", "health_check", "path"], "/");
    check(config([]), &["load_balancers", "lb-01", "vip_interface"], "eth0");
    check(own_interface(), &["load_balancers", "lb-01", "vip_interface"], "eth1");
}

fn element_of_services<const N: usize>(members: [(&str, Value); N]) -> Value {
    service(&["192.168.30.41"], members)
}
