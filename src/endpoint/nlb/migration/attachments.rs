//! The registrations in groups that come over, as `talosendpoint_nlb_attachment`: the user's choice.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{Block, VARIABLE};
use super::layout::Layout;
use super::references::group_arn;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::hcl::{Expression, attributes, quoted};
use crate::framework::shown_state::{Instance, Key};

/// Targets that are in the same groups on the same port, by resources of one module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    module: String,
    group_arns: Vec<String>,
    port: Option<i64>,
    zone: String,
}

/// The blocks of each module that has attachments.
pub fn resources(layout: &Layout<'_>, blocks: &[Block<'_>]) -> BTreeMap<String, String> {
    let mut kinds: BTreeMap<Kind, Targets> = BTreeMap::new();
    for ((module, target, port, zone), group_arns) in registrations(layout) {
        let kind = Kind { module, group_arns: group_arns.into_iter().collect(), port, zone };
        let targets = kinds.entry(kind).or_default();
        let key = key(layout, &target).filter(|key| !targets.contains_key(key));
        let key = key.unwrap_or_else(|| format!("target-{}", targets.len()));
        targets.insert(key, target);
    }
    let mut used = BTreeSet::new();
    let mut resources: BTreeMap<String, String> = BTreeMap::new();
    for (kind, targets) in &kinds {
        let text = resource(kind, targets, layout, blocks, &mut used);
        let before = resources.entry(kind.module.clone()).or_default();
        let space = if before.is_empty() { "" } else { "\n" };
        *before += &format!("{space}{text}");
    }
    resources
}

/// Target ids by the keys that they have in the new resource.
type Targets = BTreeMap<String, String>;

/// The key that a target has in the old resources: ids aren't known before their instances exist, so they can't be keys.
fn key(layout: &Layout<'_>, target: &str) -> Option<String> {
    let mut of_target = layout.attachments.iter().filter(|instance| instance.text("target_id") == target);
    of_target.find_map(|instance| match instance.address.key.as_ref()? {
        Key::Number(number) => Some(number.to_string()),
        Key::Text(text) => Some(text.clone()),
    })
}

type Target = (String, String, Option<i64>, String);

/// The groups of each target. A port that is the group's own needs no mention.
fn registrations(layout: &Layout<'_>) -> BTreeMap<Target, BTreeSet<String>> {
    let mut registrations: BTreeMap<Target, BTreeSet<String>> = BTreeMap::new();
    for attachment in &layout.attachments {
        let arn = attachment.text("target_group_arn");
        let of_group = layout.pairs().find(|pair| pair.group.text("arn") == arn).and_then(|pair| port(pair.group));
        let port = port(attachment).filter(|port| Some(*port) != of_group);
        let target = (
            attachment.address.module.clone(),
            attachment.text("target_id"),
            port,
            attachment.text("availability_zone"),
        );
        registrations.entry(target).or_default().insert(arn);
    }
    registrations
}

fn resource(
    kind: &Kind,
    targets: &Targets,
    layout: &Layout<'_>,
    blocks: &[Block<'_>],
    used: &mut BTreeSet<(String, String)>,
) -> String {
    let roles: BTreeSet<Role> = kind.group_arns.iter().filter_map(|arn| Some(layout.role_of(arn)?.1)).collect();
    let base = if roles.contains(&Role::WorkerTalosApi) { "worker" } else { "control_plane" };
    let mut name = base.to_owned();
    let mut number = 1;
    while !used.insert((kind.module.clone(), name.clone())) {
        number += 1;
        name = format!("{base}_{number}");
    }
    let targets = targets.iter().map(|(key, target)| (quoted(key), Expression::text(target))).collect();
    let targets = Expression::Object(targets);
    let targets = match blocks.iter().any(|block| block.is_switched && block.module == kind.module) {
        true => Expression::Raw(format!("var.{VARIABLE} ? {} : {{}}", targets.write(1, 0))),
        false => targets,
    };
    let mut members = vec![
        ("target_id".to_owned(), Expression::Raw("each.value".to_owned())),
        ("target_group_arns".to_owned(), groups(kind, layout, blocks)),
    ];
    members.extend(kind.port.map(|port| ("port".to_owned(), Expression::Raw(port.to_string()))));
    if !kind.zone.is_empty() {
        members.push(("availability_zone".to_owned(), Expression::text(&kind.zone)));
    }
    let head = attributes(&[("for_each".to_owned(), targets)], 1);
    format!("resource \"talosendpoint_nlb_attachment\" {} {{\n{head}\n{}}}\n", quoted(&name), attributes(&members, 1))
}

/// The groups by reference where the load balancer is in the same module; else by ARN, because a module's outputs are its own.
fn groups(kind: &Kind, layout: &Layout<'_>, blocks: &[Block<'_>]) -> Expression {
    let found: Vec<_> = kind.group_arns.iter().filter_map(|arn| layout.role_of(arn)).collect();
    let first = found.first().map(|(endpoint, _)| endpoint.balancer.address.text.clone());
    let block = found.first().and_then(|(endpoint, _)| blocks.iter().find(|block| block.has(endpoint)));
    let of_one = found.iter().all(|(endpoint, _)| Some(&endpoint.balancer.address.text) == first.as_ref());
    let (Some(block), Some((endpoint, _)), true) =
        (block.filter(|block| block.module == kind.module), found.first(), of_one)
    else {
        return Expression::List(kind.group_arns.iter().map(|arn| Expression::text(arn)).collect());
    };
    let object = block.object(endpoint);
    let roles: BTreeSet<Role> = found.iter().map(|(_, role)| *role).collect();
    let all = |of: bool| -> BTreeSet<Role> {
        endpoint.roles.keys().copied().filter(|role| role.is_control_plane() == of).collect()
    };
    if roles == all(true) {
        return Expression::Raw(format!("{object}.{}", names::CONTROL_PLANE_TARGET_GROUP_ARNS));
    }
    if roles == all(false) {
        return Expression::Raw(format!("{object}.{}", names::WORKER_TARGET_GROUP_ARNS));
    }
    Expression::List(roles.iter().map(|role| Expression::Raw(format!("{object}.{}", group_arn(*role)))).collect())
}

fn port(instance: &Instance) -> Option<i64> {
    instance.value("port").as_i64()
}
