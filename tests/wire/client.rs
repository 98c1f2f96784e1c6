//! A go-plugin host in miniature: starts a plugin, reads its handshake, connects with mutual TLS and calls its services.
//!
//! ```ignore
//! let plugin = Launch::of(fixture::provider()).start().await;
//! let schema = plugin.provider().await.get_provider_schema(Request::default()).await.unwrap();
//! plugin.shutdown().await;
//! ```
//!
//! A plugin that is dropped is killed.

use std::{
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use hyper_util::rt::TokioIo;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P521_SHA512,
};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use talosendpoint::{
    plugin::pb::{
        goplugin::{
            Empty, grpc_broker_client::GrpcBrokerClient, grpc_controller_client::GrpcControllerClient,
            grpc_stdio_client::GrpcStdioClient,
        },
        health::health_client::HealthClient,
    },
    protocol::pb::tfplugin6::provider_client::ProviderClient,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, BufReader},
    net::{TcpStream, UnixStream},
    process::{Child, ChildStdout, Command},
    time::timeout,
};
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Longest wait for anything that should come at once. Generous: the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// As Terraform's own limit, more or less.
const LARGEST_MESSAGE: usize = 1 << 30;

/// A client's certificate with its key.
#[derive(Clone)]
pub struct Identity {
    pub pem: String,
    pub chain: Vec<CertificateDer<'static>>,
    pub key: Arc<PrivateKeyDer<'static>>,
}

/// What Terraform's go-plugin makes for itself: P-521, self-signed, a CA.
pub fn client_parameters() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.distinguished_name.push(DnType::OrganizationName, "HashiCorp");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::KeyAgreement,
        KeyUsagePurpose::KeyCertSign,
    ];
    params
}

impl Identity {
    pub fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let certificate = client_parameters().self_signed(&key).unwrap();
        Self { pem: certificate.pem(), ..Self::with(vec![certificate.der().clone()], &key) }
    }

    pub fn with(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Self {
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        Self { pem: String::new(), chain, key: Arc::new(key) }
    }
}

/// How to start a plugin.
pub struct Launch {
    command: Command,
    identity: Option<Identity>,
}

impl Launch {
    /// As Terraform starts it: cookie, versions, ports, a client certificate, and nothing else in the environment.
    pub fn of(program: &Path) -> Self {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env(COOKIE.0, COOKIE.1)
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let identity = Identity::new();
        command.env("PLUGIN_CLIENT_CERT", &identity.pem);
        Self { command, identity: Some(identity) }
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub fn arg(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    /// Without mutual TLS, as with `TF_DISABLE_PLUGIN_TLS`.
    pub fn plaintext(mut self) -> Self {
        self.identity = None;
        self.without("PLUGIN_CLIENT_CERT")
    }

    /// Runs a process that ends by itself.
    pub async fn output(mut self) -> std::process::Output {
        timeout(PATIENCE, self.command.output()).await.expect("the process ends").unwrap()
    }

    /// Starts and waits for the handshake line. Panics with stderr when there is none.
    pub async fn start(mut self) -> Plugin {
        let started = Instant::now();
        let mut child = self.command.spawn().unwrap();
        let stderr = collect(child.stderr.take().unwrap());
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("a handshake").unwrap();
        let start_up = started.elapsed();
        assert!(line.ends_with('\n'), "no handshake: {line:?}, stderr: {}", text(&stderr));
        let handshake = Handshake::parse(line.trim_end());
        Plugin { child, handshake, identity: self.identity, stdout, stderr, start_up }
    }
}

type Collected = Arc<Mutex<Vec<u8>>>;

fn collect(mut stream: impl AsyncRead + Unpin + Send + 'static) -> Collected {
    let collected = Collected::default();
    let sink = collected.clone();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            sink.lock().unwrap().extend(&buffer[..length]);
        }
    });
    collected
}

fn text(collected: &Collected) -> String {
    String::from_utf8_lossy(&collected.lock().unwrap()).into_owned()
}

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
        Self { network: fields[2].clone(), address: fields[3].clone(), certificate, fields }
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

/// How a client proves itself and checks the server.
#[derive(Clone)]
pub struct Tls {
    pub config: ClientConfig,
    pub server_name: &'static str,
}

pub const ALL_VERSIONS: &[&SupportedProtocolVersion] = &[&TLS12, &TLS13];

impl Tls {
    /// Trusts exactly the handshake's certificate; `identity` None presents nothing.
    pub fn new(
        handshake: &Handshake,
        identity: Option<&Identity>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(handshake.certificate.clone().expect("a certificate in the handshake")).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder.with_client_auth_cert(identity.chain.clone(), identity.key.clone_key()).unwrap(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        Self { config, server_name: "localhost" }
    }

    /// The client's half of the handshake. With TLS 1.3 that says nothing yet about what the server thinks of us.
    pub async fn connect(self, raw: Box<dyn Duplex>) -> io::Result<tokio_rustls::client::TlsStream<Box<dyn Duplex>>> {
        let name = ServerName::try_from(self.server_name).unwrap();
        TlsConnector::from(Arc::new(self.config)).connect(name, raw).await
    }
}

/// A running plugin.
pub struct Plugin {
    pub child: Child,
    pub handshake: Handshake,
    pub identity: Option<Identity>,
    /// What follows the handshake line.
    pub stdout: BufReader<ChildStdout>,
    stderr: Collected,
    /// From the start to the handshake line.
    pub start_up: Duration,
}

impl Plugin {
    /// All of stderr so far.
    pub fn stderr(&self) -> String {
        text(&self.stderr)
    }

    pub fn socket(&self) -> PathBuf {
        assert_eq!(self.handshake.network, "unix");
        PathBuf::from(&self.handshake.address)
    }

    /// The right credentials for this plugin.
    pub fn tls(&self) -> Option<Tls> {
        self.identity.as_ref().map(|identity| Tls::new(&self.handshake, Some(identity), ALL_VERSIONS))
    }

    /// A new gRPC connection.
    pub async fn channel(&self) -> Channel {
        self.channel_with(self.tls()).await.unwrap_or_else(|error| panic!("{error:?}, stderr: {}", self.stderr()))
    }

    pub async fn channel_with(&self, tls: Option<Tls>) -> Result<Channel, tonic::transport::Error> {
        connect(self.handshake.clone(), tls).await
    }

    pub async fn provider(&self) -> ProviderClient<Channel> {
        ProviderClient::new(self.channel().await)
            .max_decoding_message_size(LARGEST_MESSAGE)
            .max_encoding_message_size(LARGEST_MESSAGE)
    }

    pub async fn controller(&self) -> GrpcControllerClient<Channel> {
        GrpcControllerClient::new(self.channel().await)
    }

    pub async fn stdio(&self) -> GrpcStdioClient<Channel> {
        GrpcStdioClient::new(self.channel().await)
    }

    pub async fn broker(&self) -> GrpcBrokerClient<Channel> {
        GrpcBrokerClient::new(self.channel().await)
    }

    pub async fn health(&self) -> HealthClient<Channel> {
        HealthClient::new(self.channel().await)
    }

    /// Says that the host is done, and returns how the process ended and how long after the answer.
    pub async fn shutdown(&mut self) -> (ExitStatus, Duration) {
        self.controller().await.shutdown(Empty {}).await.expect("an answer to Shutdown");
        let answered = Instant::now();
        (self.exit().await, answered.elapsed())
    }

    /// Waits for the end of the process.
    pub async fn exit(&mut self) -> ExitStatus {
        timeout(PATIENCE, self.child.wait()).await.expect("the process ends").unwrap()
    }
}

/// A gRPC connection to what a handshake describes.
pub async fn connect(handshake: Handshake, tls: Option<Tls>) -> Result<Channel, tonic::transport::Error> {
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
