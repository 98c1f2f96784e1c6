//! The settings that AWS keeps as attributes of a load balancer, a target group or a listener: one row each.
//!
//! Everything that is done with one is a loop over the rows: what is wanted, what a new part lacks, what AWS reports, parts that differ
//! from each other, and what an import begins with. A new setting is an attribute of the schema and a row here. The rows are an argument
//! of all of these, so that a test can have one more.

use crate::endpoint::nlb::model::inputs::has_security_groups;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};
use crate::remote::elb::Attributes;

/// What carries a setting. Groups and listeners carry it alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The load balancer.
    LoadBalancer,
    /// Every target group.
    TargetGroup,
    /// Every listener.
    Listener,
}

/// How our value and AWS's text become each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bool; `true` or `false`.
    Flag,
    /// A whole number, in decimals.
    Number,
    /// The text itself.
    Text,
}

/// What AWS gives a part that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtBirth {
    /// Always this.
    Always(&'static str),
    /// One value for targets that are instances, another one for addresses.
    ByTargetType {
        /// For `instance`.
        instance: &'static str,
        /// For `ip`.
        ip: &'static str,
    },
}

/// A row of the table: one attribute of ours and one key of AWS's.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Our attribute: its name, or the names that lead to a member of a nested one.
    pub attribute: &'static [&'static str],
    /// AWS's key.
    pub key: &'static str,
    /// What carries it.
    pub part: Part,
    /// How values are written.
    pub kind: Kind,
    /// What AWS gives a new part: saying so again is a call saved.
    pub at_birth: AtBirth,
    /// True if it is managed even where the configuration leaves it out: an import takes AWS's value into the state, and a read shows
    /// another one. Otherwise it is AWS's affair until the configuration sets it.
    pub always: bool,
    /// The default, where it depends on other attributes: from the configuration with the schema's defaults.
    pub default: Option<fn(&Reader<'_>) -> Value>,
    /// True if AWS refuses to delete the part while it is on. It is switched on last and off first, so that what is half-made can be
    /// removed.
    pub guards: bool,
}

/// Ordinary settings have these.
const ROW: Setting = Setting {
    attribute: &[],
    key: "",
    part: Part::LoadBalancer,
    kind: Kind::Flag,
    at_birth: AtBirth::Always("false"),
    always: true,
    default: None,
    guards: false,
};

/// How many targets must be healthy: a number or `off`.
const THRESHOLD: Setting =
    Setting { part: Part::TargetGroup, kind: Kind::Text, at_birth: AtBirth::Always("off"), ..ROW };

/// All of them. Keys and values at birth: API reference of LoadBalancerAttribute, TargetGroupAttribute and ListenerAttribute.
pub const SETTINGS: &[Setting] = &[
    Setting {
        attribute: &[names::ENABLE_DELETION_PROTECTION],
        key: "deletion_protection.enabled",
        guards: true,
        ..ROW
    },
    Setting { attribute: &[names::ENABLE_CROSS_ZONE_LOAD_BALANCING], key: "load_balancing.cross_zone.enabled", ..ROW },
    Setting {
        attribute: &[names::DNS_RECORD_CLIENT_ROUTING_POLICY],
        key: "dns_record.client_routing_policy",
        kind: Kind::Text,
        at_birth: AtBirth::Always("any_availability_zone"),
        ..ROW
    },
    Setting { attribute: &[names::ZONAL_SHIFT], key: "zonal_shift.config.enabled", always: false, ..ROW },
    Setting {
        attribute: &[names::PRESERVE_CLIENT_IP],
        key: "preserve_client_ip.enabled",
        part: Part::TargetGroup,
        at_birth: AtBirth::ByTargetType { instance: "true", ip: "false" },
        default: Some(preserve_client_ip),
        ..ROW
    },
    Setting {
        attribute: &[names::DEREGISTRATION_DELAY],
        key: "deregistration_delay.timeout_seconds",
        part: Part::TargetGroup,
        kind: Kind::Number,
        at_birth: AtBirth::Always("300"),
        ..ROW
    },
    Setting {
        attribute: &[names::CONNECTION_TERMINATION],
        key: "deregistration_delay.connection_termination.enabled",
        part: Part::TargetGroup,
        ..ROW
    },
    Setting {
        attribute: &[names::TARGET_HEALTH_STATE, names::ENABLE_UNHEALTHY_CONNECTION_TERMINATION],
        key: "target_health_state.unhealthy.connection_termination.enabled",
        part: Part::TargetGroup,
        at_birth: AtBirth::Always("true"),
        ..ROW
    },
    Setting {
        attribute: &[names::TARGET_HEALTH_STATE, names::UNHEALTHY_DRAINING_INTERVAL],
        key: "target_health_state.unhealthy.draining_interval_seconds",
        part: Part::TargetGroup,
        kind: Kind::Number,
        at_birth: AtBirth::Always("0"),
        ..ROW
    },
    Setting {
        attribute: &[names::TARGET_GROUP_HEALTH, names::DNS_FAILOVER, names::MINIMUM_HEALTHY_TARGETS_COUNT],
        key: "target_group_health.dns_failover.minimum_healthy_targets.count",
        at_birth: AtBirth::Always("1"),
        ..THRESHOLD
    },
    Setting {
        attribute: &[names::TARGET_GROUP_HEALTH, names::DNS_FAILOVER, names::MINIMUM_HEALTHY_TARGETS_PERCENTAGE],
        key: "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        ..THRESHOLD
    },
    Setting {
        attribute: &[names::TARGET_GROUP_HEALTH, names::UNHEALTHY_STATE_ROUTING, names::MINIMUM_HEALTHY_TARGETS_COUNT],
        key: "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        kind: Kind::Number,
        at_birth: AtBirth::Always("1"),
        ..THRESHOLD
    },
    Setting {
        attribute: &[
            names::TARGET_GROUP_HEALTH,
            names::UNHEALTHY_STATE_ROUTING,
            names::MINIMUM_HEALTHY_TARGETS_PERCENTAGE,
        ],
        key: "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        ..THRESHOLD
    },
    Setting {
        attribute: &[names::TCP_IDLE_TIMEOUT],
        key: "tcp.idle_timeout.seconds",
        part: Part::Listener,
        kind: Kind::Number,
        at_birth: AtBirth::Always("350"),
        ..ROW
    },
];

/// On where the nodes' own security groups are the only filter, off where a node could reach itself through the load balancer.
fn preserve_client_ip(planned: &Reader<'_>) -> Value {
    match (planned.bool(names::INTERNAL), has_security_groups(planned)) {
        (Maybe::Known(Some(true)), _) | (_, Maybe::Known(true)) => false.into(),
        (Maybe::Known(_), Maybe::Known(false)) => true.into(),
        _ => Value::UNKNOWN_NOT_NULL,
    }
}

impl Setting {
    /// What `object` has for it: null where it is left out.
    pub fn get<'a>(&self, object: &'a Object) -> &'a Value {
        let Some((first, members)) = self.attribute.split_first() else { return &Value::Null };
        let value = object.get(*first).unwrap_or(&Value::Null);
        members.iter().fold(value, |value, member| match value {
            Value::Unknown(_) => value,
            _ => value.attribute(member).unwrap_or(&Value::Null),
        })
    }

    /// Sets it in `object`. A member of a nested attribute that is left out stays left out.
    pub fn set(&self, object: &mut Object, value: Value) {
        let Some((first, members)) = self.attribute.split_first() else { return };
        let Some((last, between)) = members.split_last() else {
            object.insert((*first).to_owned(), value);
            return;
        };
        let mut inner = object.get_mut(*first);
        for member in between {
            inner = match inner {
                Some(Value::Object(members)) => members.get_mut(*member),
                _ => None,
            };
        }
        if let Some(Value::Object(members)) = inner {
            members.insert((*last).to_owned(), value);
        }
    }

    /// Our value as AWS writes it; none for null.
    pub fn text_of(&self, value: &Value) -> Option<String> {
        match self.kind {
            Kind::Flag => value.as_bool().map(|flag| flag.to_string()),
            Kind::Number => value.as_i64().map(|number| number.to_string()),
            Kind::Text => value.as_str().map(str::to_owned),
        }
    }

    /// AWS's text as our value; none if it isn't one.
    pub fn value_of(&self, text: &str) -> Option<Value> {
        match self.kind {
            Kind::Flag => Some((text == "true").into()),
            Kind::Number => text.parse::<i64>().ok().map(Value::from),
            Kind::Text => Some(text.into()),
        }
    }

    /// What AWS gives a part that is made for targets of this type.
    pub fn at_birth(&self, target_type: &str) -> &'static str {
        match self.at_birth {
            AtBirth::Always(text) => text,
            AtBirth::ByTargetType { instance, .. } if target_type == "instance" => instance,
            AtBirth::ByTargetType { ip, .. } => ip,
        }
    }
}

/// The rows of one part.
pub fn of(settings: &[Setting], part: Part) -> impl Iterator<Item = &Setting> {
    settings.iter().filter(move |setting| setting.part == part)
}

/// What AWS gives a part that is made for targets of this type.
pub fn at_birth(settings: &[Setting], part: Part, target_type: &str) -> Attributes {
    of(settings, part).map(|setting| (setting.key.to_owned(), setting.at_birth(target_type).to_owned())).collect()
}

/// The row whose key AWS says that it doesn't know: regions and partitions get new settings one after another.
pub fn not_offered<'a>(settings: &'a [Setting], message: &str) -> Option<&'a Setting> {
    let unknown = ["not recognized", "not supported"].iter().any(|words| message.contains(words));
    settings.iter().find(|setting| unknown && message.contains(&format!("'{}'", setting.key)))
}

/// What switches off everything that guards a part.
pub fn guards_off(settings: &[Setting], part: Part) -> Attributes {
    of(settings, part)
        .filter(|setting| setting.guards)
        .map(|guard| (guard.key.to_owned(), "false".to_owned()))
        .collect()
}

/// `object` with everything that guards it switched off.
pub fn unguarded(settings: &[Setting], object: &Object) -> Object {
    let mut object = object.clone();
    for guard in settings.iter().filter(|setting| setting.guards) {
        guard.set(&mut object, false.into());
    }
    object
}

#[cfg(test)]
mod tests;
