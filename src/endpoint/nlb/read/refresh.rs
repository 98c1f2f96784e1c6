//! From what AWS has to the state: only what the state manages, in the form in which the user wrote it.

use std::collections::BTreeMap;

use super::current::restricted;
use crate::endpoint::nlb::model::desired::GroupSettings;
use crate::endpoint::nlb::model::health_check;
use crate::endpoint::nlb::model::inventory::{Existing, Inventory};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::model::settings::{Part, Setting};
use crate::endpoint::nlb::plan::outputs::{Outside, outputs};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};
use crate::remote::elb::{Attributes, HealthCheck, SubnetMapping, Tags};

/// What is shown of a setting that the state has once and that several groups or listeners have differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mixed {
    /// A value that differs from the stored one, so that the plan repairs it: for reads.
    Differing,
    /// The stored value where any part has it: for the answer of a change that ended half-way.
    Stored,
}

/// The state with everything that AWS has differently.
pub fn refresh(state: &Object, inventory: &Inventory, region: &str, mixed: Mixed, settings: &[Setting]) -> Object {
    let mut object = state.clone();
    if let Some(balancer) = &inventory.balancer {
        let found = &balancer.settings;
        object.insert(names::INTERNAL.to_owned(), found.internal.into());
        refresh_subnets(&mut object, &found.subnets);
        refresh_security_groups(&mut object, &found.security_groups, found.private_link_rules.as_deref());
        if !found.ip_address_type.is_empty() {
            object.insert(names::IP_ADDRESS_TYPE.to_owned(), found.ip_address_type.clone().into());
        }
    }
    for setting in settings {
        refresh_setting(&mut object, setting, inventory, mixed);
    }
    refresh_groups(&mut object, inventory, mixed);
    refresh_listeners(&mut object, inventory);
    let tags = refresh_tags(&mut object, inventory, mixed);
    let outside = Outside {
        inventory,
        prior: Some(state),
        region: Maybe::Known(region.to_owned()),
        group_names: BTreeMap::new(),
        tags_all: Value::Map(tags.into_iter().map(|(key, tag)| (key, tag.into())).collect()),
    };
    outputs(state, &mut object, &outside);
    keep_only_existing(&mut object, inventory);
    object.into_iter().map(|(name, value)| (name, value.unknowns_as_null())).collect()
}

/// True if parts that the state describes as one are not set alike: a change in all of them that ended half-way, or somebody's change
/// of one of them.
pub fn is_mixed(state: &Object, inventory: &Inventory, settings: &[Setting]) -> bool {
    let managed = Reader::new(state).text_map(names::TAGS_ALL).present().unwrap_or_default();
    let differs = |setting: &Setting| {
        differ(carried(inventory, setting.part).into_iter().filter_map(|of_part| of_part.get(setting.key)))
    };
    settings.iter().any(differs) || managed.keys().any(|key| differ(inventory.tags().map(|(_, tags)| tags.get(key))))
}

/// The attributes of every part that carries such settings.
fn carried(inventory: &Inventory, part: Part) -> Vec<&Attributes> {
    match part {
        Part::LoadBalancer => inventory.balancer.iter().map(|balancer| &balancer.settings.attributes).collect(),
        Part::TargetGroup => inventory.groups.values().map(|group| &group.settings.attributes).collect(),
        Part::Listener => inventory.listeners.values().map(|listener| &listener.settings.attributes).collect(),
    }
}

/// A key that AWS doesn't report isn't offered there: the stored value stays.
fn refresh_setting(object: &mut Object, setting: &Setting, inventory: &Inventory, mixed: Mixed) {
    let stored = setting.get(object);
    if stored.is_null() && !setting.always {
        return;
    }
    let parts = carried(inventory, setting.part).into_iter();
    let values = parts.filter_map(|of_part| setting.value_of(of_part.get(setting.key)?));
    if let Some(value) = differing(Some(stored.clone()), values, mixed) {
        setting.set(object, value);
    }
}

fn differ<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    let first = values.next();
    values.any(|value| Some(value) != first)
}

/// Subnets in the attribute that the state uses. Pinned addresses that AWS doesn't report stay as they are.
fn refresh_subnets(object: &mut Object, found: &[SubnetMapping]) {
    if object.get(names::SUBNET_MAPPINGS).is_none_or(Value::is_null) {
        let ids = found.iter().map(|mapping| mapping.subnet_id.clone().into());
        object.insert(names::SUBNET_IDS.to_owned(), Value::set(ids));
        return;
    }
    let known: Vec<Value> = Reader::new(object).value(names::SUBNET_MAPPINGS).elements().unwrap_or_default().to_vec();
    let mappings = found.iter().map(|mapping| {
        let of_state = known
            .iter()
            .find(|known| known.attribute(names::SUBNET_ID).and_then(Value::as_str) == Some(&mapping.subnet_id));
        let field = |name: &str, found: &Option<String>| match found {
            Some(address) => address.clone().into(),
            None => of_state.and_then(|known| known.attribute(name)).cloned().unwrap_or(Value::Null),
        };
        Value::Object(Object::from([
            (names::SUBNET_ID.to_owned(), mapping.subnet_id.clone().into()),
            (names::ALLOCATION_ID.to_owned(), field(names::ALLOCATION_ID, &mapping.allocation_id)),
            (names::PRIVATE_IPV4_ADDRESS.to_owned(), field(names::PRIVATE_IPV4_ADDRESS, &mapping.private_ipv4_address)),
            (names::IPV6_ADDRESS.to_owned(), field(names::IPV6_ADDRESS, &mapping.ipv6_address)),
        ]))
    });
    object.insert(names::SUBNET_MAPPINGS.to_owned(), Value::set(mappings));
}

fn refresh_security_groups(object: &mut Object, groups: &[String], rules: Option<&str>) {
    let absent = object.get(names::SECURITY_GROUP_IDS).is_none_or(Value::is_null);
    if !(absent && groups.is_empty()) {
        object.insert(names::SECURITY_GROUP_IDS.to_owned(), Value::set(groups.iter().map(|id| id.as_str().into())));
    }
    if let Some(rules) = rules.filter(|_| !groups.is_empty()) {
        object.insert(names::PRIVATE_LINK_RULES.to_owned(), rules.into());
    }
}

fn refresh_groups(object: &mut Object, inventory: &Inventory, mixed: Mixed) {
    let settings = || inventory.groups.values().map(|group| &group.settings);
    let target_types: Vec<String> = settings().map(|settings| settings.target_type.clone()).collect();
    let families: Vec<String> = settings().map(|settings| settings.ip_address_type.clone()).collect();
    for (name, found) in [(names::TARGET_TYPE, target_types), (names::TARGET_IP_ADDRESS_TYPE, families)] {
        let stored = object.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(other) = differing(stored, found.into_iter(), mixed) {
            object.insert(name.to_owned(), other.into());
        }
    }
    for (role, Existing { settings, .. }) in &inventory.groups {
        refresh_group(object, *role, settings);
    }
}

fn refresh_group(object: &mut Object, role: Role, settings: &GroupSettings) {
    if let Some(Value::Object(listener)) = object.get_mut(role.name()) {
        listener.insert(names::TARGET_PORT.to_owned(), settings.port.into());
        let stored = listener.get(names::HEALTH_CHECK).cloned().unwrap_or(Value::Null);
        listener.insert(names::HEALTH_CHECK.to_owned(), refresh_health_check(&settings.health_check, &stored));
    }
}

fn refresh_listeners(object: &mut Object, inventory: &Inventory) {
    for (role, Existing { settings, .. }) in &inventory.listeners {
        if let Some(Value::Object(listener)) = object.get_mut(role.name()) {
            listener.insert(names::PORT.to_owned(), settings.port.into());
        }
    }
}

/// Path and matcher of an HTTP check that are not reported (emulators leave them out for TCP groups) stay as they are.
fn refresh_health_check(check: &HealthCheck, stored: &Value) -> Value {
    let mut object = health_check::object(check);
    if check.protocol != "TCP" {
        for (name, value) in object.iter_mut().filter(|(_, value)| value.is_null()) {
            *value = stored.attribute(name).cloned().unwrap_or(Value::Null);
        }
    }
    Value::Object(object)
}

/// What to show instead of the stored value, if anything.
fn differing<T: PartialEq>(stored: Option<T>, values: impl Iterator<Item = T>, mixed: Mixed) -> Option<T> {
    let (same, mut other): (Vec<T>, Vec<T>) = values.partition(|value| Some(value) == stored.as_ref());
    let keep = other.is_empty() || mixed == Mixed::Stored && !same.is_empty();
    if keep { None } else { Some(other.remove(0)) }
}

/// Managed keys with what AWS has for them; where one part lacks a tag or has another value, that is what is shown.
fn refresh_tags(object: &mut Object, inventory: &Inventory, mixed: Mixed) -> Tags {
    let managed = |name: &str| Reader::new(object).text_map(name).present();
    let (all, own) = (managed(names::TAGS_ALL).unwrap_or_default(), managed(names::TAGS));
    let found: Tags = all
        .iter()
        .filter_map(|(key, value)| {
            let shown = differing(Some(Some(value)), inventory.tags().map(|(_, tags)| tags.get(key)), mixed);
            shown.unwrap_or(Some(value)).map(|shown| (key.clone(), shown.clone()))
        })
        .collect();
    if let Some(own) = own {
        let shown = restricted(&found, &own).into_iter().map(|(key, value)| (key, value.into()));
        object.insert(names::TAGS.to_owned(), Value::Map(shown.collect::<BTreeMap<_, _>>()));
    }
    found
}

/// The outputs name only what exists: what is missing is planned anew.
fn keep_only_existing(object: &mut Object, inventory: &Inventory) {
    let missing = |role: &str, exists: &dyn Fn(Role) -> bool| Role::named(role).is_none_or(|role| !exists(role));
    for (name, exists) in [
        (names::TARGET_GROUPS, &(|role| inventory.groups.contains_key(&role)) as &dyn Fn(Role) -> bool),
        (names::LISTENER_ARNS, &|role| inventory.listeners.contains_key(&role)),
    ] {
        if let Some(Value::Map(entries)) = object.get_mut(name) {
            entries.retain(|role, _| !missing(role, exists));
        }
    }
    for name in [names::CONTROL_PLANE_TARGET_GROUP_ARNS, names::WORKER_TARGET_GROUP_ARNS] {
        if let Some(Value::Set(arns)) = object.get_mut(name) {
            arns.retain(|arn| !arn.is_unknown());
        }
    }
}

#[cfg(test)]
mod tests;
