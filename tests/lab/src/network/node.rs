//! A control-plane node as a load balancer sees it: the Kubernetes API (TLS; `/readyz` answers what it is told to, every other path
//! 200) and the Talos API (TLS that demands a client's certificate). It is a process of its own on its host, so that it can be
//! killed and stopped like the real ones.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::authority::Authority;

/// Where the node reads what it is, as [`Node::to_json`] wrote it.
pub const CONFIG: &str = "/tmp/node.json";

/// Where the node reads what `/readyz` answers: a status, or `closed` while nothing listens on the Kubernetes API's port.
pub const ANSWER: &str = "/tmp/answer";

/// A path whose answer begins and never goes on: an idle watch.
pub const IDLE_PATH: &str = "/idle";

/// What a node is.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name, which each of its answers carries.
    pub name: String,
    /// Ports of its Kubernetes API.
    pub kubernetes: Vec<u16>,
    /// Ports that speak like the Talos API.
    pub talos: Vec<u16>,
}

impl Node {
    /// As it travels.
    pub fn to_json(&self, authority: &Authority) -> Value {
        json!({
            "name": self.name, "kubernetes": self.kubernetes, "talos": self.talos, "authority": authority.to_json(),
        })
    }

    fn from_json(value: &Value) -> Node {
        let ports = |name: &str| {
            let list = value[name].as_array().unwrap().iter();
            list.map(|port| u16::try_from(port.as_u64().unwrap()).unwrap()).collect()
        };
        Node {
            name: value["name"].as_str().unwrap().to_owned(),
            kubernetes: ports("kubernetes"),
            talos: ports("talos"),
        }
    }
}

/// The whole life of such a process.
pub fn run() {
    let config: Value = serde_json::from_str(&std::fs::read_to_string(CONFIG).unwrap()).unwrap();
    let node = Arc::new(Node::from_json(&config));
    let authority = Authority::from_json(&config["authority"]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        for port in &node.talos {
            tokio::spawn(serve(*port, authority.mutual_server(), node.clone(), false));
        }
        for port in &node.kubernetes {
            tokio::spawn(serve(*port, authority.open_server(), node.clone(), true));
        }
        std::future::pending::<()>().await;
    });
}

fn answer() -> String {
    std::fs::read_to_string(ANSWER).unwrap_or_default().trim().to_owned()
}

/// Listens on `port` as long as it should be open.
async fn serve(port: u16, tls: Arc<ServerConfig>, node: Arc<Node>, kubernetes: bool) {
    let acceptor = TlsAcceptor::from(tls);
    let closed = || kubernetes && answer() == "closed";
    loop {
        if !closed() {
            let listener = listen(port).await;
            while !closed() {
                let accepted = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
                if let Ok(Ok((stream, _))) = accepted {
                    tokio::spawn(connection(stream, acceptor.clone(), node.clone(), kubernetes));
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// On every address, of both families where the kernel has both.
async fn listen(port: u16) -> TcpListener {
    match TcpListener::bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))).await {
        Ok(listener) => listener,
        Err(_no_ipv6) => TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))).await.unwrap(),
    }
}

/// A client that hangs up, or a health check that only connects, is no failure of ours.
async fn connection(stream: TcpStream, acceptor: TlsAcceptor, node: Arc<Node>, kubernetes: bool) -> Option<()> {
    let mut stream = acceptor.accept(stream).await.ok()?;
    if kubernetes {
        let request = head(&mut stream).await?;
        let path = request.split_whitespace().nth(1)?.to_owned();
        if path == IDLE_PATH {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.ok()?;
            stream.flush().await.ok()?;
            // Silence until the other side ends it.
            let _end = stream.read(&mut [0; 1]).await;
            return None;
        }
        let status = if path == "/readyz" { answer() } else { "200".to_owned() };
        let name = &node.name;
        let length = name.len();
        let text = format!("HTTP/1.1 {status} Drill\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{name}");
        stream.write_all(text.as_bytes()).await.ok()?;
    } else {
        let asked = stream.read(&mut [0; 64]).await.ok()?;
        if asked == 0 {
            return None;
        }
        stream.write_all(node.name.as_bytes()).await.ok()?;
    }
    stream.shutdown().await.ok()
}

/// The lines of an HTTP message up to the empty one.
pub async fn head<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        if bytes.len() > 16384 || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}
