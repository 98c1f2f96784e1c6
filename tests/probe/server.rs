//! Servers that behave in all the ways that a probe must tell apart.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// What a server does with a connection.
#[derive(Clone)]
pub enum Behaviour {
    /// Nothing, and holds it.
    Hang,
    /// Closes it.
    Close,
    /// Answers this to whatever comes.
    Plain(&'static str),
    /// Speaks TLS, and then does that.
    Tls(Arc<ServerConfig>, Then),
    /// Waits this long before it speaks TLS, and again before it does that.
    Slow(Duration, Arc<ServerConfig>, Then),
}

/// What a server does with a request over TLS.
#[derive(Clone)]
pub enum Then {
    /// Nothing, and holds the connection.
    Hang,
    /// Closes the connection.
    Close,
    /// Answers with this status and body.
    Answer(u16, &'static str),
}

/// A server, which ends with this value.
pub struct Server {
    /// Where it listens first.
    pub address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    runtime: Option<Runtime>,
}

impl Server {
    /// On a free port of 127.0.0.1.
    pub fn start(behaviour: Behaviour) -> Server {
        Server::at(vec![StdListener::bind("127.0.0.1:0").unwrap()], behaviour)
    }

    /// On these sockets.
    pub fn at(sockets: Vec<StdListener>, behaviour: Behaviour) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let address = sockets[0].local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        for socket in sockets {
            socket.set_nonblocking(true).unwrap();
            let (behaviour, accepted) = (behaviour.clone(), Arc::clone(&accepted));
            runtime.spawn(async move {
                let listener = TcpListener::from_std(socket).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    accepted.fetch_add(1, Ordering::Relaxed);
                    // A client that hangs up in the middle is what some tests want.
                    tokio::spawn(serve(stream, behaviour.clone()));
                }
            });
        }
        Server { address, accepted, runtime: Some(runtime) }
    }

    /// How many connections there have been.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(mut stream: TcpStream, behaviour: Behaviour) -> Option<()> {
    let (wait, tls, then) = match behaviour {
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Close => return None,
        Behaviour::Plain(answer) => {
            let _read = stream.read(&mut [0; 1024]).await;
            return stream.write_all(answer.as_bytes()).await.ok();
        }
        Behaviour::Tls(tls, then) => (Duration::ZERO, tls, then),
        Behaviour::Slow(wait, tls, then) => (wait, tls, then),
    };
    tokio::time::sleep(wait).await;
    let mut stream = TlsAcceptor::from(tls).accept(stream).await.ok()?;
    let mut request = [0; 4096];
    let length = stream.read(&mut request).await.ok()?;
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    match then {
        Then::Hang => std::future::pending().await,
        Then::Close => None,
        Then::Answer(status, body) => {
            tokio::time::sleep(wait).await;
            let (status, body) =
                if request.starts_with("GET /readyz HTTP/1.1\r\n") { (status, body) } else { (400, "another request") };
            let head = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.shutdown().await.ok()
        }
    }
}
