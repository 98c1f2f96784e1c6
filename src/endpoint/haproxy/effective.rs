//! Defaults that depend on other attributes: what is left out takes its effective value already in the plan.

use std::net::IpAddr;

use super::schema::HEALTHY;
use crate::endpoint::address::bare;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Refinement, Value};

/// The priority of the first load balancer.
const FIRST_PRIORITY: i64 = 100;

/// How far a load balancer without a ready node falls, at least.
const READY_WEIGHT: i64 = 50;

/// The router id of a VIP whose last part is 0. It is that of Keepalived's own examples.
const ROUTER_ID: i64 = 51;

/// Fills in every dependent default. `planned` holds the configuration with the schema's defaults. Writes every one of them, null
/// included, so that running it twice changes nothing.
pub fn fill(config: &Object, planned: &mut Object) {
    let keepalived = uses_keepalived(&Reader::new(config));
    fill_priorities(config, planned, &keepalived);
    fill_status(config, planned);
    let router_id = router_id(planned, &keepalived);
    set_if_absent(config, planned, "virtual_router_id", router_id);
    let ready_weight = ready_weight(&Reader::new(planned), &keepalived);
    set_if_absent(config, planned, "ready_weight", ready_weight);
}

/// Whether the load balancers run Keepalived: where there is a VIP, which several of them must have unless `host` stands in front.
pub fn uses_keepalived(config: &Reader<'_>) -> Maybe<bool> {
    match config.value("vip") {
        Value::Unknown(Refinement { not_null: true, .. }) => Maybe::Known(true),
        Value::Unknown(_) => {
            let several = config.value("load_balancers").entries().is_some_and(|hosts| hosts.len() > 1);
            if several && config.text("host").is_absent() { Maybe::Known(true) } else { Maybe::Unknown }
        }
        vip => Maybe::Known(!vip.is_null()),
    }
}

fn set_if_absent(config: &Object, planned: &mut Object, name: &str, value: Value) {
    let configured = config.get("keepalived").unwrap_or(&Value::Null);
    if let (true, Some(Value::Object(keepalived))) = (is_absent(configured, name), planned.get_mut("keepalived")) {
        keepalived.insert(name.to_owned(), value);
    }
}

/// True if the configuration leaves `member` of a nested object out.
pub fn is_absent(configured: &Value, member: &str) -> bool {
    match configured {
        Value::Object(members) => members.get(member).is_none_or(Value::is_null),
        Value::Unknown(_) => false,
        _ => true,
    }
}

fn fill_priorities(config: &Object, planned: &mut Object, keepalived: &Maybe<bool>) {
    let configured = config.get("load_balancers").and_then(Value::entries);
    let Some(Value::Map(hosts)) = planned.get_mut("load_balancers") else { return };
    for (index, (name, host)) in (0..).zip(hosts.iter_mut()) {
        let own = configured.and_then(|hosts| hosts.get(name)).unwrap_or(&Value::Null);
        if let (true, Value::Object(host)) = (is_absent(own, "priority"), host) {
            let priority = match keepalived {
                Maybe::Known(true) => Value::from(FIRST_PRIORITY - index),
                Maybe::Known(false) => Value::Null,
                Maybe::Unknown => Value::UNKNOWN,
            };
            host.insert("priority".to_owned(), priority);
        }
    }
}

fn fill_status(config: &Object, planned: &mut Object) {
    let configured = config.get("kubernetes_api").unwrap_or(&Value::Null);
    let own = match configured {
        Value::Object(members) => members.get("health_check").unwrap_or(&Value::Null),
        other => other,
    };
    let Some(Value::Object(listener)) = planned.get_mut("kubernetes_api") else { return };
    let Some(Value::Object(check)) = listener.get_mut("health_check") else { return };
    if is_absent(own, "expect_status") {
        let status = match Reader::new(check).text("type") {
            Maybe::Known(Some("https")) => Value::set(HEALTHY.map(Value::from)),
            Maybe::Known(_) => Value::Null,
            Maybe::Unknown => Value::UNKNOWN,
        };
        check.insert("expect_status".to_owned(), status);
    }
}

fn router_id(planned: &Object, keepalived: &Maybe<bool>) -> Value {
    let vip = Reader::new(planned).text("vip").present().and_then(bare);
    match (keepalived, vip) {
        (Maybe::Known(false), _) => Value::Null,
        (Maybe::Known(true), Some(vip)) => {
            let last = match vip {
                IpAddr::V4(ip) => ip.octets()[3],
                IpAddr::V6(ip) => ip.octets()[15],
            };
            Value::from(if last == 0 { ROUTER_ID } else { i64::from(last) })
        }
        (Maybe::Known(true), None) => Value::UNKNOWN_NOT_NULL,
        (Maybe::Unknown, _) => Value::UNKNOWN,
    }
}

/// Large enough to move the VIP from the highest priority to the lowest; none where Keepalived would ignore it.
fn ready_weight(planned: &Reader<'_>, keepalived: &Maybe<bool>) -> Value {
    let preempt = match planned.nested("keepalived") {
        Maybe::Known(Some(keepalived)) => keepalived.bool("preempt").map(|preempt| preempt != Some(false)),
        _ => Maybe::Unknown,
    };
    match (keepalived, preempt) {
        (Maybe::Known(false), _) | (_, Maybe::Known(false)) => Value::Null,
        (Maybe::Known(true), Maybe::Known(true)) => {
            spread(planned).map_or(Value::UNKNOWN_NOT_NULL, |spread| Value::from(-READY_WEIGHT.max(spread + 1)))
        }
        _ => Value::UNKNOWN,
    }
}

/// The distance between the highest and the lowest priority; none while one of them is unknown.
fn spread(planned: &Reader<'_>) -> Option<i64> {
    let hosts = planned.nested_map("load_balancers").present()?;
    let priorities: Option<Vec<i64>> = hosts.values().map(|host| host.number("priority").present()).collect();
    let priorities = priorities?;
    Some(priorities.iter().max()? - priorities.iter().min()?)
}

#[cfg(test)]
mod tests;
