//! The attributes of `talosendpoint_haproxy`.

use std::sync::LazyLock;

use names::*;

use super::role::Role;
use crate::endpoint::address;
use crate::endpoint::config_token as token;
use crate::endpoint::contract;
use crate::endpoint::contract::{CONTROL_PLANE, HOST, TALOS_VERSION};
use crate::framework::schema::{Attribute, Nesting, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{at_least, between, each, no_nulls, one_of};

/// What `bind` may be.
const BINDS: &[&str] = &["any", "vip", "own"];

/// The status codes that count as a healthy API server. Talos up to 1.13 starts it without anonymous access: it answers 401.
pub const HEALTHY: [i64; 2] = [200, 401];

#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names;
mod settings;
mod services;

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Configuration files for HAProxy, and for Keepalived with more than one load balancer, in front of \
                  the control plane. The resource contacts nothing: how the files get onto the machines is up to you, \
                  for example with `cloud_init`.",
    attributes: [
        hosts(),
        listeners(),
        vec![services::additional_services(), settings::haproxy(), settings::keepalived()],
        outputs(),
        contract::outputs(),
    ]
    .concat(),
});

fn hosts() -> Vec<Attribute> {
    vec![
        Attribute::nested(CONTROL_PLANE, Nesting::Map, vec![node_address()])
            .required()
            .check(at_least(1))
            .describe("The control-plane nodes by name, which is also the server's name in HAProxy."),
        Attribute::nested(
            LOAD_BALANCERS,
            Nesting::Map,
            vec![
                Attribute::string(ADDRESS).required().check(address::address()).describe(
                    "The load balancer's own address, from which it speaks VRRP. With a prefix length, the VIP is \
                     checked against its subnet.",
                ),
                Attribute::string(INTERFACE)
                    .check(token::interface())
                    .describe("Network interface that has this address and speaks VRRP. Required with a `vip`."),
                Attribute::string(VIP_INTERFACE).optional_computed().check(token::interface()).describe(
                    "Network interface that takes the VIP, if it is another one. The VIP's subnet is then not checked. \
                     Default: `interface`.",
                ),
                Attribute::number(PRIORITY).optional_computed().check(between(1, 254)).describe(
                    "VRRP priority. The healthy load balancer with the highest one holds the VIP. Default: 100 for \
                     the first by name, 99 for the next, and so on.",
                ),
            ],
        )
        .required()
        .check(at_least(1))
        .describe("The machines that run HAProxy, by name. With a single one there is no VIP and no Keepalived."),
        Attribute::string(VIP).check(address::bare_address()).describe(
            "Virtual IP that moves between the load balancers. Required with two or more, unless `host` says how \
             clients reach them.",
        ),
        Attribute::nested(
            ADDITIONAL_VIPS,
            Nesting::List,
            vec![
                Attribute::string(ADDRESS)
                    .required()
                    .check(address::bare_address())
                    .describe("Another virtual IP, which moves with the first."),
                Attribute::string(INTERFACE)
                    .check(token::interface())
                    .describe("Network interface that takes it on every load balancer. Default: that of `vip`."),
                Attribute::plain(LOAD_BALANCER_INTERFACES, Type::map(Type::String))
                    .check(no_nulls())
                    .check(each(token::interface()))
                    .describe("Network interface that takes it, by load balancer, where they differ."),
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
    Attribute::string(ADDRESS).required().check(token::target()).describe(
        "Address of the node, with or without prefix length, or a DNS name, which HAProxy resolves again every few \
         seconds.",
    )
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
            "Listener for trustd, for workers that reach the control plane only through the load balancers. Default: \
             off; `{}` switches it on, 50001 to 50001.",
        ),
        Attribute::string(BIND).default("any").check(one_of(BINDS)).describe(
            "Addresses that HAProxy listens on: `any`; `vip` for the virtual IPs alone, where another program listens \
             on the same ports of the machine's own addresses; or `own` for the address of a single load balancer. On \
             a control-plane node Talos' own services listen on every address, so HAProxy needs other ports there. \
             Default: `any`.",
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
                "`https` requests `/readyz`. `tcp` only connects: an API server that hangs stays in use. Default: \
                 `https`.",
            ),
            Attribute::plain(EXPECT_STATUS, Type::set(Type::Number))
                .optional_computed()
                .check(at_least(1))
                .check(no_nulls())
                .check(each(between(100, 599)))
                .describe(
                    "Status codes of a healthy node. Default: 200, and 401, which an API server without anonymous \
                     access answers (Talos up to 1.13, and clusters upgraded from it).",
                ),
        ],
    )
}

/// Both ports demand a certificate of the client or speak no HTTP: only connecting proves something.
fn tcp_check() -> Attribute {
    let kind = Attribute::string(CHECK_TYPE).default("tcp").check(one_of(&["tcp"]));
    Attribute::nested(HEALTH_CHECK, Nesting::Single, vec![kind.describe("`tcp`, which only connects. Default: `tcp`.")])
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
