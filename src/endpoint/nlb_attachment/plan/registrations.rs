//! What the attachments of one run have, want and leave, as far as one process has been told: decides which registrations stay.
//!
//! A registration belongs to AWS, not to an attachment: two attachments may name the same one, and one that is removed must not take it
//! from the other. Terraform plans attachments in any order, and an unchanged one gets no call in an apply. So the plan decides:
//!
//! - what is planned first and stays makes a later removal leave the registration alone ([`Registrations::decide`]);
//! - what is planned after such a removal, and would stay without a call, is planned to be registered again
//!   ([`Planned::registers_again`]), so that the apply gets to it.
//!
//! The apply is another process and is told less: of what changes only, one by one. There a removal asks [`Registrations::claims`] last.

use std::collections::{BTreeMap, BTreeSet};

use crate::endpoint::nlb_attachment::model::decision::Decision;
use crate::endpoint::nlb_attachment::model::registration::{Claim, Match, Registration};

/// Everything that the process knows. Empty at the beginning of each walk of Terraform's graph.
#[derive(Debug, Default)]
pub struct Registrations {
    stored: Vec<BTreeSet<Registration>>,
    attachments: BTreeMap<u64, Attachment>,
    departures: BTreeMap<u64, Departure>,
    last_number: u64,
    is_reported: bool,
    is_applying: bool,
}

/// An attachment that will exist.
#[derive(Debug)]
struct Attachment {
    claim: Claim,
    /// What the stored object has; none where there is no such object.
    stored: Option<BTreeSet<Registration>>,
    /// Whether that object is removed and another one made.
    is_replaced: bool,
}

/// Registrations that an attachment leaves.
#[derive(Debug)]
struct Departure {
    registrations: BTreeSet<Registration>,
    /// Those of which the apply will know that they are shared, whatever this plan says.
    shared: BTreeSet<String>,
    /// The attachment that leaves them, where it stays otherwise or is replaced.
    by: Option<u64>,
    is_replacement: bool,
    /// None until it is decided; then what really goes.
    goes: Option<BTreeSet<Registration>>,
    is_done: bool,
}

/// The groups of registrations that go from removed attachments to new ones, by target.
pub type Moved = BTreeMap<String, BTreeSet<String>>;

/// A planned create or update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The number of the attachment.
    pub number: u64,
    /// Whether an attachment that stays as it is has to be registered again.
    pub registers_again: bool,
}

/// Who, beside an attachment that leaves it, wants a registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Another attachment has it.
    pub surely: bool,
    /// Another attachment has it if one of these is the group's own port.
    pub if_own_port: BTreeSet<i64>,
    /// An attachment whose values aren't known may have it.
    pub perhaps: bool,
}

impl Registrations {
    /// Notes the registrations of an object in the state.
    pub fn store(&mut self, registrations: BTreeSet<Registration>) {
        self.stored.push(registrations);
    }

    /// Those of `registrations` that more than one object in the state has.
    pub fn shared(&self, registrations: &BTreeSet<Registration>) -> BTreeSet<Registration> {
        let holders = |one: &Registration| {
            let has = |stored: &&BTreeSet<Registration>| stored.iter().any(|other| other.compare(one) == Match::Same);
            self.stored.iter().filter(has).count()
        };
        registrations.iter().filter(|one| holders(one) > 1).cloned().collect()
    }

    /// Notes a planned create (without `prior`) or update (with what the stored object has). `number` is what the first planning of a
    /// replacement has given, to its second, which is without `prior` too.
    pub fn plan(
        &mut self,
        number: Option<u64>,
        claim: Claim,
        prior: Option<&BTreeSet<Registration>>,
        is_replaced: bool,
    ) -> Planned {
        let first = number.and_then(|number| Some((number, self.attachments.remove(&number)?)));
        let (number, attachment) = match first {
            Some((number, first)) => (number, Attachment { claim, is_replaced: true, ..first }),
            None => {
                self.last_number += 1;
                (self.last_number, Attachment { claim, stored: prior.cloned(), is_replaced })
            }
        };
        let registers_again = !attachment.is_replaced && self.endangers(&attachment.keeps(), number);
        self.attachments.insert(number, attachment);
        Planned { number, registers_again }
    }

    /// What a planned attachment gives up: all that the stored object has, when its replacement is planned for the second time; or what
    /// the planned one hasn't.
    pub fn given_up_by(&self, number: u64, prior: Option<&BTreeSet<Registration>>) -> BTreeSet<Registration> {
        match self.attachments.get(&number) {
            Some(attachment) if prior.is_none() => attachment.stored.clone().unwrap_or_default(),
            Some(attachment) if !attachment.is_replaced => attachment.leaves(),
            _ => BTreeSet::new(),
        }
    }

    /// Begins a departure; its number. `shared` are the groups of which the apply knows that the registration is shared.
    pub fn depart(&mut self, registrations: BTreeSet<Registration>, shared: BTreeSet<String>, by: Option<u64>) -> u64 {
        let is_replacement = by.is_some_and(|by| self.attachments.get(&by).is_some_and(|one| one.is_replaced));
        self.last_number += 1;
        let departure = Departure { registrations, shared, by, is_replacement, goes: None, is_done: false };
        self.departures.insert(self.last_number, departure);
        self.last_number
    }

    /// Whether all that departs is known to stay.
    pub fn stays(&self, departure: u64) -> bool {
        let Some(departure) = self.departures.get(&departure) else { return true };
        departure.registrations.iter().all(|one| self.claims(one, departure.by).surely)
    }

    /// Decides what becomes of a departure. What is planned later takes part no more: see [`Planned::registers_again`].
    pub fn decide(&mut self, number: u64, process: &str) -> Decision {
        let mut decision = Decision { process: process.to_owned(), ..Decision::default() };
        let Some(departure) = self.departures.get(&number) else { return decision };
        decision.is_replacement = departure.is_replacement;
        let mut goes = BTreeSet::new();
        for one in &departure.registrations {
            let desired = self.claims(one, departure.by);
            decision.is_open |= desired.perhaps;
            if desired.surely {
                decision.stays.insert(one.group.clone());
                continue;
            }
            goes.insert(one.clone());
            if !desired.if_own_port.is_empty() {
                decision.stays_if_own_port.insert(one.group.clone(), desired.if_own_port);
            }
        }
        if let Some(departure) = self.departures.get_mut(&number) {
            departure.goes = Some(goes);
        }
        decision
    }

    /// Who wants a registration, other than the attachment `except`.
    pub fn claims(&self, registration: &Registration, except: Option<u64>) -> Interest {
        let mut desired = Interest::default();
        for (_, attachment) in self.attachments.iter().filter(|(number, _)| Some(**number) != except) {
            match attachment.claim.compare(registration) {
                Match::Different => {}
                Match::Unknown => desired.perhaps = true,
                Match::IfOwnPort(port) => drop(desired.if_own_port.insert(port)),
                Match::Same => desired.surely = true,
            }
        }
        desired
    }

    /// Whether the departure of another attachment may take one of `stays` away without the apply knowing better.
    fn endangers(&self, stays: &BTreeSet<Registration>, number: u64) -> bool {
        let others = self.departures.values().filter(|departure| departure.by != Some(number));
        let mut endangered = others.flat_map(Departure::in_danger);
        endangered.any(|one| stays.iter().any(|other| one.compare(other) != Match::Different))
    }

    /// From now on the process applies.
    pub fn begin_apply(&mut self) {
        self.is_applying = true;
    }

    /// Deregisters: from now on, whoever has the registration must register it again.
    pub fn deregister(&mut self, registration: &Registration, is_replacement: bool) {
        let registrations = BTreeSet::from([registration.clone()]);
        let number = self.depart(registrations.clone(), BTreeSet::new(), None);
        if let Some(departure) = self.departures.get_mut(&number) {
            departure.is_replacement = is_replacement;
            departure.goes = Some(registrations);
            departure.is_done = true;
        }
    }

    /// Whether this process has deregistered it.
    pub fn is_deregistered(&self, registration: &Registration) -> bool {
        self.gone(registration).next().is_some()
    }

    /// Notes that it is registered. True if it was missing meanwhile because an attachment was removed: not where one was replaced,
    /// which is what the user wants.
    pub fn register(&mut self, registration: &Registration) -> bool {
        let was_missing = self.gone(registration).any(|departure| !departure.is_replacement);
        for departure in self.departures.values_mut().filter(|departure| departure.is_done) {
            if let Some(goes) = &mut departure.goes {
                goes.retain(|one| one.compare(registration) == Match::Different);
                departure.registrations = goes.clone();
            }
        }
        was_missing
    }

    fn gone(&self, registration: &Registration) -> impl Iterator<Item = &Departure> {
        let is_same = |one: &Registration| one.compare(registration) != Match::Different;
        let done = self.departures.values().filter(|departure| departure.is_done);
        done.filter(move |departure| departure.registrations.iter().any(is_same))
    }

    /// The registrations of removed attachments that new ones take over; of those removals alone that are decided, or of all. None in an
    /// apply: its plan has said it.
    pub fn moved(&self, only_decided: bool) -> Moved {
        let mut moved = Moved::new();
        if self.is_applying {
            return moved;
        }
        let new: Vec<&Claim> =
            self.attachments.values().filter(|one| one.stored.is_none()).map(|one| &one.claim).collect();
        let counts = |departure: &&Departure| departure.by.is_none() && (departure.goes.is_some() || !only_decided);
        for one in self.departures.values().filter(counts).flat_map(|departure| &departure.registrations) {
            if new.iter().any(|claim| claim.compare(one) == Match::Same) {
                moved.entry(one.target.clone()).or_default().insert(one.group.clone());
            }
        }
        moved
    }

    /// Takes it upon the caller to report what was moved. False if somebody else has done so.
    pub fn report(&mut self) -> bool {
        !std::mem::replace(&mut self.is_reported, true)
    }
}

impl Attachment {
    /// What the stored object has and the planned one may have.
    fn keeps(&self) -> BTreeSet<Registration> {
        let stored = self.stored.iter().flatten();
        stored.filter(|one| self.claim.compare(one) != Match::Different).cloned().collect()
    }

    /// What the stored object has and the planned one hasn't.
    fn leaves(&self) -> BTreeSet<Registration> {
        let stored = self.stored.iter().flatten();
        stored.filter(|one| self.claim.compare(one) == Match::Different).cloned().collect()
    }
}

impl Departure {
    /// What it may take away from others.
    fn in_danger(&self) -> impl Iterator<Item = &Registration> {
        let decided = self.goes.as_ref();
        let open = |one: &&Registration| !self.shared.contains(&one.group);
        let gone = decided.into_iter().flatten();
        self.registrations.iter().filter(open).chain(gone)
    }
}

#[cfg(test)]
mod tests;
