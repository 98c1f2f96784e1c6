//! A host that no other run may change.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::failure::{Cause, Failure};
use super::script::{HOLDER, LOCK, RUN_FOLDER};
use crate::endpoint::haproxy_deployment::plan::checks::Problem;
use crate::endpoint::haproxy_deployment::read::shell::{Script, Shell, ShellError};

/// How long another run is waited for: longer than a change that was cut off takes to be taken back.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long the user's login shell may take: some look for versions of languages, or ask a directory.
const LOGIN_LIMIT: Duration = Duration::from_secs(60);

/// The lock falls after thirty seconds without a sign of life.
const BEAT: Duration = Duration::from_secs(10);

/// A host and its lock, which ends with this value or with the connection.
pub struct HostSession {
    run: String,
    boot: String,
    connection: Mutex<Connection>,
}

struct Connection {
    shell: Shell,
    /// Holds the lock; none after another connection took the place of the one that had it.
    beats: Option<JoinHandle<()>>,
}

impl HostSession {
    /// Locks the host for the run of that random name. Only after that it says what it has.
    ///
    /// # Errors
    /// If another run holds the lock, or the host can't be used.
    pub async fn lock(shell: Shell, run: &str) -> Result<HostSession, Failure> {
        let (beats, boot) = hold(&shell, run, "").await?;
        let connection = Mutex::new(Connection { shell, beats: Some(beats) });
        Ok(HostSession { run: run.to_owned(), boot, connection })
    }

    /// The boot of the host in which it was locked.
    pub fn boot(&self) -> &str {
        &self.boot
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs scripts there.
    pub fn shell(&self) -> Shell {
        self.connection().shell.clone()
    }

    /// Goes on over another connection, which doesn't hold the lock yet.
    pub fn replace(&self, shell: Shell) {
        let former = std::mem::replace(&mut *self.connection(), Connection { shell, beats: None });
        if let Some(beats) = former.beats {
            beats.abort();
        }
    }

    /// Locks the host again, where another connection took the place of the one that held the lock. What was begun there is over.
    ///
    /// # Errors
    /// As [`HostSession::lock`].
    pub async fn lock_again(&self) -> Result<(), Failure> {
        if self.connection().beats.is_none() {
            let (beats, _) = hold(&self.shell(), &self.run, &self.boot).await?;
            self.connection().beats = Some(beats);
        }
        Ok(())
    }
}

/// Takes the lock, and shows signs of life until the task ends; gives the host's boot too. Where this run had the lock before, in that
/// `boot`, it gets it only if no other run had it since.
async fn hold(shell: &Shell, run: &str, boot: &str) -> Result<(JoinHandle<()>, String), Failure> {
    let failed = |cause| Failure { host: shell.host.clone(), cause };
    let unusable = |error: ShellError| failed(Cause::Shell(error));
    // Says what is wrong with sudo or the shell, in words.
    shell.run(&Script::new(&[]), "true", LOGIN_LIMIT).await.map_err(unusable)?;
    let script = Script::new(&[HOLDER, LOCK]).set("patience", &PATIENCE.as_secs().to_string());
    let script = script.set("run", run).set("boot", boot);
    let limit = PATIENCE * 2 + Duration::from_secs(10);
    let (running, said) = shell.start(&script, "lock", limit).await.map_err(unusable)?;
    let (word, rest) = said.split_once(' ').unwrap_or((&said, ""));
    match word {
        "locked" => {}
        "busy" => return Err(failed(Cause::Busy)),
        "restarted" => return Err(failed(Cause::Restarted { change: None })),
        "flock" => return Err(failed(Cause::Problem(Problem::NoProgram("flock")))),
        _ => return Err(failed(Cause::Upload { path: RUN_FOLDER.to_owned(), said: rest.to_owned() })),
    }
    let beats = tokio::spawn(async move {
        loop {
            sleep(BEAT).await;
            if running.send(b".").await.is_err() {
                return;
            }
        }
    });
    Ok((beats, rest.to_owned()))
}

impl Drop for HostSession {
    fn drop(&mut self) {
        if let Some(beats) = &self.connection().beats {
            beats.abort();
        }
    }
}

/// Hosts by name.
pub type Sessions = BTreeMap<String, HostSession>;
