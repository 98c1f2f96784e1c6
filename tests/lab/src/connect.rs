//! A company's HTTP proxy: tunnels by CONNECT, notes who asked for what, and can refuse.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// A request line's method and target, and what was sent to prove who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `CONNECT`, or another for a request in absolute form.
    pub method: String,
    /// `HOST:PORT`, or a URL.
    pub target: String,
    /// The value of `proxy-authorization`.
    pub authorization: Option<String>,
}

/// A proxy on a free port. It knows only the hosts it was told: names need not exist anywhere else.
pub struct ConnectProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

#[derive(Default)]
struct Shared {
    routes: Mutex<BTreeMap<String, SocketAddr>>,
    authorization: Mutex<Option<String>>,
    refusal: Mutex<Option<u16>>,
    asked: Mutex<Vec<Asked>>,
}

impl ConnectProxy {
    /// Starts one that reaches nothing yet: every request is answered with 502.
    pub fn start() -> ConnectProxy {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(socket).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                tokio::spawn(async move {
                    // An error is a client or a host that went away.
                    let _closed = shared.serve(stream).await;
                });
            }
        });
        ConnectProxy { address, shared, runtime: Some(runtime) }
    }

    /// Leads `authority` (`HOST:PORT`) to `to`.
    pub fn route(&self, authority: &str, to: SocketAddr) {
        self.shared.routes.lock().unwrap().insert(authority.to_owned(), to);
    }

    /// Lets only this user in.
    pub fn demand(&self, user: &str, password: &str) {
        let basic = STANDARD.encode(format!("{user}:{password}"));
        *self.shared.authorization.lock().unwrap() = Some(format!("Basic {basic}"));
    }

    /// Answers everything with this status.
    pub fn refuse(&self, status: u16) {
        *self.shared.refusal.lock().unwrap() = Some(status);
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// As [`ConnectProxy::url`], with user and password as they stand in a URL.
    pub fn url_for(&self, user: &str, password: &str) -> String {
        format!("http://{user}:{password}@{}", self.address)
    }

    /// Everything that was asked for, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// The targets of the CONNECT requests, sorted, each once.
    pub fn connected(&self) -> Vec<String> {
        let asked = self.asked().into_iter().filter(|asked| asked.method == "CONNECT");
        let mut targets: Vec<String> = asked.map(|asked| asked.target).collect();
        targets.sort();
        targets.dedup();
        targets
    }
}

impl Drop for ConnectProxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    async fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let head = head(&mut client).await?;
        let mut words = head.split(' ').map(str::to_owned);
        let asked = Asked {
            method: words.next().unwrap_or_default(),
            target: words.next().unwrap_or_default(),
            authorization: header(&head, "proxy-authorization"),
        };
        self.asked.lock().unwrap().push(asked.clone());
        let (route, refusal) = (self.routes.lock().unwrap().get(&asked.target).copied(), self.refusal(&asked));
        let (Some(host), None) = (route, refusal) else {
            let status = refusal.unwrap_or(502);
            let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            return client.write_all(answer.as_bytes()).await;
        };
        let mut host = TcpStream::connect(host).await?;
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        tokio::io::copy_bidirectional(&mut client, &mut host).await?;
        Ok(())
    }

    fn refusal(&self, asked: &Asked) -> Option<u16> {
        let demanded = self.authorization.lock().unwrap().clone();
        if demanded.is_some() && demanded != asked.authorization {
            return Some(407);
        }
        *self.refusal.lock().unwrap()
    }
}

/// A request up to its empty line. A client of a tunnel sends nothing behind it before it is answered.
async fn head(client: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut part = [0; 4096];
        let length = client.read(&mut part).await?;
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&part[..length]);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}
