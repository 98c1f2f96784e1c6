//! A host that no other run may change.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::failure::{Cause, Failure};
use crate::endpoint::haproxy_deployment::plan::checks::Problem;
use crate::endpoint::haproxy_deployment::read::shell::{Script, Shell, ShellError};

const LOCK: &str = include_str!("script/lock.sh");

/// How long another run is waited for: longer than a change that was cut off takes to be taken back.
const PATIENCE: Duration = Duration::from_secs(90);

/// The lock falls after thirty seconds without a sign of life.
const BEAT: Duration = Duration::from_secs(10);

/// A host and its lock, which ends with this value or with the connection.
pub struct HostSession {
    /// Runs scripts there.
    pub shell: Shell,
    beats: JoinHandle<()>,
}

impl HostSession {
    /// Locks the host. Only after that it says what it has.
    ///
    /// # Errors
    /// If another run holds the lock, or the host can't be used.
    pub async fn lock(shell: Shell) -> Result<HostSession, Failure> {
        let failed = |cause| Failure { host: shell.host.clone(), cause };
        let unusable = |error: ShellError| failed(Cause::Shell(error));
        // Says what is wrong with sudo or the shell, in words.
        shell.run(&Script::new(&[]), "true", Duration::from_secs(20)).await.map_err(unusable)?;
        let script = Script::new(&[LOCK]).set("patience", &PATIENCE.as_secs().to_string());
        let limit = PATIENCE * 2 + Duration::from_secs(10);
        let (running, said) = shell.start(&script, "lock", limit).await.map_err(unusable)?;
        match said.as_str() {
            "locked" => {}
            "busy" => return Err(failed(Cause::Busy)),
            "flock" => return Err(failed(Cause::Problem(Problem::NoProgram("flock")))),
            other => return Err(failed(Cause::Upload { path: "/run".to_owned(), said: other.to_owned() })),
        }
        let beats = tokio::spawn(async move {
            loop {
                sleep(BEAT).await;
                if running.send(b".").await.is_err() {
                    return;
                }
            }
        });
        Ok(HostSession { shell, beats })
    }
}

impl Drop for HostSession {
    fn drop(&mut self) {
        self.beats.abort();
    }
}

/// Hosts by name.
pub type Sessions = BTreeMap<String, HostSession>;
