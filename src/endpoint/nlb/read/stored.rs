//! The load balancers that the states of this run name, and what the run plans for each: a create of the same name beside one of them, or
//! a second resource with the same load balancer, is judged by that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::endpoint::aws_access::{AwsAccess, region_of};
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::framework::private::Private;
use crate::framework::value::Object;

/// How long a create waits for the plan of a stored load balancer, and an import for what the state holds. Terraform asks for both at the
/// beginning of a walk.
const PLANS: Duration = Duration::from_millis(500);

/// The private entry by which the second plan of a replacement, which is that of a create, knows its predecessor.
const REPLACES: &str = "replaces";

/// What a run plans for a stored load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Stays,
    /// It is destroyed, and its resource makes another one.
    Replaced {
        /// Whether the other one has its name.
        same_name: bool,
    },
    /// It is destroyed.
    Goes,
}

impl Fate {
    fn destroys(self) -> bool {
        self != Fate::Stays
    }
}

/// What the plan of a stored object finds out about the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// A create of its name was planned before.
    pub let_through: bool,
    /// Another object has the same load balancer.
    pub shared: Option<Shared>,
}

/// Two resources with one load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// Nothing of it is destroyed.
    Kept,
    /// One of them got it by an import of this run.
    Imported,
    /// One of them would destroy it.
    Destroyed,
}

/// What is known of the run, since the provider was configured the last time. Terraform configures it at the beginning of each walk.
#[derive(Debug)]
pub struct Stored {
    access: Arc<AwsAccess>,
    known: watch::Sender<Known>,
}

#[derive(Debug, Default)]
struct Known {
    configuration: u64,
    balancers: BTreeMap<String, Balancer>,
    /// The names that planned creates ask for: of what kind, in which region.
    names: BTreeSet<(&'static str, String, String)>,
    /// A question to AWS had no answer in time.
    blind: bool,
}

#[derive(Debug, Default)]
struct Balancer {
    dns_name: String,
    /// A state had it when the walk began.
    stored: bool,
    imported: bool,
    fate: Option<Fate>,
    /// A create of its name was planned, and its own plan hadn't come.
    let_through: bool,
}

impl Stored {
    /// Nothing is known yet.
    pub fn new(access: Arc<AwsAccess>) -> Stored {
        Stored { access, known: watch::Sender::default() }
    }

    /// Takes note of an object that is read: a state holds it, or an import has just found it.
    pub fn note(&self, state: &Object) {
        let _ = self.change(state, |_| {});
    }

    /// Takes note of an object that a state held before anything else was done.
    pub fn note_stored(&self, state: &Object) {
        let _ = self.change(state, |balancer| balancer.stored = true);
    }

    /// Takes note of an import. True if another resource has the load balancer: waits a moment for what the state holds.
    pub async fn import(&self, state: &Object) -> bool {
        let Some(again) = self.change(state, |balancer| std::mem::replace(&mut balancer.imported, true)) else {
            return false;
        };
        let arn = Inventory::from_state(state).balancer_arn().map(str::to_owned).unwrap_or_default();
        let is_stored = |known: &Known| known.balancers.get(&arn).is_some_and(|balancer| balancer.stored);
        let mut states = self.known.subscribe();
        again || timeout(PLANS, states.wait_for(is_stored)).await.is_ok()
    }

    /// True if an import of this run has found a load balancer that another resource has.
    pub fn is_imported_twice(&self, state: &Object) -> bool {
        self.change(state, |balancer| balancer.imported && balancer.stored).unwrap_or(false)
    }

    /// Takes note of what is planned for a stored object. Terraform asks for that once for each object in a walk.
    pub fn plan(&self, prior: &Object, fate: Fate) -> Finding {
        let found = self.change(prior, |balancer| {
            let shared = match balancer.fate {
                None | Some(Fate::Goes) if fate == Fate::Goes => None,
                None => None,
                Some(other) if other.destroys() || fate.destroys() => Some(Shared::Destroyed),
                Some(_) if balancer.imported => Some(Shared::Imported),
                Some(_) => Some(Shared::Kept),
            };
            if balancer.fate.is_none_or(|other| other == Fate::Goes) {
                balancer.fate = Some(fate);
            }
            Finding { let_through: balancer.let_through, shared }
        });
        found.unwrap_or_default()
    }

    /// Takes note of the name that a planned create asks for. False if another one of this walk asks for it too. Terraform asks once for
    /// each object in a walk.
    pub fn claim(&self, what: &'static str, name: &str, region: &str) -> bool {
        self.with(|known| known.names.insert((what, name.to_owned(), region.to_owned())))
    }

    /// Forgets one that is deleted.
    pub fn forget(&self, state: &Object) {
        let arns = Inventory::from_state(state);
        self.with(|known| drop(arns.balancer_arn().and_then(|arn| known.balancers.remove(arn))));
    }

    /// The ARN of the stored load balancer of this name in this region.
    pub fn named(&self, name: &str, region: &str) -> Option<String> {
        let is_it = |arn: &&String| region_of(arn) == Some(region) && name_in(arn) == Some(name);
        self.with(|known| known.balancers.keys().find(is_it).cloned())
    }

    /// True if `host` is the DNS name that AWS gave to a stored load balancer.
    pub fn has_dns_name(&self, host: &str) -> bool {
        self.with(|known| known.balancers.values().any(|balancer| balancer.dns_name.eq_ignore_ascii_case(host)))
    }

    /// What the run plans for it. Waits a moment for that plan; where it comes later, it learns that the create was let through.
    pub async fn fate(&self, arn: &str) -> Option<Fate> {
        let is_planned = |known: &Known| known.balancers.get(arn).is_some_and(|balancer| balancer.fate.is_some());
        let mut plans = self.known.subscribe();
        let _ = timeout(PLANS, plans.wait_for(is_planned)).await;
        self.with(|known| {
            let balancer = known.balancers.get_mut(arn)?;
            balancer.let_through = balancer.fate.is_none();
            balancer.fate
        })
    }

    /// Leave to ask AWS; none once a question had no answer in time, so that a network that swallows packets holds up one plan and not
    /// every one.
    pub fn question(&self) -> Option<Question<'_>> {
        (!self.with(|known| known.blind)).then_some(Question { stored: self, answered: false })
    }

    fn change<T>(&self, state: &Object, change: impl FnOnce(&mut Balancer) -> T) -> Option<T> {
        let found = Inventory::from_state(state).balancer?;
        Some(self.with(|known| {
            let new = || Balancer { dns_name: found.dns_name, ..Balancer::default() };
            change(known.balancers.entry(found.arn).or_insert_with(new))
        }))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        let configuration = self.access.configuration();
        let mut result = None;
        self.known.send_modify(|known| {
            if known.configuration != configuration {
                *known = Known { configuration, ..Known::default() };
            }
            result = Some(act(known));
        });
        result.expect("send_modify calls it")
    }
}

/// A question to AWS that isn't answered yet.
#[derive(Debug)]
pub struct Question<'a> {
    stored: &'a Stored,
    answered: bool,
}

impl Question<'_> {
    /// The answer has come.
    pub fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.stored.with(|known| known.blind = true);
        }
    }
}

/// Notes in the plan of a stored object what the create would replace that may follow as its second plan.
pub fn note_predecessor(private: &mut Private, prior: &Object) {
    if let Some(arn) = Inventory::from_state(prior).balancer_arn() {
        private.set(REPLACES, arn.into());
    }
}

/// What a planned create replaces, where that is known.
pub fn predecessor(private: &Private) -> Option<&str> {
    private.get(REPLACES)?.as_str()
}

/// An apply needs that note no longer, and a state has no use for it.
pub fn forget_predecessor(private: &mut Private) {
    private.remove(REPLACES);
}

/// `…:loadbalancer/net/NAME/ID`
fn name_in(arn: &str) -> Option<&str> {
    arn.split_once(":loadbalancer/")?.1.split('/').nth(1)
}

#[cfg(test)]
mod tests;
