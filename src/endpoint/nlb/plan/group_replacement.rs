//! Target groups that must be replaced: port, name and address family of a group cannot be changed, so a successor takes over its targets
//! and its listener.

use std::collections::BTreeSet;

use aws_lc_rs::digest;

use crate::endpoint::nlb::model::desired::{Desired, GroupSettings};
use crate::endpoint::nlb::model::inputs::listener;
use crate::endpoint::nlb::model::inventory::{Existing, Inventory};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};
use crate::remote::elb::{IPV4, TargetGroup};

/// How much of the base name stays in a successor's name; nine characters of hash follow, 32 in all.
const KEPT: usize = 23;

/// A group that needs a successor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupReplacement {
    /// The role of the listener whose group it is.
    pub role: Role,
    /// The successor's name, if what it is made of is known.
    pub name: Maybe<String>,
    /// The role whose present group has the name: its own one, where the name is the user's and doesn't change, or another one, which has
    /// the name until it is removed at the end.
    pub name_taken_by: Option<Role>,
    /// The argument whose change needs it.
    pub because: Path,
}

/// The groups of `inventory` that `planned` can't keep.
pub fn needed(config: &Object, prior: &Object, planned: &Object, inventory: &Inventory) -> Vec<GroupReplacement> {
    Role::ALL.into_iter().filter_map(|role| replacement(role, config, prior, planned, inventory)).collect()
}

/// Gives the groups of `desired` the names that they really have or, where one needs a successor, that one's name.
pub fn take_names(desired: &mut Desired, config: &Object, prior: &Object, planned: &Object) {
    let inventory = Inventory::from_state(prior);
    let replacements = needed(config, prior, planned, &inventory);
    for (role, settings) in &mut desired.groups {
        let name = match replacements.iter().find(|replacement| replacement.role == *role) {
            Some(replacement) => replacement.name.clone().known(),
            None => inventory.groups.get(role).map(|group| group.settings.name.clone()),
        };
        settings.name = name.unwrap_or_else(|| settings.name.clone());
    }
}

/// Where a group of a dead run that can't stay as it is has the desired name, its successor gets another one.
pub fn name_beside_recovered(desired: &mut Desired, inventory: &Inventory, prior: Option<&Object>) {
    let before = prior.map(Inventory::from_state).unwrap_or_default();
    for (role, group) in inventory.groups.iter().filter(|(role, _)| !before.groups.contains_key(role)) {
        if let Some(want) = desired.groups.get_mut(role) {
            want.name = name_beside(&group.settings, want);
        }
    }
}

fn replacement(
    role: Role,
    config: &Object,
    prior: &Object,
    planned: &Object,
    inventory: &Inventory,
) -> Option<GroupReplacement> {
    let present = &inventory.groups.get(&role)?.settings;
    let before = Reader::new(prior).nested(role.name()).present()?;
    let after = Reader::new(planned).nested(role.name()).present()?;
    let enabled = after.bool(names::ENABLED).is_known_and(|enabled| *enabled != Some(false));
    let (name, port) = (after.text(names::TARGET_GROUP_NAME), after.number(names::TARGET_PORT));
    // The state has the name that was asked for: a group that has taken over has another one, which may be asked for by its own name.
    let has_it = name == Maybe::Known(Some(present.name.as_str()));
    let renamed = name != Maybe::Unknown && !has_it && name != before.text(names::TARGET_GROUP_NAME);
    let moved = port.is_known_and(|port| *port != Some(present.port));
    let family = |object: &Object| object.get(names::TARGET_IP_ADDRESS_TYPE).unwrap_or(&Value::Null).clone();
    let families = (family(prior).as_str().unwrap_or(IPV4).to_owned(), family(planned));
    let other_family = families.1.as_str().is_some_and(|family| family != families.0);
    let successor = match name.clone().present() {
        Some(base) => hashed(base, &port, planned),
        None => Maybe::Unknown,
    };
    // Of several groups some have been replaced already where a run has ended half-way: the name says it.
    let refamilied = other_family && successor != Maybe::Known(present.name.clone());
    if !enabled || !(renamed || moved || refamilied) {
        return None;
    }
    let listener = Path::of(role.name());
    let because = match (renamed, moved) {
        (true, _) => listener.attribute(names::TARGET_GROUP_NAME),
        (false, true) => listener.attribute(names::TARGET_PORT),
        (false, false) => Path::of(names::TARGET_IP_ADDRESS_TYPE),
    };
    let explicit = config.get(role.name()).and_then(|listener| listener.attribute(names::TARGET_GROUP_NAME));
    let explicit = explicit.is_some_and(|name| !name.is_null());
    let desired = name.present().map(str::to_owned);
    let name = match (desired, renamed) {
        (Some(desired), true) if desired != present.name => Maybe::Known(desired),
        _ => successor,
    };
    let of_another = || holder(role, name.clone().known().as_deref()?, inventory);
    let name_taken_by = if explicit && !renamed { Some(role) } else { of_another() };
    Some(GroupReplacement { role, name_taken_by, name, because })
}

/// The other role whose present group has this name.
fn holder(role: Role, name: &str, inventory: &Inventory) -> Option<Role> {
    let has_it = |(other, group): &(&Role, &Existing<GroupSettings>)| **other != role && group.settings.name == name;
    inventory.groups.iter().find(has_it).map(|(other, _)| *other)
}

/// Refuses a new group with a name that the present group of another listener has until the end of the apply.
pub fn new_groups(planned: &Object, inventory: &Inventory, diagnostics: &mut Diagnostics) {
    let reader = Reader::new(planned);
    for role in Role::ALL {
        let new = listener(&reader, role).filter(|_| !inventory.groups.contains_key(&role));
        let name = new.and_then(|listener| listener.text(names::TARGET_GROUP_NAME).present());
        if let Some((name, other)) = name.and_then(|name| Some((name, holder(role, name, inventory)?))) {
            diagnostics.push(held_by_another(role, name, other));
        }
    }
}

fn held_by_another(role: Role, name: &str, other: Role) -> Diagnostic {
    Diagnostic::invalid(
        Path::of(role.name()).attribute(names::TARGET_GROUP_NAME),
        "The target group's name is taken",
        format!(
            "`{name}` is the name of the present target group of `{}`, and a target group is made before another one \
             is removed. Set a name here that no group has now. For the name itself, apply that first, and set the \
             name in a second change.",
            other.name()
        ),
    )
}

fn hashed(base: &str, port: &Maybe<Option<i64>>, planned: &Object) -> Maybe<String> {
    let text = |name: &str| planned.get(name).and_then(Value::as_str);
    match (port, text(names::TARGET_TYPE), text(names::VPC_ID), text(names::TARGET_IP_ADDRESS_TYPE)) {
        (Maybe::Known(Some(port)), Some(kind), Some(vpc), Some(family)) => {
            Maybe::Known(name(base, *port, kind, vpc, family))
        }
        _ => Maybe::Unknown,
    }
}

/// The name of a successor: the same for the same settings, so that a killed run's group is found again. The hash is of the whole base
/// name too: two groups whose long names differ only at the end must not get one successor.
pub fn name(base: &str, port: i64, target_type: &str, vpc_id: &str, ip_address_type: &str) -> String {
    let settings = format!("{base}/{port}/{target_type}/{vpc_id}/TCP/{ip_address_type}");
    let hash = digest::digest(&digest::SHA256, settings.as_bytes());
    let hash: String = hash.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let kept: String = base.chars().take(KEPT).collect();
    format!("{}-{hash}", kept.trim_end_matches('-'))
}

/// The name that the group of a role is to have where a killed run's group was `found` behind the role's listener: the name of that group
/// where it fits, else one that it doesn't have.
pub fn name_beside(found: &GroupSettings, want: &GroupSettings) -> String {
    match (found.fits(want), found.name == want.name, &found.vpc_id) {
        (true, _, _) => found.name.clone(),
        (false, true, Some(vpc)) => name(&want.name, want.port, &want.target_type, vpc, &want.ip_address_type),
        (false, _, _) => want.name.clone(),
    }
}

/// The names of all groups that `object` can have without being asked for another name.
pub fn default_names(object: &Object) -> BTreeSet<String> {
    let name = object.get(names::NAME).and_then(Value::as_str);
    name.into_iter().flat_map(|name| Role::ALL.map(|role| format!("{name}{}", role.group_suffix()))).collect()
}

/// Every name that groups of `objects` have or could have without being asked for another: from these the names of successors are made.
pub fn base_names(objects: &[&Object]) -> BTreeSet<String> {
    let name = |(object, role): (&&Object, Role)| {
        Some(object.get(role.name())?.attribute(names::TARGET_GROUP_NAME)?.as_str()?.to_owned())
    };
    let given = objects.iter().flat_map(|object| Role::ALL.map(|role| (object, role))).filter_map(name);
    given.chain(objects.iter().flat_map(|object| default_names(object))).collect()
}

/// True if `group` was made to take over from a group of one of these names.
pub fn is_successor(group: &TargetGroup, base_names: &BTreeSet<String>) -> bool {
    let TargetGroup { port, target_type, vpc_id, ip_address_type, .. } = group;
    base_names.iter().any(|base| group.name == name(base, *port, target_type, vpc_id, ip_address_type))
}

/// Refuses what can't be done, and warns once of what a replacement does to what holds the ARN of the present group.
pub fn review(replacements: &[GroupReplacement], diagnostics: &mut Diagnostics) {
    let (taken, made): (Vec<_>, Vec<_>) = replacements.iter().partition(|one| one.name_taken_by.is_some());
    for GroupReplacement { role, name, name_taken_by, .. } in taken {
        diagnostics.push(match (name_taken_by, name) {
            (Some(other), Maybe::Known(name)) if other != role => held_by_another(*role, name, *other),
            _ => Diagnostic::invalid(
                Path::of(role.name()).attribute(names::TARGET_GROUP_NAME),
                "The target group's name is taken",
                "The change needs a new target group beside the present one, which has this name. Set another \
                 `target_group_name` in the same change, or leave it out: then a free name is made.",
            ),
        });
    }
    let Some(first) = made.first() else { return };
    let roles: Vec<String> = made.iter().map(|replacement| format!("`{}`", replacement.role.name())).collect();
    diagnostics.push(Diagnostic::warning(
        first.because.clone(),
        "A new target group takes over",
        format!(
            "Port, name and address family of a target group cannot be changed. A new group is made (for {}), the \
             present targets are registered in it, the listener moves once as many of them are healthy as before, and \
             the present group is deleted.\n\n`talosendpoint_nlb_attachment` follows in place. \
             `aws_lb_target_group_attachment` resources are replaced by Terraform: they deregister from the old group \
             first, and register in the new one after the listener has moved. An Auto Scaling group keeps the ARN of \
             the deleted group, and its new instances get no traffic: where its `target_group_arns` refer to an output \
             of this resource, the same apply corrects them; everywhere else, do so right after the apply.",
            roles.join(", ")
        ),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_stable_and_fits() {
        let of = |base: &str, port: i64, family: &str| name(base, port, "instance", "vpc-1", family);
        let first = of("production-cluster-talos-api-tg", 6443, "ipv4");
        assert_eq!(first, of("production-cluster-talos-api-tg", 6443, "ipv4"));
        assert_ne!(first, of("production-cluster-talos-api-tg", 7443, "ipv4"));
        assert_ne!(first, of("production-cluster-talos-api-tg", 6443, "ipv6"));
        assert!(first.len() <= 32 && first.starts_with("production-cluster-talo"), "{first}");
        let [nodes, workers] = ["nodes", "workers"].map(|end| format!("production-cluster-talos-{end}"));
        assert_ne!(of(&nodes, 50005, "ipv4"), of(&workers, 50005, "ipv4"));
        assert!(!name("abcdefghijklmnopqrstuv-x", 1, "ip", "vpc-1", "ipv4").contains("--"));
    }
}
