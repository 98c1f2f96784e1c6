//! One request over HTTP/1.1, and its answer.

use std::error::Error as _;
use std::future::poll_fn;
use std::pin::Pin;

use ::http::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::observation::{Answer, HttpFault};
use super::tls::{inner, is_about_the_client};

/// How much of a body is read.
const MOST_BYTES: usize = 16 * 1024;

/// How many failed checks are kept, and how many characters of each.
const MOST_CHECKS: usize = 10;
const LONGEST_CHECK: usize = 60;

/// Asks for `path`.
///
/// # Errors
/// If no answer comes; whether for want of a client's certificate, where the server has `asked` for one.
pub async fn get(stream: TlsStream<TcpStream>, authority: &str, path: &str, asked: bool) -> Result<Answer, HttpFault> {
    let fault = |error: hyper::Error| fault(&error, asked);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(fault)?;
    let request = Request::get(path)
        .header(HOST, authority)
        .header(USER_AGENT, concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "text/plain, */*")
        .header(CONNECTION, "close")
        .body(String::new())
        .map_err(|error| HttpFault::Other(error.to_string()))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(fault)?;
        let status = response.status().as_u16();
        let is_at_fault = (500..600).contains(&status);
        let failed_checks = if is_at_fault { failed_checks(&body(response.into_body()).await) } else { Vec::new() };
        Ok(Answer { status, failed_checks })
    };
    let mut answer = std::pin::pin!(answer);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        // Its end comes before the answer where the answer came with it.
        _ended = &mut connection => answer.await,
    }
}

/// The beginning of a body, as far as it comes.
async fn body(mut body: Incoming) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < MOST_BYTES {
        let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await else { break };
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data[..data.len().min(MOST_BYTES - bytes.len())]);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `[-]etcd failed: reason withheld` is a check of that name.
fn failed_checks(body: &str) -> Vec<String> {
    let names = body.lines().filter_map(|line| line.strip_prefix("[-]")?.split_whitespace().next());
    let plain = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.".contains(c));
    names.filter(plain).take(MOST_CHECKS).map(|name| name.chars().take(LONGEST_CHECK).collect()).collect()
}

fn fault(error: &hyper::Error, asked: bool) -> HttpFault {
    let io = std::iter::successors(error.source(), |error| (*error).source())
        .find_map(|error| error.downcast_ref::<std::io::Error>());
    match io.and_then(inner) {
        Some(rustls::Error::AlertReceived(alert)) if asked && is_about_the_client(*alert) => {
            HttpFault::WantsCertificate
        }
        Some(tls) => HttpFault::Other(tls.to_string()),
        None if error.is_incomplete_message() || error.is_closed() || error.is_canceled() || io.is_some() => {
            HttpFault::Closed
        }
        None => HttpFault::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_checks_are_names_and_nothing_else() {
        let body = "[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/rbac/x failed\n[-]\u{1b}[31mred failed\n[-]\n";
        assert_eq!(failed_checks(body), ["etcd", "poststarthook/rbac/x"]);
    }
}
