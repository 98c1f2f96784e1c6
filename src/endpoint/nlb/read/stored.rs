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
        assert_eq!(stored.fate(&arn).await, None, "a tainted one: no plan ever comes");
        assert!(stored.plan(&object, Fate::Goes).let_through, "it came later than the create could wait");
        stored.forget(&object);
        stored.note(&object);
        let (fate, ()) = tokio::join!(stored.fate(&arn), async {
            tokio::task::yield_now().await;
            assert_eq!(stored.plan(&object, Fate::Goes), Finding::default());
        });
        assert_eq!(fate, Some(Fate::Goes));
        stored.forget(&object);
        assert_eq!(stored.named("prod-api-nlb", "eu-central-1"), None);
    }

    #[test]
    fn two_objects_with_one_load_balancer_are_found_in_any_order() {
        let replaced = Fate::Replaced { same_name: true };
        for (first, second, want) in [
            (Fate::Stays, Fate::Stays, Some(Shared::Kept)),
            (Fate::Stays, Fate::Goes, Some(Shared::Destroyed)),
            (Fate::Goes, Fate::Stays, Some(Shared::Destroyed)),
            (replaced, Fate::Stays, Some(Shared::Destroyed)),
            (Fate::Stays, replaced, Some(Shared::Destroyed)),
            (replaced, Fate::Goes, Some(Shared::Destroyed)),
            (Fate::Goes, Fate::Goes, None),
        ] {
            let (access, stored, object) = stored();
            assert_eq!(stored.plan(&object, first), Finding::default());
            assert_eq!(stored.plan(&object, second).shared, want, "{first:?}, then {second:?}");
            access.set(Access::NotYetKnown);
            assert_eq!(stored.plan(&object, second), Finding::default(), "of another walk");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_import_finds_what_the_state_holds_before_or_after() {
        let (_, before, object) = stored();
        before.note_stored(&object);
        assert!(before.import(&object).await);
        let (_, after, _) = stored();
        let (held, ()) = tokio::join!(after.import(&object), async {
            tokio::task::yield_now().await;
            after.note_stored(&object);
        });
        assert!(held);
        let (_, late, _) = stored();
        assert!(!late.import(&object).await);
        assert!(!late.is_imported_twice(&object));
        late.note(&object);
        assert!(!late.is_imported_twice(&object), "the read after the import");
        late.note_stored(&object);
        assert!(late.is_imported_twice(&object));
        late.plan(&object, Fate::Stays);
        assert_eq!(late.plan(&object, Fate::Stays).shared, Some(Shared::Imported));
        let (_, twice, _) = stored();
        assert!(!twice.import(&object).await && twice.import(&object).await);
    }

    #[test]
    fn a_name_is_asked_for_once_in_a_region() {
        let (access, stored, _) = stored();
        assert!(
            stored.claim("load balancer", "a", "eu-central-1") && !stored.claim("load balancer", "a", "eu-central-1")
        );
        assert!(stored.claim("load balancer", "a", "eu-north-1") && stored.claim("target group", "a", "eu-central-1"));
        access.set(Access::NotYetKnown);
        assert!(stored.claim("load balancer", "a", "eu-central-1"), "of another walk");
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
