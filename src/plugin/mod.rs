//! The process contract of a go-plugin plugin: how a host starts us, finds us, trusts us and ends us.
//!
//! This layer serves any gRPC services; it knows neither the Terraform protocol nor this provider. What it has to be told
//! is in [`Options`], what it serves is a [`Routes`], and [`serve`] does the rest:
//!
//! 1. [`handshake`] reads the environment; without the magic cookie a person gets an explanation.
//! 2. [`identity`] makes a certificate for this process and admits one client.
//! 3. [`listener`] opens a Unix socket or a port; then the handshake line is printed, and stdout is taken over ([`stdio`]).
//! 4. [`accept`] brings clients to the services; those of [`go_plugin`] run on this thread, the plugin's on [`workers`].
//! 5. It ends when the host says so, when the host is gone ([`parent`]) or on SIGTERM ([`signals`]).
//!
//! Beside that: [`debug`] serves without a host, [`log`] (with [`hclog`]) and [`mod@panic`] write what the host reads on stderr,
//! [`arguments`] reads the command line.
//!
//! Message sizes are a property of each service, not of the server. tonic refuses messages over 4 MiB by default, hosts
//! send and expect up to 256 MiB: whoever builds a service sets `max_decoding_message_size` and
//! `max_encoding_message_size` on it.
//!
//! A handler that panics answers INTERNAL; whoever can answer better (with the state that was reached) catches the panic
//! before. A request that the client cancels, or whose connection breaks, has its handler dropped at the next await:
//! work that must not stop half-way is spawned by the service.

use std::{
    future::Future,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::mpsc,
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{service::Routes, transport::Server};

use handshake::{Handshake, Launch, LaunchError, MagicCookie};
use identity::{EphemeralIdentity, IdentityError};
use listener::Listener;
use place::Place;
use stdio::StrayOutput;
use workers::Dispatch;

pub mod handshake;
pub mod identity;
pub mod place;
pub mod listener;
#[cfg(unix)]
mod unix_socket;
pub mod stdio;
pub mod connection;
pub mod accept;
pub mod workers;
pub mod go_plugin;
pub mod parent;
pub mod signals;
pub mod debug;
pub mod log;
pub mod hclog;
pub mod panic;
pub mod arguments;
pub mod pb;

/// How long running requests may hold up the end after the host has said that it is done. The host itself waits two
/// seconds for the process and then kills it.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(250);

/// Flow-control windows in bytes. With HTTP/2's 64 KiB a message of 200 MB would wait for thousands of acknowledgements;
/// memory is bound by the message limit, not by these.
const STREAM_WINDOW: u32 = 16 << 20;
const CONNECTION_WINDOW: u32 = 64 << 20;
/// Bytes in one frame; 16 KiB by default.
const FRAME: u32 = 1 << 20;

/// What this layer has to know about the plugin.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How a host shows that it is one.
    pub cookie: MagicCookie,
    /// The one version of the application protocol that the services speak.
    pub protocol_version: u32,
    /// Full source addresses under which hosts know the plugin, for [`debug`].
    pub source_addresses: &'static [&'static str],
    /// An environment variable that, when not empty, makes the plugin listen on TCP instead of a Unix socket.
    pub tcp_variable: &'static str,
}

impl Options {
    fn wants_tcp(&self) -> bool {
        std::env::var_os(self.tcp_variable).is_some_and(|value| !value.is_empty())
    }

    fn place(&self) -> Place {
        Place { tcp: self.wants_tcp(), ..Place::default() }
    }
}

/// Why the plugin didn't serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No host started this process; a person deserves an explanation.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// Mutual TLS isn't possible.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// There is no place to listen.
    #[error("can't listen for the host: {0}")]
    Listen(#[source] io::Error),
    /// The handshake line can't be written, or stdout not be taken over.
    #[error("can't use stdout: {0}")]
    Stdout(#[source] io::Error),
    /// The system refuses a thread's runtime or a signal handler.
    #[error("can't start serving: {0}")]
    System(#[from] io::Error),
    /// The gRPC server gave up.
    #[error("serving failed: {0}")]
    Server(#[from] tonic::transport::Error),
}

/// Serves the host that started this process, until that host is done or gone. Then the socket is removed; the caller
/// should end the process without waiting for handlers that still run.
///
/// The calling thread is used for connections and all of the contract; the services in `routes` run on `workers`.
/// Must be called once, early. Nothing may be printed on stdout before.
///
/// # Errors
/// When the environment isn't a host's, or the system refuses what serving needs. Nothing was printed on stdout then,
/// except where stdout itself failed.
pub fn serve(routes: Routes, workers: Handle, options: &Options) -> Result<(), ServeError> {
    runtime()?.block_on(serve_host(routes, workers, options))
}

/// The runtime of the calling thread; see [`workers`].
fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

async fn serve_host(routes: Routes, workers: Handle, options: &Options) -> Result<(), ServeError> {
    let mut launch = Launch::read(options.cookie, |name| std::env::var(name).ok())?;
    launch.place.tcp = options.wants_tcp();
    signals::ignore_interrupt()?;
    let terminate = signals::terminate()?;
    let identity = launch.client_certificate.as_deref().map(EphemeralIdentity::for_client).transpose()?;
    let listener = Listener::open(&launch.place).await.map_err(ServeError::Listen)?;
    let handshake = Handshake {
        protocol_version: options.protocol_version,
        address: listener.address(),
        certificate: identity.as_ref().map(|identity| identity.certificate.as_ref()),
        multiplexing_offered: launch.multiplexing_offered,
    };
    print(&handshake.line()).map_err(ServeError::Stdout)?;
    let stray = StrayOutput::capture().map_err(ServeError::Stdout)?;
    tracing::debug!(address = %listener.address(), tls = identity.is_some(), "serving");
    let stop = CancellationToken::new();
    let on_shutdown = stop.clone();
    let session = Session { listener, tls: identity.map(|identity| identity.tls), stray, stop, on_shutdown };
    let end = async {
        tokio::select! {
            () = parent::gone() => tracing::warn!("the host is gone"),
            () = terminate => tracing::warn!("terminated by a signal"),
        }
    };
    session.run(routes, workers, end).await
}

/// A text that ends in a newline reaches stdout in one write.
fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Everything that serving needs, once the handshake is done.
struct Session {
    listener: Listener,
    tls: Option<Arc<ServerConfig>>,
    stray: StrayOutput,
    /// Ends the server and all its side streams.
    stop: CancellationToken,
    /// Cancelled by the host's Shutdown.
    on_shutdown: CancellationToken,
}

impl Session {
    /// Serves until `stop` is cancelled or `end` returns; dropping the listener at the end removes the socket.
    async fn run(self, plugin: Routes, workers: Handle, end: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { listener, tls, stray, stop, on_shutdown } = self;
        let go_plugin = go_plugin::routes(stray, &stop, on_shutdown);
        let services = Dispatch { go_plugin: go_plugin.prepare(), plugin: plugin.prepare(), workers };
        let (ready, incoming) = mpsc::channel(16);
        let server = Server::builder()
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_frame_size(FRAME)
            .serve_with_incoming_shutdown(services, ReceiverStream::new(incoming), stop.clone().cancelled_owned());
        let deadline = async {
            tokio::select! {
                () = end => stop.cancel(),
                () = stop.cancelled() => (),
            }
            tokio::time::sleep(SHUTDOWN_GRACE).await;
        };
        tokio::select! {
            result = server => Ok(result?),
            () = deadline => Ok(()),
            never = accept::accept(&listener, tls, ready) => match never {},
        }
    }
}
