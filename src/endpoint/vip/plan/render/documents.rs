//! The document form, from Talos 1.12 on.

use std::net::IpAddr;

use serde_json::{Map, Value as Json, json};

use super::addressing::{Addressing, with_prefix};
use crate::endpoint::vip::model::inputs::{Form, Inputs, Node};
use crate::endpoint::vip::model::link::{Link, Parent};
use crate::endpoint::vip::model::placement::Placement;
use crate::endpoint::vip::plan::devices::{Device, devices, link_name, parent_name};
use crate::endpoint::vip::plan::links::{are_declared, carries_itself, distinct, may_be_brought_up};

/// Aliases for what is selected, documents about links where there are any, then one document for each virtual IP. Each is none
/// where it isn't known, and all are where their number isn't.
pub fn documents(inputs: &Inputs, node: &Node, placements: &[Placement<'_>]) -> Option<Vec<Option<Json>>> {
    let devices = devices(placements)?;
    let links = links(inputs, node, placements, &devices)?;
    let aliases = devices.iter().map(alias);
    let vips = placements.iter().map(|placement| virtual_ip(placement, &devices));
    Some(aliases.chain(links).chain(vips).collect())
}

fn document(kind: &str, name: String) -> Map<String, Json> {
    Map::from_iter([
        ("apiVersion".to_owned(), "v1alpha1".into()),
        ("kind".to_owned(), kind.into()),
        ("name".to_owned(), name.into()),
    ])
}

fn alias(device: &Device<'_>) -> Option<Json> {
    let mut alias = document("LinkAliasConfig", device.alias.clone().known()?);
    let expression = device.selector.as_ref().known()?.expression();
    alias.insert("selector".to_owned(), json!({"match": expression}));
    Some(alias.into())
}

fn virtual_ip(placement: &Placement<'_>, devices: &[Device<'_>]) -> Option<Json> {
    let mut vip = document("Layer2VIPConfig", placement.vip.ip.clone().known()?.to_string());
    vip.insert("link".to_owned(), link_name(&placement.link, devices)?.into());
    Some(vip.into())
}

/// The documents about links, in the same way.
fn links(
    inputs: &Inputs,
    node: &Node,
    placements: &[Placement<'_>],
    devices: &[Device<'_>],
) -> Option<Vec<Option<Json>>> {
    let own = &placements.first()?.link;
    if !are_declared(inputs, node, own)? {
        return Some(Vec::new());
    }
    let links = distinct(placements)?;
    let dhcp = node.dhcp.clone().known()? == Some(true);
    let mut documents: Vec<Option<Json>> = Vec::new();
    let mut up: Vec<&Parent> = Vec::new();
    for Placement { link, .. } in links.iter().copied() {
        let (is_own, is_vlan) = (link == own, link.vlan.clone().known()?.is_some());
        // A VLAN can't be up while its parent isn't.
        if is_vlan && !up.contains(&&link.parent) && !carries_itself(&link.parent, &links) {
            up.push(&link.parent);
            if may_be_brought_up(&link.parent)? {
                documents.push(parent_name(&link.parent, devices).map(bare));
            }
        }
        let name = link_name(link, devices);
        // DHCP of another link ended as well; a VLAN has none to begin with.
        let with_dhcp = dhcp && (is_own || !is_vlan);
        if is_own {
            let addressing = || Addressing::read(inputs, node, Form::Document);
            documents.push(name.clone().and_then(|name| declared(link, name, addressing()?, devices)));
        } else if is_vlan {
            documents.push(name.clone().and_then(|name| declared(link, name, Addressing::default(), devices)));
        } else if !with_dhcp && may_be_brought_up(&link.parent)? {
            documents.push(name.clone().map(bare));
        }
        if with_dhcp {
            documents.push(name.map(|name| document("DHCPv4Config", name).into()));
        }
    }
    Some(documents)
}

/// A link that is to be up, whatever else the base configuration says of it.
fn bare(name: String) -> Json {
    document("LinkConfig", name).into()
}

fn declared(link: &Link, name: String, addressing: Addressing, devices: &[Device<'_>]) -> Option<Json> {
    let mut declared = match link.vlan.clone().known()? {
        None => document("LinkConfig", name),
        Some(id) => {
            let mut vlan = document("VLANConfig", name);
            vlan.insert("vlanID".to_owned(), id.into());
            vlan.insert("parent".to_owned(), parent_name(&link.parent, devices)?.into());
            vlan
        }
    };
    if !addressing.addresses.is_empty() {
        let addresses = addressing.addresses.iter().filter_map(with_prefix).map(|address| json!({"address": address}));
        declared.insert("addresses".to_owned(), addresses.collect());
    }
    let routes: Vec<Json> = addressing.gateways.iter().flat_map(|gateway| routes(&addressing, *gateway)).collect();
    if !routes.is_empty() {
        declared.insert("routes".to_owned(), routes.into());
    }
    Some(declared.into())
}

/// The default route by `gateway`, after the way to it where no subnet leads there. Without a destination it is the default route; a
/// written `0.0.0.0/0` is refused.
fn routes(addressing: &Addressing, gateway: IpAddr) -> Vec<Json> {
    let mut route = Map::from_iter([("gateway".to_owned(), gateway.to_string().into())]);
    if let Some(priority) = addressing.priority {
        route.insert("metric".to_owned(), priority.into());
    }
    let way = addressing.way_to(gateway).map(|host| json!({"destination": host}));
    way.into_iter().chain([route.into()]).collect()
}
