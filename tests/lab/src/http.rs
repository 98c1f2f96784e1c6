//! The lab's own HTTP client: forwards for the proxy, and asks stand-ins directly for the tests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;

use super::form;
use super::server::{Reply, Request, pairs};
use super::xml::Element;

/// The answer to a direct query: status, and the body as XML.
#[derive(Debug, Clone)]
pub struct QueryAnswer {
    /// HTTP status.
    pub status: u16,
    /// The answer's outermost element.
    pub xml: Element,
}

impl QueryAnswer {
    /// # Panics
    /// If the body isn't XML.
    pub fn read(action: &str, status: u16, body: &str) -> QueryAnswer {
        let xml = Element::parse(body).unwrap_or_else(|problem| panic!("{action} answered {status} {problem}: {body}"));
        QueryAnswer { status, xml }
    }

    /// The error code of an AWS query error.
    pub fn error_code(&self) -> Option<&str> {
        self.xml.find("Error")?.text_of("Code")
    }

    /// The error text of an AWS query error.
    pub fn error_message(&self) -> Option<&str> {
        self.xml.find("Error")?.text_of("Message")
    }

    /// The `…Result` element of a success.
    ///
    /// # Panics
    /// With the whole answer when it is an error.
    pub fn result(&self) -> &Element {
        assert_eq!(self.status, 200, "{:#?}", self.xml);
        let result = self.xml.children.iter();
        result.clone().find(|child| child.name.ends_with("Result")).unwrap_or(&self.xml)
    }
}

/// Sends one action to a stand-in with a header that looks signed (stand-ins read its credential scope and check no
/// signature). `service` is the scope's name of it.
///
/// # Panics
/// When nobody answers with XML.
pub fn query(base: &str, service: &str, action: &str, params: &[(&str, &str)]) -> QueryAnswer {
    query_as("test", base, service, action, params)
}

/// The access key by which the fake knows the test itself: it does what such a request asks, but counts and logs nothing.
pub const OBSERVER: &str = "lab-observer";

/// The region of a query that doesn't name one.
pub const REGION: &str = "us-east-1";

/// As [`query`], with another access key than `test`. A region other than [`REGION`] stands behind the address:
/// `http://127.0.0.1:PORT/eu-west-1`.
pub fn query_as(access_key: &str, base: &str, service: &str, action: &str, params: &[(&str, &str)]) -> QueryAnswer {
    query_in(region_of(base), access_key, base, service, action, params)
}

/// The region that stands behind an address.
pub fn region_of(base: &str) -> &str {
    let named = base.strip_prefix("http://").and_then(|rest| rest.split('/').nth(1)).filter(|name| !name.is_empty());
    named.unwrap_or(REGION)
}

/// As [`query_as`], in another region.
pub fn query_in(
    region: &str,
    access_key: &str,
    base: &str,
    service: &str,
    action: &str,
    params: &[(&str, &str)],
) -> QueryAnswer {
    let request = request(region, access_key, service, action, params);
    let headers: Vec<(&str, &str)> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let sent = send(base, "POST", "/", &headers, &String::from_utf8_lossy(&request.body));
    let (status, body) = sent.unwrap_or_else(|error| panic!("{action} at {base}: {error}"));
    QueryAnswer::read(action, status, &body)
}

/// One action as a request, with a header that looks signed.
pub fn request(region: &str, access_key: &str, service: &str, action: &str, params: &[(&str, &str)]) -> Request {
    let version = match service {
        "sts" => "2011-06-15",
        "ec2" => "2016-11-15",
        _ => "2015-12-01",
    };
    let mut all = vec![("Action", action), ("Version", version)];
    all.extend_from_slice(params);
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={access_key}/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=00"
    );
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-amz-date", "20260101T000000Z"),
    ];
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: form::encode(&all).into_bytes(),
    }
}

/// A blocking request; gives status and body.
pub fn send(
    base: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<(u16, String)> {
    let authority = authority(base);
    let mut stream = TcpStream::connect(address(authority))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    request.push_str(&format!("content-length: {length}\r\nconnection: close\r\n\r\n{body}"));
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    split_answer(&String::from_utf8_lossy(&answer)).ok_or_else(|| std::io::Error::other("no complete HTTP answer"))
}

/// The server closes at our wish, so the body is what follows the headers.
fn split_answer(answer: &str) -> Option<(u16, String)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let in_chunks = head.to_lowercase().contains("\r\ntransfer-encoding: chunked");
    Some((status, if in_chunks { join_chunks(body)? } else { body.to_owned() }))
}

/// The body of an answer whose server didn't know its length beforehand (RFC 9112, section 7.1).
fn join_chunks(mut rest: &str) -> Option<String> {
    let mut body = String::new();
    loop {
        let (size, after) = rest.split_once("\r\n")?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.push_str(after.get(..size)?);
        rest = after.get(size..)?.strip_prefix("\r\n")?;
    }
}

/// Sends `request` on to `base` as it is and gives the answer. The connection is used once.
pub async fn forward(base: &str, request: &Request) -> Result<Reply, String> {
    let stream = tokio::net::TcpStream::connect(address(authority(base))).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let mut builder = hyper::Request::builder().method(request.method.as_str()).uri(request.path.as_str());
    for (name, value) in &request.headers {
        if !is_of_the_connection(name) {
            builder = builder.header(name, value);
        }
    }
    let body = Full::new(Bytes::from(request.body.clone()));
    let outgoing = builder.body(body).map_err(|error| error.to_string())?;
    let answer = sender.send_request(outgoing).await.map_err(|error| error.to_string())?;
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map_err(|error| error.to_string())?;
    let mut headers = pairs(&head.headers);
    headers.retain(|(name, _)| !is_of_the_connection(name));
    Ok(Reply { status: head.status.as_u16(), headers, body: body.to_bytes().to_vec() })
}

/// Headers that speak of one connection, not of the message (RFC 9110, section 7.6.1), and the length, which hyper
/// writes itself.
fn is_of_the_connection(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "proxy-connection"
            | "content-length"
            | "expect"
    )
}

fn authority(base: &str) -> &str {
    let rest = base.strip_prefix("http://").unwrap_or_else(|| panic!("the lab speaks plain HTTP only, not {base}"));
    rest.split('/').next().unwrap()
}

/// What to dial: a URL may leave HTTP's own port out.
fn address(authority: &str) -> String {
    let host = authority.rsplit_once(']').map_or(authority, |(_, after)| after);
    if host.contains(':') { authority.to_owned() } else { format!("{authority}:80") }
}
