//! Whose something is that a create has answered: AWS answers what exists where all settings are equal.

use super::failure::Failure;
use super::session::{CONSISTENCY_LIMIT, POLL, Session};
use crate::endpoint::deadline::Interrupted;
use crate::endpoint::nlb::model::marker::{MARKER, is_of};

/// Whose something is, by its marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It carries this run's marker.
    Ours,
    /// It carries the marker of another run, live or dead.
    AnotherRun,
    /// It carries none.
    Foreign,
}

/// What became of the claim on something that a create has answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It is ours.
    Ours,
    /// It is somebody else's.
    Refused(Failure),
    /// Whose it is can't be known.
    Unknown(Failure),
}

impl Claim {
    /// True if it belongs into the state. What AWS has `answered` to a create and can't be read back does: nothing had the name a
    /// moment before, and what isn't in the state is lost to a destroy.
    pub fn is_ours(&self, answered: bool) -> bool {
        match self {
            Claim::Ours => true,
            Claim::Refused(_) => false,
            Claim::Unknown(_) => answered,
        }
    }
}

impl From<Claim> for Result<(), Failure> {
    fn from(claim: Claim) -> Self {
        match claim {
            Claim::Ours => Ok(()),
            Claim::Refused(failure) | Claim::Unknown(failure) => Err(failure),
        }
    }
}

/// Interest what a create has answered, and remembers that it carries the marker.
pub async fn claim(session: &Session<'_>, arn: &str, name: &str, foreign: impl FnOnce() -> Failure) -> Claim {
    match owner(session, arn).await {
        Ok(Owner::Ours) => {
            session.marker.put_on(arn);
            Claim::Ours
        }
        Ok(Owner::AnotherRun) => Claim::Refused(Failure::AnotherRun { name: name.to_owned() }),
        Ok(Owner::Foreign) => Claim::Refused(foreign()),
        Err(failure) => Claim::Unknown(failure),
    }
}

/// Whose something is that a create has answered. What is new may not be found at first.
pub async fn owner(session: &Session<'_>, arn: &str) -> Result<Owner, Failure> {
    let limit = session.deadline.at_most(CONSISTENCY_LIMIT);
    let found = loop {
        match session.elb.tags(&[arn.to_owned()]).await {
            Err(error) if error.is_not_found() => match limit.pause(POLL).await {
                Ok(()) => {}
                Err(Interrupted::TimedOut) => return Err(error.into()),
                Err(why) => return Err(Failure::Interrupted(why, "reading back what was made".to_owned())),
            },
            other => break other?,
        }
    };
    let tags = found.get(arn).cloned().unwrap_or_default();
    Ok(match tags.contains_key(MARKER) {
        true if is_of(&tags, session.marker.nonce()) => Owner::Ours,
        true => Owner::AnotherRun,
        false => Owner::Foreign,
    })
}
