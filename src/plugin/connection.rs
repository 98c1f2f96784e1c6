//! From an accepted socket to something gRPC can talk over.
//!
//! tonic has no place for a TLS configuration of one's own, so TLS happens here and tonic sees plain byte streams.

use std::{
    convert::Infallible,
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use super::listener::Listener;

/// A client that connects and stays silent is forgotten after this time. Nobody waits for it meanwhile.
const TLS_PATIENCE: Duration = Duration::from_secs(10);

/// Accepting fails for reasons that pass (no file descriptors left); without a pause the loop would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Accepts for ever and hands over what is ready to be served.
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

async fn secure(
    connection: Connection,
    tls: Option<TlsAcceptor>,
    ready: mpsc::Sender<io::Result<Connection>>,
) {
    let connection = match tls {
        None => connection,
        Some(tls) => match timeout(TLS_PATIENCE, tls.accept(connection)).await {
            Ok(Ok(stream)) => Connection::new(stream),
            Ok(Err(error)) => return tracing::warn!(%error, "connection refused"),
            Err(_) => return tracing::warn!("connection refused: no TLS handshake in time"),
        },
    };
    // Fails only when the server has stopped.
    let _ = ready.send(Ok(connection)).await;
}

/// A byte stream of any kind: Unix or TCP, with or without TLS.
pub struct Connection(Box<dyn Duplex>);

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl Connection {
    /// Wraps a stream.
    pub fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self(Box::new(stream))
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut dyn Duplex> {
        Pin::new(&mut *self.get_mut().0)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

/// Handlers learn nothing about their peer: there is only one.
impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) -> Self::ConnectInfo {}
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }
}
