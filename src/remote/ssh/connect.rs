//! From a target to a session.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use russh::client::{self, Config, Handle};
use russh::{ChannelOpenFailure, Preferred};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};

use super::authentication::authenticate;
use super::handler::{Handler, Said};
use super::host_key::{HostKeyError, Known, pinned};
use super::known_hosts;
use super::session::Session;
use super::settings::{Hop, PORT, SshSettings, Target};
use super::ssh_error::SshError;
use crate::remote::authority::host_port;

/// A connection that says nothing for this long is asked whether it is still there, and given up after three times.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// Connects and logs in, within `limit`.
///
/// # Errors
/// The first thing that stands in the way. Nothing is sent to a host whose key isn't known.
pub async fn connect(settings: &SshSettings, target: &Target, limit: Duration) -> Result<Session, SshError> {
    let until = Until { end: Instant::now() + limit, limit };
    for pause in pauses() {
        match connect_once(settings, target, &until).await {
            Err(SshError::Closed { .. }) if Instant::now() + pause < until.end => sleep(pause).await,
            done => return done,
        }
    }
    connect_once(settings, target, &until).await
}

/// The pauses before a connection that was closed is made again: OpenSSH closes some at random where more than ten log in at once
/// (`MaxStartups`), as several hosts behind one bastion do. No two wait equally long, or they would come together again.
fn pauses() -> impl Iterator<Item = Duration> {
    static CONNECTIONS: AtomicU32 = AtomicU32::new(0);
    let spread = 8 + CONNECTIONS.fetch_add(1, Ordering::Relaxed) % 8;
    [20, 40, 80, 160].into_iter().map(move |milliseconds| Duration::from_millis(milliseconds) * spread)
}

async fn connect_once(settings: &SshSettings, target: &Target, until: &Until) -> Result<Session, SshError> {
    let to = label(settings, &target.hop);
    let Some(bastion) = target.bastion.as_ref().or(settings.bastion.as_ref()) else {
        let stream = dial(&target.hop.host, settings.port_of(&target.hop), &to, until).await?;
        let handle = log_in(settings, &target.hop, stream, &to, until).await?;
        return Ok(Session::new(handle, None, to));
    };
    let over = format!("the bastion {}", label(settings, bastion));
    let stream = dial(&bastion.host, settings.port_of(bastion), &over, until).await?;
    let bastion = log_in(settings, bastion, stream, &over, until).await?;
    let port = u32::from(settings.port_of(&target.hop));
    let opened = timeout_at(until.end, bastion.channel_open_direct_tcpip(&target.hop.host, port, "127.0.0.1", 0)).await;
    let tunnel = opened.map_err(|_| until.silent(&to))?;
    let tunnel = tunnel.map_err(|error| match error {
        russh::Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited) => {
            SshError::MayNotForward { bastion: over, to: to.clone() }
        }
        _ => SshError::NotForwarded { bastion: over, to: to.clone() },
    })?;
    let handle = log_in(settings, &target.hop, tunnel.into_stream(), &to, until).await?;
    Ok(Session::new(handle, Some(bastion), to))
}

struct Until {
    end: Instant,
    limit: Duration,
}

impl Until {
    fn silent(&self, to: &str) -> SshError {
        SshError::Silent { to: to.to_owned(), limit: self.limit }
    }
}

/// `HOST:PORT`.
fn label(settings: &SshSettings, hop: &Hop) -> String {
    host_port(&hop.host, settings.port_of(hop))
}

async fn dial(host: &str, port: u16, to: &str, until: &Until) -> Result<TcpStream, SshError> {
    let to = to.to_owned();
    let found = timeout_at(until.end, tokio::net::lookup_host((host, port))).await.map_err(|_| until.silent(&to))?;
    let addresses: Vec<_> = match found {
        Ok(addresses) => addresses.collect(),
        Err(source) => return Err(SshError::NoAddress { to, source }),
    };
    match timeout_at(until.end, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(stream)) => {
            let _only_slower = stream.set_nodelay(true);
            Ok(stream)
        }
        Ok(Err(source)) => Err(SshError::Unreachable { to, source }),
        Err(_) => Err(SshError::Unreachable {
            to,
            source: std::io::Error::new(ErrorKind::TimedOut, format!("no answer within {} s", until.limit.as_secs())),
        }),
    }
}

async fn log_in<S>(
    settings: &SshSettings,
    hop: &Hop,
    stream: S,
    to: &str,
    until: &Until,
) -> Result<Handle<Handler>, SshError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let user = settings.user_of(hop).ok_or(SshError::NoUser)?;
    let port = settings.port_of(hop);
    let known = known(settings, hop, port).map_err(|source| SshError::HostKey { to: to.to_owned(), source })?;
    let config = Arc::new(config(&known));
    let said = Said::default();
    let handler = Handler::new(known, hop.host.clone(), port, said.clone());
    let connected = timeout_at(until.end, client::connect_stream(config, stream, handler)).await;
    if let Some(source) = said.refusal() {
        return Err(SshError::HostKey { to: to.to_owned(), source });
    }
    let mut handle = connected.map_err(|_| until.silent(to))?.map_err(|error| failed(error, to))?;
    let authenticated = timeout_at(until.end, authenticate(&mut handle, settings, user, to)).await;
    match authenticated.map_err(|_| until.silent(to))? {
        Ok(()) => Ok(handle),
        Err(error) => Err(error.after(said.banner())),
    }
}

/// What is known of the host's key.
fn known(settings: &SshSettings, hop: &Hop, port: u16) -> Result<Known, HostKeyError> {
    if let Some(line) = &hop.host_key {
        return pinned(line).map(Known::Pinned).ok_or(HostKeyError::NotAKey);
    }
    let path = settings.known_hosts();
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Known::NoFile { path }),
        Err(error) => return Err(HostKeyError::Unreadable { path, reason: error.to_string() }),
    };
    let text = String::from_utf8_lossy(&text);
    let of = |port| known_hosts::entries(&text, &known_hosts::name(&hop.host, port));
    let without_port = if port == PORT { Vec::new() } else { of(PORT) };
    Ok(Known::File { path, entries: of(port), without_port })
}

fn config(known: &Known) -> Config {
    Config {
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: 3,
        nodelay: true,
        preferred: Preferred {
            key: known.algorithms().into(),
            host_key_certificates: known.certificate_algorithms().into(),
            ..Preferred::DEFAULT
        },
        ..Config::default()
    }
}

fn failed(error: russh::Error, to: &str) -> SshError {
    use russh::Error::{Disconnect, HUP, IO, SendError};
    let to = to.to_owned();
    match error {
        Disconnect | HUP | SendError | IO(_) => SshError::Closed { to },
        error => SshError::Protocol { to, reason: error.to_string() },
    }
}
