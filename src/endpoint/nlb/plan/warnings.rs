//! What works but is probably not what the user wants: reported when it is created or changed, not in every plan.

use crate::endpoint::contract;
use crate::endpoint::nlb::model::inputs::{has_security_groups, is_on};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// The port on which Talos nodes look for trustd at the cluster endpoint (siderolabs/talos PR 6694).
const TRUSTD_PORT: i64 = 50001;

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let kind = contract::Kind { own_name: Some(names::DNS_NAME), ..contract::Kind::PLAIN };
    contract::warnings(&kind, config, prior, planned, diagnostics);
    let reader = Reader::new(planned);
    let changed =
        |names: &[&str]| prior.is_none_or(|prior| names.iter().any(|name| prior.get(*name) != planned.get(*name)));
    if changed(&[Role::WorkerTalosApi.name()]) {
        worker_on_trustd_port(&reader, diagnostics);
    }
    if changed(&[Role::KubernetesApi.name()]) {
        https_check_of_the_api_server(&reader, diagnostics);
    }
    if changed(&[names::INTERNAL, names::SECURITY_GROUP_IDS, names::PRESERVE_CLIENT_IP]) {
        open_to_the_world(config, &reader, diagnostics);
        unreachable_from_itself(config, &reader, diagnostics);
    }
    if let Some(prior) = prior {
        who_gets_in(&Reader::new(prior), &reader, diagnostics);
    }
    if changed(&[names::SUBNET_MAPPINGS]) {
        elastic_ips(&reader, diagnostics);
    }
    if prior.is_none() {
        never_a_security_group(&reader, diagnostics);
    }
}

fn worker_on_trustd_port(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(listener) = planned.nested(Role::WorkerTalosApi.name()).present() else { return };
    let on = is_on(planned, Role::WorkerTalosApi) == Maybe::Known(true);
    if on && listener.number(names::PORT).is_known_and(|port| *port == Some(TRUSTD_PORT)) {
        diagnostics.push(Diagnostic::warning(
            Path::of(Role::WorkerTalosApi.name()).attribute(names::PORT),
            "The worker listener is on trustd's port",
            "Talos workers dial port 50001 of the cluster endpoint for trustd of the control plane. Here they reach \
             the Talos API of another worker, which fails the certificate check: joining takes longer, and fails where \
             discovery is off. Choose another port, such as 50010, or switch `trustd` on instead.",
        ));
    }
}

fn https_check_of_the_api_server(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let check = planned
        .nested(Role::KubernetesApi.name())
        .present()
        .and_then(|listener| listener.nested(names::HEALTH_CHECK).present());
    let Some(check) = check else { return };
    if check.text(names::PROTOCOL).is_known_and(|protocol| *protocol == Some("HTTPS")) {
        diagnostics.push(Diagnostic::warning(
            Path::of(Role::KubernetesApi.name()).attribute(names::HEALTH_CHECK).attribute(names::PROTOCOL),
            "HTTPS health check of the API server",
            "Talos starts kube-apiserver without anonymous access: up to 1.13 it answers 401, which is healthy only \
             with a `matcher` that has 401, and from 1.14 on it takes TLS 1.3 only, which the check may not speak. \
             Every node would be marked unhealthy. The safe check is `protocol = \"TCP\"`.",
        ));
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
