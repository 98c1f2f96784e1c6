//! What every RPC with one answer has in common.

use std::sync::Arc;

use prost::Message;
use tonic::{Request, Response};

use super::error_response::{ErrorResponse, too_large};
use super::isolate::{Call, isolated};
use super::limits::REQUEST_LIMIT;
use super::service::{Answer, Service};
use crate::framework::diagnostic::Diagnostics;
use crate::framework::engine::Engine;

impl Service {
    /// Serves a request by `work`, about the `subject` that it names.
    pub(super) async fn answer<Q, A, F>(
        &self,
        rpc: &'static str,
        request: Request<Q>,
        subject: fn(&Q) -> &str,
        work: impl FnOnce(Arc<Engine>, Q) -> F,
    ) -> Answer<A>
    where
        Q: Message,
        A: ErrorResponse + Send + 'static,
        F: Future<Output = Result<A, Diagnostics>> + Send + 'static,
    {
        self.answer_or(rpc, request, subject, work, A::error_response).await
    }

    /// The same where an error response has to carry more than its reasons.
    pub(super) async fn answer_or<Q, A, F>(
        &self,
        rpc: &'static str,
        request: Request<Q>,
        subject: fn(&Q) -> &str,
        work: impl FnOnce(Arc<Engine>, Q) -> F,
        on_error: impl FnOnce(Diagnostics) -> A,
    ) -> Answer<A>
    where
        Q: Message,
        A: Send + 'static,
        F: Future<Output = Result<A, Diagnostics>> + Send + 'static,
    {
        let request = request.into_inner();
        if request.encoded_len() > REQUEST_LIMIT {
            return Ok(Response::new(on_error(too_large(&format!("more than {} MiB", REQUEST_LIMIT >> 20)))));
        }
        let call = Call { rpc, subject: subject(&request).to_owned() };
        isolated(call, work(Arc::clone(&self.engine), request), on_error).await
    }
}
