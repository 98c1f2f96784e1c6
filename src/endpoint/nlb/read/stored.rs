//! The load balancers that the states of this run name, and what the run plans for each: a create of the same name beside one of them is
//! judged by that.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::endpoint::aws_access::{AwsAccess, region_of};
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::framework::value::Object;

/// How long a create waits for the plan of a stored load balancer. Terraform asks for the plans of one walk at the same time.
const PLANS: Duration = Duration::from_millis(500);

/// What a run plans for a stored load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays, or is replaced where it is.
    Stays,
    /// It is destroyed.
    Goes,
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
    /// A question to AWS had no answer in time.
    blind: bool,
}

#[derive(Debug)]
struct Balancer {
    dns_name: String,
    fate: Option<Fate>,
}

impl Stored {
    /// Nothing is known yet.
    pub fn new(access: Arc<AwsAccess>) -> Stored {
        Stored { access, known: watch::Sender::default() }
    }

    /// Takes note of an object that a state holds.
    pub fn note(&self, state: &Object) {
        self.change(state, |_| {});
    }

    /// Takes note of what is planned for a stored object.
    pub fn plan(&self, prior: &Object, fate: Fate) {
        self.change(prior, |balancer| balancer.fate = Some(fate));
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

    /// True if the run destroys it. Waits a moment for that plan to come.
    pub async fn goes(&self, arn: &str) -> bool {
        let fate = |known: &Known| known.balancers.get(arn).and_then(|balancer| balancer.fate);
        let mut plans = self.known.subscribe();
        let planned = timeout(PLANS, plans.wait_for(|known| fate(known).is_some())).await;
        matches!(planned, Ok(Ok(known)) if fate(&known) == Some(Fate::Goes))
    }

    /// Leave to ask AWS; none once a question had no answer in time, so that a network that swallows packets holds up one plan and not
    /// every one.
    pub fn question(&self) -> Option<Question<'_>> {
        (!self.with(|known| known.blind)).then_some(Question { stored: self, answered: false })
    }

    fn change(&self, state: &Object, change: impl FnOnce(&mut Balancer)) {
        let Some(found) = Inventory::from_state(state).balancer else { return };
        self.with(|known| {
            let new = || Balancer { dns_name: found.dns_name, fate: None };
            change(known.balancers.entry(found.arn).or_insert_with(new));
        });
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

/// `…:loadbalancer/net/NAME/ID`
fn name_in(arn: &str) -> Option<&str> {
    arn.split_once(":loadbalancer/")?.1.split('/').nth(1)
}
