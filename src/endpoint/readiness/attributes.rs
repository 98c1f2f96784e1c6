//! The attributes that describe the endpoint to be probed.

use super::place;
use crate::endpoint::contract::{
    HOST, KUBERNETES_API_ENDPOINT, MACHINE_CERT_SANS, NODES, TALOS_API_ENDPOINT, host_from_here,
};
use crate::endpoint::node_ports::API_SERVER;
use crate::framework::schema::{Attribute, Nesting};
use crate::framework::ty::Type;
use crate::framework::validator::{between, each, no_nulls, text};

/// The input that holds the endpoint.
pub const ENDPOINT: &str = "endpoint";
/// The input that names the groups of a Network Load Balancer.
pub const TARGET_GROUP_ARNS: &str = "target_group_arns";
/// The input that says where the API server of a node listens.
pub const NODE_KUBERNETES_API_PORT: &str = "node_kubernetes_api_port";
/// A node's own address.
pub const ADDRESS: &str = "address";
/// What talosctl dials to reach a node.
pub const NODE_ENDPOINT: &str = "endpoint";

/// The input `endpoint`.
pub fn endpoint_input() -> Attribute {
    let members = vec![
        Attribute::string(HOST)
            .required()
            .check(host_from_here())
            .describe("What clients dial: a DNS name or an address."),
        Attribute::string(KUBERNETES_API_ENDPOINT)
            .check(text("must be `https://HOST:PORT`", |url| place::url(url).is_some()).explain(place::url_fault))
            .describe("URL of the Kubernetes API, `https://HOST:PORT`. Default: none, which leaves that API out."),
        Attribute::string(TALOS_API_ENDPOINT)
            .check(
                text("must be `HOST:PORT`", |authority| place::authority(authority).is_some())
                    .explain(place::authority_fault),
            )
            .describe("`HOST:PORT` of the Talos API. Default: none, which leaves that API out."),
        Attribute::plain(MACHINE_CERT_SANS, Type::list(Type::String))
            .check(no_nulls())
            .check(each(host_from_here()))
            .describe(
                "Names and addresses that the certificate of the Talos API must carry beside what is dialled. \
                 Default: none.",
            ),
        Attribute::nested(
            NODES,
            Nesting::Map,
            vec![
                Attribute::string(ADDRESS).check(host_from_here()).describe("The node's own address. Default: none."),
                Attribute::string(NODE_ENDPOINT)
                    .check(host_from_here())
                    .describe("What talosctl dials to reach this node itself. Default: `address`."),
            ],
        )
        .describe(
            "The control-plane nodes by name, which are probed too, so that the result says which of them is at fault. \
             One without any address is left out. Default: none.",
        ),
    ];
    Attribute::nested(ENDPOINT, Nesting::Single, members).required().describe(
        "The endpoint: any of `talosendpoint_nlb`, `talosendpoint_haproxy`, `talosendpoint_vip` and \
         `talosendpoint_static` as a whole, by way of a local value (`endpoint = local.endpoint`), or an object with \
         these attributes.",
    )
}

/// The input `target_group_arns`; `description` says what is done with their health.
pub fn target_group_arns_input(description: &'static str) -> Attribute {
    Attribute::plain(TARGET_GROUP_ARNS, Type::set(Type::String))
        .check(no_nulls())
        .check(each(text("must be the ARN of a target group (`arn:…:targetgroup/…`)", |arn| {
            arn.starts_with("arn:") && arn.contains(":targetgroup/")
        })))
        .describe(description)
}

/// The input `node_kubernetes_api_port`.
pub fn node_kubernetes_api_port_input() -> Attribute {
    Attribute::number(NODE_KUBERNETES_API_PORT).default(API_SERVER).check(between(1, 65535)).describe(
        "Port of the API server on the nodes themselves. On a virtual IP it is the port of the endpoint; behind a \
             load balancer it may be another one. Default: `6443`.",
    )
}
