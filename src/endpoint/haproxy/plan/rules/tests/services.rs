//! Additional services, interfaces of virtual IPs, and containers.

use super::{check, detail};
use crate::endpoint::haproxy::sample::{
    config, container, element, hosts, nested, own_interface, second_cluster, service, service_check, services, single,
    vips, with, with_services,
};
use crate::framework::value::Value;

const WEB: &[&str] = &["192.168.30.41", "192.168.30.42"];

#[test]
fn the_samples_are_right() {
    for good in [with_services(), second_cluster(), own_interface(), container()] {
        check(good, &[]);
    }
}

#[test]
fn b18_a_port_is_used_twice_only_on_different_virtual_ips() {
    let api = |members: [(&str, Value); 2]| services([("other", service(WEB, members))]);
    let second = || ("additional_vips", vips(&["192.168.30.40"]));
    let version = || ("talos_version", "v1.12".into());
    let twice = &["additional_services[\"other\"].port: Port used twice"];
    let on_second = || api([("port", 6443.into()), ("vip", "192.168.30.40".into())]);
    check(config([second(), on_second()]), twice);
    check(config([second(), on_second(), ("bind", "vip".into())]), &[]);
    // The endpoint's own VIP stays the endpoint's.
    let on_first = api([("port", 6443.into()), ("vip", "192.168.30.30".into())]);
    check(config([second(), on_first, ("bind", "vip".into()), version()]), twice);
    let anywhere = || api([("port", 6443.into()), ("vip", Value::Null)]);
    check(config([anywhere()]), twice);
    check(config([anywhere(), ("bind", "vip".into())]), twice);
    check(single([anywhere(), ("bind", "own".into())]), twice);
    let ops = api([("port", 8404.into()), ("vip", Value::Null)]);
    check(config([ops]), &["haproxy.ops_port: Port used twice"]);
    let two = |first: &str, last: &str| {
        let web = |vip: &str| service(WEB, [("port", 80.into()), ("vip", vip.into())]);
        config([
            ("bind", "vip".into()),
            ("talos_version", "v1.12".into()),
            ("additional_vips", vips(&["192.168.30.40", "192.168.30.50"])),
            services([("a", web(first)), ("b", web(last))]),
        ])
    };
    check(two("192.168.30.40", "192.168.30.50"), &[]);
    check(two("192.168.30.40", "192.168.30.40"), &["additional_services[\"b\"].port: Port used twice"]);
}

#[test]
fn a_service_is_on_a_virtual_ip_that_exists() {
    let on = |vip: &str| services([("web", service(WEB, [("port", 80.into()), ("vip", vip.into())]))]);
    let missing = &["additional_services[\"web\"].vip: Not one of the VIPs"];
    check(config([on("192.168.30.77")]), missing);
    check(single([on("192.168.30.30")]), missing);
    check(config([on("192.168.30.30")]), &[]);
    let mut unknown = config([on("192.168.30.77")]);
    unknown.insert("additional_vips".into(), Value::list([element("additional_vips", [("address", Value::UNKNOWN)])]));
    unknown.insert("talos_version".into(), "v1.12".into());
    check(unknown, &[]);
}

#[test]
fn b19_names_of_services_and_servers_fit_the_file_and_are_free() {
    let named = |name: &str| config([services([(name, service(WEB, [("port", 80.into())]))])]);
    for taken in ["kubernetes_api", "talos_api", "trustd", "ops", "kubernetes_api_nodes"] {
        check(named(taken), &[&format!("additional_services[{taken:?}]: Name taken")]);
    }
    assert!(
        detail(&named("trustd")).contains("kept for the endpoint's own listener `trustd`, whether that is on or off")
    );
    assert!(detail(&named("ops")).contains("`haproxy.ops_port`"));
    check(
        named("web\nserver evil 192.0.2.1:80"),
        &["additional_services[\"web\\nserver evil 192.0.2.1:80\"]: Invalid name"],
    );
    let web = || service(WEB, [("port", 80.into())]);
    let other = service(WEB, [("port", 81.into())]);
    check(
        config([services([("web", web()), ("web_servers", other.clone())])]),
        &["additional_services[\"web_servers\"]: Name taken"],
    );
    let backend = detail(&config([services([("web", web()), ("web_servers", other)])]));
    assert!(backend.contains("the servers of `additional_services[\"web\"]`"), "{backend}");
    let Value::Object(mut service) = web() else { panic!("no object") };
    let Some(Value::Map(servers)) = service.get_mut("servers") else { panic!("no servers") };
    let server = servers["web-01"].clone();
    servers.insert("a b".to_owned(), server);
    servers.remove("web-01");
    check(
        config([services([("web", Value::Object(service))])]),
        &["additional_services[\"web\"].servers[\"a b\"]: Invalid name"],
    );
}

#[test]
fn b16_a_service_is_no_backend_of_its_own() {
    let at = |address: &str, members: [(&str, Value); 2]| services([("web", service(&[address], members))]);
    let looping = &["additional_services[\"web\"].servers[\"web-01\"].address: Proxy loop"];
    let same = || [("port", 80.into()), ("target_port", Value::Null)];
    check(config([at("192.168.30.21", same())]), looping);
    let of_vip = &["vip: VIP is a server's own address", looping[0]];
    check(config([at("192.168.30.30", same())]), of_vip);
    check(config([at("192.168.30.21", [("port", 80.into()), ("target_port", 8080.into())])]), &[]);
    // It may serve on the machine's own address while HAProxy has the VIP.
    check(config([at("192.168.30.21", same()), ("bind", "vip".into())]), &[]);
    check(config([at("192.168.30.30", same()), ("bind", "vip".into())]), of_vip);
    // Straight back to the endpoint's listener.
    check(config([at("192.168.30.30", [("port", 443.into()), ("target_port", 6443.into())])]), of_vip);
    check(
        config([services([("web", service(&["192.168.30.41", "192.168.30.41/24"], [("port", 80.into())]))])]),
        &["additional_services[\"web\"].servers[\"web-02\"].address: Address used twice"],
    );
    for own in ["127.0.0.1", "::1", "localhost", "web.localhost"] {
        let itself = config([at(own, same())]);
        check(itself.clone(), &["additional_services[\"web\"].servers[\"web-01\"].address: The load balancer itself"]);
        assert!(detail(&itself).contains("Set the server's own address"));
    }
    // By a name of the endpoint.
    let host = || ("host", "lb.example.org".into());
    let version = || ("talos_version", "v1.12".into());
    check(config([at("LB.example.org", same()), host(), version()]), looping);
    let other = [("port", 80.into()), ("target_port", 8080.into())];
    check(config([at("lb.example.org", other), host(), version()]), &[]);
    let vpn = ("additional_names", Value::list(["vpn.example.org".into()]));
    check(config([at("vpn.example.org", same()), vpn, version()]), looping);
    check(
        config([services([("web", service(&["web.example.org", "WEB.example.org"], [("port", 80.into())]))])]),
        &["additional_services[\"web\"].servers[\"web-02\"].address: Name used twice"],
    );
}

/// What the advice of `Port used twice` says is right: with it nothing is wrong any more.
#[test]
fn b18_what_is_advised_for_a_port_helps() {
    let api = |members: [(&str, Value); 2]| services([("other", service(WEB, members))]);
    let with_vip = |vip: Value| api([("port", 6443.into()), ("vip", vip)]);
    let second = || ("additional_vips", vips(&["192.168.30.40", "192.168.30.50"]));
    let version = || ("talos_version", "v1.12".into());
    let bound = || ("bind", "vip".into());
    let service_has = "give `additional_services[\"other\"]` a virtual IP of its own";
    for (config, advice) in [
        (
            config([second(), with_vip("192.168.30.40".into()), version()]),
            "set `bind = \"vip\"`, which leaves 192.168.30.40",
        ),
        (config([second(), with_vip(Value::Null), version()]), "as its `vip`, and `bind = \"vip\"`"),
        (config([second(), with_vip(Value::Null), bound(), version()]), "as its `vip`."),
        (config([second(), with_vip("192.168.30.30".into()), bound(), version()]), service_has),
    ] {
        let detail = detail(&config);
        assert!(detail.contains(advice), "{detail}");
        assert!(detail.contains("Choose another port for one of them; or "), "{detail}");
    }
    check(config([second(), with_vip("192.168.30.40".into()), bound(), version()]), &[]);
    // Without virtual IPs there is only another port, and neither is there for the endpoint's own listeners.
    for config in [single([with_vip(Value::Null)]), config([nested("talos_api", [("port", 6443.into())])])] {
        let detail = detail(&config);
        assert!(detail.ends_with("Choose another port for one of them."), "{detail}");
    }
    let on = |vip: &str| service(WEB, [("port", 80.into()), ("vip", vip.into())]);
    let both = services([("a", on("192.168.30.40")), ("b", on("192.168.30.40"))]);
    let detail = detail(&config([second(), both, bound(), version()]));
    assert!(detail.contains("set `additional_services[\"b\"].vip` to another one of `additional_vips`"), "{detail}");
}

#[test]
fn what_only_a_request_has_is_not_for_tcp() {
    let checked =
        |health: (&'static str, Value)| config([services([("web", service(WEB, [("port", 80.into()), health]))])]);
    check(
        checked(service_check([("path", "/x".into())])),
        &["additional_services[\"web\"].health_check.path: Not for TCP health checks"],
    );
    let codes = Value::set([200.into()]);
    check(
        checked(service_check([("expect_status", codes)])),
        &["additional_services[\"web\"].health_check.expect_status: Not for TCP health checks"],
    );
}

#[test]
fn b14_the_subnet_of_a_virtual_ip_is_that_of_its_interface() {
    let elsewhere = || ("vip", "192.168.40.30".into());
    check(config([elsewhere()]), &["vip: VIP outside the subnet"]);
    let front = |name: &str, map: Value| with(map, name, [("vip_interface", "eth1".into())]);
    let both = front("lb-02", front("lb-01", hosts(&["192.168.30.21/24", "192.168.30.22/24"])));
    check(config([elsewhere(), ("load_balancers", both)]), &[]);
    let one = front("lb-01", hosts(&["192.168.30.21/24", "192.168.30.22/24"]));
    check(config([elsewhere(), ("load_balancers", one)]), &["vip: VIP outside the subnet"]);
    let by_host = |name: &str| {
        let interfaces = Value::Map([(name.to_owned(), "eth1".into())].into());
        let vip =
            element("additional_vips", [("address", "192.168.30.29".into()), ("load_balancer_interfaces", interfaces)]);
        config([("additional_vips", Value::list([vip])), ("talos_version", "v1.12".into())])
    };
    check(by_host("lb-01"), &[]);
    check(by_host("lb-03"), &["additional_vips[0].load_balancer_interfaces[\"lb-03\"]: No such load balancer"]);
}

#[test]
fn services_that_are_not_known_yet_are_no_mistake() {
    let unknown = service(WEB, [("port", Value::UNKNOWN), ("vip", Value::UNKNOWN)]);
    check(config([services([("web", unknown)])]), &[]);
    check(config([("additional_services", Value::UNKNOWN)]), &[]);
    check(config([nested("haproxy", [("chroot", Value::UNKNOWN), ("metrics", Value::UNKNOWN)])]), &[]);
}
