//! What the user calls an endpoint when importing it, and what is taken for granted of one that was found.

mod assign;
mod marks;

pub use assign::{Assigned, assign};
pub use marks::{keep_names, let_go, mark, settle, warn};

use super::effective;
use super::outputs;
use super::parts::Parts;
use super::role::Role;
use super::rules::BALANCER_SUFFIX;
use super::schema::{COMMON_HEALTH_FIELDS, SCHEMA};
use super::succession;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::engine::with_defaults;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};
use crate::remote::elb::{LoadBalancer, TargetGroup};

/// What stands before the name in the ARN of a load balancer.
const ARN_KIND: &str = ":loadbalancer/";

/// AWS's deregistration delay of a new target group, in seconds (API reference of TargetGroupAttribute).
const DEREGISTRATION_DELAY_OF_AWS: i64 = 300;

/// What the user calls a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// Its ARN, which names its region too.
    Arn(String),
    /// Its name, in the provider's region.
    Name(String),
}

/// Reads an import id.
///
/// # Errors
/// If it is neither an ARN of a load balancer nor a name.
pub fn id(text: &str) -> Result<Id, Diagnostic> {
    let text = text.trim();
    if text.starts_with("arn:") {
        let is_balancer = text.contains(":elasticloadbalancing:") && text.contains(ARN_KIND);
        let reason = "it is the ARN of something else";
        return if is_balancer { Ok(Id::Arn(text.to_owned())) } else { Err(malformed(text, reason)) };
    }
    let is_name = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_name { Ok(Id::Name(text.to_owned())) } else { Err(malformed(text, "it is neither an ARN nor a name")) }
}

fn malformed(text: &str, reason: &str) -> Diagnostic {
    Diagnostic::failed(
        "Not the id of a load balancer",
        format!(
            "\"{text}\" can't be imported: {reason}. Use the ARN of the load balancer, or its name where it is in the provider's region, for \
             example\n\n  arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/prod-talos-api-nlb/0123456789abcdef\n  \
             prod-talos-api-nlb"
        ),
    )
}

/// The one network load balancer among those that were found under an id.
///
/// # Errors
/// If there is none, or more than one.
pub fn only_network(mut found: Vec<LoadBalancer>, id: &str, region: &str) -> Result<LoadBalancer, Diagnostic> {
    let others: Vec<String> = found
        .extract_if(.., |balancer| balancer.kind != "network")
        .map(|balancer| format!("{} (type {})", balancer.arn, balancer.kind))
        .collect();
    if found.len() > 1 {
        let arns: Vec<String> = found.into_iter().map(|balancer| balancer.arn).collect();
        return Err(Diagnostic::failed(
            "Several load balancers have this name",
            format!("\"{id}\" is the name of {}. Import the one that you mean by its ARN.", arns.join(" and of ")),
        ));
    }
    found.pop().ok_or_else(|| match others.first() {
        Some(other) => Diagnostic::failed(
            "Not a Network Load Balancer",
            format!(
                "\"{id}\" is {other}. This resource is a Network Load Balancer: only one of the type `network` can be imported."
            ),
        ),
        None => Diagnostic::failed(
            "No such load balancer",
            format!(
                "There is no load balancer \"{id}\" in {region}. Check the name, the region and the account; an ARN brings its region along."
            ),
        ),
    })
}

/// The object that a look is to complete: what the user could have written, with the defaults of AWS (not ours) for whatever AWS
/// leaves out of its answers.
pub fn base(balancer: &LoadBalancer, assigned: &Assigned) -> Object {
    let config = as_configured(balancer, assigned);
    let mut object = with_defaults(&SCHEMA.attributes, &config);
    effective::fill(&config, &mut object);
    let of_instances = first(assigned).is_none_or(|(_, group)| group.target_type == "instance");
    object.insert("preserve_client_ip".to_owned(), of_instances.into());
    object.insert("deregistration_delay".to_owned(), DEREGISTRATION_DELAY_OF_AWS.into());
    object
}

fn as_configured(balancer: &LoadBalancer, assigned: &Assigned) -> Object {
    let mut config = SCHEMA.null_object();
    let mut set = |name: &str, value: Value| drop(config.insert(name.to_owned(), value));
    let base = base_name(balancer);
    match base {
        Some(base) => set("name", base.into()),
        None => set("load_balancer_name", balancer.name.as_str().into()),
    }
    set("internal", balancer.internal.into());
    if !balancer.security_groups.is_empty() {
        set("security_group_ids", Value::set(balancer.security_groups.iter().map(|id| id.as_str().into())));
    }
    let pinned = balancer.zones.iter().flat_map(|zone| &zone.addresses).any(|address| {
        address.allocation_id.is_some() || address.private_ipv4_address.is_some() || address.ipv6_address.is_some()
    });
    if pinned {
        set("subnet_mappings", Value::set([])); // says which attribute the look is to fill
    }
    if let Some((_, group)) = first(assigned) {
        let check = &group.health_check;
        let values = [check.interval, check.timeout, check.healthy_threshold, check.unhealthy_threshold];
        let members = COMMON_HEALTH_FIELDS.into_iter().zip(values.map(Value::from));
        set("health_check", members_of("health_check", members));
        set("target_type", group.target_type.as_str().into());
    }
    for role in Role::ALL {
        let value = match (assigned.roles.get(&role), role) {
            (Some((listener, group)), _) => found(role, listener.port, group, base),
            (None, Role::KubernetesApi | Role::TalosApi) => members_of(role.name(), [("enabled", false.into())]),
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
        ("port", port.into()),
        ("target_port", group.port.into()),
        ("target_group_name", name.into()),
        ("health_check", check),
    ];
    members_of(role.name(), members)
}

/// What `name` is to be so that the load balancer has the name that it has.
fn base_name(balancer: &LoadBalancer) -> Option<&str> {
    balancer.name.strip_suffix(BALANCER_SUFFIX).filter(|base| !base.is_empty())
}

/// True if a group has the name that we would give it: itself, or after it has taken over from one of that name.
fn is_named(group: &TargetGroup, ours: &str) -> bool {
    group.name == ours || succession::is_successor(group, &[ours.to_owned()].into())
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
        Some(Type::Object(members)) => members.get("health_check"),
        _ => None,
    };
    object_of(check, [("protocol", protocol.into())])
}

fn object_of(ty: Option<&Type>, members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut object: Object = match ty {
        Some(Type::Object(types)) => types.keys().map(|name| (name.clone(), Value::Null)).collect(),
        _ => Object::new(),
    };
    object.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(object)
}

/// The roles of `parts` that `object` doesn't want.
fn unwanted(object: &Object, parts: &Parts) -> Vec<Role> {
    let reader = Reader::new(object);
    let is_off = |role: &Role| outputs::is_on(&reader, *role) == Maybe::Known(false);
    let exists = |role: &Role| parts.groups.contains_key(role) || parts.listeners.contains_key(role);
    Role::ALL.into_iter().filter(|role| exists(role) && is_off(role)).collect()
}

#[cfg(test)]
mod tests;
