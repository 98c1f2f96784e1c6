//! Defaults that depend on other attributes: what is left out takes its value already in the plan.

use crate::endpoint::nlb::model::health_check::COMMON;
use crate::endpoint::nlb::model::inputs::has_security_groups;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Fills in every dependent default. `planned` holds the configuration with the schema's defaults. Writes every one of them, null
/// included, so that running it twice changes nothing.
pub fn defaults(config: &Object, planned: &mut Object) {
    for setting in SETTINGS {
        if let Some(default) = setting.default.filter(|_| setting.get(config).is_null()) {
            let value = default(&Reader::new(planned));
            setting.set(planned, value);
        }
    }
    let rules = private_link_rules(&Reader::new(planned));
    set_if_absent(config, planned, names::PRIVATE_LINK_RULES, rules);
    for role in Role::ALL {
        listener_defaults(config, planned, role);
    }
}

fn set_if_absent(config: &Object, planned: &mut Object, name: &str, value: Value) {
    if config.get(name).is_none_or(Value::is_null) {
        planned.insert(name.to_owned(), value);
    }
}

fn private_link_rules(planned: &Reader<'_>) -> Value {
    match has_security_groups(planned) {
        Maybe::Known(true) => "on".into(),
        Maybe::Known(false) => Value::Null,
        Maybe::Unknown => Value::UNKNOWN,
    }
}

fn listener_defaults(config: &Object, planned: &mut Object, role: Role) {
    let common = planned.get(names::HEALTH_CHECK).cloned().unwrap_or(Value::Null);
    let base = planned.get(names::NAME).cloned().unwrap_or(Value::Null);
    let configured = config.get(role.name()).unwrap_or(&Value::Null);
    let Some(Value::Object(listener)) = planned.get_mut(role.name()) else { return };
    if absent(configured, names::TARGET_GROUP_NAME) {
        let name = match base {
            Value::String(base) => Value::String(format!("{base}{}", role.group_suffix())),
            Value::Null => Value::Null,
            _ => Value::UNKNOWN_NOT_NULL,
        };
        listener.insert(names::TARGET_GROUP_NAME.to_owned(), name);
    }
    let own = match configured {
        Value::Object(members) => members.get(names::HEALTH_CHECK).unwrap_or(&Value::Null),
        _ => &Value::Null,
    };
    if !own.is_unknown() {
        listener.insert(names::HEALTH_CHECK.to_owned(), health_check(own, &common));
    }
}

fn health_check(own: &Value, common: &Value) -> Value {
    let configured = |name: &str| own.attribute(name).filter(|value| !value.is_null()).cloned();
    let mut check = Object::new();
    for name in COMMON {
        let inherited = || match common {
            Value::Object(common) => common.get(name).cloned().unwrap_or(Value::Null),
            _ => Value::UNKNOWN_NOT_NULL,
        };
        check.insert(name.to_owned(), configured(name).unwrap_or_else(inherited));
    }
    let protocol = configured(names::PROTOCOL).unwrap_or_else(|| "TCP".into());
    let for_http = |default: &str| match protocol.as_str() {
        Some("TCP") => Value::Null,
        Some(_) => default.into(),
        None => Value::UNKNOWN,
    };
    check.insert(names::PATH.to_owned(), configured(names::PATH).unwrap_or_else(|| for_http("/")));
    check.insert(names::MATCHER.to_owned(), configured(names::MATCHER).unwrap_or_else(|| for_http("200-399")));
    check.insert(names::PORT.to_owned(), configured(names::PORT).unwrap_or_else(|| "traffic-port".into()));
    check.insert(names::PROTOCOL.to_owned(), protocol);
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
