//! What the steps of one create or update share: the client, the marker, the deadline, and what exists by now.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::context::Context;
use super::failure::Failure;
use super::marker::Marker;
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::marker::is_of;
use crate::endpoint::nlb::model::role::Role;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::remote::elb::{Elb, Tags};

/// How long to wait between two reads of a load balancer that is being set up.
pub const POLL: Duration = Duration::from_secs(2);

/// How long AWS may deny the existence of what it has just made, or say that a group is in use whose listener is gone.
pub const CONSISTENCY_LIMIT: Duration = Duration::from_secs(120);

/// Is handed everything that exists, each time that changes.
pub type Report<'a> = Box<dyn Fn(&Inventory) + Send + Sync + 'a>;

/// What all steps of one create or update share.
pub struct Session<'a> {
    /// Where the calls go.
    pub elb: &'a Elb,
    /// The tags of what is made.
    pub tags: Tags,
    /// The marker of what is made.
    pub marker: &'a Marker,
    /// Until when the run goes on: every wait of a step ends then.
    pub deadline: &'a Deadline,
    /// Is handed everything that exists, each time that changes.
    pub report: Report<'a>,
    inventory: Mutex<Inventory>,
    warnings: Mutex<Diagnostics>,
    /// The ARNs of what existed before this run: the subject of changes of tags.
    pub before: Vec<String>,
}

impl<'a> Session<'a> {
    /// Begins with what exists.
    pub fn new(context: &'a Context<'a>, tags: Tags, inventory: Inventory, report: Report<'a>) -> Session<'a> {
        let before = inventory.arns();
        Session {
            elb: context.elb,
            tags,
            marker: &context.marker,
            deadline: &context.deadline,
            report,
            inventory: Mutex::new(inventory),
            warnings: Mutex::default(),
            before,
        }
    }

    /// What exists now.
    pub fn inventory(&self) -> Inventory {
        self.lock().clone()
    }

    /// Notes a warning; the same one once.
    pub fn warn(&self, warning: Diagnostic) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    /// The warnings so far.
    pub fn take_warnings(&self) -> Diagnostics {
        std::mem::take(&mut self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the marker back where others may have taken this run for dead. What carries it no longer is another run's: it is left out of
    /// the answer, so that nothing of this state changes or removes it.
    ///
    /// # Errors
    /// If another run has taken something over, or the marker can't be read.
    pub async fn confirm_marker(&self) -> Result<(), Failure> {
        if let Some(name) = self.marker.taken() {
            return Err(Failure::AnotherRun { name });
        }
        if !self.marker.is_stale() {
            return Ok(());
        }
        let begun = Instant::now();
        let found = match self.elb.tags(&self.marker.marked()).await {
            Err(error) if error.is_not_found() => return Ok(()), // the step itself finds out what is gone
            other => other?,
        };
        let taken = found.into_iter().filter(|(_, tags)| !is_of(tags, self.marker.nonce())).map(|(arn, _)| arn);
        let taken: Vec<String> = taken.collect();
        let Some(name) = taken.first().cloned() else {
            self.marker.confirm(begun);
            return Ok(());
        };
        taken.iter().for_each(|arn| self.marker.give_up(arn));
        self.keep(|inventory| inventory.forget(&taken));
        Err(Failure::AnotherRun { name })
    }

    /// Waits for the next poll, while `doing`; `state` is what AWS said last.
    ///
    /// # Errors
    /// If the operation is over before then.
    pub async fn pause(&self, doing: &str, state: &str) -> Result<(), Failure> {
        self.deadline.wait(POLL, doing, state).await.map_err(|why| Failure::Interrupted(why, doing.to_owned()))
    }

    /// Changes what exists, and reports it.
    pub fn keep(&self, change: impl FnOnce(&mut Inventory)) {
        let mut inventory = self.lock();
        change(&mut inventory);
        (self.report)(&inventory);
    }

    /// The ARN of the load balancer; empty without one.
    pub fn balancer_arn(&self) -> String {
        self.lock().balancer_arn().unwrap_or_default().to_owned()
    }

    /// The ARN of a role's group; empty without one.
    pub fn group_arn(&self, role: Role) -> String {
        self.lock().groups.get(&role).map(|group| group.arn.clone()).unwrap_or_default()
    }

    /// The ARN of a role's listener; empty without one.
    pub fn listener_arn(&self, role: Role) -> String {
        self.lock().listeners.get(&role).map(|listener| listener.arn.clone()).unwrap_or_default()
    }

    /// What exists, locked.
    pub fn lock(&self) -> MutexGuard<'_, Inventory> {
        self.inventory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
