//! One connection to one address, from the first packet to the first answer.

use std::io::{Error, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::http;
use super::observation::{Ask, Attempt, ConnectFault, End, HttpFault, Protocol, TlsFault};
use super::tls::{self, Recorder};
use crate::remote::authority::host_port;

/// Connects to `address` of the server that `ask` names. It ends after `limit`, whatever the server does.
pub async fn attempt(ask: &Ask, address: IpAddr, limit: Duration) -> Attempt {
    let address = SocketAddr::new(address, ask.port);
    let begun = Instant::now();
    let recorder = Recorder::new();
    let from = source(address);
    let end = match from {
        None => End::Unconnected(ConnectFault::NoRoute),
        Some(_) => stages(ask, address, begun, limit, &recorder).await,
    };
    Attempt { address, from, took: begun.elapsed(), shown: recorder.shown(), end }
}

async fn stages(
    ask: &Ask,
    address: SocketAddr,
    begun: Instant,
    limit: Duration,
    recorder: &std::sync::Arc<Recorder>,
) -> End {
    let deadline = begun + limit;
    let stream = match timeout_at(deadline, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return End::Unconnected(connect_fault(&error)),
        Err(_) => return End::Unconnected(ConnectFault::Silent(limit)),
    };
    let connected = Instant::now();
    let stream = match timeout_at(deadline, tls::handshake(stream, &ask.host, ask.protocol, recorder)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(fault)) => return End::NoTls(fault),
        Err(_) => return End::NoTls(TlsFault::Silent(connected.elapsed())),
    };
    let Protocol::Http(path) = ask.protocol else { return End::Shaken };
    let (shaken, asked) = (Instant::now(), recorder.shown().accepted_authorities.is_some());
    let authority = host_port(&ask.host, ask.port);
    match timeout_at(deadline, http::get(stream, &authority, path, asked)).await {
        Ok(Ok(answer)) => End::Http(answer),
        Ok(Err(fault)) => End::NoHttp(fault),
        Err(_) => End::NoHttp(HttpFault::Silent(shaken.elapsed())),
    }
}

/// The address of this machine from which `address` is dialled; none where there is no route. A connected UDP socket sends nothing.
fn source(address: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(address).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn connect_fault(error: &Error) -> ConnectFault {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => ConnectFault::Refused,
        ErrorKind::TimedOut => ConnectFault::Other("the operating system gave up".to_owned()),
        ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => ConnectFault::NoRoute,
        ErrorKind::HostUnreachable | ErrorKind::NetworkDown => ConnectFault::Unreachable,
        _ => ConnectFault::Other(error.to_string()),
    }
}
