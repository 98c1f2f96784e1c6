//! The plan of a create or an update as a whole.

use std::collections::BTreeMap;

use super::group_replacement::{self, GroupReplacement};
use super::outputs::{self, Outside, region, tags_all};
use super::{import, replacement, rules, warnings};
use crate::endpoint::contract;
use crate::endpoint::nlb::model::inputs::is_on;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::resource::Plan;
use crate::framework::value::{Object, Value};

/// Completes the plan of a create or an update: every computed value that is known already, replacement or its refusal, warnings.
/// `default_tags` are the provider's, unknown while its configuration is.
pub fn plan(plan: &mut Plan<'_>, default_tags: Maybe<BTreeMap<String, String>>) {
    let memory = Memory::read(plan.private);
    if let Some(prior) = plan.prior {
        import::marks::keep_names(plan.config, prior, plan.planned, &memory);
        let let_go = import::marks::let_go(prior, plan.planned, &memory);
        import::marks::warn(&let_go, prior, plan.diagnostics);
    }
    talos_version(plan);
    let mut inventory = plan.prior.map(Inventory::from_state).unwrap_or_default();
    let replacements = plan.prior.map(|prior| group_replacement::needed(plan.config, prior, plan.planned, &inventory));
    let replacements = replacements.unwrap_or_default();
    let replaces = plan.prior.is_some_and(|prior| !replacement::needed(prior, plan.planned).is_empty());
    if !replaces {
        group_replacement::review(&replacements, plan.diagnostics);
        if plan.prior.is_some() {
            group_replacement::new_groups(plan.planned, &inventory, plan.diagnostics);
        }
    }
    replacements.iter().for_each(|replacement| drop(inventory.groups.remove(&replacement.role)));
    let outside = Outside {
        inventory: &inventory,
        prior: plan.prior,
        region: region(plan.config, plan.prior),
        group_names: group_names(plan.prior, &inventory, replacements),
        tags_all: tags_all(plan.planned, default_tags),
    };
    outputs::outputs(plan.config, plan.planned, &outside);
    rules::number_of_tags(plan.planned, plan.diagnostics);
    if let Some(prior) = plan.prior {
        let imported = memory.is_imported();
        replacement::plan(plan.config, prior, plan.planned, imported, plan.replace, plan.diagnostics);
        reroute(plan, &memory);
        finish(plan, &memory);
    }
    // Terraform plans a replacement a second time, as a create, and drops the warnings of that.
    let prior = plan.prior.filter(|_| plan.replace.is_empty());
    warnings::warnings(plan.config, prior, plan.planned, plan.diagnostics);
    if let Some(prior) = plan.prior.filter(|_| !plan.replace.is_empty()) {
        contract::replaced(names::DNS_NAME, prior, plan.diagnostics);
    }
}

/// Terraform plans an update before it plans a destroy, which addresses that are pinned already don't stop: the apply does.
fn talos_version(plan: &mut Plan<'_>) {
    if let Some(problem) = rules::versions::names_without_version(plan.config, plan.prior, plan.planned) {
        return plan.diagnostics.push(problem);
    }
    let Some(problem) = rules::versions::addresses_without_version(plan.config, plan.prior, plan.planned) else {
        return;
    };
    let mappings = |object: &Object| object.get(names::SUBNET_MAPPINGS).cloned();
    if plan.prior.is_some_and(|prior| mappings(prior) == mappings(plan.planned)) {
        let detail = format!("{} An apply stops until then; a destroy does not.", problem.detail);
        plan.diagnostics.push(Diagnostic::warning(problem.path, problem.title, detail));
    } else {
        plan.diagnostics.push(problem);
    }
}

/// The names of groups to be made, where they are not simply `target_group_name`. One that is lost may have had a successor, which the
/// apply finds behind the listener.
fn group_names(
    prior: Option<&Object>,
    inventory: &Inventory,
    replacements: Vec<GroupReplacement>,
) -> BTreeMap<Role, Maybe<String>> {
    let stored = |role: &Role| prior.is_some_and(|prior| is_on(&Reader::new(prior), *role) == Maybe::Known(true));
    let lost = Role::ALL.into_iter().filter(|role| stored(role) && !inventory.groups.contains_key(role));
    let mut names: BTreeMap<Role, Maybe<String>> = lost.map(|role| (role, Maybe::Unknown)).collect();
    names.extend(replacements.into_iter().map(|replacement| (replacement.role, replacement.name)));
    names
}

/// A listener that forwards elsewhere has no attribute that shows it: the plan shows an update of its ARN, and says why.
fn reroute(plan: &mut Plan<'_>, memory: &Memory) {
    let roles: Vec<&str> = memory.misrouted.iter().map(|role| role.name()).collect();
    if roles.is_empty() {
        return;
    }
    plan.diagnostics.push(Diagnostic::warning(
        Path::of(names::LISTENER_ARNS),
        "A listener forwards elsewhere",
        format!(
            "Changed outside of Terraform: {} no longer forwards to its own target group alone. The apply puts that \
             right.",
            roles.join(", ")
        ),
    ));
    let Some(Value::Map(arns)) = plan.planned.get_mut(names::LISTENER_ARNS) else { return };
    for name in roles {
        arns.insert(name.to_owned(), Value::UNKNOWN_NOT_NULL);
    }
}

/// What an earlier run has left half-done may show in no attribute (groups in the middle of a replacement, a setting that only some
/// groups have, the marker of a failed create that the user wants to keep): the plan shows an update of the listeners' ARNs, so that the
/// apply goes on.
fn finish(plan: &mut Plan<'_>, memory: &Memory) {
    let changes = plan.prior.is_some_and(|prior| prior != plan.planned);
    if changes || !memory.is_unfinished() {
        return;
    }
    if memory.mixed_settings {
        plan.diagnostics.push(Diagnostic::warning(
            Path::of(names::LISTENER_ARNS),
            "Not all parts are set alike",
            "Some target groups, listeners or tags differ from the others: an earlier change ended half-way, or one of \
             them was changed outside of Terraform. The apply sets all of them as configured.",
        ));
    }
    let Some(Value::Map(arns)) = plan.planned.get_mut(names::LISTENER_ARNS) else { return };
    arns.values_mut().for_each(|arn| *arn = Value::UNKNOWN_NOT_NULL);
}

#[cfg(test)]
mod tests;
