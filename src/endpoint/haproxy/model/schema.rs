//! The attributes of `talosendpoint_haproxy`.

use std::sync::LazyLock;

use names::*;

use super::role::Role;
use super::timer::{advert_interval, timer};
use super::token;
use crate::endpoint::address;
use crate::endpoint::address_fault::{Accepted, fault};
use crate::endpoint::contract;
use crate::endpoint::contract::{CONTROL_PLANE, HOST, TALOS_VERSION};
use crate::framework::schema::{Attribute, Nesting, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{Validator, at_least, between, each, no_nulls, one_of, text};

/// What `bind` may be.
const BINDS: &[&str] = &["any", "vip", "own"];

/// The status codes that count as a healthy API server. Talos up to 1.13 starts it without anonymous access: it answers 401.
pub const HEALTHY: [i64; 2] = [200, 401];

#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names;

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "HAProxy, and Keepalived where there is more than one load balancer, in front of the control plane: the configuration \
                  files as text. Nothing is contacted: what puts the files on the machines is up to you, for example `cloud_init`.",
    attributes: [hosts(), listeners(), vec![haproxy(), keepalived()], outputs(), contract::outputs()].concat(),
});

fn hosts() -> Vec<Attribute> {
    vec![
        Attribute::nested(CONTROL_PLANE, Nesting::Map, vec![node_address()])
            .required()
            .check(at_least(1))
            .describe("The control-plane nodes by name, which is also the name of the server in HAProxy."),
        Attribute::nested(
            LOAD_BALANCERS,
            Nesting::Map,
            vec![
                Attribute::string(ADDRESS).required().check(address::address()).describe(
                    "Address of the load balancer's own, with or without prefix length, from which it speaks VRRP. With one, the subnet of \
                     the VIP is checked.",
                ),
                Attribute::string(INTERFACE)
                    .check(token::interface())
                    .describe("Network interface that has the address and takes the VIP. Needed with a `vip`."),
                Attribute::number(PRIORITY).optional_computed().check(between(1, 254)).describe(
                    "VRRP priority: of the load balancers that are well, the highest holds the VIP. Default: 100 for the first by name, \
                     99 for the next, and so on.",
                ),
            ],
        )
        .required()
        .check(at_least(1))
        .describe("The machines that run HAProxy, by name. With a single one there is no VIP and no Keepalived."),
        Attribute::string(VIP).check(address::bare_address()).describe(
            "Virtual IP that moves between the load balancers. Needed with two or more, unless `host` says how clients reach them.",
        ),
        Attribute::nested(
            ADDITIONAL_VIPS,
            Nesting::List,
            vec![
                Attribute::string(ADDRESS)
                    .required()
                    .check(address::bare_address())
                    .describe("Another virtual IP, which moves with the first."),
            ],
        )
        .describe("Further virtual IPs, such as one of the other address family. Default: none."),
        Attribute::string(HOST).optional_computed().check(contract::host_name()).describe(contract::HOST_DESCRIPTION),
        contract::additional_names_input(),
        contract::host_entry_input(),
        Attribute::string(TALOS_VERSION).check(contract::talos_version()).describe(contract::TALOS_VERSION_DESCRIPTION),
    ]
}

fn node_address() -> Attribute {
    Attribute::string(ADDRESS).required().check(node()).describe(
        "Address of the node, with or without prefix length, or a DNS name, which HAProxy then keeps resolving.",
    )
}

fn node() -> Validator {
    text("must be an IPv4 or IPv6 address such as `192.0.2.31`, without brackets or zone, or a DNS name", |text| {
        address::Address::parse(text).is_some() || token::Token::dns_name(text).is_some()
    })
    .explain(|text| fault(text, Accepted { prefix: true, name: true }))
}

fn listeners() -> Vec<Attribute> {
    vec![
        listener(Role::KubernetesApi, 6443, https_check())
            .default_members()
            .describe("Listener for the Kubernetes API. Default: on, 6443 to 6443."),
        listener(Role::TalosApi, 50000, tcp_check())
            .default_members()
            .describe("Listener for the Talos API of the control plane. Default: on, 50000 to 50000."),
        listener(Role::Trustd, 50001, tcp_check()).describe(
            "Listener for trustd, for workers that reach the control plane through the load balancers only. Default: off; `{}` switches it \
             on, 50001 to 50001.",
        ),
        Attribute::string(BIND).default("any").check(one_of(BINDS)).describe(
            "Addresses that HAProxy listens on: `any`; `vip` for the virtual IPs alone, where another program listens on the same ports of the \
             machine's own addresses; or `own` for the address of a single load balancer. A control-plane node's own services listen on every \
             address: beside them HAProxy needs another `port`. Default: `any`.",
        ),
    ]
}

fn listener(role: Role, port: i64, health_check: Attribute) -> Attribute {
    let members = vec![
        Attribute::bool(ENABLED).default(true).describe("Whether the listener exists. Default: `true`."),
        Attribute::number(PORT).default(port).check(between(1, 65535)).describe("Port that clients dial."),
        Attribute::number(TARGET_PORT).default(port).check(between(1, 65535)).describe("Port of the nodes."),
        health_check.default_members().describe("How the nodes are checked."),
    ];
    Attribute::nested(role.name(), Nesting::Single, members)
}

fn https_check() -> Attribute {
    Attribute::nested(
        HEALTH_CHECK,
        Nesting::Single,
        vec![
            Attribute::string(CHECK_TYPE).default("https").check(one_of(&["https", "tcp"])).describe(
                "`https` asks for `/readyz`; `tcp` only connects, and keeps sending to an API server that hangs. Default: `https`.",
            ),
            Attribute::plain(EXPECT_STATUS, Type::set(Type::Number))
                .optional_computed()
                .check(at_least(1))
                .check(no_nulls())
                .check(each(between(100, 599)))
                .describe(
                    "Status codes of a node that is well. Default: 200 and 401, which an API server without anonymous access answers (Talos up \
                     to 1.13, and clusters that were upgraded).",
                ),
        ],
    )
}

/// Both ports demand a certificate of the client or speak no HTTP: only connecting tells something.
fn tcp_check() -> Attribute {
    let kind = Attribute::string(CHECK_TYPE).default("tcp").check(one_of(&["tcp"]));
    Attribute::nested(HEALTH_CHECK, Nesting::Single, vec![kind.describe("`tcp`, which connects. Default: `tcp`.")])
}

fn haproxy() -> Attribute {
    let members = vec![
        Attribute::number(MAXCONN).default(8000).check(between(1, 500_000)).describe(
            "Connections at a time. Each takes two file descriptors, of which systemd grants a service 524288 by default. Default: `8000`.",
        ),
        Attribute::string(BALANCE).default("leastconn").check(one_of(token::BALANCES)).describe(
            "How connections are spread over the nodes. Default: `leastconn`, which suits connections that last for hours.",
        ),
        Attribute::nested(TIMEOUTS, Nesting::Single, timeouts()).default_members().describe("How long HAProxy waits."),
        duration(HARD_STOP_AFTER, "30m", "How long the old process may serve its connections after a reload. Default: `30m`."),
        Attribute::string(LOG).default("/dev/log").check(token::log_target()).describe(
            "Where HAProxy logs to: the path of a socket, `ADDRESS:PORT` of a syslog server, `stdout` or `stderr`. Default: `/dev/log`.",
        ),
        Attribute::string(CHROOT).default("/var/lib/haproxy").check(token::path()).describe(
            "Folder that HAProxy locks itself into. It must exist on each load balancer. Default: `/var/lib/haproxy`, as packages make it.",
        ),
        Attribute::string(STATS_SOCKET).default("/run/haproxy/admin.sock").check(token::socket()).describe(
            "Socket for administrators. Its folder must exist on each load balancer. Default: `/run/haproxy/admin.sock`.",
        ),
        Attribute::string(OPS_ADDRESS).default("127.0.0.1").check(address::bare_address()).describe(
            "Address of `/livez`, `/readyz`, `/metrics` and `/stats`: a loopback address, or `0.0.0.0` or `::` for all. Default: `127.0.0.1`.",
        ),
        Attribute::number(OPS_PORT).default(8404).check(between(1, 65535)).describe("Port beside `ops_address`. Default: `8404`."),
    ];
    Attribute::nested(HAPROXY, Nesting::Single, members).default_members().describe("Settings of HAProxy itself.")
}

fn timeouts() -> Vec<Attribute> {
    vec![
        duration(CONNECT, "2s", "To connect to a node. Default: `2s`."),
        duration(CHECK, "2s", "For the answer to a health check. Default: `2s`."),
        duration(QUEUE, "10s", "For a free place at a node. Default: `10s`."),
        duration(
            CLIENT_SERVER,
            "1m",
            "For either side while a connection is being set up; one value, because unequal ones cut connections. Default: `1m`.",
        ),
        duration(
            TUNNEL,
            "4h",
            "For a connection that is set up and silent: watches and `kubectl logs -f` may be for hours. Default: `4h`.",
        ),
        duration(FIN, "30s", "For a connection that one side has closed. Default: `30s`."),
    ]
}

fn duration(name: &'static str, default: &'static str, description: &'static str) -> Attribute {
    Attribute::string(name).default(default).check(timer()).describe(description)
}

fn keepalived() -> Attribute {
    let members = vec![
        Attribute::number(VIRTUAL_ROUTER_ID).optional_computed().check(between(1, 255)).describe(
            "VRRP's number for this group of load balancers, unlike that of any other group in the same network. Default: the last byte of \
             the VIP (51 where that is 0).",
        ),
        Attribute::number(ADVERT_INTERVAL).default(1).check(advert_interval()).describe(
            "Seconds between two signs of life; three missed ones move the VIP. A fraction, such as `0.3`, needs VRRP version 3, which is \
             then used. Default: `1`.",
        ),
        Attribute::bool(PREEMPT).default(true).describe(
            "Whether the VIP returns to a load balancer of higher priority that is well again. With `false` only the check of HAProxy itself \
             moves it, because Keepalived then ignores weights. Default: `true`.",
        ),
        Attribute::number(LIVE_WEIGHT).default(0).check(between(-253, 253)).describe(
            "What a failing check of HAProxy itself does to the priority; 0 takes the load balancer out at once. Default: `0`.",
        ),
        Attribute::number(READY_WEIGHT).optional_computed().check(between(-253, 253)).describe(
            "What it does to the priority that HAProxy reaches no node; never 0, which would leave nobody with the VIP before the cluster is \
             bootstrapped. Default: −50, or more where the priorities are farther apart.",
        ),
    ];
    Attribute::nested(KEEPALIVED, Nesting::Single, members)
        .default_members()
        .describe("Settings of Keepalived, which runs where there is a `vip`.")
}

fn outputs() -> Vec<Attribute> {
    vec![
        Attribute::string(HAPROXY_CFG)
            .computed()
            .describe("`/etc/haproxy/haproxy.cfg`, the same for every load balancer."),
        Attribute::plain(KEEPALIVED_CONF, Type::map(Type::String))
            .computed()
            .describe("`/etc/keepalived/keepalived.conf` of each load balancer by name; empty without a `vip`."),
    ]
}
