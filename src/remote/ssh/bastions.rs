//! Bastions, each with one connection however many hosts are behind it: a bastion counts logins (`MaxStartups`, `fail2ban`), and what is
//! forwarded over one of them counts for nothing there.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use russh::client::{Handle, Msg};
use russh::{ChannelOpenFailure, ChannelStream};
use tokio::time::{Instant, sleep, timeout_at};

use super::attempt_limit::AttemptLimit;
use super::dial::{dial, label};
use super::handler::Handler;
use super::log_in::log_in;
use super::settings::{Hop, SshSettings};
use super::ssh_error::SshError;

/// How long a connection stays after its last use where no host has it: those that try a host again, as one that boots, find it.
const LINGER: Duration = Duration::from_secs(20);

/// What a failed attempt takes to say why.
const GRACE: Duration = Duration::from_millis(200);

/// The bastions that are connected, shared by all that have a clone of this.
#[derive(Clone, Default)]
pub struct Bastions(Arc<Mutex<HashMap<Key, SharedSlot>>>);

/// What tells one connection from another. Everything else that logs in is the same within a provider's configuration.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    host: String,
    port: u16,
    user: Option<String>,
    host_key: Option<String>,
}

/// What is known of a bastion. Whoever connects it has this locked, and the others wait for the outcome.
#[derive(Default)]
struct Slot {
    open: Weak<Bastion>,
    /// The same for a time after the last use, and when that was.
    kept: Option<(Arc<Bastion>, Instant)>,
    /// Why the last attempt failed, and when: those that waited for it make no other.
    failed: Option<(Instant, SshError)>,
}

type SharedSlot = Arc<tokio::sync::Mutex<Slot>>;

/// Takes note of a use, and of the first one for as long as it takes until there was none for a time.
fn keep(shared: &SharedSlot, slot: &mut Slot, open: &Arc<Bastion>) {
    if slot.kept.replace((open.clone(), Instant::now())).is_none() {
        let shared = shared.clone();
        tokio::spawn(async move {
            loop {
                sleep(LINGER).await;
                let mut slot = shared.lock().await;
                if slot.kept.as_ref().is_none_or(|(_, used)| used.elapsed() >= LINGER) {
                    slot.kept = None;
                    return;
                }
            }
        });
    }
}

/// A bastion that is logged in to. The connection ends when this is dropped.
pub struct Bastion {
    handle: Handle<Handler>,
    name: String,
}

impl Bastions {
    /// The bastion `hop`, connected already or now. Those that wait for the same attempt get the same error.
    ///
    /// # Errors
    /// As [`super::connect`].
    pub async fn get(&self, settings: &SshSettings, hop: &Hop, limit: &AttemptLimit) -> Result<Arc<Bastion>, SshError> {
        let name = format!("the bastion {}", label(settings, hop));
        let shared = self.slot(settings, hop);
        let asked = Instant::now();
        // An attempt with the same end has its own reason by then.
        let mut slot = timeout_at(limit.end + GRACE, shared.lock()).await.map_err(|_| limit.silent(&name))?;
        if let Some(open) = slot.open.upgrade().filter(|open| !open.is_closed()) {
            keep(&shared, &mut slot, &open);
            return Ok(open);
        }
        if let Some((at, error)) = &slot.failed
            && *at >= asked
        {
            return Err(error.clone());
        }
        match limit.repeat(|| Bastion::connect(settings, hop, &name, limit)).await {
            Ok(bastion) => {
                let open = Arc::new(bastion);
                (slot.open, slot.failed) = (Arc::downgrade(&open), None);
                keep(&shared, &mut slot, &open);
                Ok(open)
            }
            Err(error) => {
                slot.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    fn slot(&self, settings: &SshSettings, hop: &Hop) -> SharedSlot {
        let key = Key {
            host: hop.host.clone(),
            port: settings.port_of(hop),
            user: settings.user_of(hop).map(str::to_owned),
            host_key: hop.host_key.clone(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }
}

impl fmt::Debug for Bastions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Bastions").finish_non_exhaustive()
    }
}

impl Bastion {
    async fn connect(settings: &SshSettings, hop: &Hop, name: &str, limit: &AttemptLimit) -> Result<Bastion, SshError> {
        let stream = dial(settings, hop, name, limit).await?;
        let handle = log_in(settings, hop, stream, name, limit).await?;
        Ok(Bastion { handle, name: name.to_owned() })
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// That it has.
    pub fn lost(&self) -> SshError {
        SshError::Lost { to: self.name.clone() }
    }

    /// What a host behind it is called in errors.
    pub fn behind(&self, to: &str) -> String {
        format!("{to} (through {})", self.name)
    }

    /// A stream to a host behind it, which is called `to` in errors.
    ///
    /// # Errors
    /// If the bastion doesn't lead there.
    pub async fn tunnel(
        &self,
        host: &str,
        port: u16,
        to: &str,
        limit: &AttemptLimit,
    ) -> Result<ChannelStream<Msg>, SshError> {
        let opened = self.handle.channel_open_direct_tcpip(host, port.into(), "127.0.0.1", 0);
        let opened = timeout_at(limit.end, opened).await.map_err(|_| limit.silent(&self.behind(to)))?;
        let (bastion, to) = (self.name.clone(), to.to_owned());
        opened.map(|channel| channel.into_stream()).map_err(|error| match error {
            russh::Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited) => {
                SshError::MayNotForward { bastion, to }
            }
            russh::Error::ChannelOpenFailure(_) => SshError::NotForwarded { bastion, to },
            _ => self.lost(),
        })
    }
}

#[cfg(test)]
mod tests;
