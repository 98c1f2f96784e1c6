//! The computed attributes, from the same code at plan (where parts may not exist yet) and at apply (where they do), so that the two
//! cannot disagree.

use std::collections::BTreeMap;

use crate::endpoint::contract::{Contract, TalosVersion};
use crate::endpoint::nlb::model::inventory::{GroupFacts, Parts};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::spec::is_on;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Refinement, Value};

/// Everything that the outputs are made of beside the inputs in the object.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// What exists. What doesn't yet gives unknown outputs.
    pub parts: &'a Parts,
    /// The host that the configuration sets.
    pub configured_host: Maybe<Option<String>>,
    /// The region.
    pub region: Maybe<String>,
    /// The names of groups that don't exist yet, where they are not `target_group_name`.
    pub group_names: BTreeMap<Role, Maybe<String>>,
    /// The managed tags: `default_tags` and `tags`.
    pub tags_all: Value,
}

/// The host that the configuration sets. The endpoint's own name counts as none.
pub fn configured_host(config: &Object, prior: Option<&Object>) -> Maybe<Option<String>> {
    let own = prior.and_then(|prior| prior.get("dns_name")).and_then(Value::as_str);
    let host = Reader::new(config).text("host");
    host.map(|host| host.filter(|host| Some(*host) != own).map(str::to_owned))
}

/// The managed tags: a resource's own win over the defaults. Where only the values of some are unknown, the others are kept.
pub fn tags_all(object: &Object, default_tags: Maybe<BTreeMap<String, String>>) -> Value {
    let Maybe::Known(defaults) = default_tags else { return Value::UNKNOWN_NOT_NULL };
    let mut all: BTreeMap<String, Value> = defaults.into_iter().map(|(key, value)| (key, value.into())).collect();
    match object.get("tags") {
        Some(Value::Unknown(_)) => return Value::UNKNOWN_NOT_NULL,
        Some(Value::Map(own)) => all.extend(own.clone()),
        _ => {}
    }
    Value::Map(all)
}

/// Sets every computed attribute of `object`.
pub fn write(object: &mut Object, facts: &Facts<'_>) {
    let contract = contract(&Reader::new(object), facts);
    contract.write(object);
    write_load_balancer(object, facts);
    write_groups(object, facts);
    object.insert("tags_all".to_owned(), facts.tags_all.clone());
}

/// The managed tags that an object holds already.
pub fn tags_of(object: &Object) -> Value {
    match object.get("tags_all") {
        None | Some(Value::Null) => Value::Map(BTreeMap::new()),
        Some(tags) => tags.clone(),
    }
}

/// The endpoint contract of a planned or existing object.
pub fn contract(object: &Reader<'_>, facts: &Facts<'_>) -> Contract {
    let own_name = match &facts.parts.load_balancer {
        Some(balancer) => Maybe::Known(balancer.dns_name.clone()),
        None => Maybe::Unknown,
    };
    let host = match &facts.configured_host {
        Maybe::Known(Some(host)) => Maybe::Known(host.clone()),
        Maybe::Known(None) => own_name.clone(),
        Maybe::Unknown => Maybe::Unknown,
    };
    let mut other_names = Vec::new();
    if !facts.configured_host.is_absent() {
        other_names.push(own_name);
    }
    other_names.extend(pinned_addresses(object));
    Contract {
        host,
        other_names,
        kubernetes_api_port: port(object, Role::KubernetesApi),
        talos_api_port: port(object, Role::TalosApi),
        talos_version: object.text("talos_version").map(|text| text.and_then(TalosVersion::parse)),
        nodes: Maybe::Known(Vec::new()),
    }
}

/// Addresses that the user pinned are names of the endpoint too.
fn pinned_addresses(object: &Reader<'_>) -> Vec<Maybe<String>> {
    let mappings = object.nested_items("subnet_mappings").present().unwrap_or_default();
    let mut addresses = Vec::new();
    for mapping in mappings {
        for name in ["private_ipv4_address", "ipv6_address"] {
            match mapping.text(name) {
                Maybe::Known(Some(address)) => addresses.push(Maybe::Known(address.to_owned())),
                Maybe::Known(None) => {}
                Maybe::Unknown => addresses.push(Maybe::Unknown),
            }
        }
    }
    addresses
}

/// The port of a listener; none where it is off.
fn port(object: &Reader<'_>, role: Role) -> Maybe<Option<i64>> {
    match is_on(object, role) {
        Maybe::Known(true) => match object.nested(role.name()) {
            Maybe::Known(Some(listener)) => listener.number("port"),
            Maybe::Known(None) => Maybe::Known(None),
            Maybe::Unknown => Maybe::Unknown,
        },
        Maybe::Known(false) => Maybe::Known(None),
        Maybe::Unknown => Maybe::Unknown,
    }
}

fn write_load_balancer(object: &mut Object, facts: &Facts<'_>) {
    let balancer = facts.parts.load_balancer.as_ref();
    let fact = |value: Option<String>| value.map_or(Value::UNKNOWN_NOT_NULL, Value::String);
    let arn = balancer.map(|balancer| balancer.arn.clone());
    let suffix = arn.as_deref().and_then(|arn| Some(arn.split_once("loadbalancer/")?.1.to_owned()));
    object.insert("id".to_owned(), fact(arn.clone()));
    object.insert("arn".to_owned(), fact(arn));
    object.insert("arn_suffix".to_owned(), fact(suffix));
    object.insert("dns_name".to_owned(), fact(balancer.map(|balancer| balancer.dns_name.clone())));
    object.insert("zone_id".to_owned(), fact(balancer.map(|balancer| balancer.zone_id.clone())));
    object.insert("region".to_owned(), fact(facts.region.clone().known()));
    if object.get("vpc_id").is_none_or(|id| id.as_str().is_none()) {
        object.insert("vpc_id".to_owned(), fact(balancer.map(|balancer| balancer.vpc_id.clone())));
    }
}

fn write_groups(object: &mut Object, facts: &Facts<'_>) {
    let parts = facts.parts;
    let reader = Reader::new(object);
    let on: Option<Vec<Role>> = Role::ALL
        .into_iter()
        .filter_map(|role| match is_on(&reader, role) {
            Maybe::Known(true) => Some(Some(role)),
            Maybe::Known(false) => None,
            Maybe::Unknown => Some(None),
        })
        .collect();
    let mut values: BTreeMap<&str, Value> = BTreeMap::new();
    for role in [Role::KubernetesApi, Role::TalosApi, Role::WorkerTalosApi] {
        let value = match is_on(&reader, role) {
            Maybe::Known(true) => group_arn(parts, role),
            Maybe::Known(false) => Value::Null,
            Maybe::Unknown => Value::UNKNOWN,
        };
        values.insert(arn_output(role), value);
    }
    match on {
        Some(roles) => {
            let arns = |of_control_plane: bool| {
                let wanted = roles.iter().filter(move |role| role.is_control_plane() == of_control_plane);
                Value::set(wanted.map(|role| group_arn(parts, *role)))
            };
            values.insert("control_plane_target_group_arns", arns(true));
            values.insert("worker_target_group_arns", arns(false));
            let groups = roles.iter().map(|role| (role.name().to_owned(), group_entry(&reader, facts, *role)));
            values.insert("target_groups", Value::Map(groups.collect()));
            let listeners = roles.iter().map(|role| {
                let arn = parts.listeners.get(role).map_or(Value::UNKNOWN_NOT_NULL, |arn| arn.clone().into());
                (role.name().to_owned(), arn)
            });
            values.insert("listener_arns", Value::Map(listeners.collect()));
        }
        None => {
            let unknown = Value::Unknown(Refinement { not_null: true, min_length: 0 });
            let names =
                ["control_plane_target_group_arns", "worker_target_group_arns", "target_groups", "listener_arns"];
            values.extend(names.map(|name| (name, unknown.clone())));
        }
    }
    object.extend(values.into_iter().map(|(name, value)| (name.to_owned(), value)));
}

fn arn_output(role: Role) -> &'static str {
    match role {
        Role::KubernetesApi => "kubernetes_api_target_group_arn",
        Role::TalosApi => "talos_api_target_group_arn",
        _ => "worker_talos_api_target_group_arn",
    }
}

fn group_arn(parts: &Parts, role: Role) -> Value {
    parts.groups.get(&role).map_or(Value::UNKNOWN_NOT_NULL, |group| group.arn.clone().into())
}

fn group_entry(object: &Reader<'_>, facts: &Facts<'_>, role: Role) -> Value {
    let entry = |arn: Value, name: Value, port: Value| {
        Value::Object(Object::from([("arn".to_owned(), arn), ("name".to_owned(), name), ("port".to_owned(), port)]))
    };
    match facts.parts.groups.get(&role) {
        Some(GroupFacts { arn, name, port }) => entry(arn.clone().into(), name.clone().into(), (*port).into()),
        None => {
            let listener = object.nested(role.name()).present();
            let read = |name: &str| listener.map_or(Value::UNKNOWN, |listener| listener.value(name).clone());
            let name = facts.group_names.get(&role).cloned().map_or_else(|| read("target_group_name"), Value::from);
            entry(Value::UNKNOWN_NOT_NULL, name, read("target_port"))
        }
    }
}

#[cfg(test)]
mod tests;
