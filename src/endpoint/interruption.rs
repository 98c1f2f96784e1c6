//! The diagnostics of an operation that ended early.

use super::deadline::Interrupted;
use super::timeouts::TIMEOUTS;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

/// A read or an import ended early.
pub fn unread(why: Interrupted) -> Diagnostic {
    match why {
        Interrupted::Stopped => Diagnostic::failed(
            "Interrupted",
            "Interrupted on your request while reading from AWS. The state was not changed.",
        ),
        Interrupted::TimedOut => Diagnostic::failed(
            "Timed out",
            "AWS gave no complete answer for two minutes, although each call was repeated. The state was not changed. \
             Run again later; TF_LOG_PROVIDER=DEBUG shows every call and its answer.",
        ),
    }
}

/// An operation ended early while `doing` (`waiting for …`).
pub fn interrupted(why: Interrupted, doing: &str) -> Diagnostic {
    match why {
        Interrupted::Stopped => Diagnostic::failed(
            "Interrupted",
            format!(
                "Interrupted on your request while {doing}. What exists so far is in the state; the next apply \
                 continues or creates it again."
            ),
        ),
        Interrupted::TimedOut => Diagnostic::failed(
            "Timed out",
            format!(
                "The time set by `timeouts` expired while {doing}. What exists so far is in the state. Run again, with \
                 a longer timeout if this was only slow."
            ),
        )
        .at(Path::of(TIMEOUTS)),
    }
}
