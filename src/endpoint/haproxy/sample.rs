//! Objects for the tests of this folder: configurations, and what becomes of them.

use std::collections::BTreeMap;

use super::plan::{defaults, outputs};
use crate::endpoint::haproxy::model::schema::SCHEMA;
use crate::framework::diagnostic::{Diagnostics, Severity};
use crate::framework::engine::with_defaults;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

/// The guide's layout, and `changes`.
pub fn config<const N: usize>(changes: [(&str, Value); N]) -> Object {
    let mut object = SCHEMA.null_object();
    object.insert("control_plane".into(), nodes(&["192.168.30.31", "192.168.30.32", "192.168.30.33"]));
    object.insert("load_balancers".into(), hosts(&["192.168.30.21/24", "192.168.30.22/24"]));
    object.insert("vip".into(), "192.168.30.30".into());
    object.extend(changes.map(|(name, value)| (name.to_owned(), value)));
    object
}

/// A configuration with one load balancer, and `changes`.
pub fn single<const N: usize>(changes: [(&str, Value); N]) -> Object {
    let mut object = config([("load_balancers", hosts(&["192.168.30.21/24"])), ("vip", Value::Null)]);
    object.extend(changes.map(|(name, value)| (name.to_owned(), value)));
    object
}

/// Control-plane nodes `cp-01`, `cp-02`, … with these addresses.
pub fn nodes(addresses: &[&str]) -> Value {
    let node = |(index, address): (usize, &&str)| {
        (format!("cp-{:02}", index + 1), element("control_plane", [("address", (*address).into())]))
    };
    Value::Map(addresses.iter().enumerate().map(node).collect())
}

/// Load balancers `lb-01`, `lb-02`, … with these addresses on `eth0`.
pub fn hosts(addresses: &[&str]) -> Value {
    let host = |(index, address): (usize, &&str)| {
        let members = [("address", (*address).into()), ("interface", "eth0".into())];
        (format!("lb-{:02}", index + 1), element("load_balancers", members))
    };
    Value::Map(addresses.iter().enumerate().map(host).collect())
}

/// The value with `members` of the element `key` changed.
pub fn with<const N: usize>(mut map: Value, key: &str, members: [(&str, Value); N]) -> Value {
    let Value::Map(elements) = &mut map else { panic!("no map") };
    let Some(Value::Object(element)) = elements.get_mut(key) else { panic!("no {key}") };
    element.extend(members.map(|(name, value)| (name.to_owned(), value)));
    map
}

/// `additional_vips` with these addresses.
pub fn vips(addresses: &[&str]) -> Value {
    Value::list(addresses.iter().map(|address| element("additional_vips", [("address", (*address).into())])))
}

/// The nested attribute `name` with these members, the others null.
pub fn nested<const N: usize>(name: &'static str, members: [(&str, Value); N]) -> (&'static str, Value) {
    (name, object_of(&SCHEMA.attribute(name).unwrap().value_type(), members))
}

/// The member `member` of the nested attribute `name`, itself an object with these members, the others null.
pub fn inner<const N: usize>(name: &str, member: &str, members: [(&str, Value); N]) -> Value {
    let Type::Object(types) = SCHEMA.attribute(name).unwrap().value_type() else { panic!("{name} is no object") };
    object_of(&types[member], members)
}

/// An element of the nested list or map `name` with these members, the others null.
pub fn element<const N: usize>(name: &str, members: [(&str, Value); N]) -> Value {
    match SCHEMA.attribute(name).unwrap().value_type() {
        Type::Map(element) | Type::List(element) => object_of(&element, members),
        other => panic!("{name} is {other:?}"),
    }
}

fn object_of<const N: usize>(ty: &Type, members: [(&str, Value); N]) -> Value {
    let Type::Object(types) = ty else { panic!("no object type") };
    let mut object: Object = types.keys().map(|name| (name.clone(), Value::Null)).collect();
    for (name, value) in members {
        assert!(object.insert(name.to_owned(), value).is_some(), "no attribute {name}");
    }
    Value::Object(object)
}

/// The configuration with every default.
pub fn planned(config: &Object) -> Object {
    let mut object = with_defaults(&SCHEMA.attributes, config);
    defaults::defaults(config, &mut object);
    object
}

/// What becomes of a configuration: inputs, defaults and outputs.
pub fn whole(config: &Object) -> Object {
    let mut object = planned(config);
    outputs::outputs(config, &mut object);
    object
}

/// `PATH: TITLE` of each problem; warnings begin with `warning: `.
pub fn reported(diagnostics: &Diagnostics) -> Vec<String> {
    let found = diagnostics.iter().map(|found| {
        let kind = if found.severity == Severity::Warning { "warning: " } else { "" };
        format!("{kind}{}: {}", found.path, found.title)
    });
    found.collect()
}

/// `additional_services` of these names and members.
pub fn services<const N: usize>(services: [(&str, Value); N]) -> (&'static str, Value) {
    ("additional_services", Value::Map(services.map(|(name, service)| (name.to_owned(), service)).into()))
}

/// A service with servers `web-01`, `web-02`, … at these addresses, and these other members.
pub fn service<const N: usize>(addresses: &[&str], members: [(&str, Value); N]) -> Value {
    let Type::Map(ty) = SCHEMA.attribute("additional_services").unwrap().value_type() else { panic!("no map") };
    let server = |(index, address): (usize, &&str)| {
        let server = Object::from([("address".to_owned(), Value::from(*address))]);
        (format!("web-{:02}", index + 1), Value::Object(server))
    };
    let servers = Value::Map(addresses.iter().enumerate().map(server).collect());
    let Value::Object(mut object) = object_of(&ty, [("servers", servers)]) else { panic!("no object") };
    for (name, value) in members {
        assert!(object.insert(name.to_owned(), value).is_some(), "no attribute {name}");
    }
    Value::Object(object)
}

/// The health check of a service with these members, the others null.
pub fn service_check<const N: usize>(members: [(&str, Value); N]) -> (&'static str, Value) {
    let Type::Map(ty) = SCHEMA.attribute("additional_services").unwrap().value_type() else { panic!("no map") };
    let Type::Object(types) = *ty else { panic!("no object") };
    ("health_check", object_of(&types["health_check"], members))
}

/// A number.
pub fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

/// Configurations whose files stand under `tests/golden/haproxy/`.
pub fn cases() -> BTreeMap<&'static str, Object> {
    let version = || ("talos_version", "v1.12".into());
    let ipv6_nodes = || nodes(&["2001:db8:30::31", "2001:db8:30::32", "2001:db8:30::33"]);
    let three = || hosts(&["192.168.30.21/24", "192.168.30.22/24", "192.168.30.23/24"]);
    BTreeMap::from([
        ("guide", config([])),
        ("single", single([])),
        ("bind-own", single([("bind", "own".into())])),
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
        ("services", with_services()),
        ("second-cluster", second_cluster()),
        ("own-interface", own_interface()),
        ("container", container()),
        ("three-load-balancers", config([("load_balancers", three())])),
        ("custom-everything", custom()),
    ])
}

/// Ingress on the endpoint's own addresses.
pub fn with_services() -> Object {
    let web = || ["192.168.30.41", "192.168.30.42"];
    let ready = service_check([
        ("type", "http".into()),
        ("path", "/healthz".into()),
        ("expect_status", Value::set([200.into()])),
    ]);
    config([services([
        (
            "http",
            service(
                &web(),
                [("port", 80.into()), ("target_port", 30080.into()), ("balance", "roundrobin".into()), ready],
            ),
        ),
        (
            "https",
            service(&web(), [("port", 443.into()), ("target_port", 30443.into()), ("proxy_protocol", true.into())]),
        ),
    ])])
}

/// The API of another cluster on a second VIP, on the same port.
pub fn second_cluster() -> Object {
    let check = service_check([
        ("type", "https".into()),
        ("path", "/readyz".into()),
        ("expect_status", Value::set([200.into(), 401.into()])),
    ]);
    let api = service(
        &["192.168.30.51", "192.168.30.52", "192.168.30.53"],
        [("port", 6443.into()), ("vip", "192.168.30.40".into()), check],
    );
    config([("bind", "vip".into()), ("additional_vips", vips(&["192.168.30.40"])), services([("staging_api", api)])])
}

/// The VIP on a network of its own, beside the one for VRRP; and another VIP where the load balancers' interfaces differ.
pub fn own_interface() -> Object {
    let front = |mut map: Value| {
        for (name, interface) in [("lb-01", "eth1"), ("lb-02", "eth1")] {
            map = with(map, name, [("vip_interface", interface.into())]);
        }
        map
    };
    let by_host = Value::Map([("lb-02".to_owned(), "eth0".into())].into());
    let members =
        [("address", "192.168.30.29".into()), ("interface", "eth0".into()), ("load_balancer_interfaces", by_host)];
    config([
        ("load_balancers", front(hosts(&["192.168.30.21/24", "192.168.30.22/24"]))),
        ("vip", "192.168.40.30".into()),
        ("additional_vips", Value::list([element("additional_vips", members)])),
        ("talos_version", "v1.12".into()),
    ])
}

/// One HAProxy in a container, which is what it is already.
pub fn container() -> Object {
    single([nested(
        "haproxy",
        [
            ("chroot", "".into()),
            ("user", "".into()),
            ("group", "".into()),
            ("metrics", false.into()),
            ("log", "stdout".into()),
            ("stats_socket", "/tmp/admin.sock".into()),
        ],
    )])
}

/// Every argument unlike its default.
pub fn custom() -> Object {
    let timeouts = [
        ("connect", "1500ms".into()),
        ("check", "3s".into()),
        ("queue", "1m".into()),
        ("client_server", "90s".into()),
        ("tunnel", "24h".into()),
        ("fin", "1m30s".into()),
    ];
    let balancers = hosts(&["10.1.0.21", "10.1.0.22"]);
    let balancers = with(balancers, "lb-01", [("interface", "bond0.30".into()), ("priority", 150.into())]);
    config([
        ("control_plane", nodes(&["10.1.0.31/16", "10.1.0.32/16"])),
        ("load_balancers", with(balancers, "lb-02", [("interface", "ens18".into()), ("priority", 210.into())])),
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
