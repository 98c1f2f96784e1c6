//! The computed attributes, from the same code at plan and at apply, so that the two cannot disagree.

use std::net::IpAddr;

use super::render;
use crate::endpoint::address::{self, Address, bare};
use crate::endpoint::contract::{self, CertificateNames, Contract};
use crate::endpoint::contract::{CONTROL_PLANE, HOST, HOST_ENTRY};
use crate::endpoint::haproxy::model::inputs::{is_on, service_vips, uses_keepalived};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{
    ADDITIONAL_VIPS, ADDRESS, HAPROXY_CFG, KEEPALIVED_CONF, LOAD_BALANCERS, PORT, VIP,
};
use crate::endpoint::haproxy::model::spec::{Haproxy, Keepalived};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Sets every computed attribute of `object`, whose inputs have their defaults.
pub fn outputs(config: &Object, planned: &mut Object) {
    let config = Reader::new(config);
    let inputs = planned.clone();
    let inputs = Reader::new(&inputs);
    contract(&config, &inputs).write(planned);
    if let Some(host) = config.value(HOST).as_str() {
        // In the spelling of the configuration, which Terraform holds the plan to.
        planned.insert(HOST.to_owned(), host.into());
    }
    let haproxy_cfg = Haproxy::read(&inputs).map(|spec| render::haproxy_cfg(&spec).into());
    planned.insert(HAPROXY_CFG.to_owned(), haproxy_cfg.unwrap_or(Value::UNKNOWN_NOT_NULL));
    planned.insert(KEEPALIVED_CONF.to_owned(), keepalived_conf(&config, &inputs));
}

/// One file for each load balancer; who they are is known before everything in the files is.
fn keepalived_conf(config: &Reader<'_>, inputs: &Reader<'_>) -> Value {
    let hosts = config.value(LOAD_BALANCERS).entries();
    match (uses_keepalived(config), hosts) {
        (Maybe::Known(false), _) => Value::Map(Default::default()),
        (Maybe::Known(true), Some(hosts)) => Value::Map(match Keepalived::read(inputs) {
            Some(spec) => {
                let files = spec.hosts.iter();
                files.map(|host| (host.name.to_string(), render::keepalived_conf(&spec, host).into())).collect()
            }
            None => hosts.keys().map(|name| (name.clone(), Value::UNKNOWN_NOT_NULL)).collect(),
        }),
        _ => Value::UNKNOWN_NOT_NULL,
    }
}

/// The endpoint contract.
pub fn contract(config: &Reader<'_>, inputs: &Reader<'_>) -> Contract {
    let own = own_names(config);
    let counted = own.is_some();
    let Names { main, others } = own.unwrap_or_default();
    let configured = config.text(HOST);
    let host = match &configured {
        Maybe::Known(Some(host)) => Maybe::Known(address::canonical(host)),
        // Several load balancers and nothing in front: a rule refuses that.
        Maybe::Known(None) => main.clone().unwrap_or(Maybe::Unknown),
        Maybe::Unknown => Maybe::Unknown,
    };
    let others: contract::Names = match &configured {
        Maybe::Known(None) if counted && main.is_none() => Maybe::Known(Vec::new()),
        Maybe::Known(None) if counted => Maybe::Known(others),
        Maybe::Known(Some(host)) if counted => beside(host, main.into_iter().chain(others).collect()),
        _ => Maybe::Unknown,
    };
    let talos_version = contract::talos_version_of(inputs);
    Contract {
        names: CertificateNames::of_host(host.clone(), others).with(&contract::additional_names(inputs)),
        host,
        kubernetes_api_port: port(inputs, Role::KubernetesApi),
        talos_api_port: port(inputs, Role::TalosApi),
        balances_talos_api: Maybe::Known(true),
        host_entry: host_entry(config, inputs),
        network_documents: talos_version
            .as_ref()
            .map(|version| version.as_ref().is_some_and(|version| version.has_network_documents())),
        talos_version,
        nodes: config
            .nested_map(CONTROL_PLANE)
            .map(|nodes| nodes.unwrap_or_default().into_iter().map(|(name, node)| in_contract(name, &node)).collect()),
    }
}

/// The endpoint's own names where the configuration sets `host`, which may be one of them.
fn beside(host: &str, own: Vec<Maybe<String>>) -> contract::Names {
    // One that isn't known yet may turn out to be the host, where that is an address.
    if bare(host).is_some() && own.contains(&Maybe::Unknown) {
        return Maybe::Unknown;
    }
    Maybe::Known(own)
}

/// A node by its address or by its DNS name.
fn in_contract(name: &str, node: &Reader<'_>) -> contract::Node {
    let address = node.text(ADDRESS).map(|text| {
        let text = text.unwrap_or_default();
        Address::parse(text).map_or_else(|| text.to_owned(), |address| address.ip.to_string())
    });
    contract::Node::at(name, address)
}

/// The virtual IPs, one of each family, or the address of the only load balancer.
fn host_entry(config: &Reader<'_>, inputs: &Reader<'_>) -> contract::Names {
    match inputs.bool(HOST_ENTRY) {
        Maybe::Known(Some(true)) => {}
        Maybe::Known(_) => return Maybe::Known(Vec::new()),
        Maybe::Unknown => return Maybe::Unknown,
    }
    let Some(Names { main: Some(main), others }) = own_names(config) else { return Maybe::Unknown };
    let ip =
        |name: &Maybe<String>| name.as_ref().known().and_then(|name| bare(name)).map_or(Maybe::Unknown, Maybe::Known);
    address::one_of_each_family(&ip(&main), &Maybe::Known(others.iter().map(ip).collect()))
}

/// The endpoint's own names and addresses.
#[derive(Debug, Default)]
struct Names {
    /// What clients dial where the user says nothing else.
    main: Option<Maybe<String>>,
    /// What the endpoint answers to as well.
    others: Vec<Maybe<String>>,
}

/// The virtual IPs; without any the load balancers' addresses, of which a single one is what clients dial. `None` while it is not known
/// how many there are.
fn own_names(config: &Reader<'_>) -> Option<Names> {
    if uses_keepalived(config).known()? {
        let more = config.nested_items(ADDITIONAL_VIPS).known()?.unwrap_or_default();
        let of_services = service_vips(config).known()?;
        let text = |address: Maybe<Option<&str>>| address.map(|text| canonical(text.and_then(bare)));
        let mut others = Vec::new();
        for vip in more.iter().map(|vip| vip.text(ADDRESS).map(|text| text.and_then(bare))) {
            match vip {
                // It may turn out to be a service's.
                Maybe::Unknown if !of_services.is_empty() => return None,
                Maybe::Known(Some(ip)) if of_services.contains(&ip) => {}
                vip => others.push(vip.map(canonical)),
            }
        }
        return Some(Names { main: Some(text(config.text(VIP))), others });
    }
    let hosts = config.nested_map(LOAD_BALANCERS).present()?;
    let address = |host: &Reader<'_>| {
        host.text(ADDRESS).map(|text| canonical(text.and_then(Address::parse).map(|address| address.ip)))
    };
    let mut addresses: Vec<Maybe<String>> = hosts.values().map(address).collect();
    let main = if addresses.len() == 1 { addresses.pop() } else { None };
    Some(Names { main, others: addresses })
}

/// One spelling for each address. Text that is no address never gets here: a check refuses it.
fn canonical(ip: Option<IpAddr>) -> String {
    ip.map(|ip| ip.to_string()).unwrap_or_default()
}

/// The port of a listener; none where it is off.
fn port(inputs: &Reader<'_>, role: Role) -> Maybe<Option<i64>> {
    match (is_on(inputs, role), inputs.nested(role.name())) {
        (Maybe::Known(true), Maybe::Known(Some(listener))) => listener.number(PORT),
        (Maybe::Known(_), _) => Maybe::Known(None),
        (Maybe::Unknown, _) => Maybe::Unknown,
    }
}

#[cfg(test)]
mod tests;
