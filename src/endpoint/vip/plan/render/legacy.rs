//! The legacy form, `machine.network.interfaces`.

use std::net::IpAddr;

use serde_json::{Map, Value as Json, json};

use super::addressing::{Addressing, with_prefix};
use crate::endpoint::vip::model::inputs::{Form, Inputs, Node};
use crate::endpoint::vip::model::link::Parent;
use crate::endpoint::vip::model::placement::Placement;

/// One patch with one entry for each interface: Talos keeps two entries of one interface apart from the 1.13 contract on.
pub fn legacy(inputs: &Inputs, node: &Node, placements: &[Placement<'_>]) -> Option<Json> {
    let own = &placements.first()?.link;
    let addressing = Addressing::read(inputs, node, Form::Legacy)?;
    let mut entries: Vec<(&Parent, Map<String, Json>)> = Vec::new();
    for Placement { vip, link, .. } in placements {
        let vlan = link.is_known().then(|| link.vlan.clone().present())?;
        let place = match entries.iter().position(|(parent, _)| *parent == &link.parent) {
            Some(place) => place,
            None => {
                entries.push((&link.parent, interface(&link.parent)?));
                entries.len() - 1
            }
        };
        let mut carrier = match link == own {
            true => addressed(&addressing),
            // Naming another interface ends its DHCP too. A VLAN has none to begin with.
            false if addressing.dhcp && vlan.is_none() => Map::from_iter([("dhcp".to_owned(), true.into())]),
            false => Map::new(),
        };
        carrier.insert("vip".to_owned(), json!({"ip": vip.ip.clone().known()?.to_string()}));
        let entry = &mut entries[place].1;
        match vlan {
            None => entry.extend(carrier),
            Some(id) => {
                carrier.insert("vlanId".to_owned(), id.into());
                let vlans = entry.entry("vlans").or_insert_with(|| json!([]));
                vlans.as_array_mut()?.push(carrier.into());
            }
        }
    }
    let interfaces: Vec<Json> = entries.into_iter().map(|(_, entry)| entry.into()).collect();
    Some(json!({"machine": {"network": {"interfaces": interfaces}}}))
}

fn interface(parent: &Parent) -> Option<Map<String, Json>> {
    let (key, value) = match parent {
        Parent::Interface(name) => ("interface", name.clone().known()?.into()),
        Parent::Device(selector) => ("deviceSelector", selector.as_ref().known()?.legacy()),
    };
    Some(Map::from_iter([(key.to_owned(), value)]))
}

fn addressed(addressing: &Addressing) -> Map<String, Json> {
    let mut entry = Map::new();
    if addressing.dhcp {
        entry.insert("dhcp".to_owned(), true.into());
    }
    if !addressing.addresses.is_empty() {
        entry.insert("addresses".to_owned(), addressing.addresses.iter().filter_map(with_prefix).collect());
    }
    let routes: Vec<Json> = addressing.gateways.iter().flat_map(|gateway| routes(addressing, *gateway)).collect();
    if !routes.is_empty() {
        entry.insert("routes".to_owned(), routes.into());
    }
    entry
}

/// The default route by `gateway`, after the way to it where no subnet leads there.
fn routes(addressing: &Addressing, gateway: IpAddr) -> Vec<Json> {
    let network = if gateway.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
    let mut route =
        Map::from_iter([("network".to_owned(), network.into()), ("gateway".to_owned(), gateway.to_string().into())]);
    if let Some(priority) = addressing.priority {
        route.insert("metric".to_owned(), priority.into());
    }
    let way = addressing.way_to(gateway).map(|host| json!({"network": host}));
    way.into_iter().chain([route.into()]).collect()
}
