//! From a target to a session: directly, or through a bastion.

use std::sync::Arc;
use std::time::Duration;

use super::attempt_limit::AttemptLimit;
use super::bastions::{Bastion, Bastions};
use super::dial::{dial, label};
use super::log_in::log_in;
use super::session::Session;
use super::settings::{Hop, SshSettings, Target};
use super::ssh_error::SshError;

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
    let behind = bastion.behind(&to);
    let handle = match bastion.tunnel(&hop.host, settings.port_of(hop), &to, limit).await {
        Ok(tunnel) => log_in(settings, hop, tunnel, &behind, limit).await,
        Err(error) => Err(error),
    };
    // What the host seems to have closed then, the bastion has.
    let handle = handle.map_err(|error| if bastion.is_closed() { bastion.lost() } else { error })?;
    Ok(Session::new(handle, Some(bastion.clone()), behind))
}
