//! An endpoint that moves: what clients dial changes, or where their name leads, and those who hold the old one lose their way.

use super::attributes::{
    ENABLED, HOST, HOST_ENTRY, KUBERNETES_API, KUBERNETES_API_ENDPOINT, PORT, TALOS_API, TALOS_API_ENDPOINT,
};
use super::behind::{Addresses, Behind};
use super::change::{Change, New, Output};
use super::keeping::{Keeping, numbered};
use crate::endpoint::address::bare;
use crate::endpoint::enumeration::listed;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::value::{Object, Value};

const APPLY: &str = "apply the new machine configuration to all nodes";

/// Warns where there are another host, address or port than before for clients to dial, or where their name leads elsewhere.
pub fn moved(change: Change<'_>, diagnostics: &mut Diagnostics) {
    if let Some(warning) = dialled(change).or_else(|| behind_name(change)) {
        diagnostics.push(warning);
    }
}

/// Warns of a replacement, in which the endpoint's own name, the output `own_name`, ends before there is another one.
pub fn replaced(own_name: &str, prior: &Object, diagnostics: &mut Diagnostics) {
    let text = |name: &str| prior.get(name).and_then(Value::as_str);
    let (Some(host), Some(own)) = (text(HOST), text(own_name)) else { return };
    let detail = match host.eq_ignore_ascii_case(own) {
        true => format!(
            "{own} ends with the load balancer, and the name of the new one is known only after apply. The old name is \
             in kubeconfigs, talosconfigs and the cluster endpoint of every node's machine configuration: until they \
             have the new one, nobody reaches the control plane. To avoid that, first set `{HOST}` to a DNS name of \
             yours in a change of its own, and replace the load balancer when every client dials that name."
        ),
        false => format!(
            "Clients dial `{host}` as before, but {own}, the name behind it, ends with the load balancer, and the name \
             of the new one is known only after apply. Set a short TTL before, and lead the DNS record of `{host}` to \
             `{own_name}` of this resource in the same apply."
        ),
    };
    diagnostics.push(Diagnostic::warning(Path::of(HOST), "The endpoint moves", detail));
}

/// The warning where clients must dial something else.
fn dialled(change: Change<'_>) -> Option<Diagnostic> {
    let kubernetes = change.output(KUBERNETES_API_ENDPOINT);
    let talos = change.output(TALOS_API_ENDPOINT).filter(|_| change.is_in_talosconfigs());
    let changes: Vec<Output<'_>> = kubernetes.iter().chain(&talos).copied().collect();
    let (holders, held) = match (kubernetes, talos) {
        (None, None) => return None,
        (Some(_), None) => {
            ("kubeconfigs and the cluster endpoint of every node's machine configuration", "kubeconfigs")
        }
        (None, Some(_)) => ("talosconfigs", "talosconfigs"),
        (Some(_), Some(_)) => (
            "kubeconfigs, talosconfigs and the cluster endpoint of every node's machine configuration",
            "kubeconfigs and talosconfigs",
        ),
    };
    let what = sentences(&changes);
    if changes.iter().all(|(_, new)| *new == New::Nothing) {
        let path = Path::of(if kubernetes.is_some() { KUBERNETES_API } else { TALOS_API });
        let detail = format!("{what} Before you apply this, change {holders} to something that is served.");
        return Some(Diagnostic::warning(path, "API switched off", detail));
    }
    let host = change.output(HOST);
    let mut keeping = host.map(|(old, _)| Keeping::of_host(change, old)).unwrap_or_default();
    let advice = (!keeping.ends.is_empty()).then(|| {
        format!(
            "To avoid that, first set `{HOST}` to a DNS name, in a change of its own, and change the address when \
             every client dials the name."
        )
    });
    let ports = changes.iter().filter(|(old, new)| matches!(new, New::This(new) if port(old) != port(new)));
    let ports: Vec<&str> = ports.filter_map(|(old, _)| port(old)).collect();
    if !ports.is_empty() {
        keep_port(change, held, &ports, &mut keeping);
    }
    let steps = [
        host.and_then(|(_, new)| make_lead(change, new)).into_iter().chain(keeping.before).collect(),
        if kubernetes.is_some() || host.is_some() { vec![APPLY.to_owned()] } else { Vec::new() },
        vec![format!("replace {held}")],
        keeping.after,
    ];
    let is_sure = changes.iter().any(|(_, new)| matches!(new, New::This(_)));
    let stored = format!("The old endpoint is in {holders}.");
    let all = [what, stored].into_iter().chain(keeping.ends.clone()).chain(advice);
    Some(warning(change.mover(), is_sure, all.collect(), keeping.ends.is_empty(), &steps.concat()))
}

/// The warning where clients dial the same name, and that must lead elsewhere.
fn behind_name(change: Change<'_>) -> Option<Diagnostic> {
    let name = change.planned.get(HOST)?.as_str().filter(|host| bare(host).is_none())?;
    let (is_sure, becomes, keeping) = match [change.prior, change.planned].map(change.kind.behind_name) {
        [Behind::LoadBalancer, Behind::LoadBalancer] => return None,
        [Behind::LoadBalancer, Behind::Addresses(new)] => {
            let keeping = Keeping {
                before: vec!["keep the load balancer in service".to_owned()],
                after: vec!["take it out of service".to_owned()],
                ends: Vec::new(),
            };
            (!new.is_open, becomes("the load balancer", &new), keeping)
        }
        [Behind::Addresses(old), Behind::LoadBalancer] => {
            let before = vec!["make the load balancer lead to the control plane".to_owned()];
            let becomes = format!("changes from {} to the load balancer", old.listed());
            (true, becomes, Keeping { before, ..Keeping::default() })
        }
        [Behind::Addresses(old), Behind::Addresses(new)] => {
            let gone = old.of_families_gone_in(&new);
            if gone.is_empty() {
                return None;
            }
            (!new.is_open, becomes(&old.listed(), &new), Keeping::of_addresses(change, &gone))
        }
    };
    let in_host_tables = change.prior.get(HOST_ENTRY).and_then(Value::as_bool) == Some(true);
    let follow = match in_host_tables {
        true => "DNS and the host table of every node have to follow.",
        false => "DNS has to follow.",
    };
    let what = format!("Clients dial `{name}` as before, but where it leads {becomes}.");
    let advice = (!keeping.ends.is_empty())
        .then(|| "So change the DNS record at the same time, with a short TTL set before.".to_owned());
    let steps = [
        keeping.before,
        vec![APPLY.to_owned(), format!("change the DNS record of `{name}`, and wait until its TTL has passed")],
        keeping.after,
    ];
    let all = [what, follow.to_owned()].into_iter().chain(keeping.ends.clone()).chain(advice);
    let path = change.first_changed(change.kind.inputs);
    Some(warning(path, is_sure, all.collect(), keeping.ends.is_empty(), &steps.concat()))
}

/// `changes from OLD to NEW`, as far as the new addresses are known.
fn becomes(old: &str, new: &Addresses) -> String {
    match new.is_open {
        false => format!("changes from {old} to {}", new.listed()),
        true => format!("was {old}, and is known only after apply"),
    }
}

fn warning(path: &str, is_sure: bool, sentences: Vec<String>, is_kept: bool, steps: &[String]) -> Diagnostic {
    let title = if is_sure { "The endpoint moves" } else { "The endpoint may move" };
    let order = if is_kept { "The order that keeps clients connected" } else { "The order" };
    Diagnostic::warning(Path::of(path), title, format!("{} {order}: {}.", sentences.join(" "), numbered(steps)))
}

/// What a new name of the user's own needs before anybody dials it.
fn make_lead(change: Change<'_>, new: New<'_>) -> Option<String> {
    match new {
        New::This(new) if change.sets_host() && bare(new).is_none() => {
            Some(format!("make `{new}` lead to the control plane"))
        }
        _ => None,
    }
}

/// What the old ports need, or why they end.
fn keep_port(change: Change<'_>, held: &str, old: &[&str], keeping: &mut Keeping) {
    let heirs: Vec<(&str, &str)> = old.iter().filter_map(|port| Some((*port, heir(change, port)?))).collect();
    if !heirs.is_empty() {
        let ends = heirs.iter().map(|(port, heir)| {
            format!(
                "Port {port} is the port of `{heir}` from then on, so whoever still dials it reaches another API. \
                 Better give `{heir}` a port that nothing had, in a change after this one."
            )
        });
        keeping.ends.extend(ends);
    } else if change.kind.has_one_port {
        keeping.ends.push(format!(
            "The API server listens on one port alone, so the old one ends when the nodes get their new machine \
             configuration, and {held} must change at the same time."
        ));
    } else {
        keeping.before.push("keep the old port served beside the new one, by a listener or a redirection".to_owned());
        keeping.after.push("end the old port".to_owned());
    }
}

/// The listener that gets this port in the same change.
fn heir<'a>(change: Change<'a>, port: &str) -> Option<&'a str> {
    let has_it = |listener: &Value| {
        let number = listener.attribute(PORT).and_then(Value::as_i64);
        let is_off = listener.attribute(ENABLED).and_then(Value::as_bool) == Some(false);
        number.is_some_and(|number| number.to_string() == port) && !is_off
    };
    change.planned.iter().find(|(_, listener)| has_it(listener)).map(|(name, _)| name.as_str())
}

/// The port of a URL, or of `HOST:PORT`.
fn port(endpoint: &str) -> Option<&str> {
    endpoint.rsplit_once(':').map(|(_, port)| port)
}

/// What changes, in whole sentences.
fn sentences(changes: &[Output<'_>]) -> String {
    let [mut known, mut unknown, mut gone] = [const { Vec::new() }; 3];
    for (old, new) in changes {
        match new {
            New::This(new) => known.push(format!("from {old} to {new}")),
            New::Unknown => unknown.push((*old).to_owned()),
            New::Nothing => gone.push((*old).to_owned()),
        }
    }
    let all = [
        (known.join(", and "), "What clients dial changes ", "."),
        (listed(unknown), "What takes the place of ", " is known only after apply."),
        (listed(gone), "Nothing serves ", " any more."),
    ];
    let all = all.into_iter().filter(|(subject, ..)| !subject.is_empty());
    all.map(|(subject, before, after)| format!("{before}{subject}{after}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
