//! The patches that give a node its virtual IPs.
//!
//! Each patch is one JSON object as text: that is valid YAML, has no trap of quoting, and Terraform shows a change of it as a structured
//! `jsonencode({…})`. One document a patch, never a `$patch: delete`: up to Talos 1.13 a delete of what isn't there ends in a panic.

use std::net::IpAddr;

use serde_json::{Map, Value as Json, json};

use crate::endpoint::address::Address;
use crate::endpoint::vip::model::inputs::{Form, Inputs, Node, Placement};
use crate::endpoint::vip::model::link::{Link, Parent, vlan_name};
use crate::endpoint::vip::model::selector::Selector;
use crate::framework::reader::Maybe;

/// Patches, some of which may not be known yet; unknown where not even their number is.
pub type Patches = Maybe<Vec<Maybe<String>>>;

/// How a node is addressed, as far as the patch says so.
#[derive(Clone, Debug, Default)]
struct Addressing {
    dhcp: bool,
    addresses: Vec<Address>,
    gateway: Option<IpAddr>,
}

/// The patches of `node` alone.
pub fn render(inputs: &Inputs, node: &Node) -> Patches {
    let (Maybe::Known(form), Some(placements)) = (&inputs.form, inputs.placements(node)) else { return Maybe::Unknown };
    let Some(Placement { link: own, .. }) = placements.first() else { return Maybe::Unknown };
    match form {
        Form::Legacy => Maybe::Known(vec![legacy(inputs, node, own, &placements).map_or(Maybe::Unknown, text)]),
        Form::Document => documents(inputs, node, own, &placements),
    }
}

fn text(document: Json) -> Maybe<String> {
    Maybe::Known(document.to_string())
}

/// What is known of how the node is addressed. In the legacy form an interface that is named has no DHCP unless it says so.
fn addressing(inputs: &Inputs, node: &Node, form: Form) -> Option<Addressing> {
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
    Some(Addressing { dhcp, addresses, gateway: node.gateway.clone().known()? })
}

/// One patch with one entry for each interface: Talos keeps two entries of one interface apart from the 1.13 contract on.
fn legacy(inputs: &Inputs, node: &Node, own: &Link, placements: &[Placement<'_>]) -> Option<Json> {
    let addressing = addressing(inputs, node, Form::Legacy)?;
    let mut entries: Vec<(&Parent, Map<String, Json>)> = Vec::new();
    for Placement { vip, link } in placements {
        let vlan = link.is_known().then(|| link.vlan.clone().present())?;
        let place = match entries.iter().position(|(parent, _)| *parent == &link.parent) {
            Some(place) => place,
            None => {
                entries.push((&link.parent, interface(&link.parent)?));
                entries.len() - 1
            }
        };
        let mut carrier = match link == own {
            true => legacy_addressing(&addressing),
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

fn legacy_addressing(addressing: &Addressing) -> Map<String, Json> {
    let mut entry = Map::new();
    if addressing.dhcp {
        entry.insert("dhcp".to_owned(), true.into());
    }
    if !addressing.addresses.is_empty() {
        entry.insert("addresses".to_owned(), addressing.addresses.iter().filter_map(with_prefix).collect());
    }
    if let Some(gateway) = addressing.gateway {
        let network = if gateway.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
        entry.insert("routes".to_owned(), json!([{"network": network, "gateway": gateway.to_string()}]));
    }
    entry
}

fn with_prefix(address: &Address) -> Option<String> {
    Some(format!("{}/{}", address.ip, address.prefix?))
}

/// Aliases for what is selected, the links that carry addresses, then one document for each virtual IP.
fn documents(inputs: &Inputs, node: &Node, own: &Link, placements: &[Placement<'_>]) -> Patches {
    let Some(devices) = devices(placements) else { return Maybe::Unknown };
    let Some(links) = links(inputs, node, own, &devices) else { return Maybe::Unknown };
    let mut documents: Vec<Maybe<String>> = Vec::new();
    for (i, device) in devices.iter().enumerate() {
        documents.push(match device {
            Maybe::Known(selector) => text(alias(i, selector)),
            Maybe::Unknown => Maybe::Unknown,
        });
    }
    documents.extend(links);
    for Placement { vip, link } in placements {
        documents.push(match (&vip.ip, link_name(link, &devices)) {
            (Maybe::Known(ip), Some(link)) => text(json!({
                "apiVersion": "v1alpha1",
                "kind": "Layer2VIPConfig",
                "name": ip.to_string(),
                "link": link,
            })),
            _ => Maybe::Unknown,
        });
    }
    Maybe::Known(documents)
}

/// The devices that are selected, without repetition; none where it is not known yet whether two are the same.
fn devices<'a>(placements: &'a [Placement<'_>]) -> Option<Vec<&'a Maybe<Selector>>> {
    let mut devices: Vec<&Maybe<Selector>> = Vec::new();
    for Placement { link, .. } in placements {
        match &link.parent {
            Parent::Device(Maybe::Unknown) if placements.len() > 1 => return None,
            Parent::Device(device) if !devices.contains(&device) => devices.push(device),
            Parent::Device(_) | Parent::Interface(_) => {}
        }
    }
    Some(devices)
}

/// An alias that can't be taken for a name of the system.
fn alias_name(place: usize) -> String {
    format!("vip{place}")
}

fn alias(place: usize, selector: &Selector) -> Json {
    json!({
        "apiVersion": "v1alpha1",
        "kind": "LinkAliasConfig",
        "name": alias_name(place),
        "selector": {"match": selector.expression()},
    })
}

/// The name under which documents know the link.
fn link_name(link: &Link, devices: &[&Maybe<Selector>]) -> Option<String> {
    match (&link.parent, link.vlan.clone().known()?) {
        (Parent::Interface(name), None) => name.clone().known(),
        (Parent::Interface(name), Some(id)) => Some(vlan_name(&name.clone().known()?, id)),
        (Parent::Device(device), None) => devices.iter().position(|other| *other == device).map(alias_name),
        (Parent::Device(_), Some(_)) => None, // the rules refuse it: an alias is no parent
    }
}

/// The documents that address the node's own link; none where their number is not known. A patch that addresses nothing has none of
/// them: any such document ends the default DHCP of every link.
fn links(inputs: &Inputs, node: &Node, own: &Link, devices: &[&Maybe<Selector>]) -> Option<Vec<Maybe<String>>> {
    let with_addresses = inputs.static_addressing.clone().known()?;
    let dhcp = node.dhcp.clone().known()? == Some(true);
    // Default DHCP serves a link without these documents, but never a VLAN.
    let dhcp_on_a_vlan = dhcp && own.vlan.clone().known()?.is_some();
    if !with_addresses && !dhcp_on_a_vlan {
        return Some(Vec::new());
    }
    let name = link_name(own, devices);
    let link = name.clone().and_then(|name| link_document(inputs, node, own, name));
    let mut documents = vec![link.map_or(Maybe::Unknown, text)];
    if dhcp {
        let document = |name| json!({"apiVersion": "v1alpha1", "kind": "DHCPv4Config", "name": name});
        documents.push(name.map(document).map_or(Maybe::Unknown, text));
    }
    Some(documents)
}

fn link_document(inputs: &Inputs, node: &Node, own: &Link, name: String) -> Option<Json> {
    let addressing = addressing(inputs, node, Form::Document)?;
    let mut link = Map::from_iter([
        ("apiVersion".to_owned(), "v1alpha1".into()),
        ("kind".to_owned(), "LinkConfig".into()),
        ("name".to_owned(), name.into()),
    ]);
    if let (Some(id), Parent::Interface(parent)) = (own.vlan.clone().known()?, &own.parent) {
        link.insert("kind".to_owned(), "VLANConfig".into());
        link.insert("vlanID".to_owned(), id.into());
        link.insert("parent".to_owned(), parent.clone().known()?.into());
    }
    if !addressing.addresses.is_empty() {
        let addresses = addressing.addresses.iter().filter_map(with_prefix).map(|address| json!({"address": address}));
        link.insert("addresses".to_owned(), addresses.collect());
    }
    if let Some(gateway) = addressing.gateway {
        // Without a destination it is the default route; a written `0.0.0.0/0` is refused.
        link.insert("routes".to_owned(), json!([{"gateway": gateway.to_string()}]));
    }
    Some(link.into())
}
