//! The computed attributes, from the same code at plan and at apply, so that the two cannot disagree.

use std::net::IpAddr;

use super::render;
use crate::endpoint::address::{self, Address, bare};
use crate::endpoint::contract::{
    API_SERVER_CERT_SANS, CONTROL_PLANE, CONTROL_PLANE_CONFIG_PATCHES, HOST, MACHINE_CERT_SANS, PATCHES, TALOS_VERSION,
};
use crate::endpoint::contract::{Contract, TalosVersion};
use crate::endpoint::haproxy::model::inputs::{is_on, uses_keepalived};
use crate::endpoint::haproxy::model::role::Role;
use crate::endpoint::haproxy::model::schema::names::{
    ADDITIONAL_VIPS, ADDRESS, HAPROXY_CFG, KEEPALIVED_CONF, LOAD_BALANCERS, PORT, VIP,
};
use crate::endpoint::haproxy::model::spec::{Haproxy, Keepalived};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Refinement, Value};

/// Sets every computed attribute of `object`, whose inputs have their defaults.
pub fn outputs(config: &Object, planned: &mut Object) {
    let config = Reader::new(config);
    let inputs = planned.clone();
    let inputs = Reader::new(&inputs);
    let (contract, counted) = contract(&config, &inputs);
    contract.write(planned);
    if !counted {
        uncounted(planned);
    }
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

/// The endpoint contract, and whether it is known how many names the endpoint has.
pub fn contract(config: &Reader<'_>, inputs: &Reader<'_>) -> (Contract, bool) {
    let (names, configured) = (own_names(config), config.text(HOST));
    let mut counted = names.is_some() && configured != Maybe::Unknown;
    let Names { main, mut others } = names.unwrap_or_default();
    let host = match configured {
        Maybe::Known(Some(host)) => {
            // Its own name counts as unset, in another spelling too.
            others.splice(0..0, main.filter(|main| !main.is_known_and(|main| is_same(host, main))));
            Maybe::Known(address::canonical(host))
        }
        Maybe::Known(None) => main.unwrap_or_else(|| {
            // Several load balancers and nothing in front: a rule refuses that.
            others.clear();
            Maybe::Unknown
        }),
        Maybe::Unknown => Maybe::Unknown,
    };
    // One that isn't known yet may turn out to be the host, where that is an address.
    if configured.is_known_and(|host| host.and_then(bare).is_some())
        && let Some(unknown) = others.iter().position(|name| *name == Maybe::Unknown)
    {
        others.remove(unknown);
        counted = false;
    }
    let contract = Contract {
        host,
        other_names: others,
        kubernetes_api_port: port(inputs, Role::KubernetesApi),
        talos_api_port: port(inputs, Role::TalosApi),
        talos_version: inputs.text(TALOS_VERSION).map(|text| text.and_then(TalosVersion::parse)),
        nodes: config
            .nested_map(CONTROL_PLANE)
            .map(|nodes| nodes.unwrap_or_default().into_keys().map(str::to_owned).collect()),
    };
    (contract, counted)
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
        let text = |address: Maybe<Option<&str>>| address.map(|text| canonical(text.and_then(bare)));
        return Some(Names {
            main: Some(text(config.text(VIP))),
            others: more.iter().map(|vip| text(vip.text(ADDRESS))).collect(),
        });
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

/// True if a host of the user's is the address `own`.
fn is_same(host: &str, own: &str) -> bool {
    bare(host).is_some_and(|ip| ip.to_string() == own)
}

/// The port of a listener; none where it is off.
fn port(inputs: &Reader<'_>, role: Role) -> Maybe<Option<i64>> {
    match (is_on(inputs, role), inputs.nested(role.name())) {
        (Maybe::Known(true), Maybe::Known(Some(listener))) => listener.number(PORT),
        (Maybe::Known(_), _) => Maybe::Known(None),
        (Maybe::Unknown, _) => Maybe::Unknown,
    }
}

/// Lists of names, while it is not known how many there are.
fn uncounted(object: &mut Object) {
    let some = Value::Unknown(Refinement { not_null: true, min_length: 1 });
    object.insert(MACHINE_CERT_SANS.to_owned(), some.clone());
    object.insert(API_SERVER_CERT_SANS.to_owned(), Value::UNKNOWN_NOT_NULL);
    object.insert(CONTROL_PLANE_CONFIG_PATCHES.to_owned(), some.clone());
    if let Some(Value::Map(patches)) = object.get_mut(PATCHES) {
        patches.values_mut().for_each(|patches| *patches = some.clone());
    }
}

#[cfg(test)]
mod tests;
