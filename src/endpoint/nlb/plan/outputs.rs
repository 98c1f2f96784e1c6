//! The computed attributes, from the same code at plan (where parts may not exist yet) and at apply (where they do), so that the two
//! cannot disagree.

use crate::endpoint::nlb::model::schema::names;
use std::collections::BTreeMap;

use crate::endpoint::contract::{self, CertificateNames, Contract};
use crate::endpoint::nlb::model::desired::GroupSettings;
use crate::endpoint::nlb::model::inputs::is_on;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::plan::replacement::is_own_name;
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Refinement, Value};

/// What the outputs are made of beside the inputs: what exists outside of Terraform.
#[derive(Clone, Debug)]
pub struct Outside<'a> {
    /// What exists. What doesn't yet gives unknown outputs.
    pub inventory: &'a Inventory,
    /// The stored object; none for a create.
    pub prior: Option<&'a Object>,
    /// The region of the load balancer; unknown where neither configuration nor state says it.
    pub region: Maybe<String>,
    /// The names of groups that don't exist yet, where they are not `target_group_name`.
    pub group_names: BTreeMap<Role, Maybe<String>>,
    /// The managed tags: `default_tags` and `tags`.
    pub tags_all: Value,
}

/// The host that the configuration sets. The endpoint's own name counts as none.
pub fn configured_host(config: &Object, prior: Option<&Object>) -> Maybe<Option<String>> {
    let own = prior.and_then(|prior| prior.get(names::DNS_NAME)).and_then(Value::as_str);
    let host = Reader::new(config).text(contract::HOST);
    host.map(|host| host.filter(|host| !is_own_name(host, own)).map(str::to_owned))
}

/// Where the load balancer is: where the configuration says, else where it was.
pub fn region(config: &Object, prior: Option<&Object>) -> Maybe<String> {
    let stored = prior.and_then(|prior| prior.get(names::REGION)).and_then(Value::as_str);
    match (Reader::new(config).text(names::REGION), stored) {
        (Maybe::Known(Some(region)), _) => Maybe::Known(region.to_owned()),
        (Maybe::Known(None), Some(region)) => Maybe::Known(region.to_owned()),
        _ => Maybe::Unknown,
    }
}

/// The managed tags: a resource's own win over the defaults. Where only the values of some are unknown, the others are kept.
pub fn tags_all(object: &Object, default_tags: Maybe<BTreeMap<String, String>>) -> Value {
    let Maybe::Known(defaults) = default_tags else { return Value::UNKNOWN_NOT_NULL };
    let mut all: BTreeMap<String, Value> = defaults.into_iter().map(|(key, value)| (key, value.into())).collect();
    match object.get(names::TAGS) {
        Some(Value::Unknown(_)) => return Value::UNKNOWN_NOT_NULL,
        Some(Value::Map(own)) => all.extend(own.clone()),
        _ => {}
    }
    Value::Map(all)
}

/// Sets every computed attribute of `planned`, an object with all its inputs.
pub fn outputs(config: &Object, planned: &mut Object, outside: &Outside<'_>) {
    let host = configured_host(config, outside.prior);
    contract(&Reader::new(planned), host, outside.inventory).write(planned);
    write_load_balancer(planned, outside);
    write_groups(planned, outside);
    planned.insert(names::TAGS_ALL.to_owned(), outside.tags_all.clone());
}

/// The managed tags that an object holds already.
pub fn tags_of(object: &Object) -> Value {
    match object.get(names::TAGS_ALL) {
        None | Some(Value::Null) => Value::Map(BTreeMap::new()),
        Some(tags) => tags.clone(),
    }
}

/// The endpoint contract of a planned or existing object.
pub fn contract(object: &Reader<'_>, configured_host: Maybe<Option<String>>, inventory: &Inventory) -> Contract {
    contract_with(object, configured_host, inventory, true)
}

/// The same, with or without the pinned addresses.
pub fn contract_with(
    object: &Reader<'_>,
    configured_host: Maybe<Option<String>>,
    inventory: &Inventory,
    pinned: bool,
) -> Contract {
    let own_name = match &inventory.balancer {
        Some(balancer) => Maybe::Known(balancer.dns_name.clone()),
        None => Maybe::Unknown,
    };
    let has_own_host = !configured_host.is_absent();
    let host = match configured_host {
        Maybe::Known(Some(host)) => Maybe::Known(host),
        Maybe::Known(None) => own_name.clone(),
        Maybe::Unknown => Maybe::Unknown,
    };
    let mut others = Vec::new();
    if has_own_host {
        others.push(own_name);
    }
    if pinned {
        others.extend(pinned_addresses(object).into_iter().map(|(_, address)| address));
    }
    let names = CertificateNames::of_host(host.clone(), Maybe::Known(others));
    Contract {
        host,
        names: names.with(&contract::additional_names(object)),
        balances_talos_api: Maybe::Known(true),
        host_entry: Maybe::Known(Vec::new()),
        network_documents: Maybe::Known(false),
        kubernetes_api_port: port(object, Role::KubernetesApi),
        talos_api_port: port(object, Role::TalosApi),
        talos_version: contract::talos_version_of(object),
        nodes: Maybe::Known(Vec::new()),
    }
}

/// Addresses that the user pinned are names of the endpoint too. Each with its place, as far as Terraform can name one inside a set.
pub fn pinned_addresses(object: &Reader<'_>) -> Vec<(Path, Maybe<String>)> {
    let mappings = object.nested_items(names::SUBNET_MAPPINGS).present().unwrap_or_default();
    let mut addresses = Vec::new();
    for mapping in mappings {
        for name in [names::PRIVATE_IPV4_ADDRESS, names::IPV6_ADDRESS] {
            let place = Path::of(names::SUBNET_MAPPINGS).attribute(name);
            match mapping.text(name) {
                Maybe::Known(Some(address)) => addresses.push((place, Maybe::Known(address.to_owned()))),
                Maybe::Known(None) => {}
                Maybe::Unknown => addresses.push((place, Maybe::Unknown)),
            }
        }
    }
    addresses
}

/// The port of a listener; none where it is off.
fn port(object: &Reader<'_>, role: Role) -> Maybe<Option<i64>> {
    match is_on(object, role) {
        Maybe::Known(true) => match object.nested(role.name()) {
            Maybe::Known(Some(listener)) => listener.number(names::PORT),
            Maybe::Known(None) => Maybe::Known(None),
            Maybe::Unknown => Maybe::Unknown,
        },
        Maybe::Known(false) => Maybe::Known(None),
        Maybe::Unknown => Maybe::Unknown,
    }
}

fn write_load_balancer(object: &mut Object, outside: &Outside<'_>) {
    let balancer = outside.inventory.balancer.as_ref();
    let known = |value: Option<String>| value.map_or(Value::UNKNOWN_NOT_NULL, Value::String);
    let arn = balancer.map(|balancer| balancer.arn.clone());
    let suffix = arn.as_deref().and_then(|arn| Some(arn.split_once("loadbalancer/")?.1.to_owned()));
    object.insert(names::ID.to_owned(), known(arn.clone()));
    object.insert(names::ARN.to_owned(), known(arn));
    object.insert(names::ARN_SUFFIX.to_owned(), known(suffix));
    object.insert(names::DNS_NAME.to_owned(), known(balancer.map(|balancer| balancer.dns_name.clone())));
    object.insert(names::ZONE_ID.to_owned(), known(balancer.map(|balancer| balancer.zone_id.clone())));
    object.insert(names::REGION.to_owned(), known(outside.region.clone().known()));
    if object.get(names::VPC_ID).is_none_or(|id| id.as_str().is_none()) {
        object.insert(names::VPC_ID.to_owned(), known(balancer.map(|balancer| balancer.vpc_id.clone())));
    }
}

fn write_groups(object: &mut Object, outside: &Outside<'_>) {
    let inventory = outside.inventory;
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
            Maybe::Known(true) => group_arn(inventory, role),
            Maybe::Known(false) => Value::Null,
            Maybe::Unknown => Value::UNKNOWN,
        };
        values.insert(arn_output(role), value);
    }
    match on {
        Some(roles) => {
            let arns = |of_control_plane: bool| {
                let desired = roles.iter().filter(move |role| role.is_control_plane() == of_control_plane);
                Value::set(desired.map(|role| group_arn(inventory, *role)))
            };
            values.insert(names::CONTROL_PLANE_TARGET_GROUP_ARNS, arns(true));
            values.insert(names::WORKER_TARGET_GROUP_ARNS, arns(false));
            let groups = roles.iter().map(|role| (role.name().to_owned(), group_entry(&reader, outside, *role)));
            values.insert(names::TARGET_GROUPS, Value::Map(groups.collect()));
            let listeners = roles.iter().map(|role| {
                let arn = inventory
                    .listeners
                    .get(role)
                    .map_or(Value::UNKNOWN_NOT_NULL, |listener| listener.arn.clone().into());
                (role.name().to_owned(), arn)
            });
            values.insert(names::LISTENER_ARNS, Value::Map(listeners.collect()));
        }
        None => {
            let unknown = Value::Unknown(Refinement { not_null: true, min_length: 0 });
            let names = [
                names::CONTROL_PLANE_TARGET_GROUP_ARNS,
                names::WORKER_TARGET_GROUP_ARNS,
                names::TARGET_GROUPS,
                names::LISTENER_ARNS,
            ];
            values.extend(names.map(|name| (name, unknown.clone())));
        }
    }
    object.extend(values.into_iter().map(|(name, value)| (name.to_owned(), value)));
}

fn arn_output(role: Role) -> &'static str {
    match role {
        Role::KubernetesApi => names::KUBERNETES_API_TARGET_GROUP_ARN,
        Role::TalosApi => names::TALOS_API_TARGET_GROUP_ARN,
        _ => names::WORKER_TALOS_API_TARGET_GROUP_ARN,
    }
}

fn group_arn(inventory: &Inventory, role: Role) -> Value {
    inventory.groups.get(&role).map_or(Value::UNKNOWN_NOT_NULL, |group| group.arn.clone().into())
}

fn group_entry(object: &Reader<'_>, outside: &Outside<'_>, role: Role) -> Value {
    let entry = |arn: Value, name: Value, port: Value| {
        Value::Object(Object::from([
            (names::ARN.to_owned(), arn),
            (names::NAME.to_owned(), name),
            (names::PORT.to_owned(), port),
        ]))
    };
    match outside.inventory.groups.get(&role) {
        Some(group) => {
            let GroupSettings { name, port, .. } = &group.settings;
            entry(group.arn.clone().into(), name.clone().into(), (*port).into())
        }
        None => {
            let listener = object.nested(role.name()).present();
            let read = |name: &str| listener.map_or(Value::UNKNOWN, |listener| listener.value(name).clone());
            let name =
                outside.group_names.get(&role).cloned().map_or_else(|| read(names::TARGET_GROUP_NAME), Value::from);
            entry(Value::UNKNOWN_NOT_NULL, name, read(names::TARGET_PORT))
        }
    }
}

#[cfg(test)]
mod tests;
