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
    /// A create of its name was planned, and its own plan hadn't come.
    let_through: bool,
}

impl Stored {
    /// Nothing is known yet.
    pub fn new(access: Arc<AwsAccess>) -> Stored {
        Stored { access, known: watch::Sender::default() }
    }

    /// Takes note of an object that a state holds.
    pub fn note(&self, state: &Object) {
        let _ = self.change(state, |_| {});
    }

    /// Takes note of what is planned for a stored object. True if a create of its name was let through before.
    pub fn plan(&self, prior: &Object, fate: Fate) -> bool {
        let planned = self.change(prior, |balancer| {
            balancer.fate = Some(fate);
            balancer.let_through
        });
        planned.unwrap_or(false)
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

    /// True if the run destroys it. Waits a moment for that plan; where it comes later, it learns that the create was let through.
    pub async fn goes(&self, arn: &str) -> bool {
        let is_planned = |known: &Known| known.balancers.get(arn).is_some_and(|balancer| balancer.fate.is_some());
        let mut plans = self.known.subscribe();
        let _ = timeout(PLANS, plans.wait_for(is_planned)).await;
        self.with(|known| {
            let Some(balancer) = known.balancers.get_mut(arn) else { return false };
            balancer.let_through = balancer.fate.is_none();
            balancer.fate == Some(Fate::Goes)
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
            let new = || Balancer { dns_name: found.dns_name, fate: None, let_through: false };
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

/// `…:loadbalancer/net/NAME/ID`
fn name_in(arn: &str) -> Option<&str> {
    arn.split_once(":loadbalancer/")?.1.split('/').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::aws_access::Access;
    use crate::endpoint::nlb::sample::{config, state};

    fn stored() -> (Arc<AwsAccess>, Stored, Object) {
        let access = Arc::new(AwsAccess::default());
        (Arc::clone(&access), Stored::new(access), state(&config([])))
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_waits_for_what_becomes_of_its_predecessor() {
        let (_, stored, object) = stored();
        assert_eq!(stored.named("prod-api-nlb", "eu-central-1"), None);
        stored.note(&object);
        let arn = stored.named("prod-api-nlb", "eu-central-1").unwrap();
        assert_eq!(Some(arn.as_str()), object["arn"].as_str());
        assert_eq!(stored.named("prod-api-nlb", "eu-north-1"), None);
        assert_eq!(stored.named("other-api-nlb", "eu-central-1"), None);
        assert!(!stored.goes(&arn).await, "a tainted one: no plan ever comes");
        assert!(stored.plan(&object, Fate::Goes), "it came later than the create could wait");
        stored.forget(&object);
        stored.note(&object);
        let (goes, ()) = tokio::join!(stored.goes(&arn), async {
            tokio::task::yield_now().await;
            assert!(!stored.plan(&object, Fate::Goes));
        });
        assert!(goes);
        assert!(!stored.plan(&object, Fate::Stays));
        assert!(!stored.goes(&arn).await);
        stored.forget(&object);
        assert_eq!(stored.named("prod-api-nlb", "eu-central-1"), None);
    }

    #[test]
    fn a_host_may_be_the_name_of_one_of_them() {
        let (_, stored, object) = stored();
        let host = object["dns_name"].as_str().unwrap();
        assert!(!stored.has_dns_name(host));
        stored.note(&object);
        assert!(stored.has_dns_name(&host.to_uppercase()) && !stored.has_dns_name("k8s.example.com"));
    }

    #[test]
    fn after_a_question_without_an_answer_there_is_none_until_the_next_walk() {
        let (access, stored, object) = stored();
        stored.question().unwrap().answered();
        drop(stored.question().unwrap());
        assert!(stored.question().is_none());
        stored.note(&object);
        access.set(Access::NotYetKnown);
        assert!(stored.question().is_some());
        assert_eq!(stored.named("prod-api-nlb", "eu-central-1"), None, "of another walk");
    }
}
