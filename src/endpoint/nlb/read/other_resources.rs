//! Two resources of one run that have the same load balancer.

use super::stored::Shared;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::framework::value::Object;

/// Each of these has one cause, and one way out.
const TITLE: &str = "Another resource has this load balancer";

/// The ways to one resource for one load balancer.
const WAY_OUT: &str = "To give it another address, use a `moved` block or `terraform state mv`, and no import. To keep \
                       one of two resources, take the other one out of the state with `terraform state rm`, or remove \
                       its block and add\n\n  removed {\n    from = talosendpoint_nlb.OTHER\n    lifecycle {\n      \
                       destroy = false\n    }\n  }\n\nThen nothing is destroyed.";

/// What is said of a stored object whose load balancer another one has too.
pub fn diagnostic(shared: Shared, object: &Object) -> Diagnostic {
    let inventory = Inventory::from_state(object);
    let arn = inventory.balancer_arn().unwrap_or_default();
    match shared {
        Shared::Imported => imported(arn),
        Shared::Destroyed => Diagnostic::invalid(
            Path::root(),
            TITLE,
            format!(
                "Two resources of this state have {arn}, and this plan destroys it for one of them. The other one \
                 would lose it, and every kubeconfig and node its endpoint.\n\n{WAY_OUT}"
            ),
        ),
        Shared::Kept => Diagnostic::warning(
            Path::root(),
            TITLE,
            format!(
                "Two resources of this state have {arn}. Each undoes what the other one changes, and when one of them \
                 is removed or replaced, the load balancer is destroyed for both.\n\n{WAY_OUT}"
            ),
        ),
    }
}

/// The error of an import.
fn imported(arn: &str) -> Diagnostic {
    Diagnostic::failed(
        TITLE,
        format!(
            "{arn} is in this state already, under another address, or is imported twice. With two resources, each \
             undoes what the other one changes, and when one of them is removed, the load balancer is destroyed for \
             both.\n\n{WAY_OUT}"
        ),
    )
}
