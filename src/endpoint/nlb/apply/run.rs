//! Create and update: find out what exists, let `diff` decide, let the driver act.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::time::timeout;

use super::driver;
use super::failure::Failure;
use super::group_replacement::close_probes;
use super::marker::{self, Marker};
use super::recovery::{self, Found, orphans};
use super::remove::Remover;
use super::session::{Session, Tell};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::model::desired::Wanted;
use crate::endpoint::nlb::model::inventory::Parts;
use crate::endpoint::nlb::model::marker::{MARKER, is_of};
use crate::endpoint::nlb::model::observed::Observed;
use crate::endpoint::nlb::model::private::{CREATING, FAILED, MISROUTED, UNEVEN};
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::spec::Spec;
use crate::endpoint::nlb::plan::diff::{diff, needs_successor};
use crate::endpoint::nlb::plan::outputs::{self, Facts};
use crate::endpoint::nlb::plan::outputs::{configured_host, tags_all};
use crate::endpoint::nlb::plan::render::recorded;
use crate::endpoint::nlb::plan::render::render;
use crate::endpoint::nlb::plan::{group_replacement, import, replacement};
use crate::endpoint::nlb::read::current::{self, look};
use crate::endpoint::nlb::read::refresh::{Uneven, refresh};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::resource::ApplyRequest;
use crate::framework::value::{Object, Value};
use crate::remote::elb::Elb;

/// How long a failed or stopped run may look for what it made without being told.
const AFTERMATH: Duration = Duration::from_secs(5);

/// One create or update.
pub struct Run<'a> {
    /// Where the calls go.
    pub elb: &'a Elb,
    /// What was planned.
    pub request: ApplyRequest,
    /// Told of everything that exists.
    pub progress: &'a Progress,
    /// How long it goes on.
    pub deadline: Deadline,
    /// The marker of what is made.
    pub marker: Marker,
}

impl<'a> Run<'a> {
    /// A run with the tags settled: the provider's defaults are known now.
    pub fn new(
        elb: &'a Elb,
        mut request: ApplyRequest,
        progress: &'a Progress,
        limit: Duration,
        default_tags: BTreeMap<String, String>,
    ) -> Run<'a> {
        let all = tags_all(&request.planned, Maybe::Known(default_tags));
        request.planned.insert("tags_all".to_owned(), all);
        let deadline = Deadline::new(limit, request.stop.clone());
        Run { elb, request, progress, deadline, marker: Marker::random() }
    }

    /// Makes or changes the endpoint.
    pub async fn apply(self) -> Diagnostics {
        let Some(spec) = Spec::read(&self.request.planned) else {
            return Diagnostic::bug("Values are not known", "Something in the planned endpoint is unknown at apply.")
                .into();
        };
        let mut wanted = self.named(render(&spec));
        if let Some(reason) = self.request.prior.as_ref().and_then(|prior| needs_new_plan(prior, &self.request.planned))
        {
            return Failure::NeedsNewPlan(reason).into();
        }
        let (parts, observed) = match self.deadline.hold(self.start(&wanted)).await {
            Ok(Ok(start)) => start,
            Ok(Err(failure)) => return failure.into(),
            Err(why) => return Failure::Interrupted(why, "looking at what exists".to_owned()).into(),
        };
        // A group that was found behind its listener keeps the name that a killed run gave it.
        for (role, facts) in parts.groups.iter().filter(|(role, _)| !self.had_group(**role)) {
            if let Some(settings) = wanted.groups.get_mut(role).filter(|settings| settings.port == facts.port) {
                settings.name.clone_from(&facts.name);
            }
        }
        let session = Session::new(self.elb, wanted.tags.clone(), &self.marker, &self.deadline, parts, self.tell());
        let waves = diff(&observed, &wanted);
        match self.deadline.hold(self.renewing(driver::execute(&session, waves))).await {
            Ok(Ok(())) => {
                self.succeed(&session.parts());
                Diagnostics::new()
            }
            Ok(Err(failures)) => self.fail(&session, &wanted, failures).await,
            Err(why) => {
                self.fail(&session, &wanted, vec![Failure::Interrupted(why, "waiting for AWS".to_owned())]).await
            }
        }
    }

    /// With the names that the groups really have or, where one needs a successor, that one's name.
    fn named(&self, mut wanted: Wanted) -> Wanted {
        let Some(prior) = &self.request.prior else { return wanted };
        let parts = Parts::from_state(prior);
        let successions = group_replacement::needed(&self.request.config, prior, &self.request.planned, &parts);
        for (role, settings) in &mut wanted.groups {
            let succession = successions.iter().find(|succession| succession.role == *role);
            let name = match succession {
                Some(succession) => succession.name.clone().known(),
                None => parts.groups.get(role).map(|facts| facts.name.clone()),
            };
            settings.name = name.unwrap_or_else(|| settings.name.clone());
        }
        wanted
    }

    fn had_group(&self, role: Role) -> bool {
        self.request.prior.as_ref().is_some_and(|prior| Parts::from_state(prior).groups.contains_key(&role))
    }

    /// What exists, with everything that earlier runs have left.
    async fn start(&self, wanted: &Wanted) -> Result<(Parts, Observed), Failure> {
        let (mut parts, mut observed) = self.starting_point(wanted).await?;
        let succeeds = wanted.groups.iter().any(|(role, want)| needs_successor(&observed, *role, want));
        if let Some(prior) = &self.request.prior
            && (succeeds || !parts.successors.is_empty() || !parts.retired.is_empty())
        {
            let names = group_replacement::base_names(&[prior, &self.request.planned]);
            orphans::retire(self.elb, &self.deadline, &names, &mut parts).await?;
            observed.successors.retain(|role| parts.successors.contains_key(role));
            observed.retired.clone_from(&parts.retired);
        }
        self.complete_failed(&parts).await?;
        Ok((parts, observed))
    }

    /// Takes the marker of a create that failed for one's own, so that it comes off in the end.
    async fn complete_failed(&self, parts: &Parts) -> Result<(), Failure> {
        let failed = self.request.private.get(FAILED).and_then(Json::as_str);
        let (Some(nonce), true) = (failed, self.request.prior.is_some()) else { return Ok(()) };
        let tags = self.elb.tags(&parts.arns()).await?;
        let arns: Vec<String> = tags.into_iter().filter(|(_, tags)| is_of(tags, nonce)).map(|(arn, _)| arn).collect();
        if !arns.is_empty() {
            self.elb.add_tags(&arns, &self.marker.tag()).await?;
            arns.iter().for_each(|arn| self.marker.put_on(arn));
        }
        Ok(())
    }

    /// What exists: the stored parts, and leftovers of a dead run that have one of our names.
    async fn starting_point(&self, wanted: &Wanted) -> Result<(Parts, Observed), Failure> {
        let (mut parts, mut observed) = self.stored(wanted);
        if self.request.private.get(UNEVEN).is_some() {
            self.correct(&mut observed, &parts, wanted).await?;
        }
        let complete = parts.load_balancer.is_some()
            && wanted.groups.iter().all(|(role, settings)| !parts.lacks_group(*role, &settings.name))
            && wanted.listeners.keys().all(|role| parts.listeners.contains_key(role));
        if complete {
            return Ok((parts, observed));
        }
        let found = recovery::survey(self.elb, wanted, &parts).await?;
        if found.is_empty() {
            return Ok((parts, observed));
        }
        recovery::take_over(self.elb, &self.marker, &self.deadline, &found).await?;
        let left = look(self.elb, &found.parts()).await?;
        if !recovery::fits(&left, wanted, &parts) {
            self.discard(&found).await?;
            return Ok((parts, observed));
        }
        let observed = recovery::merged(observed, left.observed, wanted);
        parts.load_balancer = parts.load_balancer.or(left.parts.load_balancer);
        left.parts.groups.into_iter().for_each(|(role, facts)| parts.add_group(role, facts));
        parts.listeners.extend(left.parts.listeners);
        (self.tell())(&parts);
        Ok((parts, observed))
    }

    fn stored(&self, wanted: &Wanted) -> (Parts, Observed) {
        let Some(prior) = &self.request.prior else { return Default::default() };
        let misrouted = self.request.private.get(MISROUTED).and_then(Json::as_array).cloned().unwrap_or_default();
        let misrouted = misrouted.iter().filter_map(|role| Role::named(role.as_str()?)).collect();
        let mut parts = Parts::from_state(prior).recalled(&self.request.private);
        let let_go = import::marks::let_go(prior, &self.request.planned, &self.request.private);
        parts.retire_unwanted(|role| wanted.groups.get(&role).map(|settings| settings.name.as_str()));
        parts.successors.values().for_each(|facts| self.marker.put_on(&facts.arn)); // still that of the run that made them
        let mut observed = recorded(prior, misrouted).unwrap_or_default();
        for role in let_go {
            parts.groups.remove(&role);
            parts.listeners.remove(&role);
            observed.groups.remove(&role);
            observed.listeners.remove(&role);
        }
        observed.successors = parts.successors.keys().copied().collect();
        observed.retired = parts.retired.clone();
        (parts, observed)
    }

    /// The state has each setting once. Where the parts are not set alike it says too little of them, so they are looked at.
    async fn correct(&self, observed: &mut Observed, parts: &Parts, wanted: &Wanted) -> Result<(), Failure> {
        let seen = look(self.elb, parts).await?.observed;
        let mut managed = wanted.tags.clone();
        let stored = self.request.prior.as_ref().and_then(|prior| Reader::new(prior).text_map("tags_all").present());
        managed.extend(stored.unwrap_or_default());
        let tags = |found: &BTreeMap<String, String>| current::restricted(found, &managed);
        if let (Some(known), Some(seen)) = (&mut observed.balancer, seen.balancer) {
            known.tags = tags(&seen.tags);
        }
        for (role, seen) in seen.groups {
            observed.groups.entry(role).and_modify(|known| {
                known.tags = tags(&seen.tags);
                known.settings = seen.settings;
            });
        }
        for (role, seen) in seen.listeners {
            observed.listeners.entry(role).and_modify(|known| {
                known.tags = tags(&seen.tags);
                known.settings = seen.settings;
            });
        }
        Ok(())
    }

    /// Leftovers that can't become what is wanted are removed: they are ours, and nobody has ever finished them.
    async fn discard(&self, found: &Found) -> Result<(), Failure> {
        let remover = Remover { elb: self.elb, ec2: None, deadline: &self.deadline };
        remover.remove(&mut found.parts(), &|_| {}).await?;
        self.marker.marked().iter().for_each(|arn| self.marker.take_off(arn));
        Ok(())
    }

    /// Runs `work` and renews the marker meanwhile, so that others see that this run is alive.
    async fn renewing<T>(&self, work: impl Future<Output = T>) -> T {
        let renewal = async {
            loop {
                tokio::time::sleep(marker::lease() / 3).await;
                let marked = self.marker.marked();
                if !marked.is_empty() {
                    // A renewal that fails is made up for by the next one.
                    let _ = self.elb.add_tags(&marked, &self.marker.renewed()).await;
                }
            }
        };
        tokio::select! {
            done = work => done,
            () = renewal => unreachable!("the renewal never ends"),
        }
    }

    fn succeed(&self, parts: &Parts) {
        let object = self.object(&self.request.planned, parts);
        let marked = self.marker.marked();
        let mut private = self.private(parts, !marked.is_empty());
        private.remove(FAILED);
        import::marks::settle(&self.request.config, &mut private);
        self.progress.tell(object, private);
        if marked.is_empty() {
            return;
        }
        // Only once Terraform has the answer: a run that dies before is still recognised by the marker.
        let elb = self.elb.clone();
        self.progress.afterwards(Box::pin(async move {
            // The next read takes off what stays on.
            let _ = elb.remove_tags(&marked, &[MARKER.to_owned()]).await;
        }));
    }

    /// Says what is really there: also what was made by a call whose answer was lost.
    async fn fail(&self, session: &Session<'_>, wanted: &Wanted, failures: Vec<Failure>) -> Diagnostics {
        let aftermath = async {
            let mut parts = session.parts();
            for successor in parts.successors.values() {
                // One that stays is closed by the run that goes on.
                let _ = close_probes(session, &successor.arn).await;
            }
            if let Ok(found) = recovery::survey(self.elb, wanted, &parts).await {
                let ours = found.of_run(self.marker.nonce());
                parts.load_balancer = parts.load_balancer.or(ours.load_balancer);
                ours.groups.into_iter().for_each(|(role, facts)| parts.add_group(role, facts));
                parts.listeners.extend(ours.listeners);
                (self.tell())(&parts);
            }
            if let Some(prior) = &self.request.prior
                && let Ok(found) = look(self.elb, &parts).await
            {
                let base = half_way(prior, &self.request.planned, &found.parts);
                let object = refresh(&base, &found, self.elb.region(), Uneven::Stored);
                self.progress.tell(object, self.private(&parts, true));
            }
        };
        // Whatever this doesn't find, the marker lets the next run find.
        let _ = timeout(AFTERMATH, aftermath).await;
        failures.into_iter().flat_map(Diagnostics::from).fold(Diagnostics::new(), |mut all, diagnostic| {
            all.push(diagnostic);
            all
        })
    }

    /// Tells what exists after each step. Until the end the inputs are those before: what was not done yet must stay a difference.
    fn tell(&self) -> Tell<'_> {
        Box::new(move |parts: &Parts| {
            let base = match &self.request.prior {
                Some(prior) => half_way(prior, &self.request.planned, parts),
                None => unprotected(&self.request.planned),
            };
            if !(parts.is_empty() && self.request.prior.is_none()) {
                self.progress.tell(self.object(&base, parts), self.private(parts, self.request.prior.is_some()));
            } else {
                self.progress.gone();
            }
        })
    }

    fn object(&self, base: &Object, parts: &Parts) -> Object {
        let mut object = base.clone();
        let facts = Facts {
            parts,
            configured_host: configured_host(&self.request.config, self.request.prior.as_ref()),
            region: Maybe::Known(self.elb.region().to_owned()),
            group_names: BTreeMap::new(),
            tags_all: outputs::tags_of(base),
        };
        outputs::write(&mut object, &facts);
        object
    }

    /// What is stored beside the object; with the nonce, if the marker is to be taken off.
    fn private(&self, parts: &Parts, marked: bool) -> Private {
        let mut private = self.request.private.clone();
        parts.remember(&mut private);
        private.remove(MISROUTED);
        private.remove(UNEVEN);
        if marked {
            private.set(CREATING, Json::from(self.marker.nonce()));
        } else if self.request.prior.is_none() {
            private.set(FAILED, Json::from(self.marker.nonce()));
        }
        private
    }
}

/// The stored inputs, with the listeners whose parts are new or gone as planned: a part that exists must be named by the state.
fn half_way(prior: &Object, planned: &Object, parts: &Parts) -> Object {
    let before = Parts::from_state(prior);
    let mut object = prior.clone();
    for role in Role::ALL {
        let exists = |parts: &Parts| parts.groups.contains_key(&role) || parts.listeners.contains_key(&role);
        let arn = |parts: &Parts| parts.groups.get(&role).map(|facts| facts.arn.clone());
        let succeeded = arn(&before).is_some() && arn(parts).is_some() && arn(&before) != arn(parts);
        if exists(&before) != exists(parts) || succeeded {
            object.insert(role.name().to_owned(), planned.get(role.name()).cloned().unwrap_or(Value::Null));
        }
    }
    object
}

/// Protection is switched on last: what is half-made is not protected and can be destroyed.
fn unprotected(planned: &Object) -> Object {
    let mut object = planned.clone();
    object.insert("enable_deletion_protection".to_owned(), false.into());
    object
}

fn needs_new_plan(prior: &Object, planned: &Object) -> Option<&'static str> {
    replacement::needed(prior, planned).first().map(|(attribute, _)| *attribute)
}
