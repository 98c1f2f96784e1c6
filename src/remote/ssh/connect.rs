//! From a target to a session: directly, or through a bastion.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout_at;

use super::attempt_limit::AttemptLimit;
use super::bastions::{Bastion, Bastions};
use super::log_in::log_in;
use super::session::Session;
use super::settings::{Hop, SshSettings, Target};
use super::ssh_error::SshError;
use crate::remote::authority::host_port;

/// Connects and logs in, within `limit`.
///
/// # Errors
/// The first thing that stands in the way. Nothing is sent to a host whose key isn't known.
pub async fn connect(
    settings: &SshSettings,
    bastions: &Bastions,
    target: &Target,
    limit: Duration,
) -> Result<Session, SshError> {
    let limit = AttemptLimit::new(limit);
    let Some(bastion) = target.bastion.as_ref().or(settings.bastion.as_ref()) else {
        return limit.repeat(|| directly(settings, &target.hop, &limit)).await;
    };
    let open = bastions.get(settings, bastion, &limit).await?;
    match limit.repeat(|| through(settings, &open, &target.hop, &limit)).await {
        // It ended since it was opened, for whatever host.
        Err(_) if open.is_closed() => {
            let open = bastions.get(settings, bastion, &limit).await?;
            limit.repeat(|| through(settings, &open, &target.hop, &limit)).await
        }
        done => done,
    }
}

async fn directly(settings: &SshSettings, hop: &Hop, limit: &AttemptLimit) -> Result<Session, SshError> {
    let to = label(settings, hop);
    let stream = dial(settings, hop, &to, limit).await?;
    let handle = log_in(settings, hop, stream, &to, limit).await?;
    Ok(Session::new(handle, None, to))
}

async fn through(
    settings: &SshSettings,
    bastion: &Arc<Bastion>,
    hop: &Hop,
    limit: &AttemptLimit,
) -> Result<Session, SshError> {
    let to = label(settings, hop);
    let handle = match bastion.tunnel(&hop.host, settings.port_of(hop), &to, limit).await {
        Ok(tunnel) => log_in(settings, hop, tunnel, &to, limit).await,
        Err(error) => Err(error),
    };
    // What the host seems to have closed then, the bastion has.
    let handle = handle.map_err(|error| if bastion.is_closed() { bastion.lost() } else { error })?;
    Ok(Session::new(handle, Some(bastion.clone()), to))
}

/// `HOST:PORT`.
pub fn label(settings: &SshSettings, hop: &Hop) -> String {
    host_port(&hop.host, settings.port_of(hop))
}

/// A connection to `hop`, which is called `to` in errors.
///
/// # Errors
/// If there is none within `limit`.
pub async fn dial(settings: &SshSettings, hop: &Hop, to: &str, limit: &AttemptLimit) -> Result<TcpStream, SshError> {
    let to = to.to_owned();
    let found = tokio::net::lookup_host((hop.host.as_str(), settings.port_of(hop)));
    let addresses: Vec<_> = match timeout_at(limit.end, found).await.map_err(|_| limit.silent(&to))? {
        Ok(addresses) => addresses.collect(),
        Err(source) => return Err(SshError::NoAddress { to, source: Arc::new(source) }),
    };
    match timeout_at(limit.end, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(stream)) => {
            let _only_slower = stream.set_nodelay(true);
            Ok(stream)
        }
        Ok(Err(source)) => Err(SshError::Unreachable { to, source: Arc::new(source) }),
        Err(_) => {
            let why = format!("no answer within {} s", limit.limit.as_secs());
            Err(SshError::Unreachable { to, source: Arc::new(std::io::Error::new(ErrorKind::TimedOut, why)) })
        }
    }
}
