//! What works but is probably not what the user wants, whatever the kind of endpoint: reported when something is created or changes.

use super::attributes::{
    API_SERVER_CERT_SANS, CONTROL_PLANE_CONFIG_PATCHES, NODES, PATCHES, TALOS_API, TALOS_VERSION, TALOSCTL_ENDPOINTS,
    WORKER_CONFIG_PATCHES,
};
use super::change::Change;
use super::host_address::foreign_host;
use super::kind::Kind;
use super::moved::moved;
use super::removed::removed;
use super::talos_version::TalosVersion;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::value::{Object, Value};

/// Warns of `planned`, where it differs from `prior`.
pub fn warnings(
    kind: &Kind<'_>,
    config: &Object,
    prior: Option<&Object>,
    planned: &Object,
    diagnostics: &mut Diagnostics,
) {
    if let Some(prior) = prior {
        let change = Change { kind, config, prior, planned };
        moved(change, diagnostics);
        removed(change, diagnostics);
    }
    let found = [
        foreign_host(kind, prior, planned),
        another_form(kind, prior, planned),
        unknown_version(prior, planned),
        no_talosctl_endpoints(prior, planned),
    ];
    found.into_iter().flatten().for_each(|warning| diagnostics.push(warning));
}

fn version(object: &Object) -> Option<TalosVersion> {
    TalosVersion::parse(object.get(TALOS_VERSION)?.as_str()?)
}

/// The form of the patches changes: they need a base of the same form.
fn another_form(kind: &Kind<'_>, prior: Option<&Object>, planned: &Object) -> Option<Diagnostic> {
    let prior = prior?;
    let (old, new) = (version(prior)?, version(planned)?);
    let documents = |object: &Object, version: TalosVersion| {
        let chosen = kind.form.and_then(|(_, form)| form(object));
        chosen.unwrap_or_else(|| version.has_network_documents())
    };
    let (before, after) = (documents(prior, old), documents(planned, new));
    let patches = [PATCHES, CONTROL_PLANE_CONFIG_PATCHES, WORKER_CONFIG_PATCHES];
    let same = before == after && old.has_kubernetes_documents() == new.has_kubernetes_documents();
    if same || patches.iter().all(|name| prior.get(*name) == planned.get(*name)) {
        return None;
    }
    let names = planned.get(API_SERVER_CERT_SANS).is_none_or(|names| names.elements() != Some(&[]));
    let needs = match (new.has_kubernetes_documents() && !old.has_kubernetes_documents(), after) {
        (true, _) if names => {
            " The patch for the API server's names needs siderolabs/talos 0.12.0 or newer, which has the Talos 1.14 \
             SDK."
        }
        (_, true) => " Documents need siderolabs/talos 0.10.0 or newer.",
        _ => "",
    };
    let merged = "Merged into a configuration of the old form, patches are appended to what is there, and a node \
                  refuses what is said in both forms.";
    let (path, detail) = match kind.form.filter(|_| old.has_same_form(new)) {
        Some((form, _)) => {
            let name = |documents: bool| if documents { "documents of their own" } else { "the legacy form" };
            let change = format!("The patches change from {} to {}.", name(before), name(after));
            (form, format!("{change} Generate the machine configurations anew. {merged}{needs}"))
        }
        None => (
            TALOS_VERSION,
            format!(
                "From {old} to {new} the form of the patches changes. Generate the machine configurations anew: set \
                 the same `talos_version` in every `talos_machine_configuration`. {merged}{needs}"
            ),
        ),
    };
    Some(Diagnostic::warning(Path::of(path), "The form of the patches changes", detail))
}

/// A contract that was not there when this provider was made.
fn unknown_version(prior: Option<&Object>, planned: &Object) -> Option<Diagnostic> {
    let new = version(planned).filter(|new| *new > TalosVersion::NEWEST)?;
    if prior.and_then(version) == Some(new) {
        return None;
    }
    let newest = TalosVersion::NEWEST;
    Some(Diagnostic::warning(
        Path::of(TALOS_VERSION),
        "Unknown Talos version",
        format!(
            "This provider knows Talos up to {newest} and writes patches for {new} in the form of {newest}, which a \
             newer Talos may not take. If {new} is a typing error, correct it; otherwise look for a newer version of \
             this provider."
        ),
    ))
}

/// Nothing that talosctl could dial is known.
fn no_talosctl_endpoints(prior: Option<&Object>, planned: &Object) -> Option<Diagnostic> {
    let lacks = |object: &Object| {
        let none = |name: &str| match object.get(name) {
            Some(Value::List(items)) => items.is_empty(),
            Some(Value::Map(items)) => items.is_empty(),
            _ => false,
        };
        none(TALOSCTL_ENDPOINTS) && none(NODES)
    };
    if !lacks(planned) || prior.is_some_and(lacks) {
        return None;
    }
    Some(Diagnostic::warning(
        Path::of(TALOS_API),
        "No talosctl endpoints",
        "`talosctl_endpoints` is empty: the endpoint doesn't serve the Talos API, and this resource knows no nodes. \
         Set `endpoints` of `talos_client_configuration` to the addresses of the control-plane nodes yourself.",
    ))
}

#[cfg(test)]
mod tests;
