//! From a listening socket to connections that gRPC can talk over.
//!
//! tonic has no place for a TLS configuration of one's own, so TLS happens here and tonic sees plain byte streams.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use rustls::ServerConfig;
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::connection::Connection;
use super::listener::Listener;

/// A client that connects and stays silent is forgotten after this time. Nobody waits for it meanwhile.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// Accepting fails for reasons that pass (no file descriptors left); without a pause the loop would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Accepts without end and hands over what is ready to be served.
///
/// Handshakes run side by side, and one that fails or stalls concerns nobody else: probes that connect and close at once
/// are normal. Ends only by being dropped.
pub async fn accept(
    listener: &Listener,
    tls: Option<Arc<ServerConfig>>,
    ready: mpsc::Sender<io::Result<Connection>>,
) -> Infallible {
    let tls = tls.map(TlsAcceptor::from);
    loop {
        match listener.accept().await {
            Ok(connection) => {
                tokio::spawn(secure(connection, tls.clone(), ready.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "can't accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn secure(connection: Connection, tls: Option<TlsAcceptor>, ready: mpsc::Sender<io::Result<Connection>>) {
    let connection = match tls {
        None => connection,
        Some(tls) => match timeout(TLS_TIMEOUT, tls.accept(connection)).await {
            Ok(Ok(stream)) => Connection::new(stream),
            Ok(Err(error)) => return tracing::warn!(%error, "connection refused"),
            Err(_) => return tracing::warn!("connection refused: no TLS handshake in time"),
        },
    };
    // Fails only when the server has stopped.
    let _ = ready.send(Ok(connection)).await;
}
