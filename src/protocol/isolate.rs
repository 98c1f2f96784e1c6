//! Every RPC in a task of its own.
//!
//! That gives two things. A panic ends the task and nothing else, and becomes a diagnostic. And a client that goes away or cancels (newer
//! OpenTofu does) drops only the waiting: what the task has begun it brings to an end, since half an apply that nobody records is
//! worse than one whose answer nobody reads. To make it end early there is StopProvider.

use std::time::Instant;

use tonic::{Response, Status};
use tracing::{debug, error};

use crate::framework::diagnostic::{Diagnostic, Diagnostics};

/// Which RPC it is and about what, for the log.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// The name of the RPC.
    pub rpc: &'static str,
    /// The resource type, data source or function; empty where the RPC is about none.
    pub subject: String,
}

/// Does `work` and answers with what it gives. Where it gives reasons, or panics, `on_error` makes the answer of them.
pub(super) async fn isolated<A: Send + 'static>(
    call: Call,
    work: impl Future<Output = Result<A, Diagnostics>> + Send + 'static,
    on_error: impl FnOnce(Diagnostics) -> A,
) -> Result<Response<A>, Status> {
    let Call { rpc, subject } = call;
    let begun = Instant::now();
    let outcome = tokio::spawn(work).await.unwrap_or_else(|failure| {
        error!(
            tf_rpc = rpc,
            tf_resource_type = subject,
            panicked = failure.is_panic(),
            "the request was not completed"
        );
        Err(panicked(rpc).into())
    });
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    debug!(tf_rpc = rpc, tf_resource_type = subject, tf_req_duration_ms = milliseconds, "request served");
    Ok(Response::new(outcome.unwrap_or_else(on_error)))
}

/// What the user reads of a panic. Its message is in the log alone: it may quote values.
pub(super) fn panicked(rpc: &str) -> Diagnostic {
    let detail = format!(
        "The provider panicked while it served {rpc}. The message and the place are in the log: run again with \
         TF_LOG_PROVIDER=ERROR."
    );
    Diagnostic::bug("The provider panicked", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Call {
        Call { rpc: "Test", subject: String::new() }
    }

    #[tokio::test]
    async fn a_panic_is_a_reason() {
        let work = async { panic!("secret") };
        let reasons = isolated(call(), work, Err).await.unwrap().into_inner() as Result<(), Diagnostics>;
        let text = format!("{:?}", reasons.unwrap_err());
        assert!(text.contains("panicked") && !text.contains("secret"), "{text}");
    }

    #[tokio::test]
    async fn work_ends_even_if_nobody_waits() {
        let (begin, begun) = tokio::sync::oneshot::channel();
        let (proceed, proceeding) = tokio::sync::oneshot::channel();
        let (end, ended) = tokio::sync::oneshot::channel();
        let work = async move {
            begin.send(()).unwrap();
            proceeding.await.unwrap();
            end.send(()).unwrap();
            Ok(())
        };
        let waiting = tokio::spawn(isolated(call(), work, |_| ()));
        begun.await.unwrap();
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        proceed.send(()).unwrap();
        ended.await.expect("the work goes on to its end");
    }
}
