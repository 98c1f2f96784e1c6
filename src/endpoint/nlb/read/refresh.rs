//! From what AWS says to the state: only what the state manages, in the form in which the user wrote it.

use std::collections::BTreeMap;

use super::current::{Look, restricted};
use crate::endpoint::nlb::model::desired::{
    CONNECTION_TERMINATION, CROSS_ZONE, DELETION_PROTECTION, DEREGISTRATION_DELAY, GroupSettings, IDLE_TIMEOUT,
    PRESERVE_CLIENT_IP,
};
use crate::endpoint::nlb::model::observed::{Existing, Observed};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::plan::outputs::{self, Facts};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};
use crate::remote::elb::{Attributes, HealthCheck, SubnetMapping, Tags};

/// What is shown of a setting that the state has once and that several groups or listeners have differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uneven {
    /// A value that differs from the stored one, so that the plan repairs it: for reads.
    Differing,
    /// The stored value where any part has it: for the answer of a change that ended half-way.
    Stored,
}

/// The state with everything that AWS says differently.
pub fn refresh(state: &Object, look: &Look, region: &str, uneven: Uneven) -> Object {
    let mut object = state.clone();
    let observed = &look.observed;
    if let Some(balancer) = &observed.balancer {
        let settings = &balancer.settings;
        object.insert("internal".to_owned(), settings.internal.into());
        refresh_subnets(&mut object, &settings.subnets);
        refresh_security_groups(&mut object, &settings.security_groups, settings.private_link_rules.as_deref());
        if !settings.ip_address_type.is_empty() {
            object.insert("ip_address_type".to_owned(), settings.ip_address_type.clone().into());
        }
        for (name, key) in
            [("enable_deletion_protection", DELETION_PROTECTION), ("enable_cross_zone_load_balancing", CROSS_ZONE)]
        {
            refresh_flag(&mut object, name, [&settings.attributes].into_iter(), key, uneven);
        }
    }
    refresh_groups(&mut object, observed, uneven);
    refresh_listeners(&mut object, observed, uneven);
    let tags = refresh_tags(&mut object, observed, uneven);
    let facts = Facts {
        parts: &look.parts,
        configured_host: configured_host(state),
        region: Maybe::Known(region.to_owned()),
        group_names: BTreeMap::new(),
        tags_all: Value::Map(tags.into_iter().map(|(key, tag)| (key, tag.into())).collect()),
    };
    outputs::write(&mut object, &facts);
    keep_only_existing(&mut object, look);
    object.into_iter().map(|(name, value)| (name, value.unknowns_as_null())).collect()
}

/// True if parts that the state describes as one are not set alike: a change in all of them that ended half-way, or somebody's change
/// of one of them.
pub fn is_uneven(state: &Object, observed: &Observed) -> bool {
    let groups = || observed.groups.values().map(|group| &group.settings.attributes);
    let listeners = observed.listeners.values().map(|listener| &listener.settings.attributes);
    let of_groups = [PRESERVE_CLIENT_IP, CONNECTION_TERMINATION, DEREGISTRATION_DELAY];
    let managed = Reader::new(state).text_map("tags_all").present().unwrap_or_default();
    let tags = all_tags(observed);
    of_groups.iter().any(|key| differ(groups().filter_map(|attributes| attributes.get(*key))))
        || differ(listeners.filter_map(|attributes| attributes.get(IDLE_TIMEOUT)))
        || managed.keys().any(|key| differ(tags.iter().map(|tags| tags.get(key))))
}

fn differ<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    let first = values.next();
    values.any(|value| Some(value) != first)
}

fn all_tags(observed: &Observed) -> Vec<&Tags> {
    let balancer = observed.balancer.iter().map(|part| &part.tags);
    let groups = observed.groups.values().map(|part| &part.tags);
    balancer.chain(groups).chain(observed.listeners.values().map(|part| &part.tags)).collect()
}

/// The host that the user has set, told from the endpoint's own name.
pub fn configured_host(state: &Object) -> Maybe<Option<String>> {
    let own = state.get("dns_name").and_then(Value::as_str);
    let host = state.get("host").and_then(Value::as_str).filter(|host| Some(*host) != own);
    Maybe::Known(host.map(str::to_owned))
}

/// Subnets in the attribute that the state uses. Pinned addresses that AWS doesn't report stay as they are.
fn refresh_subnets(object: &mut Object, found: &[SubnetMapping]) {
    if object.get("subnet_mappings").is_none_or(Value::is_null) {
        let ids = found.iter().map(|mapping| mapping.subnet_id.clone().into());
        object.insert("subnet_ids".to_owned(), Value::set(ids));
        return;
    }
    let known: Vec<Value> = Reader::new(object).value("subnet_mappings").elements().unwrap_or_default().to_vec();
    let mappings = found.iter().map(|mapping| {
        let of_state =
            known.iter().find(|known| known.attribute("subnet_id").and_then(Value::as_str) == Some(&mapping.subnet_id));
        let field = |name: &str, observed: &Option<String>| match observed {
            Some(address) => address.clone().into(),
            None => of_state.and_then(|known| known.attribute(name)).cloned().unwrap_or(Value::Null),
        };
        Value::Object(Object::from([
            ("subnet_id".to_owned(), mapping.subnet_id.clone().into()),
            ("allocation_id".to_owned(), field("allocation_id", &mapping.allocation_id)),
            ("private_ipv4_address".to_owned(), field("private_ipv4_address", &mapping.private_ipv4_address)),
            ("ipv6_address".to_owned(), field("ipv6_address", &mapping.ipv6_address)),
        ]))
    });
    object.insert("subnet_mappings".to_owned(), Value::set(mappings));
}

fn refresh_security_groups(object: &mut Object, groups: &[String], rules: Option<&str>) {
    let absent = object.get("security_group_ids").is_none_or(Value::is_null);
    if !(absent && groups.is_empty()) {
        object.insert("security_group_ids".to_owned(), Value::set(groups.iter().map(|id| id.as_str().into())));
    }
    if let Some(rules) = rules.filter(|_| !groups.is_empty()) {
        object.insert("enforce_security_group_inbound_rules_on_private_link_traffic".to_owned(), rules.into());
    }
}

fn refresh_groups(object: &mut Object, observed: &Observed, uneven: Uneven) {
    let attributes = || observed.groups.values().map(|group| &group.settings.attributes);
    refresh_flag(object, "preserve_client_ip", attributes(), PRESERVE_CLIENT_IP, uneven);
    refresh_flag(object, "connection_termination", attributes(), CONNECTION_TERMINATION, uneven);
    refresh_number(object, "deregistration_delay", attributes(), DEREGISTRATION_DELAY, uneven);
    let types = observed.groups.values().map(|group| group.settings.target_type.clone());
    let stored = object.get("target_type").and_then(Value::as_str).map(str::to_owned);
    if let Some(other) = differing(stored, types, uneven) {
        object.insert("target_type".to_owned(), other.into());
    }
    for (role, Existing { settings, .. }) in &observed.groups {
        refresh_group(object, *role, settings);
    }
}

fn refresh_group(object: &mut Object, role: Role, settings: &GroupSettings) {
    if let Some(Value::Object(listener)) = object.get_mut(role.name()) {
        listener.insert("target_port".to_owned(), settings.port.into());
        let stored = listener.get("health_check").cloned().unwrap_or(Value::Null);
        listener.insert("health_check".to_owned(), health_check(&settings.health_check, &stored));
    }
}

fn refresh_listeners(object: &mut Object, observed: &Observed, uneven: Uneven) {
    let attributes = observed.listeners.values().map(|listener| &listener.settings.attributes);
    refresh_number(object, "tcp_idle_timeout", attributes, IDLE_TIMEOUT, uneven);
    for (role, Existing { settings, .. }) in &observed.listeners {
        if let Some(Value::Object(listener)) = object.get_mut(role.name()) {
            listener.insert("port".to_owned(), settings.port.into());
        }
    }
}

/// Path and matcher of an HTTP check that are not reported (emulators leave them out for TCP groups) stay as they are.
fn health_check(check: &HealthCheck, stored: &Value) -> Value {
    let of_http = |name: &str, found: &Option<String>| match found {
        Some(text) => text.clone().into(),
        None if check.protocol == "TCP" => Value::Null,
        None => stored.attribute(name).cloned().unwrap_or(Value::Null),
    };
    Value::Object(Object::from([
        ("protocol".to_owned(), check.protocol.as_str().into()),
        ("port".to_owned(), check.port.as_str().into()),
        ("interval".to_owned(), check.interval.into()),
        ("timeout".to_owned(), check.timeout.into()),
        ("healthy_threshold".to_owned(), check.healthy_threshold.into()),
        ("unhealthy_threshold".to_owned(), check.unhealthy_threshold.into()),
        ("path".to_owned(), of_http("path", &check.path)),
        ("matcher".to_owned(), of_http("matcher", &check.matcher)),
    ]))
}

fn refresh_flag<'a>(
    object: &mut Object,
    name: &str,
    all: impl Iterator<Item = &'a Attributes>,
    key: &str,
    uneven: Uneven,
) {
    let values = all.filter_map(|attributes| Some(attributes.get(key)? == "true"));
    if let Some(value) = differing(object.get(name).and_then(Value::as_bool), values, uneven) {
        object.insert(name.to_owned(), value.into());
    }
}

fn refresh_number<'a>(
    object: &mut Object,
    name: &str,
    all: impl Iterator<Item = &'a Attributes>,
    key: &str,
    uneven: Uneven,
) {
    let values = all.filter_map(|attributes| attributes.get(key)?.parse::<i64>().ok());
    if let Some(value) = differing(object.get(name).and_then(Value::as_i64), values, uneven) {
        object.insert(name.to_owned(), value.into());
    }
}

/// What to show instead of the stored value, if anything.
fn differing<T: PartialEq>(stored: Option<T>, values: impl Iterator<Item = T>, uneven: Uneven) -> Option<T> {
    let (same, mut other): (Vec<T>, Vec<T>) = values.partition(|value| Some(value) == stored.as_ref());
    let keep = other.is_empty() || uneven == Uneven::Stored && !same.is_empty();
    if keep { None } else { Some(other.remove(0)) }
}

/// Managed keys with what AWS has for them; where one part lacks a tag or has another value, that is what is shown.
fn refresh_tags(object: &mut Object, observed: &Observed, uneven: Uneven) -> Tags {
    let managed = |name: &str| Reader::new(object).text_map(name).present();
    let (all, own) = (managed("tags_all").unwrap_or_default(), managed("tags"));
    let parts = all_tags(observed);
    let found: Tags = all
        .iter()
        .filter_map(|(key, value)| {
            let shown = differing(Some(Some(value)), parts.iter().map(|tags| tags.get(key)), uneven);
            shown.unwrap_or(Some(value)).map(|shown| (key.clone(), shown.clone()))
        })
        .collect();
    if let Some(own) = own {
        let shown = restricted(&found, &own).into_iter().map(|(key, value)| (key, value.into()));
        object.insert("tags".to_owned(), Value::Map(shown.collect::<BTreeMap<_, _>>()));
    }
    found
}

/// The outputs name only what exists: what is missing is planned anew.
fn keep_only_existing(object: &mut Object, look: &Look) {
    let missing = |role: &str, exists: &dyn Fn(Role) -> bool| Role::named(role).is_none_or(|role| !exists(role));
    for (name, exists) in [
        ("target_groups", &(|role| look.parts.groups.contains_key(&role)) as &dyn Fn(Role) -> bool),
        ("listener_arns", &|role| look.parts.listeners.contains_key(&role)),
    ] {
        if let Some(Value::Map(entries)) = object.get_mut(name) {
            entries.retain(|role, _| !missing(role, exists));
        }
    }
    for name in ["control_plane_target_group_arns", "worker_target_group_arns"] {
        if let Some(Value::Set(arns)) = object.get_mut(name) {
            arns.retain(|arn| !arn.is_unknown());
        }
    }
}

#[cfg(test)]
mod tests;
