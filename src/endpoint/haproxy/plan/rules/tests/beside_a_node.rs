//! Load balancers that run on control-plane nodes.

use super::{check, detail, found};
use crate::endpoint::haproxy::sample::{config, nested, nodes, reported, service, services, single, vips};
use crate::framework::value::{Object, Value};

/// lb-02 runs on cp-02.
fn beside<const N: usize>(changes: [(&str, Value); N]) -> Object {
    let mut object = config([("control_plane", nodes(&["192.168.30.31", "192.168.30.22"]))]);
    object.extend(changes.map(|(name, value)| (name.to_owned(), value)));
    object
}

/// The endpoint's listeners on ports that no node has.
fn moved() -> [(&'static str, Value); 2] {
    [nested("kubernetes_api", [("port", 8443.into())]), nested("talos_api", [("port", 50010.into())])]
}

fn beside_moved<const N: usize>(changes: [(&str, Value); N]) -> Object {
    let mut object = beside(moved());
    object.extend(changes.map(|(name, value)| (name.to_owned(), value)));
    object
}

/// A node's own services listen on every address, virtual IPs included: another port is the only remedy.
#[test]
fn b16_a_virtual_ip_is_no_way_around_the_ports_of_the_node() {
    let on_vip = beside([("bind", "vip".into())]);
    let taken = "Port taken by the node itself";
    check(on_vip.clone(), &[&format!("kubernetes_api.port: {taken}"), &format!("talos_api.port: {taken}")]);
    let all = found(&on_vip);
    let detail = &all.iter().next().unwrap().detail;
    assert!(
        detail.contains("lb-02 has the address of cp-02")
            && detail.contains("the Kubernetes API listens on port 6443")
            && detail.contains("Choose another port"),
        "{detail}"
    );
    check(beside_moved([("bind", "vip".into())]), &[]);
    check(beside_moved([]), &[]);
}

#[test]
fn b16_ports_that_every_node_has_are_not_for_services() {
    let on = |port: i64| services([("web", service(&["192.168.30.41"], [("port", port.into())]))]);
    for (port, who) in [(2379, "etcd"), (2380, "etcd"), (10250, "the kubelet"), (50001, "trustd")] {
        let taken = beside_moved([on(port)]);
        check(taken.clone(), &["additional_services[\"web\"].port: Port taken by the node itself"]);
        assert!(detail(&taken).contains(&format!("{who} listens on port {port} of every address")), "{port}");
        check(config([on(port)]), &[]);
    }
    // HAProxy sends to this one.
    check(beside_moved([on(50000)]), &["control_plane[\"cp-02\"].address: Proxy loop"]);
    assert!(detail(&beside_moved([on(50000)])).contains("set `additional_services[\"web\"].port`"));
    check(beside_moved([on(443)]), &[]);
    // On a virtual IP of its own as well.
    let members = [("port", 2379.into()), ("vip", "192.168.30.40".into())];
    let own = services([("web", service(&["192.168.30.41"], members))]);
    let second = ("additional_vips", vips(&["192.168.30.40"]));
    check(
        beside_moved([own, second, ("bind", "vip".into()), ("talos_version", "v1.12".into())]),
        &["additional_services[\"web\"].port: Port taken by the node itself"],
    );
}

#[test]
fn b16_listeners_and_operations_keep_off_the_ports_of_the_node_too() {
    let api = nested("kubernetes_api", [("port", 10250.into())]);
    check(beside_moved([api]), &["kubernetes_api.port: Port taken by the node itself"]);
    let ops = nested("haproxy", [("ops_port", 10250.into())]);
    check(beside_moved([ops]), &["haproxy.ops_port: Port taken by the node itself"]);
    // The Talos API is on its port of the node, whether HAProxy has a listener for it or not.
    let off = nested("talos_api", [("enabled", false.into())]);
    let api = nested("kubernetes_api", [("port", 50000.into())]);
    check(beside_moved([off, api]), &["kubernetes_api.port: Port taken by the node itself"]);
}

/// A loop is reported as one, and not a second time as a port that is taken.
#[test]
fn b16_a_loop_is_one_problem() {
    let looping = beside([]);
    check(looping.clone(), &["control_plane[\"cp-02\"].address: Proxy loop"]);
    let detail = detail(&looping);
    assert!(detail.contains("set `kubernetes_api.port` and `talos_api.port`"), "{detail}");
    let one = single([("control_plane", nodes(&["192.168.30.21"])), ("bind", "own".into())]);
    check(one, &["control_plane[\"cp-01\"].address: Proxy loop"]);
    // Both at once, each where it belongs.
    let web = services([("web", service(&["192.168.30.41"], [("port", 2379.into())]))]);
    let both = beside([web]);
    assert_eq!(
        reported(&found(&both)),
        [
            "control_plane[\"cp-02\"].address: Proxy loop",
            "additional_services[\"web\"].port: Port taken by the node itself"
        ]
    );
}
