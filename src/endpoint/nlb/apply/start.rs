//! What a create or an update begins with: what the state and the private state name, and what dead runs have left.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::context::Context;
use super::failure::Failure;
use super::orphans::{self, Traces};
use super::recovery;
use super::remove::Remover;
use crate::endpoint::nlb::model::desired::Desired;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::marker::{MARKER, is_of, nonce};
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::plan::diff::needs_successor;
use crate::endpoint::nlb::plan::group_replacement;
use crate::endpoint::nlb::plan::known::known;
use crate::endpoint::nlb::read::current::{current, restricted};
use crate::endpoint::timeouts::Operation;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;
use crate::framework::resource::ApplyRequest;
use crate::framework::value::Object;
use crate::remote::elb::Tags;

/// The beginning of one create or update.
pub struct Start<'a> {
    /// What was asked for.
    pub context: &'a Context<'a>,
    /// What that is in AWS's terms.
    pub desired: &'a Desired,
    /// What earlier runs left in the private state.
    pub memory: &'a Memory,
}

impl Start<'_> {
    /// What exists, with everything that earlier runs have left, and warnings. What is taken over from them is handed to `report`.
    ///
    /// # Errors
    /// What AWS answers, or that a name is taken.
    pub async fn inventory(&self, report: &(dyn Fn(&Inventory) + Sync)) -> Result<(Inventory, Diagnostics), Failure> {
        let mut warnings = Diagnostics::new();
        let (mut inventory, dead) = self.recover(self.known(), report).await?;
        let replaces = self.desired.groups.iter().any(|(role, want)| needs_successor(&inventory, *role, want));
        if replaces
            || inventory.handover.is_some()
            || !inventory.successors.is_empty()
            || !inventory.retired.is_empty()
            || !dead.is_empty()
            || self.has_unwanted().await?
        {
            let prior = self.context.request.prior.as_ref();
            let objects: Vec<&Object> = prior.into_iter().chain([&self.context.request.planned]).collect();
            let names = group_replacement::base_names(&objects);
            let stored = prior.map(|prior| Inventory::from_state(prior).arns()).unwrap_or_default();
            let traces = Traces { names, dead, stored: stored.into_iter().collect() };
            let operation = if prior.is_some() { Operation::Update } else { Operation::Create };
            let left =
                orphans::retire(self.context.elb, &self.context.deadline, operation, &traces, &mut inventory).await?;
            for listener in left.listeners {
                self.context.elb.delete_listener(&listener).await?;
            }
            left.serving.iter().for_each(|(group, listener)| warnings.push(left_alone(group, listener)));
        }
        self.claim_successors(&inventory).await;
        self.complete_failed(&inventory).await?;
        Ok((inventory, warnings))
    }

    /// True if a group exists whose name belongs to a listener that is off. A killed create in which that listener was on may have left it.
    async fn has_unwanted(&self) -> Result<bool, Failure> {
        if self.context.request.prior.is_some() {
            return Ok(false);
        }
        let wanted = |name: &String| self.desired.groups.values().any(|settings| settings.name == *name);
        let names =
            group_replacement::default_names(&self.context.request.planned).into_iter().filter(|name| !wanted(name));
        let names: Vec<String> = names.collect();
        let found = join_all(names.iter().map(|name| self.context.elb.target_group_named(name))).await;
        Ok(found.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().next().is_some())
    }

    fn known(&self) -> Inventory {
        let ApplyRequest { prior, planned, .. } = &self.context.request;
        prior.as_ref().map(|prior| known(prior, planned, self.desired, self.memory)).unwrap_or_default()
    }

    /// With the leftovers of a dead run that have one of our names; and the nonces of such runs.
    async fn recover(
        &self,
        mut stored: Inventory,
        report: &(dyn Fn(&Inventory) + Sync),
    ) -> Result<(Inventory, BTreeSet<String>), Failure> {
        if self.memory.mixed_settings {
            self.correct(&mut stored).await?;
        }
        let complete = stored.balancer.is_some()
            && self.desired.groups.iter().all(|(role, settings)| !stored.lacks_group(*role, &settings.name))
            && self.desired.listeners.keys().all(|role| stored.listeners.contains_key(role));
        if complete {
            return Ok((stored, BTreeSet::new()));
        }
        let mut found = recovery::survey(self.context.elb, self.desired, &stored).await?;
        if self.take_back_retired(&mut found, &mut stored).await? {
            report(&stored);
        }
        if found.is_empty() {
            return Ok((stored, BTreeSet::new()));
        }
        let dead: BTreeSet<String> =
            found.markers().values().filter_map(|marker| nonce(marker)).map(str::to_owned).collect();
        recovery::take_over(self.context.elb, &self.context.marker, &self.context.deadline, &found, &stored).await?;
        let mut left = current(self.context.elb, &found).await?;
        if !recovery::fits(&left, self.desired, &stored) {
            self.discard(found, &stored, &dead).await?;
            return Ok((stored, dead));
        }
        // Tags that others put on what was found are not ours to remove.
        left.each_tags(|_, tags| *tags = restricted(tags, &self.desired.tags));
        stored.add(left);
        report(&stored);
        Ok((stored, dead))
    }

    /// A group that waits for its removal may have a name that is wanted again: it was ours all the time. One with a marker is taken over as a
    /// leftover, any other goes now. True if there was one.
    async fn take_back_retired(&self, found: &mut Inventory, stored: &mut Inventory) -> Result<bool, Failure> {
        let again: Vec<Role> = Role::ALL
            .into_iter()
            .filter(|role| found.groups.get(role).is_some_and(|group| stored.retired.contains(&group.arn)))
            .collect();
        for role in &again {
            let Some(group) = found.groups.get(role) else { continue };
            let arn = group.arn.clone();
            if !group.tags.contains_key(MARKER) {
                found.groups.remove(role);
                let mut unwanted = Inventory { retired: vec![arn.clone()], ..Inventory::default() };
                self.remover().remove(&mut unwanted, &|_| {}).await?;
            }
            stored.retired.retain(|retired| *retired != arn);
        }
        Ok(!again.is_empty())
    }

    fn remover(&self) -> Remover<'_> {
        Remover {
            elb: self.context.elb,
            ec2: None,
            deadline: &self.context.deadline,
            unfinished: Some(self.context.marker.nonce()),
        }
    }

    /// The state has each setting once. Where the parts are not set alike it says too little of them, so they are read.
    async fn correct(&self, stored: &mut Inventory) -> Result<(), Failure> {
        let found = current(self.context.elb, stored).await?;
        let mut managed = self.desired.tags.clone();
        let prior = self.context.request.prior.as_ref();
        managed
            .extend(prior.and_then(|prior| Reader::new(prior).text_map(names::TAGS_ALL).present()).unwrap_or_default());
        let mut tags: std::collections::BTreeMap<String, Tags> =
            found.tags().map(|(arn, tags)| (arn.to_owned(), restricted(tags, &managed))).collect();
        stored.each_tags(|arn, known| {
            if let Some(tags) = tags.remove(arn) {
                *known = tags;
            }
        });
        for (role, group) in found.groups {
            stored.groups.entry(role).and_modify(|known| known.settings = group.settings);
        }
        for (role, listener) in found.listeners {
            stored.listeners.entry(role).and_modify(|known| known.settings = listener.settings);
        }
        Ok(())
    }

    /// Leftovers that can't become what is wanted are removed: they are ours, and nobody has ever finished them.
    async fn discard(&self, mut found: Inventory, stored: &Inventory, dead: &BTreeSet<String>) -> Result<(), Failure> {
        recovery::refuse_serving(self.context.elb, &found, stored).await?;
        for listener in recovery::leading_to(self.context.elb, &found, stored, dead).await? {
            self.context.elb.delete_listener(&listener).await?;
        }
        self.remover().remove(&mut found, &|_| {}).await?;
        self.context.marker.marked().iter().for_each(|arn| self.context.marker.take_off(arn));
        Ok(())
    }

    /// Successors of an earlier run are this one's now, and alive with it. Without the permission to tag they stay what they were.
    async fn claim_successors(&self, inventory: &Inventory) {
        let arns: Vec<String> = inventory.successors.values().map(|group| group.arn.clone()).collect();
        if !arns.is_empty() && self.context.elb.add_tags(&arns, &self.context.marker.tag()).await.is_ok() {
            arns.iter().for_each(|arn| self.context.marker.put_on(arn));
        }
    }

    /// Takes the marker of a create that failed for one's own, so that it comes off in the end.
    async fn complete_failed(&self, inventory: &Inventory) -> Result<(), Failure> {
        let (Some(nonce), true) = (&self.memory.failed, self.context.request.prior.is_some()) else { return Ok(()) };
        let tags = self.context.elb.tags(&inventory.arns()).await?;
        let arns: Vec<String> = tags.into_iter().filter(|(_, tags)| is_of(tags, nonce)).map(|(arn, _)| arn).collect();
        if !arns.is_empty() {
            self.context.elb.add_tags(&arns, &self.context.marker.tag()).await?;
            arns.iter().for_each(|arn| self.context.marker.put_on(arn));
        }
        Ok(())
    }
}

fn left_alone(group: &str, listener: &str) -> Diagnostic {
    Diagnostic::warning(
        Path::root(),
        "Parts of another update were left alone",
        format!(
            "An update that this state knows nothing of made the listener {listener} and the target group {group}, \
             which has registered targets. If another state manages the same load balancer, keep it in one state only. \
             If not, the update was interrupted: configure the listener again and apply, which takes both over, or \
             delete them."
        ),
    )
}
