//! What works but is probably not what the user wants: reported when it is created or changed, not in every plan.

mod listeners;

use std::collections::BTreeSet;

use crate::endpoint::contract;
use crate::endpoint::enumeration::listed;
use crate::endpoint::nlb::model::inputs::has_security_groups;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let kind = contract::Kind { own_name: Some(names::DNS_NAME), ..contract::Kind::PLAIN };
    contract::warnings(&kind, config, prior, planned, diagnostics);
    let reader = Reader::new(planned);
    let changed =
        |names: &[&str]| prior.is_none_or(|prior| names.iter().any(|name| prior.get(*name) != planned.get(*name)));
    for role in Role::ALL.into_iter().filter(|role| changed(&[role.name()])) {
        listeners::ports(&reader, role, diagnostics);
        listeners::health_check(&reader, role, diagnostics);
    }
    if changed(&[names::INTERNAL, names::SECURITY_GROUP_IDS, names::PRESERVE_CLIENT_IP]) {
        open_to_the_world(config, &reader, diagnostics);
        unreachable_from_itself(config, &reader, diagnostics);
    }
    if let Some(prior) = prior {
        who_gets_in(&Reader::new(prior), &reader, diagnostics);
        subnets_removed(&Reader::new(prior), &reader, diagnostics);
    }
    if changed(&[names::SUBNET_MAPPINGS]) {
        elastic_ips(&reader, diagnostics);
    }
    if prior.is_none() {
        never_a_security_group(&reader, diagnostics);
    }
}

fn open_to_the_world(config: &Object, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let public = planned.bool(names::INTERNAL).is_known_and(|internal| *internal == Some(false));
    let unfiltered = has_security_groups(planned).is_known_and(|has| !has);
    let hidden = config.get(names::PRESERVE_CLIENT_IP).and_then(Value::as_bool) == Some(false);
    if public && unfiltered && hidden {
        diagnostics.push(Diagnostic::warning(
            Path::of(names::PRESERVE_CLIENT_IP),
            "Nothing limits who reaches the control plane",
            "The load balancer is internet-facing, has no security group, and hides the client's address from the \
             nodes, so their security groups see only the load balancer. Set `security_group_ids` to a group that \
             admits your admins' addresses, or leave `preserve_client_ip` out.",
        ));
    }
}

/// With the address that the nodes see, those change whom the nodes' own security groups let in.
fn who_gets_in(before: &Reader<'_>, after: &Reader<'_>, diagnostics: &mut Diagnostics) {
    // Others make a new load balancer.
    let same = before.bool(names::INTERNAL) == after.bool(names::INTERNAL)
        && has_security_groups(before) == has_security_groups(after);
    if !same {
        return;
    }
    let preserved = |object: &Reader<'_>| object.bool(names::PRESERVE_CLIENT_IP).present();
    let (title, detail) = match (preserved(before), preserved(after)) {
        (Some(true), Some(false)) => (
            "The nodes no longer see the client's address",
            "Their security groups see the load balancer instead. Rules that admit clients by their addresses let \
             nobody in any more, and a rule that admits the load balancer (its security group, or the addresses of its \
             subnets) lets everybody in who reaches it. Before the apply, admit the load balancer on the targets' \
             ports; limit the clients by a security group of the load balancer, or by who has a way to it.",
        ),
        (Some(false), Some(true)) => (
            "The nodes see the client's address",
            "Their security groups no longer see the load balancer, except for its health checks. Clients that no rule \
             admits by their own addresses are shut out. Before the apply, admit them on the targets' ports.",
        ),
        _ => return,
    };
    let public = after.bool(names::INTERNAL) == Maybe::Known(Some(false));
    let unfiltered = has_security_groups(after) == Maybe::Known(false);
    // Said already, and worse: nothing limits anybody.
    if !(public && unfiltered && preserved(after) == Some(false)) {
        diagnostics.push(Diagnostic::warning(Path::of(names::PRESERVE_CLIENT_IP), title, detail));
    }
}

/// What a zone had ends with it: a subnet of the same zone in its place counts too, because AWS can only remove and add (user guide, zones
/// of a Network Load Balancer).
fn subnets_removed(before: &Reader<'_>, after: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let [Some(old), Some(new)] = [before, after].map(subnets) else { return };
    let gone: Vec<&&str> = old.difference(&new).collect();
    if gone.is_empty() {
        return;
    }
    let place = if after.value(names::SUBNET_MAPPINGS).is_null() { names::SUBNET_IDS } else { names::SUBNET_MAPPINGS };
    diagnostics.push(Diagnostic::warning(
        Path::of(place),
        "A zone is taken out of the load balancer",
        format!(
            "{} no longer belongs to the load balancer. What its zone had ends at once: the zone's address, an Elastic \
             IP in it, and every connection to targets in this zone. Targets there get no more traffic, unless another \
             subnet of the zone takes its place; then they do once AWS has set that up, which takes some minutes. A \
             client that has cached the zone's address fails until it asks DNS again.",
            listed(gone)
        ),
    ));
}

/// The subnets, where all of them are known.
fn subnets<'a>(object: &Reader<'a>) -> Option<BTreeSet<&'a str>> {
    let ids = object.texts(names::SUBNET_IDS).known()?.unwrap_or_default();
    let mut all: BTreeSet<&str> = ids.into_iter().map(Maybe::known).collect::<Option<_>>()?;
    for mapping in object.nested_items(names::SUBNET_MAPPINGS).known()?.unwrap_or_default() {
        all.insert(mapping.text(names::SUBNET_ID).present()?);
    }
    Some(all)
}

/// AWS tells the address of an Elastic IP to EC2 only, which isn't asked.
fn elastic_ips(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let mappings = planned.nested_items(names::SUBNET_MAPPINGS).present().unwrap_or_default();
    let pinned = mappings.iter().filter(|mapping| !mapping.text(names::ALLOCATION_ID).is_absent()).count();
    let named = contract::additional_names(planned).known().map_or(usize::MAX, |names| names.len());
    if pinned > named {
        diagnostics.push(Diagnostic::warning(
            Path::of(names::SUBNET_MAPPINGS),
            "Elastic IPs are not in the certificates",
            "This resource knows the allocation ids of the Elastic IPs, not their addresses. A client that dials one \
             of them by its address is refused by the certificate check. Where that is wanted, put the addresses into \
             `additional_names`, for example `[aws_eip.a.public_ip, aws_eip.b.public_ip]`, and set `talos_version`.",
        ));
    }
}

fn unreachable_from_itself(config: &Object, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let internal = planned.bool(names::INTERNAL).is_known_and(|internal| *internal == Some(true));
    let shown = config.get(names::PRESERVE_CLIENT_IP).and_then(Value::as_bool) == Some(true);
    if internal && shown {
        diagnostics.push(Diagnostic::warning(
            Path::of(names::PRESERVE_CLIENT_IP),
            "A node cannot reach itself through this load balancer",
            "With client addresses preserved, a control-plane node that dials the endpoint and is led back to itself \
             gets no answer, about one time in as many as there are nodes. Leave `preserve_client_ip` out: an internal \
             load balancer doesn't need it.",
        ));
    }
}

fn never_a_security_group(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let public = planned.bool(names::INTERNAL).is_known_and(|internal| *internal == Some(false));
    if public && has_security_groups(planned).is_known_and(|has| !has) {
        diagnostics.push(Diagnostic::warning(
            Path::of(names::SECURITY_GROUP_IDS),
            "An internet-facing load balancer without a security group",
            "A load balancer that is created without a security group can never be given one. Clients are filtered by \
             the nodes' security groups alone, which must admit them on every port. Better: set `security_group_ids` \
             to a group that admits your admins' addresses before the first apply.",
        ));
    }
}

#[cfg(test)]
mod tests;
