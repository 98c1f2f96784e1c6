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
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use talosendpoint::{
    plugin::pb::{
        goplugin::{
            Empty, grpc_broker_client::GrpcBrokerClient, grpc_controller_client::GrpcControllerClient,
            grpc_stdio_client::GrpcStdioClient,
        },
        health::{HealthCheckRequest, health_client::HealthClient},
    },
    protocol::pb::tfplugin6::{call_function, provider_client::ProviderClient},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};
use tonic::{Status, transport::Channel};

use super::{
    handshake::{Handshake, connect},
    identity::{ALL_VERSIONS, Identity, Tls},
};

pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Longest wait for anything that should come at once. Generous: the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The host's own deadline: what still runs then is killed.
const PROMPT: Duration = Duration::from_secs(2);

/// As Terraform's own limit, more or less.
const LARGEST_MESSAGE: usize = 1 << 30;

/// How to start a plugin.
pub struct Launch {
    command: Command,
    identity: Option<Identity>,
    folder: TempDir,
}

impl Launch {
    /// As Terraform starts it: cookie, versions, ports, a client certificate. Nothing else is in the environment but a
    /// temporary folder that lives as long as the plugin: one that is killed leaves its socket.
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
        let folder = tempfile::tempdir().unwrap();
        command.env("TMPDIR", folder.path());
        Self { command, identity: Some(identity), folder }
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
        Plugin { child, handshake, identity: self.identity, stdout, stderr, start_up, _folder: self.folder }
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
    _folder: TempDir,
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

    /// One small call over a new connection.
    pub async fn serves(&self) -> Result<(), Status> {
        let request = HealthCheckRequest { service: "plugin".to_owned() };
        self.health().await.check(request).await.map(|_| ())
    }

    /// Makes the fixture do something; see tests/fixture/process.rs.
    pub async fn call(&self, what: &str) -> Result<(), Status> {
        let request = call_function::Request { name: what.to_owned(), arguments: vec![] };
        let answer = timeout(PATIENCE, self.provider().await.call_function(request)).await;
        answer.expect("an answer in time").map(|_| ())
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Shuts down and holds the plugin to a clean, quick end.
    pub async fn assert_ends_promptly(mut self, state: &str) {
        let socket = self.socket();
        let (status, time) = self.shutdown().await;
        assert_eq!(status.code(), Some(0), "{state}");
        assert!(time < PROMPT, "{state}: {time:?}");
        assert!(!std::fs::exists(socket).unwrap(), "{state}: the socket is gone");
    }

    /// Says that the host is done, and returns how the process ended and how long that took.
    pub async fn shutdown(&mut self) -> (ExitStatus, Duration) {
        let mut controller = self.controller().await;
        let asked = Instant::now();
        controller.shutdown(Empty {}).await.expect("an answer to Shutdown");
        (self.exit().await, asked.elapsed())
    }

    /// Waits for the end of the process.
    pub async fn exit(&mut self) -> ExitStatus {
        timeout(PATIENCE, self.child.wait()).await.expect("the process ends").unwrap()
    }
}

/// A plugin that was started with `--debug` and serves any host that is told its address.
pub struct DebugPlugin {
    pub child: Child,
    /// The value that it wants `TF_REATTACH_PROVIDERS` to have.
    pub reattach: String,
    _folder: TempDir,
}

impl DebugPlugin {
    /// Waits for the announcement.
    pub async fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.arg("--debug").env_clear().env("TMPDIR", folder.path()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        loop {
            let line = timeout(PATIENCE, lines.next_line()).await.expect("an announcement in time");
            let line = line.unwrap().expect("an announcement");
            if let Some(value) = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='") {
                let reattach = value.strip_suffix('\'').unwrap().to_owned();
                return Self { child, reattach, _folder: folder };
            }
        }
    }

    /// The entry of one source address.
    pub fn entry(&self, source: &str) -> serde_json::Value {
        let map: serde_json::Value = serde_json::from_str(&self.reattach).unwrap();
        map[source].clone()
    }

    /// Where it listens, in the form of a handshake without a certificate.
    pub fn handshake(&self, source: &str) -> Handshake {
        let address = &self.entry(source)["Addr"];
        let text = |key: &str| address[key].as_str().unwrap().to_owned();
        Handshake { fields: vec![], network: text("Network"), address: text("String"), certificate: None }
    }
}
