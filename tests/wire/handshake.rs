//! What a plugin says about itself, and how to reach it.

use std::io;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use hyper_util::rt::TokioIo;
use rustls_pki_types::CertificateDer;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};
use tonic::transport::{Channel, Endpoint};

use super::identity::Tls;

/// The line that a plugin prints.
#[derive(Debug, Clone)]
pub struct Handshake {
    pub fields: Vec<String>,
    pub network: String,
    pub address: String,
    pub certificate: Option<CertificateDer<'static>>,
}

impl Handshake {
    pub fn parse(line: &str) -> Self {
        let fields: Vec<String> = line.split('|').map(str::to_owned).collect();
        assert!(fields.len() >= 6, "{line:?}");
        // Decoding refuses padding, as Go's raw decoder does.
        let certificate = match fields[5].as_str() {
            "" => None,
            base64 => Some(STANDARD_NO_PAD.decode(base64).expect(base64).into()),
        };
        Self {
            network: fields[2].clone(),
            address: fields[3].clone(),
            certificate,
            fields,
        }
    }

    /// A raw connection, without TLS.
    pub async fn dial(&self) -> io::Result<Box<dyn Duplex>> {
        match self.network.as_str() {
            "unix" => Ok(Box::new(UnixStream::connect(&self.address).await?)),
            "tcp" => Ok(Box::new(TcpStream::connect(&self.address).await?)),
            other => panic!("unknown network {other:?}"),
        }
    }
}

pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A gRPC connection to what a handshake describes.
pub async fn connect(
    handshake: Handshake,
    tls: Option<Tls>,
) -> Result<Channel, tonic::transport::Error> {
    let connector = tower::service_fn(move |_| {
        let (handshake, tls) = (handshake.clone(), tls.clone());
        async move {
            let raw = handshake.dial().await?;
            let stream: Box<dyn Duplex> = match tls {
                None => raw,
                Some(tls) => Box::new(tls.connect(raw).await?),
            };
            io::Result::Ok(TokioIo::new(stream))
        }
    });
    Endpoint::from_static("http://localhost")
        .initial_stream_window_size(16 << 20)
        .initial_connection_window_size(64 << 20)
        .connect_with_connector(connector)
        .await
}
