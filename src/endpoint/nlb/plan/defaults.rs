//! Defaults that depend on other attributes: what is left out takes its effective value already in the plan.

use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::COMMON_HEALTH_FIELDS;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Refinement, Value};

/// Fills in every dependent default. `planned` holds the configuration with the schema's defaults. Writes every one of them, null
/// included, so that running it twice changes nothing.
pub fn fill(config: &Object, planned: &mut Object) {
    let preserve = preserve_client_ip(&Reader::new(planned));
    set_if_absent(config, planned, "preserve_client_ip", preserve);
    let rules = private_link_rules(&Reader::new(planned));
    set_if_absent(config, planned, "enforce_security_group_inbound_rules_on_private_link_traffic", rules);
    for role in Role::ALL {
        fill_listener(config, planned, role);
    }
}

fn set_if_absent(config: &Object, planned: &mut Object, name: &str, value: Value) {
    if config.get(name).is_none_or(Value::is_null) {
        planned.insert(name.to_owned(), value);
    }
}

/// On where the nodes' own security groups are the only filter, off where a node could reach itself through the load balancer.
fn preserve_client_ip(planned: &Reader<'_>) -> Value {
    match (planned.bool("internal"), has_security_groups(planned)) {
        (Maybe::Known(Some(true)), _) | (_, Maybe::Known(true)) => false.into(),
        (Maybe::Known(_), Maybe::Known(false)) => true.into(),
        _ => Value::UNKNOWN_NOT_NULL,
    }
}

fn private_link_rules(planned: &Reader<'_>) -> Value {
    match has_security_groups(planned) {
        Maybe::Known(true) => "on".into(),
        Maybe::Known(false) => Value::Null,
        Maybe::Unknown => Value::UNKNOWN,
    }
}

/// Whether the load balancer has security groups. A set of one unknown group is known to be not empty.
pub fn has_security_groups(object: &Reader<'_>) -> Maybe<bool> {
    match object.value("security_group_ids") {
        Value::Unknown(Refinement { min_length: 0, .. }) => Maybe::Unknown,
        Value::Unknown(_) => Maybe::Known(true),
        value => Maybe::Known(value.elements().is_some_and(|groups| !groups.is_empty())),
    }
}

fn fill_listener(config: &Object, planned: &mut Object, role: Role) {
    let common = planned.get("health_check").cloned().unwrap_or(Value::Null);
    let base = planned.get("name").cloned().unwrap_or(Value::Null);
    let configured = config.get(role.name()).unwrap_or(&Value::Null);
    let Some(Value::Object(listener)) = planned.get_mut(role.name()) else { return };
    if absent(configured, "target_group_name") {
        let name = match base {
            Value::String(base) => Value::String(format!("{base}{}", role.group_suffix())),
            Value::Null => Value::Null,
            _ => Value::UNKNOWN_NOT_NULL,
        };
        listener.insert("target_group_name".to_owned(), name);
    }
    let own = match configured {
        Value::Object(members) => members.get("health_check").unwrap_or(&Value::Null),
        _ => &Value::Null,
    };
    if !own.is_unknown() {
        listener.insert("health_check".to_owned(), health_check(own, &common));
    }
}

fn health_check(own: &Value, common: &Value) -> Value {
    let configured = |name: &str| own.attribute(name).filter(|value| !value.is_null()).cloned();
    let mut check = Object::new();
    for name in COMMON_HEALTH_FIELDS {
        let inherited = || match common {
            Value::Object(common) => common.get(name).cloned().unwrap_or(Value::Null),
            _ => Value::UNKNOWN_NOT_NULL,
        };
        check.insert(name.to_owned(), configured(name).unwrap_or_else(inherited));
    }
    let protocol = configured("protocol").unwrap_or_else(|| "TCP".into());
    let for_http = |default: &str| match protocol.as_str() {
        Some("TCP") => Value::Null,
        Some(_) => default.into(),
        None => Value::UNKNOWN,
    };
    check.insert("path".to_owned(), configured("path").unwrap_or_else(|| for_http("/")));
    check.insert("matcher".to_owned(), configured("matcher").unwrap_or_else(|| for_http("200-399")));
    check.insert("port".to_owned(), configured("port").unwrap_or_else(|| "traffic-port".into()));
    check.insert("protocol".to_owned(), protocol);
    Value::Object(check)
}

/// True if the configuration leaves `member` of a nested object out.
fn absent(configured: &Value, member: &str) -> bool {
    match configured {
        Value::Object(members) => members.get(member).is_none_or(Value::is_null),
        Value::Unknown(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests;
