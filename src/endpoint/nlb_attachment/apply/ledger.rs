//! What the attachments of one process know of each other, with the waiting and the turns that the pure [`Registrations`] can't have.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::time::timeout;

use crate::endpoint::aws_access::AwsAccess;
use crate::endpoint::deadline::{Deadline, Interrupted};
use crate::endpoint::nlb_attachment::model::decision::Decision;
use crate::endpoint::nlb_attachment::model::registration::Registration;
use crate::endpoint::nlb_attachment::plan::registrations::{Moved, Registrations};
use crate::endpoint::nonce;

/// How long the plan of a removal waits for the plans of other attachments.
const PLANS: Duration = Duration::from_millis(500);

/// How long a removal that its plan couldn't decide waits for another attachment that wants the same.
const ANOTHER: Duration = Duration::from_secs(2);

/// How long one that its plan has decided waits: for what is under way already.
const UNDER_WAY: Duration = Duration::from_millis(500);

/// Shared by all attachments of the process.
#[derive(Debug)]
pub struct Ledger {
    access: Arc<AwsAccess>,
    page: Mutex<Page>,
    changed: Notify,
}

/// What is known since the provider was configured the last time. Terraform configures it at the beginning of each walk.
#[derive(Debug, Default)]
struct Page {
    configuration: u64,
    process: String,
    registrations: Registrations,
    turns: BTreeMap<(String, String), Arc<tokio::sync::Mutex<()>>>,
}

/// While it lives, no other call changes the registrations of this target in this group.
pub type Turn = OwnedMutexGuard<()>;

impl Ledger {
    /// Nothing is known yet.
    pub fn new(access: Arc<AwsAccess>) -> Ledger {
        Ledger { access, page: Mutex::default(), changed: Notify::new() }
    }

    /// Reads or changes what is known.
    pub fn with<T>(&self, act: impl FnOnce(&mut Registrations) -> T) -> T {
        let result = act(&mut self.page().registrations);
        self.changed.notify_waiters();
        result
    }

    /// The process, and the walk of it, for telling a plan of the same walk from one that another process made.
    pub fn process(&self) -> String {
        self.page().process.clone()
    }

    /// Decides what becomes of the registrations that a planned attachment leaves, after the plans of the others had a moment to come.
    /// Also what moved from removed attachments to new ones, where nobody has reported it yet.
    pub async fn decide(&self, departure: u64) -> (Decision, Moved) {
        let mut reports = false;
        let decided = self.until(|known| {
            let stays = known.stays(departure);
            reports |= stays && !known.moved(false).is_empty() && known.report();
            // Whoever reports waits to the end, so that one report names all.
            stays && !reports
        });
        let _ = timeout(PLANS, decided).await;
        let process = self.process();
        self.with(|known| {
            let decision = known.decide(departure, &process);
            let moved = known.moved(false);
            let reports = reports || !moved.is_empty() && known.report();
            (decision, if reports { moved } else { Moved::new() })
        })
    }

    /// The turn to register.
    ///
    /// # Errors
    /// If the time is up before, or the user wants to stop.
    pub async fn turn(&self, registration: &Registration, deadline: &Deadline) -> Result<Turn, Interrupted> {
        let key = (registration.group.clone(), registration.target.clone());
        let turn = Arc::clone(self.page().turns.entry(key).or_default());
        deadline.hold(turn.lock_owned()).await
    }

    /// The turn to deregister; none if the registration stays, because another attachment has it. `own_port` asks for the group's own
    /// port, if it matters; where that can't be known, the registration stays.
    ///
    /// # Errors
    /// If the time is up before, or the user wants to stop.
    pub async fn turn_to_leave(
        &self,
        registration: &Registration,
        decision: &Decision,
        deadline: &Deadline,
        own_port: impl Future<Output = Option<i64>>,
    ) -> Result<Option<Turn>, Interrupted> {
        if decision.stays.contains(&registration.group) {
            return Ok(None);
        }
        let wait = if decision.is_open { ANOTHER } else { UNDER_WAY };
        let desired = self.until(|known| {
            let desired = known.claims(registration, None);
            desired.surely || !desired.if_own_port.is_empty()
        });
        tokio::select! {
            () = desired => {}
            ended = deadline.pause(wait) => ended?,
        }
        let mut ports = self.with(|known| known.claims(registration, None)).if_own_port;
        ports.extend(decision.stays_if_own_port.get(&registration.group).into_iter().flatten());
        if !ports.is_empty() && deadline.hold(own_port).await?.is_none_or(|port| ports.contains(&port)) {
            return Ok(None);
        }
        let turn = self.turn(registration, deadline).await?;
        Ok(self.with(|known| {
            if known.claims(registration, None).surely {
                return None;
            }
            known.deregister(registration, decision.is_replacement);
            Some(turn)
        }))
    }

    async fn until(&self, mut holds: impl FnMut(&mut Registrations) -> bool) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let done = holds(&mut self.page().registrations);
            if done {
                return;
            }
            changed.await;
        }
    }

    fn page(&self) -> MutexGuard<'_, Page> {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        let configuration = self.access.configuration();
        if page.configuration != configuration || page.process.is_empty() {
            *page = Page { configuration, process: nonce::random(), ..Page::default() };
        }
        page
    }
}

#[cfg(test)]
mod tests;
