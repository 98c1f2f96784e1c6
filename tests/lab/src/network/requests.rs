//! A client's steady requests, each on a TLS connection of its own, and idle streams; what became of them is told with times.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::MissedTickBehavior;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::authority::{Authority, NAME};
use super::clock::{Moment, now};
use super::node::{IDLE_PATH, head};

/// From one request to the next: 20 a second.
pub const PERIOD: Duration = Duration::from_millis(50);

/// Which of a node's two servers is asked, and so how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// HTTP over TLS.
    Kubernetes,
    /// TLS with a client's certificate.
    Talos,
}

/// One request that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When it was begun.
    pub start: Moment,
    /// When it was over.
    pub end: Moment,
    /// The node that answered, or why there was no answer.
    pub result: Result<String, String>,
}

impl Sample {
    /// As it travels.
    pub fn to_json(&self) -> Value {
        let (ok, text) = match &self.result {
            Ok(node) => (true, node),
            Err(reason) => (false, reason),
        };
        json!([micros(self.start), micros(self.end), ok, text])
    }

    /// As it arrived.
    pub fn from_json(value: &Value) -> Sample {
        let text = value[3].as_str().unwrap().to_owned();
        let result = if value[2].as_bool().unwrap() { Ok(text) } else { Err(text) };
        Sample { start: moment(&value[0]), end: moment(&value[1]), result }
    }
}

/// A moment as it travels.
pub fn micros(moment: Moment) -> u64 {
    u64::try_from(moment.as_micros()).unwrap()
}

/// A moment as it arrived.
pub fn moment(value: &Value) -> Moment {
    Duration::from_micros(value.as_u64().unwrap())
}

/// Requests that go on until they are told to stop.
pub struct Requests {
    begun: Arc<AtomicUsize>,
    samples: Arc<Mutex<Vec<Sample>>>,
    ticker: tokio::task::JoinHandle<()>,
}

impl Requests {
    /// Begins one every [`PERIOD`]; each may take `deadline`.
    pub fn start(to: SocketAddr, api: Api, deadline: Duration, authority: &Authority) -> Requests {
        let (begun, samples) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, results, tls) = (begun.clone(), samples.clone(), authority.client());
        let ticker = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(PERIOD);
            // A moment without CPU must not be made up for by a burst.
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                count.fetch_add(1, Ordering::Relaxed);
                let (tls, results) = (tls.clone(), results.clone());
                tokio::spawn(async move {
                    let start = now();
                    let asked = tokio::time::timeout(deadline, ask(to, api, tls)).await;
                    let result = asked.unwrap_or_else(|_| Err("no answer in time".to_owned()));
                    results.lock().unwrap().push(Sample { start, end: now(), result });
                });
            }
        });
        Requests { begun, samples, ticker }
    }

    /// What is over by now, in the order in which it ended, from the `skip`th on.
    pub fn samples(&self, skip: usize) -> Vec<Sample> {
        self.samples.lock().unwrap().iter().skip(skip).cloned().collect()
    }

    /// How many were begun.
    pub fn begun(&self) -> usize {
        self.begun.load(Ordering::Relaxed)
    }

    /// No more are begun; those under way go on.
    pub fn stop(&self) {
        self.ticker.abort();
    }
}

async fn dial(to: SocketAddr, tls: Arc<ClientConfig>) -> Result<TlsStream<TcpStream>, String> {
    let stream = TcpStream::connect(to).await.map_err(|error| format!("connect: {error}"))?;
    let name = ServerName::try_from(NAME).unwrap();
    TlsConnector::from(tls).connect(name, stream).await.map_err(|error| format!("TLS: {error}"))
}

/// One request; the name of the node that answered.
async fn ask(to: SocketAddr, api: Api, tls: Arc<ClientConfig>) -> Result<String, String> {
    let mut stream = dial(to, tls).await?;
    let request: &[u8] = match api {
        Api::Kubernetes => b"GET /version HTTP/1.1\r\nHost: kubernetes\r\n\r\n",
        Api::Talos => b"version",
    };
    stream.write_all(request).await.map_err(|error| format!("write: {error}"))?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.map_err(|error| format!("read: {error}"))?;
    let answer = String::from_utf8_lossy(&answer);
    let name = answer.rsplit("\r\n").next().unwrap_or_default();
    if name.is_empty() { Err("an empty answer".to_owned()) } else { Ok(name.to_owned()) }
}

/// A stream on which nothing is sent once it is open.
pub struct Stream {
    fate: Arc<Mutex<Fate>>,
}

/// When it was open; when it ended, and how.
#[derive(Default)]
struct Fate {
    opened: Option<Moment>,
    ended: Option<(Moment, String)>,
}

impl Stream {
    /// Opens it.
    pub fn open(to: SocketAddr, authority: &Authority) -> Stream {
        let fate = Arc::new(Mutex::new(Fate::default()));
        let (shared, tls) = (fate.clone(), authority.client());
        tokio::spawn(async move {
            let ended = match open_idle(to, tls).await {
                Err(reason) => reason,
                Ok(mut stream) => {
                    shared.lock().unwrap().opened = Some(now());
                    match stream.read(&mut [0; 1]).await {
                        Ok(_) => "closed".to_owned(),
                        // Closed without a goodbye: how a load balancer does it.
                        Err(error) if error.kind() == ErrorKind::UnexpectedEof => "closed".to_owned(),
                        Err(error) => error.to_string(),
                    }
                }
            };
            shared.lock().unwrap().ended = Some((now(), ended));
        });
        Stream { fate }
    }

    /// When it was opened; when it ended, and how.
    pub fn state(&self) -> Value {
        let fate = self.fate.lock().unwrap();
        json!({
            "opened": fate.opened.map(micros),
            "ended": fate.ended.as_ref().map(|(moment, _)| micros(*moment)),
            "reason": fate.ended.as_ref().map(|(_, reason)| reason),
        })
    }
}

async fn open_idle(to: SocketAddr, tls: Arc<ClientConfig>) -> Result<TlsStream<TcpStream>, String> {
    let mut stream = dial(to, tls).await?;
    let request = format!("GET {IDLE_PATH} HTTP/1.1\r\nHost: kubernetes\r\n\r\n");
    stream.write_all(request.as_bytes()).await.map_err(|error| format!("write: {error}"))?;
    head(&mut stream).await.ok_or_else(|| "no answer".to_owned())?;
    Ok(stream)
}
