//! What is asked, and what was seen, as plain data.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::certificate::Certificate;

/// A server to be probed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask {
    /// DNS name or address, IPv6 without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// What is spoken there.
    pub protocol: Protocol,
    /// Whether it comes before those that aren't first, where there is not time for all.
    pub first: bool,
}

/// What a server speaks over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// HTTP/1.1: this path is asked for.
    Http(&'static str),
    /// gRPC: the TLS handshake is all that is done.
    Grpc,
}

/// What was seen of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What the name leads to; an address leads to itself.
    pub addresses: Result<Vec<IpAddr>, NameFault>,
    /// One for each address.
    pub attempts: Vec<Attempt>,
}

/// Why a name leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// It doesn't exist, or has no address. Resolvers don't always tell the two apart.
    NotFound,
    /// The name servers gave no answer: unreachable, or failing.
    NoAnswer,
    /// Nothing was heard within this time.
    Silent(Duration),
    /// Anything else, in the words of the operating system.
    Other(String),
    /// There was no time left to ask.
    NotAsked,
}

/// One connection to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was dialled.
    pub address: SocketAddr,
    /// The address of this machine that it was dialled from.
    pub from: Option<IpAddr>,
    /// From the first packet to the end of the attempt.
    pub took: Duration,
    /// What the handshake showed, as far as it came.
    pub shown: Shown,
    /// How it ended.
    pub end: End,
}

/// What a server shows of itself in a TLS handshake, even in one that fails later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Its certificate, where one came that can be read.
    pub certificate: Option<Certificate>,
    /// Where it asks for a client's certificate: the authorities that it accepts, such as `O=example`; possibly none.
    pub accepted_authorities: Option<Vec<String>>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// There was no time left to begin.
    NotBegun,
    /// There is no connection.
    Unconnected(ConnectFault),
    /// There is a connection, and no TLS over it.
    NoTls(TlsFault),
    /// There is TLS, and no answer over it.
    NoHttp(HttpFault),
    /// The handshake is done, and more isn't asked.
    Shaken,
    /// An answer over HTTP.
    Http(Answer),
}

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The names of the checks that the body says have failed, in lines that begin with `[-]`.
    pub failed_checks: Vec<String>,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectFault {
    /// The port is closed.
    Refused,
    /// No answer within this time: nobody there, or packets are dropped.
    Silent(Duration),
    /// This machine has no route to the address.
    NoRoute,
    /// Something on the way says that the host can't be reached.
    Unreachable,
    /// Anything else, in the words of the operating system.
    Other(String),
}

/// Why there is no TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The connection was closed without a word.
    Closed,
    /// Nothing came within this time.
    Silent(Duration),
    /// What came is no TLS.
    OtherProtocol,
    /// The server wants a certificate of its client.
    WantsCertificate,
    /// The server and this machine have no version or algorithm in common, or the server speaks another protocol over TLS.
    Incompatible(String),
    /// Anything else.
    Other(String),
}

/// Why there is no answer over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpFault {
    /// The connection was closed without an answer.
    Closed,
    /// Nothing came within this time.
    Silent(Duration),
    /// The server wants a certificate of its client.
    WantsCertificate,
    /// What came is no answer of HTTP.
    Other(String),
}

impl Attempt {
    /// One that was not begun.
    pub fn not_begun(address: SocketAddr) -> Attempt {
        Attempt { address, from: None, took: Duration::ZERO, shown: Shown::default(), end: End::NotBegun }
    }
}
