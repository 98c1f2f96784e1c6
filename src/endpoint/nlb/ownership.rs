//! Whose something is that a create has answered: AWS answers what exists where all settings are equal.

use super::driver::{Driver, POLL, SETTLE};
use super::failure::Failure;
use super::marker::{MARKER, is_of};
use crate::endpoint::patience::Interrupted;

/// Whose something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It carries this run's marker.
    Ours,
    /// It carries the marker of another run, live or dead.
    AnotherRun,
    /// It carries none.
    Foreign,
}

impl Driver<'_> {
    /// Whose something is that a create has answered. What is new may not be found at first.
    pub(super) async fn owner(&self, arn: &str) -> Result<Owner, Failure> {
        let settle = self.patience.at_most(SETTLE);
        let found = loop {
            match self.elb.tags(&[arn.to_owned()]).await {
                Err(error) if error.is_not_found() => match settle.pause(POLL).await {
                    Ok(()) => {}
                    Err(Interrupted::TimedOut) => return Err(error.into()),
                    Err(why) => return Err(Failure::Interrupted(why, "reading back what was made".to_owned())),
                },
                other => break other?,
            }
        };
        let tags = found.get(arn).cloned().unwrap_or_default();
        Ok(match tags.contains_key(MARKER) {
            true if is_of(&tags, self.marker.nonce()) => Owner::Ours,
            true => Owner::AnotherRun,
            false => Owner::Foreign,
        })
    }
}
