//! What is taken for granted of a load balancer that was found.

use super::assign::Assigned;
use super::names::{base_name, is_named};
use crate::endpoint::nlb::model::health_check;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::{SCHEMA, names};
use crate::endpoint::nlb::model::settings::Setting;
use crate::endpoint::nlb::plan::defaults;
use crate::framework::engine::with_defaults;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};
use crate::remote::elb::{LoadBalancer, TargetGroup};

/// The object that a read is to complete: what the user could have written, with the defaults of AWS (not ours) for whatever AWS
/// leaves out of its answers.
pub fn base(balancer: &LoadBalancer, assigned: &Assigned, settings: &[Setting]) -> Object {
    let config = as_configured(balancer, assigned);
    let mut object = with_defaults(&SCHEMA.attributes, &config);
    defaults::defaults(&config, &mut object);
    let target_type = first(assigned).map_or("instance", |(_, group)| group.target_type.as_str());
    for setting in settings {
        let at_birth = setting.value_of(setting.at_birth(target_type));
        setting.set(&mut object, at_birth.filter(|_| setting.always).unwrap_or(Value::Null));
    }
    object
}

fn as_configured(balancer: &LoadBalancer, assigned: &Assigned) -> Object {
    let mut config = SCHEMA.null_object();
    let mut set = |name: &str, value: Value| drop(config.insert(name.to_owned(), value));
    let base = base_name(balancer);
    match base {
        Some(base) => set(names::NAME, base.into()),
        None => set(names::LOAD_BALANCER_NAME, balancer.name.as_str().into()),
    }
    set(names::INTERNAL, balancer.internal.into());
    if !balancer.security_groups.is_empty() {
        set(names::SECURITY_GROUP_IDS, Value::set(balancer.security_groups.iter().map(|id| id.as_str().into())));
    }
    let pinned = balancer.zones.iter().flat_map(|zone| &zone.addresses).any(|address| {
        address.allocation_id.is_some() || address.private_ipv4_address.is_some() || address.ipv6_address.is_some()
    });
    if pinned {
        set(names::SUBNET_MAPPINGS, Value::set([])); // the attribute that the read fills
    }
    if let Some((_, group)) = first(assigned) {
        set(names::HEALTH_CHECK, Value::Object(health_check::common(&group.health_check)));
        set(names::TARGET_TYPE, group.target_type.as_str().into());
        set(names::TARGET_IP_ADDRESS_TYPE, group.ip_address_type.as_str().into());
    }
    for role in Role::ALL {
        let value = match (assigned.roles.get(&role), role) {
            (Some((listener, group)), _) => found(role, listener.port, group, base),
            (None, Role::KubernetesApi | Role::TalosApi) => members_of(role.name(), [(names::ENABLED, false.into())]),
            (None, _) => Value::Null,
        };
        set(role.name(), value);
    }
    config
}

fn found(role: Role, port: i64, group: &TargetGroup, base: Option<&str>) -> Value {
    let name = match base.map(|base| format!("{base}{}", role.group_suffix())) {
        Some(ours) if is_named(group, &ours) => ours,
        _ => group.name.clone(),
    };
    let check = members_of_check(role, &group.health_check.protocol);
    let members = [
        (names::PORT, port.into()),
        (names::TARGET_PORT, group.port.into()),
        (names::TARGET_GROUP_NAME, name.into()),
        (names::HEALTH_CHECK, check),
    ];
    members_of(role.name(), members)
}

fn first(assigned: &Assigned) -> Option<(Role, &TargetGroup)> {
    assigned.roles.iter().next().map(|(role, (_, group))| (*role, group))
}

fn members_of(attribute: &str, members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let ty = SCHEMA.attribute(attribute).map(|attribute| attribute.value_type());
    object_of(ty.as_ref(), members)
}

fn members_of_check(role: Role, protocol: &str) -> Value {
    let listener = SCHEMA.attribute(role.name()).map(|attribute| attribute.value_type());
    let check = match &listener {
        Some(Type::Object(members)) => members.get(names::HEALTH_CHECK),
        _ => None,
    };
    object_of(check, [(names::PROTOCOL, protocol.into())])
}

fn object_of(ty: Option<&Type>, members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    ty.map_or(Value::Null, |ty| Value::Object(ty.object_of(members)))
}
