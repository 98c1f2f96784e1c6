//! How a node is addressed, as far as its patches say so.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::endpoint::address::Address;
use crate::endpoint::vip::model::inputs::{Form, Inputs, Node};

/// What the patches say of the node's own link.
#[derive(Clone, Debug, Default)]
pub struct Addressing {
    /// Whether it has DHCP.
    pub dhcp: bool,
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// Gateways of its default routes.
    pub gateways: Vec<IpAddr>,
    /// The metric of these.
    pub priority: Option<i64>,
}

impl Addressing {
    /// What is known of it; none where something isn't. In the legacy form an interface that is named has no DHCP unless it says so.
    pub fn read(inputs: &Inputs, node: &Node, form: Form) -> Option<Addressing> {
        let with_addresses = inputs.static_addressing.clone().known()?;
        let dhcp = match (node.dhcp.clone().known()?, form) {
            (Some(dhcp), _) => dhcp,
            (None, Form::Document) => false,
            (None, Form::Legacy) => !with_addresses && node.address.clone().known()?.is_none(),
        };
        if !with_addresses {
            return Some(Addressing { dhcp, ..Addressing::default() });
        }
        let mut addresses = vec![node.address.clone().present()?];
        for address in node.additional.as_ref().known()? {
            addresses.push(address.clone().known()?);
        }
        let (gateways, priority) = (node.routes.known_gateways()?, node.routes.priority.value.clone().known()?);
        Some(Addressing { dhcp, addresses, gateways, priority })
    }

    /// The gateway as a destination, where each prefix of its family covers one address alone: Linux refuses a route by a gateway that
    /// it doesn't know how to reach.
    pub fn way_to(&self, gateway: IpAddr) -> Option<String> {
        let link_local = matches!(gateway, IpAddr::V6(ip) if ip.is_unicast_link_local());
        let mut of_family = self.addresses.iter().filter(|address| address.same_family(gateway));
        let alone = |address: &Address| address.subnet().is_some_and(|net| net.prefix_len() == net.max_prefix_len());
        (!link_local && of_family.all(alone)).then(|| IpNet::from(gateway).to_string())
    }
}

/// As Talos writes it; none without a prefix length.
pub fn with_prefix(address: &Address) -> Option<String> {
    Some(format!("{}/{}", address.ip, address.prefix?))
}
