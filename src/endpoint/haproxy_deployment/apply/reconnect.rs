//! A host whose connection may end in the middle of a change. The change goes on there, and waits for its confirmation: over another
//! connection it is confirmed, or what became of it is learnt.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::driver::{Driver, Verdict, confirm_limit};
use super::failure::{Cause, Failure};
use super::session::HostSession;
use crate::endpoint::haproxy_deployment::model::spec::HostSpec;
use crate::endpoint::haproxy_deployment::plan::diff::Change;
use crate::endpoint::haproxy_deployment::read::clients::client;
use crate::endpoint::haproxy_deployment::read::shell::{Shell, ShellError};
use crate::endpoint::ssh_access::Settings;
use crate::remote::ssh::ssh_error::SshError;

/// The pause before each attempt: what the lost connection brought has arrived by then.
const PAUSE: Duration = Duration::from_secs(1);

/// How long one attempt may take.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(10);

/// What is left for the confirmation itself.
const MARGIN: Duration = Duration::from_secs(3);

/// A host, and the way to it.
pub struct Reconnecting<'a> {
    /// The host.
    pub session: &'a HostSession,
    /// How hosts are reached.
    pub settings: &'a Settings,
    /// How this one is.
    pub host: &'a HostSpec,
    /// The run's random name.
    pub run: &'a str,
    /// HAProxy's administrative socket.
    pub socket: &'a str,
}

impl Reconnecting<'_> {
    /// [`Driver::begin`].
    ///
    /// # Errors
    /// If the change failed, another run came in between, or the host stays out of reach.
    pub async fn begin(&self, change: &Change) -> Result<(), Failure> {
        let shell = self.session.shell();
        let lost = match self.driver(&shell).begin(change).await {
            Err(failure) if failure.is_lost() => failure,
            answered => return answered,
        };
        self.reconnect(lost).await?;
        let shell = self.session.shell();
        if self.driver(&shell).resume(change, self.session.boot()).await?.is_some() {
            return Ok(());
        }
        // It never got there: the connection had ended before, as all do that lead through one bastion. The new files are beside the old.
        self.session.lock_again().await?;
        self.driver(&shell).begin(change).await
    }

    /// Whether a change that was begun still waits for its confirmation.
    ///
    /// # Errors
    /// If it was taken back.
    pub async fn waits(&self, change: &Change) -> Result<(), Failure> {
        let shell = self.session.shell();
        let waits = match self.driver(&shell).resume(change, self.session.boot()).await {
            Err(failure) if failure.is_lost() => {
                self.reconnect(failure).await?;
                let shell = self.session.shell();
                self.driver(&shell).resume(change, self.session.boot()).await?
            }
            answered => answered?,
        };
        // Another run clears away only what is over.
        waits.ok_or_else(|| Failure { host: shell.host.clone(), cause: Cause::Overtaken })
    }

    /// [`Driver::settle`]. Afterwards the host is locked, whatever connection that takes.
    ///
    /// # Errors
    /// If the change isn't as the verdict says, the host stays out of reach, or another run came in between.
    pub async fn settle(&self, change: &Change, verdict: Verdict) -> Result<(), Failure> {
        let shell = self.session.shell();
        match self.driver(&shell).settle(change, self.session.boot(), verdict).await {
            Err(failure) if failure.is_lost() => {
                self.reconnect(failure).await?;
                let shell = self.session.shell();
                self.driver(&shell).settle(change, self.session.boot(), verdict).await?;
            }
            answered => answered?,
        }
        self.session.lock_again().await
    }

    /// [`Driver::addresses`].
    ///
    /// # Errors
    /// If the host stays out of reach.
    pub async fn addresses(&self) -> Result<BTreeSet<IpAddr>, Failure> {
        let shell = self.session.shell();
        match self.driver(&shell).addresses().await {
            Err(failure) if failure.is_lost() => {
                self.reconnect(failure).await?;
                let shell = self.session.shell();
                self.driver(&shell).addresses().await
            }
            answered => answered,
        }
    }

    fn driver<'b>(&'b self, shell: &'b Shell) -> Driver<'b> {
        Driver { shell, run: self.run, socket: self.socket }
    }

    /// Another connection in place of the one that was lost, for as long as a confirmation is waited for.
    async fn reconnect(&self, lost: Failure) -> Result<(), Failure> {
        self.session.replace(again(self.settings, &lost.host, self.host).await?);
        Ok(())
    }
}

/// Another connection to a host, in place of one that was lost.
///
/// # Errors
/// If the host stays out of reach for as long as a change waits for its confirmation.
pub async fn again(settings: &Settings, name: &str, host: &HostSpec) -> Result<Shell, Failure> {
    tracing::info!(host = name, "the connection was lost, connecting again");
    let failed = |error| Failure { host: name.to_owned(), cause: Cause::Shell(ShellError::Ssh(error)) };
    let end = Instant::now() + Duration::from_secs(confirm_limit()).saturating_sub(MARGIN);
    loop {
        sleep(PAUSE).await;
        match client(settings, name, host, ATTEMPT_LIMIT).await {
            Ok(shell) => return Ok(shell),
            Err(error) if error.is_unreachable() && Instant::now() + PAUSE < end => {}
            Err(error) if error.is_unreachable() => {
                return Err(failed(SshError::LostForGood { to: host.way.host.clone(), source: Box::new(error) }));
            }
            Err(error) => return Err(failed(error)),
        }
    }
}
