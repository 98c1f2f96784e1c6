//! An endpoint that moves: what clients dial changes, and those who hold the old one lose their way.

use super::attributes::{CONTROL_PLANE, HOST, KUBERNETES_API, KUBERNETES_API_ENDPOINT, TALOS_API, TALOS_API_ENDPOINT};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::value::{Object, Value};

/// The inputs whose addresses are the host where the configuration sets none.
const ADDRESSES: [&str; 3] = ["vip", "load_balancers", CONTROL_PLANE];

/// Warns where `planned` has another host, address or port than `prior` for clients to dial.
pub fn moved(config: &Object, prior: Option<&Object>, planned: &Object, diagnostics: &mut Diagnostics) {
    let Some(prior) = prior else { return };
    let kubernetes = change(prior, planned, KUBERNETES_API_ENDPOINT);
    let talos = change(prior, planned, TALOS_API_ENDPOINT);
    let holders = match (&kubernetes, &talos) {
        (None, None) => return,
        (Some(_), None) => "kubeconfigs, and the cluster endpoint in every node's machine configuration",
        (None, Some(_)) => "talosconfigs",
        (Some(_), Some(_)) => {
            "kubeconfigs, talosconfigs, and the cluster endpoint in every node's machine configuration"
        }
    };
    let changes: Vec<String> =
        kubernetes.iter().chain(&talos).map(|(old, new)| format!("from {old} to {new}")).collect();
    let old_host = change(prior, planned, HOST).map(|(old, _)| old);
    let first = match old_host {
        Some(old) => format!(
            "(1) put {old:?} into `additional_names`, so that certificates are good for both, and keep it leading to \
             the control plane; "
        ),
        None => "(1) keep the old port served beside the new one, by a listener or a redirection; ".to_owned(),
    };
    diagnostics.push(Diagnostic::warning(
        Path::of(mover(config, prior, planned)),
        "The endpoint moves",
        format!(
            "What clients dial changes {}. The old one is in {holders}. The order that keeps them connected: \
             {first}(2) apply the new machine configuration to all nodes; (3) replace kubeconfigs and talosconfigs; \
             (4) end the old one.",
            changes.join(", and ")
        ),
    ));
}

/// The old and the new value of an output, where both are known, are there, and differ.
fn change<'a>(prior: &'a Object, planned: &'a Object, name: &str) -> Option<(&'a str, &'a str)> {
    let text = |object: &'a Object| object.get(name).and_then(Value::as_str);
    let (old, new) = (text(prior)?, text(planned)?);
    (!old.eq_ignore_ascii_case(new)).then_some((old, new))
}

/// The input that moves it.
fn mover(config: &Object, prior: &Object, planned: &Object) -> &'static str {
    let changed = |name: &&str| planned.contains_key(*name) && prior.get(*name) != planned.get(*name);
    let of_host = || match config.get(HOST).is_none_or(Value::is_null) {
        true => ADDRESSES.into_iter().find(|name| changed(name)),
        false => None,
    };
    match change(prior, planned, HOST) {
        Some(_) => of_host().unwrap_or(HOST),
        None => [KUBERNETES_API, TALOS_API].into_iter().find(|name| changed(name)).unwrap_or(HOST),
    }
}
