//! The diagnostics of an operation that ended early.

use super::deadline::Interrupted;
use super::timeouts::TIMEOUTS;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

/// A read or an import ended early.
pub fn unread(why: Interrupted) -> Diagnostic {
    no_answer(why, "The state was not changed.")
}

/// A list ended early.
pub fn unlisted(why: Interrupted) -> Diagnostic {
    no_answer(why, "The list is not complete.")
}

fn no_answer(why: Interrupted, outcome: &str) -> Diagnostic {
    match why {
        Interrupted::Stopped => {
            Diagnostic::failed("Interrupted", format!("Interrupted on your request while reading from AWS. {outcome}"))
        }
        Interrupted::TimedOut => Diagnostic::failed(
            "Timed out",
            format!(
                "AWS gave no complete answer for two minutes, although each call was repeated. {outcome} Run again \
                 later; TF_LOG_PROVIDER=DEBUG shows every call and its answer."
            ),
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
                 a longer timeout if this was only slow. A destroy takes its time from the state: apply a longer one \
                 first."
            ),
        )
        .at(Path::of(TIMEOUTS)),
    }
}
