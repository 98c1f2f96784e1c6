//! Signs that another state manages the same load balancer.

use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::marker::{HANDOVER, MARKER};
use crate::endpoint::nlb::model::memory::Memory;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

/// Warns of parts that a run has marked which this state doesn't know: another state has them too.
pub fn shared(found: &Inventory, memory: &Memory) -> Option<Diagnostic> {
    let (arn, _) = found.markers().into_iter().find(|(_, value)| !memory.knows(value))?;
    Some(Diagnostic::warning(
        Path::root(),
        "Also managed by another state",
        format!(
            "{arn} carries the tag `{MARKER}` of a run that this state knows nothing of: another configuration or \
             another copy of the state has made or taken over the same load balancer. Two states undo each other's \
             changes: keep it in one, and remove it from the other with a `removed` block or `terraform state rm`. If \
             no other state has it, the tag is left from an interrupted run: remove it."
        ),
    ))
}

/// Warns of an update whose answer this state doesn't have: it was interrupted, or is another state's.
pub fn unknown_update(found: &Inventory, memory: &Memory) -> Option<Diagnostic> {
    let value = found.handover.as_deref().filter(|value| !memory.knows(value))?;
    let arn = found.balancer_arn().unwrap_or_default();
    Some(Diagnostic::warning(
        Path::root(),
        "An update was interrupted",
        format!(
            "{arn} carries the tag `{HANDOVER}` with the value `{value}`, which this state knows nothing of: an update \
             was interrupted, or another state manages the same load balancer. The next apply removes the target \
             groups and listeners which that update made and this state does not name; those with registered targets \
             stay. A destroy removes these too. If another state manages the load balancer, remove it from one of them \
             before you apply, with a `removed` block or `terraform state rm`."
        ),
    ))
}
