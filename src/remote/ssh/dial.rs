//! The connection below SSH, and what a host is called in errors.

use std::io::ErrorKind;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::timeout_at;

use super::attempt_limit::AttemptLimit;
use super::settings::{Hop, SshSettings};
use super::ssh_error::SshError;
use crate::remote::authority::host_port;

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
