//! The attributes that endpoints share.

use super::host_name::host_name;
use crate::framework::schema::Attribute;
use crate::framework::ty::Type;
use crate::framework::validator::{each, no_nulls};

/// The input and output that says what clients dial.
pub const HOST: &str = "host";
/// The input that holds further names and addresses.
pub const ADDITIONAL_NAMES: &str = "additional_names";
/// The input that puts the host into the nodes' own host tables.
pub const HOST_ENTRY: &str = "host_entry";
/// The input that holds the nodes by name.
pub const CONTROL_PLANE: &str = "control_plane";
/// The input that holds the endpoint's own virtual IP.
pub const VIP: &str = "vip";
/// The input that holds further virtual IPs.
pub const ADDITIONAL_VIPS: &str = "additional_vips";
/// The member that holds the address of a node, a load balancer or an additional virtual IP.
pub const ADDRESS: &str = "address";
/// The member that holds further addresses of a node.
pub const ADDITIONAL_ADDRESSES: &str = "additional_addresses";
/// The input that holds the load balancers by name.
pub const LOAD_BALANCERS: &str = "load_balancers";
/// The input that holds the version contract.
pub const TALOS_VERSION: &str = "talos_version";
/// The input that describes the Kubernetes API.
pub const KUBERNETES_API: &str = "kubernetes_api";
/// The input that describes the Talos API.
pub const TALOS_API: &str = "talos_api";
/// The member of these two that holds the port.
pub const PORT: &str = "port";
/// The member of these two that switches them off.
pub const ENABLED: &str = "enabled";
/// The output that holds the URL of the Kubernetes API.
pub const KUBERNETES_API_ENDPOINT: &str = "kubernetes_api_endpoint";
/// The output that holds host and port of the Talos API.
pub const TALOS_API_ENDPOINT: &str = "talos_api_endpoint";
/// The output that holds what talosctl dials.
pub const TALOSCTL_ENDPOINTS: &str = "talosctl_endpoints";
/// The output that holds the names in the certificate of the Talos API.
pub const MACHINE_CERT_SANS: &str = "machine_cert_sans";
/// The output that holds the names in the certificate of the API server.
pub const API_SERVER_CERT_SANS: &str = "api_server_cert_sans";
/// The output that holds what every control-plane node needs.
pub const CONTROL_PLANE_CONFIG_PATCHES: &str = "control_plane_config_patches";
/// The output that holds what every worker needs.
pub const WORKER_CONFIG_PATCHES: &str = "worker_config_patches";
/// The output that holds the nodes' addresses by node.
pub const NODES: &str = "nodes";
/// The output that holds everything each node needs, by node.
pub const PATCHES: &str = "patches";

/// Of the input and output `host`.
pub const HOST_DESCRIPTION: &str = "What clients dial: a DNS name of yours in front of the endpoint, or else the \
                                    endpoint's own name or address. Default: the endpoint's own.";

/// Of the input `talos_version`.
pub const TALOS_VERSION_DESCRIPTION: &str = "Version contract of the machine configuration, such as `v1.12`, from 1.9 \
                                             on: the `talos_version` of the data source `talos_machine_configuration`. \
                                             Needed only where a patch has another form in another version. From 1.14 \
                                             on, a patch for the API server's names needs siderolabs/talos 0.12.0 or \
                                             newer. Whoever raises it regenerates the machine configurations: patches \
                                             are merged into a generated one, and merging into an older one appends. \
                                             Default: none.";

/// The input `additional_names`.
pub fn additional_names_input() -> Attribute {
    Attribute::plain(ADDITIONAL_NAMES, Type::list(Type::String)).check(no_nulls()).check(each(host_name())).describe(
        "Further names and addresses under which clients reach the endpoint, such as a name in a VPN or an Elastic IP. \
         They go into the certificates of both APIs; needs `talos_version`. Default: none.",
    )
}

/// The input `host_entry`, for endpoints with an address of their own.
pub fn host_entry_input() -> Attribute {
    Attribute::bool(HOST_ENTRY).default(false).describe(
        "Whether `host`, a DNS name, stands in the host table of every node with the endpoint's address, so that the \
         cluster doesn't need DNS to find itself: in `patches` for the control plane, in `worker_config_patches` for \
         workers. Needs `talos_version`. Default: `false`.",
    )
}

/// The outputs beside `host`, which is an input too.
pub fn outputs() -> Vec<Attribute> {
    let texts = Type::list(Type::String);
    let node = Type::object([("address", Type::String), ("endpoint", Type::String)]);
    vec![
        Attribute::string(KUBERNETES_API_ENDPOINT)
            .computed()
            .describe("URL of the Kubernetes API, `https://HOST:PORT`; null where it is switched off."),
        Attribute::string(TALOS_API_ENDPOINT)
            .computed()
            .describe("`HOST:PORT` of the Talos API; null where it is switched off."),
        Attribute::plain(TALOSCTL_ENDPOINTS, texts.clone()).computed().describe(
            "For `talosctl config endpoint` and `talos_client_configuration.endpoints`: the load balancer where there \
             is one; the nodes themselves with a virtual IP, a single node or a DNS name, and where the endpoint \
             doesn't serve the Talos API.",
        ),
        Attribute::plain(MACHINE_CERT_SANS, texts.clone())
            .computed()
            .describe("Names and addresses that `machine.certSANs` of the control planes must carry."),
        Attribute::plain(API_SERVER_CERT_SANS, texts.clone()).computed().describe(
            "Names and addresses that the API server's certificate must carry beside `host`, which Talos adds itself.",
        ),
        Attribute::plain(CONTROL_PLANE_CONFIG_PATCHES, texts.clone()).computed().describe(
            "Machine configuration patches for every control-plane node, one document each: these names, and the entry \
             in the host table. Unknown as a whole while a part is.",
        ),
        Attribute::plain(WORKER_CONFIG_PATCHES, texts.clone()).computed().describe(
            "Machine configuration patches for every worker: the entry in the host table with `host_entry`, else none.",
        ),
        Attribute::plain(NODES, Type::map(node)).computed().describe(
            "By control-plane node, its own `address` and the `endpoint` that talosctl dials to reach this node \
             itself; null where they aren't known here. For `node` and `endpoint` of the resources of \
             siderolabs/talos. Empty where the resource has no `control_plane`.",
        ),
        Attribute::plain(PATCHES, Type::map(texts)).computed().describe(
            "Everything each node needs, by node, for `config_patches`; empty where the resource has no \
             `control_plane`. The nodes are known before their patches.",
        ),
    ]
}
