//! From a stream to a host that let somebody in: the handshake with a host key that is known, then the authentication.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use russh::Preferred;
use russh::client::{self, Config, Handle};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout_at;

use super::attempt_limit::AttemptLimit;
use super::authentication::authenticate;
use super::handler::Handler;
use super::host_key::{HostKeyError, Known, pinned};
use super::known_hosts;
use super::settings::{Hop, PORT, SshSettings};
use super::ssh_error::SshError;
use super::transcript::{Recorded, Transcript};

/// A connection that says nothing for this long is asked whether it is still there, and given up after three times.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// Logs in to `hop`, which is at the other end of `stream` and is called `to` in errors.
///
/// # Errors
/// The first thing that stands in the way. Nothing is sent to a host whose key isn't known.
pub async fn log_in<S>(
    settings: &SshSettings,
    hop: &Hop,
    stream: S,
    to: &str,
    limit: &AttemptLimit,
) -> Result<Handle<Handler>, SshError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let user = settings.user_of(hop).ok_or(SshError::NoUser)?;
    let known = known(settings, hop).map_err(|source| SshError::HostKey { to: to.to_owned(), source })?;
    let transcript = Transcript::default();
    let mut handle = handshake(known, settings, hop, stream, to, limit, &transcript).await?;
    let authenticated = timeout_at(limit.end, authenticate(&mut handle, settings, user, to, &transcript)).await;
    match authenticated {
        Ok(authenticated) => authenticated.map(|()| handle),
        Err(_) if transcript.waits_for_agent() => {
            let reason = format!("it didn't sign within {} s; it may wait for its user", limit.limit.as_secs());
            Err(SshError::Agent { reason })
        }
        Err(_) => Err(limit.silent(to)),
    }
}

async fn handshake<S>(
    known: Known,
    settings: &SshSettings,
    hop: &Hop,
    stream: S,
    to: &str,
    limit: &AttemptLimit,
    transcript: &Transcript,
) -> Result<Handle<Handler>, SshError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let config = Arc::new(config(&known));
    let handler = Handler::new(known, hop.host.clone(), settings.port_of(hop), transcript.clone());
    let stream = Recorded::new(stream, transcript.clone());
    let connected = timeout_at(limit.end, client::connect_stream(config, stream, handler)).await;
    if let Some(source) = transcript.take_host_key_error() {
        return Err(SshError::HostKey { to: to.to_owned(), source });
    }
    match (connected, transcript.other_beginning()) {
        (Ok(Ok(handle)), _) => Ok(handle),
        (Ok(Err(error)), _) => Err(failed(error, to, transcript)),
        // Another service waits for what it understands.
        (Err(_), Some(line)) => Err(SshError::OtherService { to: to.to_owned(), line }),
        (Err(_), None) => Err(limit.silent(to)),
    }
}

fn failed(error: russh::Error, to: &str, transcript: &Transcript) -> SshError {
    use russh::Error::{Disconnect, HUP, IO, SendError, Version};
    let to = to.to_owned();
    match (error, transcript.other_beginning()) {
        (Version, Some(line)) => SshError::OtherService { to, line },
        (Disconnect | HUP | SendError | IO(_), _) => SshError::Closed { to, said: transcript.farewell() },
        (error, _) => SshError::Protocol { to, reason: error.to_string() },
    }
}

/// What is known of the host's key.
fn known(settings: &SshSettings, hop: &Hop) -> Result<Known, HostKeyError> {
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
    let port = settings.port_of(hop);
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
