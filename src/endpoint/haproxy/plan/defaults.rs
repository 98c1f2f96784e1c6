//! Defaults that depend on other attributes: what is left out takes its default already in the plan.

use std::net::IpAddr;

use crate::endpoint::address::bare;
use crate::endpoint::contract::KUBERNETES_API;
use crate::endpoint::haproxy::model::inputs::{is_absent, uses_keepalived};
use crate::endpoint::haproxy::model::schema::HEALTHY;
use crate::endpoint::haproxy::model::schema::names::{
    ADDITIONAL_SERVICES, BALANCE, CHECK_TYPE, EXPECT_STATUS, HAPROXY, HEALTH_CHECK, INTERFACE, KEEPALIVED, LIVE_WEIGHT,
    LOAD_BALANCERS, PATH, PORT, PREEMPT, PRIORITY, READY_WEIGHT, TARGET_PORT, VIP, VIP_INTERFACE, VIRTUAL_ROUTER_ID,
};
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// The priority of the first load balancer.
const FIRST_PRIORITY: i64 = 100;

/// How far a load balancer without a ready node falls, at least.
const LEAST_READY_WEIGHT: i64 = 50;

/// The heaviest weight that Keepalived takes.
const HEAVIEST: i64 = 253;

/// The router id of a VIP whose last part is 0. It is that of Keepalived's own examples.
const ROUTER_ID: i64 = 51;

/// Fills in every dependent default. `planned` holds the configuration with the schema's defaults. Writes every one of them, null
/// included, so that running it twice changes nothing.
pub fn defaults(config: &Object, planned: &mut Object) {
    let keepalived = uses_keepalived(&Reader::new(config));
    fill_priorities(config, planned, &keepalived);
    fill_interfaces(config, planned);
    fill_services(config, planned);
    fill_status(config, planned);
    let router_id = router_id(planned, &keepalived);
    set_if_absent(config, planned, VIRTUAL_ROUTER_ID, router_id);
    let ready_weight = ready_weight(&Reader::new(planned), &keepalived);
    set_if_absent(config, planned, READY_WEIGHT, ready_weight);
}

fn set_if_absent(config: &Object, planned: &mut Object, name: &str, value: Value) {
    let configured = config.get(KEEPALIVED).unwrap_or(&Value::Null);
    if let (true, Some(Value::Object(keepalived))) = (is_absent(configured, name), planned.get_mut(KEEPALIVED)) {
        keepalived.insert(name.to_owned(), value);
    }
}

fn fill_priorities(config: &Object, planned: &mut Object, keepalived: &Maybe<bool>) {
    let configured = config.get(LOAD_BALANCERS).and_then(Value::entries);
    let Some(Value::Map(hosts)) = planned.get_mut(LOAD_BALANCERS) else { return };
    for (index, (name, host)) in (0..).zip(hosts.iter_mut()) {
        let own = configured.and_then(|hosts| hosts.get(name)).unwrap_or(&Value::Null);
        if let (true, Value::Object(host)) = (is_absent(own, PRIORITY), host) {
            let priority = match keepalived {
                Maybe::Known(true) => Value::from(FIRST_PRIORITY - index),
                Maybe::Known(false) => Value::Null,
                Maybe::Unknown => Value::UNKNOWN,
            };
            host.insert(PRIORITY.to_owned(), priority);
        }
    }
}

fn fill_interfaces(config: &Object, planned: &mut Object) {
    let configured = config.get(LOAD_BALANCERS).and_then(Value::entries);
    let Some(Value::Map(hosts)) = planned.get_mut(LOAD_BALANCERS) else { return };
    for (name, host) in hosts.iter_mut() {
        let own = configured.and_then(|hosts| hosts.get(name)).unwrap_or(&Value::Null);
        if let (true, Value::Object(host)) = (is_absent(own, VIP_INTERFACE), host) {
            let interface = host.get(INTERFACE).cloned().unwrap_or(Value::Null);
            host.insert(VIP_INTERFACE.to_owned(), interface);
        }
    }
}

fn fill_services(config: &Object, planned: &mut Object) {
    let balance = match Reader::new(planned).nested(HAPROXY) {
        Maybe::Known(Some(haproxy)) => haproxy.value(BALANCE).clone(),
        _ => Value::UNKNOWN_NOT_NULL,
    };
    let configured = config.get(ADDITIONAL_SERVICES).and_then(Value::entries);
    let Some(Value::Map(services)) = planned.get_mut(ADDITIONAL_SERVICES) else { return };
    for (name, service) in services.iter_mut() {
        let own = configured.and_then(|services| services.get(name)).unwrap_or(&Value::Null);
        let Value::Object(service) = service else { continue };
        if is_absent(own, TARGET_PORT) {
            let port = service.get(PORT).cloned().unwrap_or(Value::Null);
            service.insert(TARGET_PORT.to_owned(), port);
        }
        if is_absent(own, BALANCE) {
            service.insert(BALANCE.to_owned(), balance.clone());
        }
        let own_check = match own {
            Value::Object(members) => members.get(HEALTH_CHECK).unwrap_or(&Value::Null),
            other => other,
        };
        if let (true, Some(Value::Object(check))) = (is_absent(own_check, PATH), service.get_mut(HEALTH_CHECK)) {
            let path = match Reader::new(check).text(CHECK_TYPE) {
                Maybe::Known(Some("tcp")) => Value::Null,
                Maybe::Known(_) => "/".into(),
                Maybe::Unknown => Value::UNKNOWN,
            };
            check.insert(PATH.to_owned(), path);
        }
    }
}

fn fill_status(config: &Object, planned: &mut Object) {
    let configured = config.get(KUBERNETES_API).unwrap_or(&Value::Null);
    let own = match configured {
        Value::Object(members) => members.get(HEALTH_CHECK).unwrap_or(&Value::Null),
        other => other,
    };
    let Some(Value::Object(listener)) = planned.get_mut(KUBERNETES_API) else { return };
    let Some(Value::Object(check)) = listener.get_mut(HEALTH_CHECK) else { return };
    if is_absent(own, EXPECT_STATUS) {
        let status = match Reader::new(check).text(CHECK_TYPE) {
            Maybe::Known(Some("https")) => Value::set(HEALTHY.map(Value::from)),
            Maybe::Known(_) => Value::Null,
            Maybe::Unknown => Value::UNKNOWN,
        };
        check.insert(EXPECT_STATUS.to_owned(), status);
    }
}

fn router_id(planned: &Object, keepalived: &Maybe<bool>) -> Value {
    let vip = Reader::new(planned).text(VIP).present().and_then(bare);
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
    let preempt = match planned.nested(KEEPALIVED) {
        Maybe::Known(Some(keepalived)) => keepalived.bool(PREEMPT).map(|preempt| preempt != Some(false)),
        _ => Maybe::Unknown,
    };
    match (keepalived, preempt) {
        (Maybe::Known(false), _) | (_, Maybe::Known(false)) => Value::Null,
        (Maybe::Known(true), Maybe::Known(true)) => fall(planned).map_or(Value::UNKNOWN_NOT_NULL, |fall| {
            // More than Keepalived takes would keep it from starting. That the weight is too small then is an error.
            Value::from(-fall.min(HEAVIEST))
        }),
        _ => Value::UNKNOWN,
    }
}

/// How far a load balancer without a ready node falls; none while a priority or the live weight is unknown. With a live weight, the lowest
/// stays above 1, where one whose HAProxy is dead may be.
fn fall(planned: &Reader<'_>) -> Option<i64> {
    let hosts = planned.nested_map(LOAD_BALANCERS).present()?;
    let priorities: Option<Vec<i64>> = hosts.values().map(|host| host.number(PRIORITY).present()).collect();
    let priorities = priorities?;
    let (lowest, highest) = (*priorities.iter().min()?, *priorities.iter().max()?);
    let room = match planned.nested(KEEPALIVED).present()?.number(LIVE_WEIGHT).present()? {
        0 => LEAST_READY_WEIGHT,
        live => lowest.saturating_add(live.max(0)).saturating_sub(2),
    };
    Some(LEAST_READY_WEIGHT.min(room).max(highest.saturating_sub(lowest).saturating_add(1)))
}

#[cfg(test)]
mod tests;
