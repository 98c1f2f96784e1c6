//! What a plan decides: whatever follows from the configuration, the stored object and what is remembered beside it. Pure.

pub mod defaults;
pub mod rules;
pub mod warnings;
pub mod render;
pub mod diff;
pub mod outputs;
pub mod replacement;
pub mod group_replacement;
pub mod import;

use std::collections::BTreeMap;

use self::group_replacement::Succession;
use self::outputs::{Facts, configured_host, tags_all};
use super::model::inventory::Parts;
use super::model::private::{FAILED, MISROUTED, UNEVEN};
use super::model::role::Role;
use super::model::spec::is_on;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::resource::Plan;
use crate::framework::value::{Object, Value};

/// Completes the plan: every computed value that is known already, replacement or its refusal, warnings. `default_tags` are the
/// provider's, unknown while its configuration is.
pub fn plan(plan: &mut Plan<'_>, default_tags: Maybe<BTreeMap<String, String>>) {
    // Values that are null by rule (the path of a TCP check) were taken for "not known yet" where something else changes.
    defaults::fill(plan.config, plan.planned);
    if let Some(prior) = plan.prior {
        import::marks::keep_names(plan.config, prior, plan.planned, plan.private);
        let let_go = import::marks::let_go(prior, plan.planned, plan.private);
        import::marks::warn(&let_go, prior, plan.diagnostics);
    }
    if rules::may_be_own(&configured_host(plan.config, None)) {
        let host = configured_host(plan.config, plan.prior);
        rules::talos_version(&Reader::new(plan.planned), host, plan.diagnostics);
    }
    let mut parts = plan.prior.map(Parts::from_state).unwrap_or_default();
    let successions =
        plan.prior.map(|prior| group_replacement::needed(plan.config, prior, plan.planned, &parts)).unwrap_or_default();
    group_replacement::review(&successions, plan.diagnostics);
    successions.iter().for_each(|succession| drop(parts.groups.remove(&succession.role)));
    let facts = Facts {
        parts: &parts,
        configured_host: configured_host(plan.config, plan.prior),
        region: region(plan.config, plan.prior),
        group_names: group_names(plan.prior, &parts, successions),
        tags_all: tags_all(plan.planned, default_tags),
    };
    outputs::write(plan.planned, &facts);
    if let Some(prior) = plan.prior {
        replacement::plan(prior, plan.planned, plan.replace, plan.diagnostics);
        reroute(plan);
        finish(plan);
    }
    // Terraform plans a replacement a second time, as a create, and drops the warnings of that.
    let prior = plan.prior.filter(|_| plan.replace.is_empty());
    warnings::warnings(plan.config, prior, plan.planned, plan.diagnostics);
}

/// The names of groups to be made, where they are not simply `target_group_name`. One that is lost may have had a successor, which the
/// apply finds behind the listener.
fn group_names(prior: Option<&Object>, parts: &Parts, successions: Vec<Succession>) -> BTreeMap<Role, Maybe<String>> {
    let stored = |role: &Role| prior.is_some_and(|prior| is_on(&Reader::new(prior), *role) == Maybe::Known(true));
    let lost = Role::ALL.into_iter().filter(|role| stored(role) && !parts.groups.contains_key(role));
    let mut names: BTreeMap<Role, Maybe<String>> = lost.map(|role| (role, Maybe::Unknown)).collect();
    names.extend(successions.into_iter().map(|succession| (succession.role, succession.name)));
    names
}

fn region(config: &Object, prior: Option<&Object>) -> Maybe<String> {
    let stored = prior.and_then(|prior| prior.get("region")).and_then(Value::as_str);
    match (Reader::new(config).text("region"), stored) {
        (Maybe::Known(Some(region)), _) => Maybe::Known(region.to_owned()),
        (Maybe::Known(None), Some(region)) => Maybe::Known(region.to_owned()),
        _ => Maybe::Unknown,
    }
}

/// A listener that forwards elsewhere has no attribute that shows it: the plan shows an update of its ARN, and says why.
fn reroute(plan: &mut Plan<'_>) {
    let Some(roles) = plan.private.get(MISROUTED).and_then(|roles| roles.as_array()) else { return };
    let names: Vec<&str> = roles.iter().filter_map(|role| role.as_str()).collect();
    if names.is_empty() {
        return;
    }
    plan.diagnostics.push(Diagnostic::warning(
        Path::of("listener_arns"),
        "A listener forwards elsewhere",
        format!(
            "Changed outside of Terraform: {} no longer forwards to its own target group alone. The apply puts that right.",
            names.join(", ")
        ),
    ));
    let Some(Value::Map(arns)) = plan.planned.get_mut("listener_arns") else { return };
    for name in names {
        arns.insert(name.to_owned(), Value::UNKNOWN_NOT_NULL);
    }
}

/// What an earlier run has left half-done may show in no attribute (groups in the middle of a succession, a setting that only some
/// groups have, the marker of a failed create that the user wants to keep): the plan shows an update of the listeners' ARNs, so that the apply goes on.
fn finish(plan: &mut Plan<'_>) {
    let left = Parts::default().recalled(plan.private);
    let uneven = plan.private.get(UNEVEN).is_some();
    let failed = plan.private.get(FAILED).is_some();
    let changes = plan.prior.is_some_and(|prior| prior != plan.planned);
    if changes || !(uneven || failed) && left.successors.is_empty() && left.retired.is_empty() {
        return;
    }
    if uneven {
        plan.diagnostics.push(Diagnostic::warning(
            Path::of("listener_arns"),
            "Not all parts are set alike",
            "Some target groups, listeners or tags differ from the others: an earlier change ended half-way, or one of them was changed \
             outside of Terraform. The apply sets all of them as configured.",
        ));
    }
    let Some(Value::Map(arns)) = plan.planned.get_mut("listener_arns") else { return };
    arns.values_mut().for_each(|arn| *arn = Value::UNKNOWN_NOT_NULL);
}

#[cfg(test)]
mod tests;
