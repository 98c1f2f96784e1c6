//! Warnings about a missing permission to tag: nothing fails for it, but something is less safe.

use crate::endpoint::enumeration::quoted;
use crate::endpoint::nlb::model::marker::MARKER;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

/// AddTags is allowed for new things only, or not at all.
pub fn add_tags() -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        "Permission AddTags is missing",
        format!(
            "The credentials may not call `elasticloadbalancing:AddTags` on what exists. The tag `{MARKER}` could not \
             be renewed, so another run of the same configuration may take this one for dead, and what an interrupted \
             replacement of a target group leaves may not be found. Allow the action for load balancers, target groups \
             and listeners."
        ),
    )
}

/// RemoveTags is not allowed.
pub fn remove_tags(keys: &[&str]) -> Diagnostic {
    let tags = quoted(keys);
    let stay = if keys.len() == 1 { format!("tag {tags} stays") } else { format!("tags {tags} stay") };
    Diagnostic::warning(
        Path::root(),
        "Permission RemoveTags is missing",
        format!(
            "The credentials may not call `elasticloadbalancing:RemoveTags`, so the {stay}. The load balancer serves \
             as before, but an import or another run may take it for one that is just being made or changed. Allow \
             the action, or remove what stays."
        ),
    )
}
