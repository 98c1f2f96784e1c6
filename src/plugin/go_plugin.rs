//! The services that a go-plugin host expects beside the plugin's own.
//!
//! All streams end when the plugin stops, so that they never hold up its exit.

use std::convert::Infallible;

use futures_util::{Stream, StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, codegen::BoxStream, service::Routes};

use super::{
    pb::{
        goplugin::{
            ConnInfo, Empty, StdioData, grpc_broker_server::GrpcBroker, grpc_broker_server::GrpcBrokerServer,
            grpc_controller_server::GrpcController, grpc_controller_server::GrpcControllerServer,
            grpc_stdio_server::GrpcStdio, grpc_stdio_server::GrpcStdioServer, stdio_data::Channel,
        },
        health::{
            HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus, health_server::Health,
            health_server::HealthServer,
        },
    },
    stdio::StrayOutput,
};

/// What go-plugin's Ping asks for; the empty name means the server as a whole.
const HEALTHY: [&str; 2] = ["plugin", ""];

/// Controller, stdio, broker and health.
///
/// `stop` ends all streams. `on_shutdown` is cancelled when the host says that it is done: the same token where the
/// process ends with its host, another one where it outlives it (debug mode).
pub fn routes(stray: StrayOutput, stop: &CancellationToken, on_shutdown: CancellationToken) -> Routes {
    let stop = || stop.clone();
    Routes::new(GrpcControllerServer::new(Controller { on_shutdown }))
        .add_service(GrpcStdioServer::new(Stdio { stray, stop: stop() }))
        .add_service(GrpcBrokerServer::new(Broker { stop: stop() }))
        .add_service(HealthServer::new(HealthService { stop: stop() }))
}

/// Ends `answers` when the plugin stops.
fn until_stopped<T>(
    stop: &CancellationToken,
    answers: impl Stream<Item = Result<T, Status>> + Send + 'static,
) -> BoxStream<T> {
    answers.take_until(stop.clone().cancelled_owned()).boxed()
}

/// Told once, at the end of each phase of a run; the host then waits two seconds and kills.
struct Controller {
    on_shutdown: CancellationToken,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        tracing::debug!("the host is done");
        self.on_shutdown.cancel();
        Ok(Response::new(Empty {}))
    }
}

/// Carries stray output to the host's log.
struct Stdio {
    stray: StrayOutput,
    stop: CancellationToken,
}

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        let chunks = stream::unfold(self.stray.clone(), |stray| async move {
            let data = stray.next().await?;
            Some((Ok(StdioData { channel: Channel::Stdout.into(), data }), stray))
        });
        Ok(Response::new(until_stopped(&self.stop, chunks)))
    }
}

/// Negotiates further connections in go-plugin. Nothing here needs one, so it listens and says nothing: an answer would be
/// taken for an address.
struct Broker {
    stop: CancellationToken,
}

#[tonic::async_trait]
impl GrpcBroker for Broker {
    async fn start_stream(
        &self,
        connections: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        let silence = stream::once(drain(connections.into_inner())).filter_map(async |never| match never {
            Ok(()) => None,
            Err(never) => match never {},
        });
        Ok(Response::new(until_stopped(&self.stop, silence)))
    }
}

/// Returns when the client has ended its side or is gone.
async fn drain(mut connections: Streaming<ConnInfo>) -> Result<(), Infallible> {
    while let Ok(Some(_)) = connections.message().await {}
    Ok(())
}

/// Healthy as long as the process runs.
struct HealthService {
    stop: CancellationToken,
}

fn status(service: &str) -> Option<HealthCheckResponse> {
    HEALTHY.contains(&service).then(|| HealthCheckResponse { status: ServingStatus::Serving.into() })
}

#[tonic::async_trait]
impl Health for HealthService {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        status(&service).map(Response::new).ok_or_else(|| Status::not_found(format!("unknown service {service:?}")))
    }

    /// One answer, then silence: nothing ever changes.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let unknown = HealthCheckResponse { status: ServingStatus::ServiceUnknown.into() };
        let first = status(&request.into_inner().service).unwrap_or(unknown);
        let answers = stream::once(async move { Ok(first) }).chain(stream::pending());
        Ok(Response::new(until_stopped(&self.stop, answers)))
    }
}
