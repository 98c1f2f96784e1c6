//! A TLS handshake that records what the server shows, and refuses nothing.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, ClientConfig, DigitallySignedStruct, Error, InvalidMessage, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificate::{Certificate, authority};
use super::observation::{Protocol, Shown, TlsFault};

/// How many authorities are taken down.
const MOST_AUTHORITIES: usize = 20;

/// Takes down what one server shows.
#[derive(Debug)]
pub struct Recorder {
    shown: Mutex<Shown>,
    provider: Arc<CryptoProvider>,
}

impl Recorder {
    /// With nothing taken down.
    pub fn new() -> Arc<Recorder> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        Arc::new(Recorder { shown: Mutex::default(), provider })
    }

    /// What was shown so far.
    pub fn shown(&self) -> Shown {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, note: impl FnOnce(&mut Shown)) {
        note(&mut self.shown.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.note(|shown| shown.certificate = Certificate::parse(end_entity));
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ResolvesClientCert for Recorder {
    fn resolve(&self, authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let names = authorities.iter().take(MOST_AUTHORITIES).map(|der| authority(der)).collect();
        self.note(|shown| shown.accepted_authorities = Some(names));
        None
    }

    fn has_certs(&self) -> bool {
        true // or a request for one would not get here
    }
}

/// Shakes hands over a connection to `host`.
///
/// # Errors
/// If that ends without TLS.
pub async fn handshake(
    stream: TcpStream,
    host: &str,
    protocol: Protocol,
    recorder: &Arc<Recorder>,
) -> Result<TlsStream<TcpStream>, TlsFault> {
    let other = |error: &dyn std::fmt::Display| TlsFault::Other(error.to_string());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&recorder.provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| other(&error))?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Recorder>::clone(recorder))
        .with_client_cert_resolver(Arc::<Recorder>::clone(recorder));
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![match protocol {
        Protocol::Http(_) => b"http/1.1".to_vec(),
        Protocol::Grpc => b"h2".to_vec(),
    }];
    let name = match host.parse::<IpAddr>() {
        Ok(address) => ServerName::from(address),
        Err(_) => ServerName::try_from(host.to_owned()).map_err(|error| other(&error))?,
    };
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connected.map_err(|error| fault(&error, &recorder.shown()))
}

/// The alert with which servers of each TLS version answer a client that has no certificate.
pub fn is_about_the_client(alert: AlertDescription) -> bool {
    use AlertDescription::{AccessDenied, BadCertificate, CertificateRequired, HandshakeFailure};
    matches!(alert, CertificateRequired | BadCertificate | HandshakeFailure | AccessDenied)
}

/// rustls' error inside of that of a connection.
pub fn inner(error: &std::io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

fn fault(error: &std::io::Error, shown: &Shown) -> TlsFault {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let asked = shown.accepted_authorities.is_some();
    match inner(error) {
        Some(Error::AlertReceived(alert)) if asked && is_about_the_client(*alert) => TlsFault::WantsCertificate,
        Some(Error::AlertReceived(AlertDescription::NoApplicationProtocol) | Error::NoApplicationProtocol) => {
            TlsFault::Incompatible("it speaks another protocol over TLS".to_owned())
        }
        Some(Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::HandshakeFailure,
        )) => TlsFault::Incompatible("no common version or algorithm of TLS".to_owned()),
        Some(Error::PeerIncompatible(_)) => TlsFault::Incompatible("no common version or algorithm of TLS".to_owned()),
        Some(
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                | InvalidMessage::UnknownProtocolVersion
                | InvalidMessage::MessageTooLarge
                | InvalidMessage::InvalidEmptyPayload
                | InvalidMessage::MessageTooShort,
            )
            | Error::InappropriateMessage { .. },
        ) => TlsFault::OtherProtocol,
        Some(other) => TlsFault::Other(other.to_string()),
        None => match error.kind() {
            // An end before it has shown its own certificate says nothing of ours.
            _ if asked && shown.certificate.is_some() => TlsFault::WantsCertificate,
            UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe => TlsFault::Closed,
            _ => TlsFault::Other(error.to_string()),
        },
    }
}
