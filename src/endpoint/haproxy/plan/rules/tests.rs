mod services;
mod beside_a_node;
mod settings;
mod weights;
mod host;

use super::*;
use crate::endpoint::haproxy::sample::{
    config, element, hosts, nested, nodes, number, planned, reported, single, vips, with,
};
use crate::framework::value::{Object, Value};

/// The rules say exactly `expected`: `PATH: TITLE` of each problem.
#[track_caller]
fn check(config: Object, expected: &[&str]) {
    assert_eq!(reported(&found(&config)), expected);
}

fn found(config: &Object) -> Diagnostics {
    let planned = planned(config);
    let mut diagnostics = Diagnostics::new();
    rules(config, &planned, &mut diagnostics);
    diagnostics
}

/// The detail of the only problem.
#[track_caller]
fn detail(config: &Object) -> String {
    let found = found(config);
    assert_eq!(found.iter().count(), 1, "{found:?}");
    found.iter().next().unwrap().detail.clone()
}

fn version() -> (&'static str, Value) {
    ("talos_version", "v1.12".into())
}

/// Load balancers with these priorities.
fn ranked(priorities: &[i64]) -> (&'static str, Value) {
    let addresses: Vec<String> = (21..).take(priorities.len()).map(|last| format!("192.168.30.{last}/24")).collect();
    let mut all = hosts(&addresses.iter().map(String::as_str).collect::<Vec<_>>());
    for (index, priority) in priorities.iter().enumerate() {
        all = with(all, &format!("lb-{:02}", index + 1), [("priority", (*priority).into())]);
    }
    ("load_balancers", all)
}

fn keepalived<const N: usize>(members: [(&str, Value); N]) -> (&'static str, Value) {
    nested("keepalived", members)
}

#[test]
fn nothing_is_wrong_with_the_guide() {
    check(config([]), &[]);
    check(single([]), &[]);
    let host = ("host", "api.example.org".into());
    check(config([("vip", Value::Null), host, version()]), &[]);
}

#[test]
fn b07_one_load_balancer_has_no_vip_and_several_have_one() {
    check(single([("vip", "192.168.30.30".into())]), &["vip: A VIP for a single load balancer"]);
    check(config([("vip", Value::Null)]), &["vip: No VIP"]);
    let lonely = config([
        ("vip", Value::Null),
        ("host", "api.example.org".into()),
        ("additional_vips", vips(&["192.168.30.29"])),
        version(),
    ]);
    check(lonely, &["additional_vips: Additional VIPs without a VIP"]);
    check(single([("bind", "vip".into())]), &["bind: No VIP to listen on"]);
    assert!(detail(&single([("bind", "vip".into())])).contains("`bind = \"own\"`"));
    check(single([("bind", "own".into())]), &[]);
    check(config([("bind", "own".into())]), &["bind: Several load balancers have no address in common"]);
    let nameless = with(hosts(&["192.168.30.21/24", "192.168.30.22/24"]), "lb-02", [("interface", Value::Null)]);
    check(config([("load_balancers", nameless)]), &["load_balancers[\"lb-02\"].interface: No interface"]);
    let plain = with(hosts(&["192.168.30.21/24"]), "lb-01", [("interface", Value::Null)]);
    check(single([("load_balancers", plain)]), &[]);
}

#[test]
fn b10_no_weights_without_preemption() {
    let without = |members: [(&str, Value); 1]| {
        let [(name, weight)] = members;
        config([keepalived([("preempt", false.into()), (name, weight)])])
    };
    check(without([("ready_weight", (-50).into())]), &["keepalived.ready_weight: Weight without preemption"]);
    check(without([("live_weight", 50.into())]), &["keepalived.live_weight: Weight without preemption"]);
    check(without([("live_weight", 0.into())]), &[]);
    check(config([keepalived([("preempt", false.into())])]), &[]);
}

#[test]
fn b11_readiness_never_takes_the_vip_away_everywhere() {
    check(
        config([keepalived([("ready_weight", 0.into())])]),
        &["keepalived.ready_weight: Nobody would hold the VIP before the bootstrap"],
    );
}

#[test]
fn b14_the_vip_is_in_the_subnet_of_every_load_balancer() {
    check(config([("vip", "192.168.31.30".into())]), &["vip: VIP outside the subnet"]);
    let narrow = hosts(&["192.168.30.21/27", "192.168.30.22/29"]);
    check(config([("load_balancers", narrow)]), &["vip: VIP outside the subnet"]);
    check(
        config([("vip", "192.168.31.30".into()), ("load_balancers", hosts(&["192.168.30.21", "192.168.30.22"]))]),
        &[],
    );
    check(
        config([("additional_vips", vips(&["192.168.31.30"])), version()]),
        &["additional_vips[0].address: VIP outside the subnet"],
    );
    check(config([("additional_vips", vips(&["2001:db8::30"])), version()]), &[]);
    // Where it is in the network of another interface, the remedy is an argument of its own.
    assert!(detail(&config([("vip", "192.168.31.30".into())])).contains("`vip_interface` of each load balancer"));
    let second = detail(&config([("additional_vips", vips(&["192.168.31.30"])), version()]));
    assert!(second.contains("`additional_vips[0].interface`, or `additional_vips[0].load_balancer_interfaces`"));
}

#[test]
fn b15_the_vip_is_nobodys_and_usable() {
    check(config([("vip", "192.168.30.21".into())]), &["vip: VIP is a load balancer's own address"]);
    let on_node = config([("vip", "192.168.30.31".into())]);
    check(on_node, &["vip: VIP is a node's own address", "control_plane[\"cp-01\"].address: Proxy loop"]);
    for bad in ["192.168.30.0", "192.168.30.255"] {
        check(config([("vip", bad.into())]), &["vip: Unusable VIP"]);
    }
    for bad in ["0.0.0.0", "127.0.0.1", "224.0.0.18", "169.254.1.1", "255.255.255.255"] {
        check(config([("vip", bad.into())]), &["vip: Unusable VIP"]);
    }
    let six = |vip: &str| {
        config([
            ("load_balancers", hosts(&["2001:db8::21/64", "2001:db8::22/64"])),
            ("control_plane", nodes(&["2001:db8::31"])),
            ("vip", vip.into()),
        ])
    };
    for bad in ["::", "::1", "ff02::12", "fe80::1"] {
        check(six(bad), &["vip: Unusable VIP"]);
    }
    check(six("2001:db8::30"), &[]);
    check(six("2001:DB8:0::21"), &["vip: VIP is a load balancer's own address"]);
    check(
        config([("additional_vips", vips(&["192.168.30.29", "192.168.30.30"])), version()]),
        &["additional_vips[1].address: Address used twice"],
    );
}

#[test]
fn b16_no_proxy_loops_and_no_address_twice() {
    let looping = &["control_plane[\"cp-02\"].address: Proxy loop"];
    let on_balancer = || nodes(&["192.168.30.31", "192.168.30.22"]);
    check(config([("control_plane", on_balancer())]), looping);
    assert!(detail(&config([("control_plane", on_balancer())])).contains("lb-02"));
    // On a control-plane node HAProxy may listen on other ports, or on the VIP alone.
    let ports = [
        ("control_plane", on_balancer()),
        nested("kubernetes_api", [("port", 8443.into())]),
        nested("talos_api", [("port", 50010.into())]),
    ];
    check(config(ports.clone()), &[]);
    let mut moved = config(ports);
    moved.insert("bind".into(), "vip".into());
    check(moved, &[]);
    let crossed = [
        ("control_plane", on_balancer()),
        nested("kubernetes_api", [("port", 50000.into())]),
        nested("talos_api", [("port", 50010.into())]),
    ];
    check(config(crossed), looping);
    let named = [
        ("control_plane", nodes(&["192.168.30.31", "API.example.org"])),
        ("host", "api.example.org".into()),
        version(),
    ];
    check(config(named), looping);
    let vpn = ("additional_names", Value::list(["vpn.example.org".into()]));
    check(config([("control_plane", nodes(&["192.168.30.31", "VPN.example.org"])), vpn, version()]), looping);
    for own in ["localhost", "lb.LOCALHOST", "ip6-localhost", "::1"] {
        let alone = config([("control_plane", nodes(&[own]))]);
        check(alone, &["control_plane[\"cp-01\"].address: The load balancer itself"]);
    }

    let twice = &["control_plane[\"cp-02\"].address: Address used twice"];
    for (one, two) in [("192.168.30.31", "192.168.30.31/24"), ("2001:db8::31", "2001:0DB8:0:0::0031")] {
        check(config([("control_plane", nodes(&[one, two]))]), twice);
    }
    let names = nodes(&["cp.example.org", "CP.example.org"]);
    check(config([("control_plane", names)]), &["control_plane[\"cp-02\"].address: Name used twice"]);
    check(
        config([("load_balancers", hosts(&["192.168.30.21/24", "192.168.30.21/24"]))]),
        &["load_balancers[\"lb-02\"].address: Address used twice"],
    );
    check(
        config([("control_plane", nodes(&["127.0.0.1", "192.168.30.255/24"]))]),
        &[
            "control_plane[\"cp-01\"].address: The load balancer itself",
            "control_plane[\"cp-02\"].address: Unusable address",
        ],
    );
    check(single([("load_balancers", hosts(&["0.0.0.0"]))]), &["load_balancers[\"lb-01\"].address: Unusable address"]);
}

#[test]
fn b18_ports_do_not_clash() {
    check(config([nested("talos_api", [("port", 6443.into())])]), &["talos_api.port: Port used twice"]);
    check(
        config([nested("talos_api", [("port", 50001.into())]), nested("trustd", [])]),
        &["trustd.port: Port used twice"],
    );
    let off = nested("trustd", [("enabled", false.into())]);
    check(config([nested("talos_api", [("port", 50001.into())]), off]), &[]);
    let ops = |members: [(&str, Value); 2]| nested("haproxy", members);
    let loopback = || ops([("ops_port", 6443.into()), ("ops_address", "127.0.0.1".into())]);
    check(config([loopback()]), &["haproxy.ops_port: Port used twice"]);
    check(config([loopback(), ("bind", "vip".into())]), &[]);
    let all = ops([("ops_port", 6443.into()), ("ops_address", "0.0.0.0".into())]);
    check(config([all, ("bind", "vip".into())]), &["haproxy.ops_port: Port used twice"]);
    check(
        config([nested("haproxy", [("ops_address", "192.168.30.21".into())])]),
        &["haproxy.ops_address: Not an address of every load balancer"],
    );
    for fine in ["127.0.0.5", "::1", "::"] {
        check(config([nested("haproxy", [("ops_address", fine.into())])]), &[]);
    }
    let both_off =
        [nested("kubernetes_api", [("enabled", false.into())]), nested("talos_api", [("enabled", false.into())])];
    check(config(both_off), &["kubernetes_api.enabled: No listener"]);
}

#[test]
fn b19_names_that_could_add_a_line_are_refused() {
    let long = "a".repeat(65);
    for bad in ["a b", "a\nserver evil 10.0.0.9:6443", "a#b", "a\"b", "a{", "", "ä", &long] {
        let node =
            Value::Map([(bad.to_owned(), element("control_plane", [("address", "192.168.30.31".into())]))].into());
        check(config([("control_plane", node)]), &[format!("control_plane[{bad:?}]: Invalid name").as_str()]);
        let members = [("address", "192.168.30.21".into()), ("interface", "eth0".into())];
        let host = Value::Map([(bad.to_owned(), element("load_balancers", members))].into());
        check(single([("load_balancers", host)]), &[format!("load_balancers[{bad:?}]: Invalid name").as_str()]);
    }
}

#[test]
fn b21_vrrp_speaks_one_family() {
    let mixed = hosts(&["192.168.30.21", "2001:db8::22"]);
    check(
        config([("load_balancers", mixed)]),
        &["load_balancers[\"lb-02\"].address: Load balancers of two address families"],
    );
    let six = || ("vip", "2001:db8::30".into());
    check(config([six()]), &["vip: No VIP of the load balancers' address family"]);
    check(config([six(), ("additional_vips", vips(&["192.168.30.30"])), version()]), &[]);
    check(config([six(), ("additional_vips", Value::UNKNOWN), version()]), &[]);
    let slow = |interval: &str| {
        config([
            ("load_balancers", hosts(&["2001:db8::21", "2001:db8::22"])),
            ("control_plane", nodes(&["2001:db8::31"])),
            six(),
            keepalived([("advert_interval", number(interval))]),
        ])
    };
    check(slow("41"), &["keepalived.advert_interval: Interval too long for IPv6"]);
    check(slow("40"), &[]);
}

#[test]
fn further_names_need_a_version() {
    check(config([("host", "api.example.org".into())]), &["talos_version: No Talos version"]);
    // It may turn out to be the host.
    check(config([("host", "192.168.30.30".into()), ("vip", Value::UNKNOWN_NOT_NULL)]), &[]);
    check(config([("additional_vips", vips(&["192.168.30.29"]))]), &["talos_version: No Talos version"]);
    check(config([("host", "192.168.30.30".into())]), &[]);
    // The error names what it is needed for.
    let both = vips(&["192.168.30.29", "2001:db8::30"]);
    assert!(detail(&config([("additional_vips", both)])).contains("certificate (192.168.30.29, 2001:db8::30)"));
}

#[test]
fn what_is_not_known_is_not_wrong() {
    for name in [
        "control_plane",
        "load_balancers",
        "vip",
        "additional_vips",
        "host",
        "kubernetes_api",
        "haproxy",
        "keepalived",
        "bind",
        "trustd",
    ] {
        check(config([(name, Value::UNKNOWN), version()]), &[]);
        check(single([(name, Value::UNKNOWN), version()]), &[]);
    }
    let unknown_node = with(nodes(&["192.168.30.21", "192.168.30.32"]), "cp-01", [("address", Value::UNKNOWN)]);
    check(config([("control_plane", unknown_node)]), &[]);
    let unknown_priority = with(hosts(&["192.168.30.21", "192.168.30.22"]), "lb-01", [("priority", Value::UNKNOWN)]);
    check(config([("load_balancers", unknown_priority), keepalived([("live_weight", 2.into())])]), &[]);
}
