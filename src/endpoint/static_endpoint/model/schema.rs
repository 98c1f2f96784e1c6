//! The attributes of `talosendpoint_static`.

use std::sync::LazyLock;

use names::*;

use crate::endpoint::contract::{CONTROL_PLANE, HOST, KUBERNETES_API, TALOS_API, TALOS_VERSION};
use crate::endpoint::{address, contract};
use crate::framework::schema::{Attribute, Nesting, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{at_least, between, each, no_nulls, one_of};

/// What the attributes are called, those of the contract aside.
#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names {
    pub use crate::endpoint::contract::{ADDITIONAL_ADDRESSES, ADDRESS};

    pub const EXTERNAL: &str = "external";
    pub const ENABLED: &str = "enabled";
    pub const PORT: &str = "port";
    pub const TTL: &str = "ttl";
    pub const RECORD_TYPES: &str = "record_types";
    pub const DNS_RECORD_SETS: &str = "dns_record_sets";
}

/// The types of DNS records that hold addresses.
pub const ADDRESS_RECORDS: [&str; 2] = ["A", "AAAA"];

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "An endpoint that needs nothing to be made: a single control-plane node, several nodes behind one DNS \
                  name (round robin), or a load balancer that exists already, such as HAProxy on a Proxmox host. It \
                  only computes: no network is used.",
    attributes: [inputs(), apis(), records(), contract::outputs()].concat(),
});

fn inputs() -> Vec<Attribute> {
    let members = vec![
        Attribute::string(ADDRESS)
            .required()
            .check(address::address())
            .describe("Address of the node, with or without prefix length."),
        Attribute::plain(ADDITIONAL_ADDRESSES, Type::list(Type::String))
            .check(no_nulls())
            .check(each(address::address()))
            .describe("More addresses of the node that clients may dial, for two address families. Default: none."),
    ];
    vec![
        Attribute::string(HOST).optional_computed().check(contract::host_name()).describe(
            "What clients dial: a DNS name that leads to the nodes, or the name or address of a load balancer. \
             Default: the address of the only node.",
        ),
        contract::additional_names_input(),
        contract::host_entry_input(),
        Attribute::string(TALOS_VERSION).check(contract::talos_version()).describe(contract::TALOS_VERSION_DESCRIPTION),
        Attribute::nested(CONTROL_PLANE, Nesting::Map, members).describe(
            "The control-plane nodes by name. With a `host` and more than one node, the name must lead to all of them: \
             see `dns_record_sets`.",
        ),
        Attribute::bool(EXTERNAL).optional_computed().describe(
            "Whether `host` is a load balancer that stands before the nodes, so that no DNS records are needed, ports \
             may differ from those of the nodes, and talosctl dials it instead of the nodes. Default: `true` without \
             `control_plane`, else `false`.",
        ),
    ]
}

fn apis() -> Vec<Attribute> {
    let port = |default: i64, description: &'static str| {
        Attribute::number(PORT).default(default).check(between(1, 65535)).describe(description)
    };
    vec![
        Attribute::nested(
            KUBERNETES_API,
            Nesting::Single,
            vec![port(6443, "Port that clients of the Kubernetes API dial. Default: `6443`.")],
        )
        .default_members()
        .describe("The Kubernetes API."),
        Attribute::nested(
            TALOS_API,
            Nesting::Single,
            vec![
                Attribute::bool(ENABLED).default(true).describe(
                    "Whether the endpoint serves the Talos API. `false` for a load balancer with the Kubernetes API \
                     alone. Default: `true`.",
                ),
                port(50000, "Port that talosctl dials. Nodes have 50000, which can't be changed. Default: `50000`."),
            ],
        )
        .default_members()
        .describe("The Talos API."),
    ]
}

fn records() -> Vec<Attribute> {
    let record_set = Type::object([
        ("name", Type::String),
        ("type", Type::String),
        (TTL, Type::Number),
        ("records", Type::list(Type::String)),
    ]);
    vec![
        // RFC 2181, section 8: 31 bits.
        Attribute::number(TTL).default(60).check(between(0, 2_147_483_647)).describe(
            "How long, in seconds, clients may remember the DNS records: for so long they still dial a node that was \
             taken out. Default: `60`.",
        ),
        Attribute::plain(RECORD_TYPES, Type::set(Type::String))
            .optional_computed()
            .check(at_least(1))
            .check(no_nulls())
            .check(each(one_of(&ADDRESS_RECORDS)))
            .describe(
                "Types of the DNS records: `A` for IPv4, `AAAA` for IPv6. Default: those of the nodes' addresses. Set \
                 it where the addresses are known only after apply: the keys of `dns_record_sets` are known at plan \
                 then, as `for_each` needs.",
            ),
        Attribute::plain(DNS_RECORD_SETS, Type::map(record_set)).computed().describe(
            "The DNS records that lead `host` to the nodes, by type (`A`, `AAAA`), for `for_each` over the records of \
             any DNS provider; empty where no records are needed.",
        ),
    ]
}
