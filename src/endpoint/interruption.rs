//! What the user is told of an operation that ended early.

use super::deadline::Interrupted;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

/// An operation ended early while `doing` (`waiting for …`).
pub fn interrupted(why: Interrupted, doing: &str) -> Diagnostic {
    match why {
        Interrupted::Stopped => Diagnostic::failed(
            "Stopped",
            format!("Stopped on your request while {doing}. What exists so far is in the state; the next apply goes on or makes it anew."),
        ),
        Interrupted::TimedOut => Diagnostic::failed(
            "Out of time",
            format!(
                "The time set by `timeouts` was up while {doing}. What exists so far is in the state. Run again, with a longer time if this \
                 was only slow."
            ),
        )
        .at(Path::of("timeouts")),
    }
}
