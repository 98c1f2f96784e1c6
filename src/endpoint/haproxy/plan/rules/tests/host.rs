//! What clients dial, where it is an address of this network.

use super::{check, detail, found, version};
use crate::endpoint::haproxy::sample::{config, nested, reported, service, services, single, vips};
use crate::framework::value::Value;

fn host(address: &str) -> (&'static str, Value) {
    ("host", address.into())
}

#[test]
fn haproxy_answers_at_the_host() {
    let nowhere = "host: HAProxy doesn't listen there";
    let vip_alone = || ("bind", "vip".into());
    check(config([host("192.168.30.21"), vip_alone(), version()]), &[nowhere]);
    check(config([host("192.168.30.21"), version()]), &[]);
    check(config([host("192.168.30.30"), vip_alone(), version()]), &[]);
    let beside = |address: &str| {
        let api = service(&["192.168.30.51"], [("port", 6443.into()), ("vip", "192.168.30.40".into())]);
        let more = ("additional_vips", vips(&["192.168.30.40", "192.168.30.41"]));
        config([host(address), vip_alone(), version(), more, services([("staging", api)])])
    };
    check(beside("192.168.30.40"), &[nowhere]);
    check(beside("192.168.30.41"), &[]);
    // Anything else may stand in front.
    check(config([host("192.168.40.1"), vip_alone(), version()]), &[]);
}

#[test]
fn a_node_s_address_is_blamed_on_the_host() {
    let on_node = [host("192.168.30.31"), version()];
    check(config(on_node.clone()), &["host: The host is a machine's own address"]);
    assert!(detail(&config(on_node)).contains("address of node `cp-01`"));
    let other_port = [nested("kubernetes_api", [("port", 8443.into())]), host("192.168.30.31"), version()];
    check(config(other_port), &["host: The host is a machine's own address"]);
}

#[test]
fn a_vip_is_no_server_s_own_address() {
    let web = || services([("web", service(&["192.168.30.30"], [("port", 80.into()), ("target_port", 8080.into())]))]);
    check(config([web()]), &["vip: VIP is a server's own address"]);
    check(config([("vip", "192.168.30.29".into()), web()]), &[]);
}

#[test]
fn a_single_load_balancer_isn_t_sent_in_a_circle() {
    let web =
        || services([("web", service(&["192.168.30.41"], [("port", 80.into()), ("vip", "192.168.30.40".into())]))]);
    let title = "additional_services[\"web\"].vip: Not one of the VIPs";
    check(single([web()]), &[title]);
    assert!(detail(&single([web()])).contains("Remove it"), "{}", detail(&single([web()])));
    let more = single([("additional_vips", vips(&["192.168.30.40"])), version()]);
    check(more.clone(), &["additional_vips: Additional VIPs without a VIP"]);
    assert!(detail(&more).contains("Remove `additional_vips`"), "{}", detail(&more));
    let all =
        found(&single([("vip", "192.168.30.30".into()), ("additional_vips", vips(&["192.168.30.40"])), version()]));
    let problem = all.iter().find(|found| found.title == "A VIP for a single load balancer").unwrap();
    assert!(problem.detail.contains("`additional_vips`"), "{}: {:?}", problem.detail, reported(&all));
}
