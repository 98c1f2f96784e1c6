//! The attributes of `talosendpoint_vip`.

use std::sync::LazyLock;

use names::*;

use super::link_name::{alias_fault, is_interface, link_fault};
use super::selector::shape::Shape;
use super::selector::{FIELDS, PHYSICAL};
use crate::endpoint::contract::{CONTROL_PLANE, HOST, KUBERNETES_API, TALOS_VERSION};
use crate::endpoint::link_name::names_a_link;
use crate::endpoint::{address, contract};
use crate::framework::schema::{Attribute, Nesting, Schema};
use crate::framework::ty::Type;
use crate::framework::validator::{Validator, at_least, between, each, no_nulls, one_of, text};
use crate::framework::value::Value;

/// The pods' subnet of a cluster that doesn't say otherwise (siderolabs/talos, pkg/machinery/constants).
const TALOS_POD_CIDR: &str = "10.244.0.0/16";

/// The services' subnet of a cluster that doesn't say otherwise (same place).
const TALOS_SERVICE_CIDR: &str = "10.96.0.0/12";

/// What the attributes are called, those of the contract aside.
#[allow(missing_docs, reason = "the schema describes each of them")]
pub mod names {
    pub use crate::endpoint::contract::{ADDITIONAL_ADDRESSES, ADDITIONAL_VIPS, ADDRESS, VIP};

    pub const FORM: &str = "form";
    pub const ENDPOINT: &str = "endpoint";
    pub const INTERFACE: &str = "interface";
    pub const DEVICE_SELECTOR: &str = "device_selector";
    pub const LINK_ALIAS: &str = "link_alias";
    pub const VLAN_ID: &str = "vlan_id";
    pub const DHCP: &str = "dhcp";
    pub const STATIC_ADDRESSING: &str = "static_addressing";
    pub const GATEWAY: &str = "gateway";
    pub const ADDITIONAL_GATEWAY: &str = "additional_gateway";
    pub const ROUTE_PRIORITY: &str = "route_priority";
    pub const POD_CIDRS: &str = "pod_cidrs";
    pub const SERVICE_CIDRS: &str = "service_cidrs";
    pub const PORT: &str = "port";
}

/// The schema, built once.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "The virtual IP of Talos (layer 2): one control-plane node at a time holds the address, and another \
                  one takes over when it fails. Gives the machine configuration patches that each node needs. It only \
                  computes: no network is used, and nothing exists outside of Terraform.",
    attributes: [endpoint(), defaults(), nodes(), cluster(), contract::outputs()].concat(),
});

fn endpoint() -> Vec<Attribute> {
    vec![
        Attribute::string(VIP).required().check(address::bare_address()).describe(
            "The virtual IP: an unused address in the subnet of the control-plane nodes, which no DHCP server hands \
             out.",
        ),
        Attribute::nested(ADDITIONAL_VIPS, Nesting::List, additional_vip()).describe(
            "More virtual IPs, for two address families or two networks. The endpoint is `vip`; these become names in \
             the API server's certificate. In the legacy form a link has room for one.",
        ),
        Attribute::string(HOST).optional_computed().check(contract::host_name()).describe(
            "What clients dial: a DNS name of yours that leads to the virtual IP. Default: `vip`. The same address as \
             `vip` counts as not set.",
        ),
        contract::additional_names_input(),
        contract::host_entry_input(),
        Attribute::string(TALOS_VERSION).required().check(contract::talos_version()).describe(
            "Version contract of the machine configuration, such as `v1.12`, from 1.9 on: what `talos_version` of the \
             data source `talos_machine_configuration` is, whatever the nodes run. Documents (from 1.12 on) need \
             siderolabs/talos 0.10.0 or newer; from 1.14 on, a patch for the API server's names needs 0.12.0. Whoever \
             raises it regenerates the machine configurations: merging patches into an older one appends.",
        ),
        Attribute::string(FORM).default("auto").check(one_of(&["auto", "legacy", "document"])).describe(
            "How a patch names the virtual IP: `legacy` (`machine.network.interfaces`), `document` (`Layer2VIPConfig`, \
             from Talos 1.12 on), or `auto`: the one that is usual in `talos_version`. Default: `auto`.",
        ),
    ]
}

fn additional_vip() -> Vec<Attribute> {
    vec![
        Attribute::string(ADDRESS).required().check(address::bare_address()).describe("The virtual IP."),
        interface("Interface or link alias that carries it. Default: that of `vip` on each node."),
        device_selector("Selects the network device that carries it, instead of `interface`."),
        link_alias("Alias of that device. Default: `vip1` for the second device of a node, and so on."),
        vlan_id("VLAN that carries it. Default: without a link of its own here, that of `vip`, else none."),
    ]
}

fn defaults() -> Vec<Attribute> {
    vec![
        interface(
            "Interface or link alias of the nodes that carries the virtual IP, such as `eth0` or `bond0`; never a \
             member of a bond. Talos accepts a name that doesn't exist, without an error: `talosctl get links` lists \
             those that do.",
        ),
        device_selector(
            "Selects the network device by its properties, instead of `interface`. It must match exactly one on each \
             node: where a node has several, write out `permanent_addr` or `bus_path` in full, per node.",
        ),
        link_alias(
            "Alias that the selected device gets in the document form. A device has one alias only: where the base \
             configuration gives it one (`net0`), set `interface` to that instead. Default: `vip0`.",
        ),
        vlan_id(
            "VLAN on the interface or device that carries the virtual IP. The legacy form declares it. The document \
             form does so with `static_addressing` or `dhcp`, else the base configuration must, under Talos' own name \
             (`eth0.100`): a `VLANConfig` here would end DHCP on the node's other links.",
        ),
        Attribute::bool(DHCP).describe(
            "Whether the patch switches DHCP on for the link. In the legacy form a named interface has no DHCP without \
             it; default there: `true` for nodes without `address`, else `false`. The document form leaves DHCP as it \
             is, and needs this only for a VLAN and beside `static_addressing`.",
        ),
        Attribute::bool(STATIC_ADDRESSING).default(false).describe(
            "Whether the patches also carry each node's addresses and default routes. Default: `false`. In the \
             document form Talos then ends its default DHCP on every other link of the node too, and brings up only \
             links that a document names.",
        ),
        gateway("Default route of the nodes, with `static_addressing`. Default: none."),
        additional_gateway(
            "Default route of the other address family, for nodes with addresses of both. Default: none.",
        ),
        route_priority(
            "Metric of the default routes; of two routes, that with the lower one is taken. Default: that of Talos, \
             1024, which routes from DHCP have too.",
        ),
    ]
}

fn nodes() -> Vec<Attribute> {
    let members = vec![
        Attribute::string(ADDRESS).check(address::address()).describe(
            "The node's own address, best with its prefix length: `192.168.30.31/24`. Without it the virtual IP can't \
             be checked.",
        ),
        Attribute::plain(ADDITIONAL_ADDRESSES, Type::list(Type::String))
            .check(no_nulls())
            .check(each(address::address()))
            .describe("More addresses of the node on the same link, for two address families. Default: none."),
        Attribute::string(ENDPOINT).check(contract::host_name()).describe(
            "What talosctl dials to reach the node, where that isn't `address`; the node's patches put it into its \
             certificate. Never the virtual IP, which is gone when etcd is.",
        ),
        interface("Interface of this node. Default: the common one."),
        device_selector("Selects the network device of this node. Default: the common selection."),
        link_alias("Alias of the selected device of this node. Default: the common one."),
        vlan_id("VLAN of this node. Default: the common one."),
        Attribute::bool(DHCP)
            .describe("Whether the patch switches DHCP on for the link of this node. Default: the common value."),
        gateway("Default route of this node. Default: the common one."),
        additional_gateway("Default route of the other address family of this node. Default: the common one."),
        route_priority("Metric of this node's default routes. Default: the common one."),
    ];
    vec![Attribute::nested(CONTROL_PLANE, Nesting::Map, members).required().check(at_least(1)).describe(
        "The control-plane nodes by name. Each needs a hostname of its own: the nodes elect the holder by hostname, \
         and the virtual IP moves back and forth between two of one name.",
    )]
}

fn cluster() -> Vec<Attribute> {
    vec![
        cidrs(POD_CIDRS, TALOS_POD_CIDR).describe(
            "Subnets of the cluster's pods, in which no node and no virtual IP may be. Default: that of Talos, \
             `10.244.0.0/16`.",
        ),
        cidrs(SERVICE_CIDRS, TALOS_SERVICE_CIDR).describe(
            "Subnets of the cluster's services, in which no node and no virtual IP may be. Default: that of Talos, \
             `10.96.0.0/12`, which reaches to 10.111.255.255.",
        ),
        Attribute::nested(
            KUBERNETES_API,
            Nesting::Single,
            vec![
                Attribute::number(PORT)
                    .default(6443)
                    .check(between(1, 65535))
                    .describe("Port of the API server itself: a virtual IP doesn't translate ports. Default: `6443`."),
            ],
        )
        .default_members()
        .describe("The Kubernetes API."),
    ]
}

fn interface(description: &'static str) -> Attribute {
    let check = text(
        "must be the name of a network interface or a link alias: 1 to 15 letters, digits and `.-_`; neither a VLAN, \
         which `vlan_id` names, nor a link inside the node, such as `lo`",
        is_interface,
    )
    .explain(link_fault);
    Attribute::string(INTERFACE).check(check).describe(description)
}

fn vlan_id(description: &'static str) -> Attribute {
    Attribute::number(VLAN_ID).check(between(1, 4094)).describe(description)
}

fn link_alias(description: &'static str) -> Attribute {
    let check = text(
        "must be 1 to 15 letters, digits and `.-_`, and no name that another link may have, such as `eth0`, `bond0` \
         or `lan.30`",
        |name| is_interface(name) && !names_a_link(name),
    )
    .explain(alias_fault);
    Attribute::string(LINK_ALIAS).check(check).describe(description)
}

fn gateway(description: &'static str) -> Attribute {
    Attribute::string(GATEWAY).check(address::bare_address()).describe(description)
}

fn additional_gateway(description: &'static str) -> Attribute {
    Attribute::string(ADDITIONAL_GATEWAY).check(address::bare_address()).describe(description)
}

/// Talos reads 0 as its own default, and 32 bits.
fn route_priority(description: &'static str) -> Attribute {
    Attribute::number(ROUTE_PRIORITY).check(between(1, i64::from(u32::MAX))).describe(description)
}

fn device_selector(description: &'static str) -> Attribute {
    let mut members: Vec<Attribute> = FIELDS
        .iter()
        .map(|field| {
            let attribute = Attribute::string(field.attribute).check(pattern()).describe(field.description);
            field.shape.into_iter().fold(attribute, |attribute, shape| attribute.check(shaped(shape)))
        })
        .collect();
    let only_true = Validator::new("must be true: leave it out otherwise", |value| *value == Value::Bool(true));
    members.push(
        Attribute::bool(PHYSICAL)
            .check(only_true)
            .describe("Only hardware, no bonds, bridges or VLANs. The document form means that anyway."),
    );
    Attribute::nested(DEVICE_SELECTOR, Nesting::Single, members).describe(description)
}

fn cidrs(name: &'static str, default: &'static str) -> Attribute {
    Attribute::plain(name, Type::list(Type::String))
        .default(Value::list([default.into()]))
        .check(no_nulls())
        .check(each(address::subnet()))
}

/// Talos takes any text: one of a shape that no device has finds nothing, silently.
fn shaped(Shape { sentence, fault }: Shape) -> Validator {
    let accepts = move |value: &Value| value.as_str().is_none_or(|text| !is_pattern(text) || fault(text).is_none());
    Validator::new(sentence, accepts).explain(fault)
}

/// What Talos compares by go-glob, which knows `*` and nothing else; quotes and backslashes would end the text of a CEL expression.
fn pattern() -> Validator {
    text(
        "must be a text without blanks, quotes and backslashes, in which `*` stands for anything and is the only \
         wildcard",
        is_pattern,
    )
}

fn is_pattern(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic() && !"\"'`\\?[]{}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_selectors() {
        for good in ["aa:bb:cc:*", "0000:00:1f.6", "virtio_net", "*"] {
            assert!(pattern().accepts(&good.into()), "{good}");
        }
        for bad in ["", "a b", "a\"b", "a\\", "eth[01]", "a?"] {
            assert!(!pattern().accepts(&bad.into()), "{bad}");
        }
    }
}
