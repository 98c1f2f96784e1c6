//! Rules of the names of the load balancer and its groups.

use crate::endpoint::enumeration::listed;
use crate::endpoint::nlb::model::inputs::on;
use crate::endpoint::nlb::model::role::{BALANCER_SUFFIX, Role};
use crate::endpoint::nlb::model::schema::names;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// The longest name that AWS takes (API reference of CreateLoadBalancer and CreateTargetGroup).
const LONGEST_NAME: usize = 32;

/// Checks the names of the load balancer and its groups.
pub(super) fn names(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let (name, own) = (planned.text(names::NAME), planned.text(names::LOAD_BALANCER_NAME));
    if name.is_absent() && own.is_absent() {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::NAME),
            "No name",
            "Exactly one of `name` and `load_balancer_name` is needed. Set `name`: everything is named after it.",
        ));
    }
    if let (Some(_), Some(_)) = (name.clone().present(), own.clone().present()) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(names::LOAD_BALANCER_NAME),
            "Two names",
            "Exactly one of `name` and `load_balancer_name` is needed. Remove one of them.",
        ));
    }
    if let Some(name) = name.clone().present() {
        derived_length(planned, name, diagnostics);
    }
    if !(name.is_absent() && own.is_absent()) {
        group_names(planned, diagnostics);
    }
}

/// One name is too long, however many names are made from it.
fn derived_length(planned: &Reader<'_>, name: &str, diagnostics: &mut Diagnostics) {
    let groups = on(planned).filter_map(|(role, listener)| {
        let derived = format!("{name}{}", role.group_suffix());
        let is_it = listener.text(names::TARGET_GROUP_NAME).is_known_and(|given| *given == Some(derived.as_str()));
        is_it.then_some(("target group", role.group_suffix()))
    });
    let fits = |suffix: &str| LONGEST_NAME - suffix.len();
    let all = std::iter::once(("load balancer", BALANCER_SUFFIX)).chain(groups);
    let long: Vec<(&str, &str)> = all.filter(|(_, suffix)| name.len() > fits(suffix)).collect();
    let Some(most) = long.iter().map(|(_, suffix)| fits(suffix)).min() else { return };
    let derived = long
        .iter()
        .map(|(what, suffix)| format!("the {what} `{name}{suffix}` ({} characters)", name.len() + suffix.len()));
    diagnostics.push(Diagnostic::invalid(
        Path::of(names::NAME),
        "Name too long",
        format!(
            "AWS takes names of at most {LONGEST_NAME} characters, and these would be longer: {}. Shorten `name` to at \
             most {most} characters.",
            listed(derived)
        ),
    ));
}

fn group_names(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(&str, Role)> = Vec::new();
    for (role, listener) in on(planned) {
        let path = Path::of(role.name()).attribute(names::TARGET_GROUP_NAME);
        let group = listener.text(names::TARGET_GROUP_NAME);
        if group.is_absent() {
            diagnostics.push(Diagnostic::invalid(
                path.clone(),
                "No target group name",
                "With `load_balancer_name` there is no `name` to make it from. Set `target_group_name`.",
            ));
        }
        let Some(group) = group.present() else { continue };
        match seen.iter().find(|(taken, _)| *taken == group) {
            Some((_, other)) => diagnostics.push(Diagnostic::invalid(
                path,
                "Target group name used twice",
                format!("`{group}` is the name of the target group of `{}` too. Choose another one.", other.name()),
            )),
            None => seen.push((group, role)),
        }
    }
}
