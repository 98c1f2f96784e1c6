//! The health check of a target group, as an attribute and as AWS's settings.

use crate::endpoint::nlb::model::schema::names;
use crate::framework::reader::Reader;
use crate::framework::value::{Object, Value};
use crate::remote::elb::HealthCheck;

/// What a listener's health check takes from the common one.
pub const COMMON: [&str; 4] = [names::INTERVAL, names::TIMEOUT, names::HEALTHY_THRESHOLD, names::UNHEALTHY_THRESHOLD];

/// Reads the attribute; `None` while something in it is unknown or missing.
pub fn read(check: &Reader<'_>) -> Option<HealthCheck> {
    let number = |name: &str| check.number(name).present();
    let text = |name: &str| check.text(name).present().map(str::to_owned);
    let optional = |name: &str| Some(check.text(name).known()?.map(str::to_owned));
    Some(HealthCheck {
        protocol: text(names::PROTOCOL)?,
        port: text(names::PORT)?,
        interval: number(names::INTERVAL)?,
        timeout: number(names::TIMEOUT)?,
        healthy_threshold: number(names::HEALTHY_THRESHOLD)?,
        unhealthy_threshold: number(names::UNHEALTHY_THRESHOLD)?,
        path: optional(names::PATH)?,
        matcher: optional(names::MATCHER)?,
    })
}

/// The attribute `health_check` that says the same as `check`.
pub fn object(check: &HealthCheck) -> Object {
    let optional = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
    let members = [
        (names::PROTOCOL, check.protocol.as_str().into()),
        (names::PORT, check.port.as_str().into()),
        (names::INTERVAL, check.interval.into()),
        (names::TIMEOUT, check.timeout.into()),
        (names::HEALTHY_THRESHOLD, check.healthy_threshold.into()),
        (names::UNHEALTHY_THRESHOLD, check.unhealthy_threshold.into()),
        (names::PATH, optional(&check.path)),
        (names::MATCHER, optional(&check.matcher)),
    ];
    members.map(|(name, value)| (name.to_owned(), value)).into()
}

/// What the listeners' checks have in common, of one of them.
pub fn common(check: &HealthCheck) -> Object {
    let mut object = object(check);
    object.retain(|name, _| COMMON.contains(&name.as_str()));
    object
}
