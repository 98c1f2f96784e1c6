//! Two runtimes, so that nothing a handler does can keep the host from being heard.
//!
//! Connections, go-plugin's own services, signals and the end of the process live on one thread of their own; the plugin's handlers run
//! on the workers that the caller brings. A handler that computes for a second, or blocks by mistake, then delays at most
//! other handlers. (A second worker thread alone isn't enough: tokio's I/O driver belongs to whichever worker parked on it
//! last, and stands still while that one is busy.)

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{runtime::Handle, task::JoinHandle};
use tonic::{
    Status,
    body::Body,
    codegen::{
        Service,
        http::{Request, Response},
    },
    service::Routes,
};

/// Paths of the services that are answered on the connection's own thread.
const GO_PLUGIN: [&str; 2] = ["/plugin.", "/grpc.health.v1."];

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// Sends each request where it belongs.
#[derive(Debug, Clone)]
pub struct Dispatch {
    /// What the host expects of every plugin.
    pub go_plugin: Routes,
    /// The plugin's own services.
    pub plugin: Routes,
    /// Where the plugin's own services run.
    pub workers: Handle,
}

impl Service<Request<Body>> for Dispatch {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    /// Both halves are routers, which are always ready.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answer {
        if GO_PLUGIN.iter().any(|path| request.uri().path().starts_with(path)) {
            return Box::pin(self.go_plugin.call(request));
        }
        let mut handler = Task(self.workers.spawn(self.plugin.call(request)));
        Box::pin(async move {
            match (&mut handler.0).await {
                Ok(answer) => answer,
                // Without an answer the host would say "Request cancelled" and no more.
                Err(error) if error.is_panic() => Ok(Status::internal("the plugin panicked").into_http()),
                Err(_) => Ok(Status::unavailable("the plugin is stopping").into_http()),
            }
        })
    }
}

/// A handler ends when nobody waits for it any more: the client cancelled, or its connection is gone.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
