//! Create and update: find out what exists, let `diff` decide, let the driver act.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::answer::Answer;
use super::driver;
use super::failure::Failure;
use super::group_replacement::close_probes;
use super::marker::{self, Marker, TagsStay};
use super::session::Session;
use super::start::Start;
use super::{permission, recovery};
use crate::endpoint::deadline::Deadline;
use crate::endpoint::nlb::model::desired::Desired;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::model::spec::Spec;
use crate::endpoint::nlb::plan::diff::diff;
use crate::endpoint::nlb::plan::outputs::tags_all;
use crate::endpoint::nlb::plan::{group_replacement, replacement};
use crate::endpoint::nlb::read::current::current;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::progress::Progress;
use crate::framework::reader::Maybe;
use crate::framework::resource::ApplyRequest;
use crate::framework::value::Object;
use crate::remote::elb::Elb;

/// How long a failed or stopped run may search for what it made without knowing.
const AFTERMATH: Duration = Duration::from_secs(5);

/// One create or update, from the search for what exists to the last report.
pub struct Run<'a> {
    /// Where the calls go.
    pub elb: &'a Elb,
    /// What was planned.
    pub request: ApplyRequest,
    /// Where reports go.
    pub progress: &'a Progress,
    /// Until when the run goes on: the `create` or `update` of `timeouts`.
    pub deadline: Deadline,
    /// The marker of what is made.
    pub marker: Marker,
}

impl<'a> Run<'a> {
    /// A run with its tags complete: the provider's defaults are known now.
    pub fn new(
        elb: &'a Elb,
        mut request: ApplyRequest,
        progress: &'a Progress,
        limit: Duration,
        default_tags: BTreeMap<String, String>,
    ) -> Run<'a> {
        let all = tags_all(&request.planned, Maybe::Known(default_tags));
        request.planned.insert(names::TAGS_ALL.to_owned(), all);
        let deadline = Deadline::new(limit, request.stop.clone());
        Run { elb, request, progress, deadline, marker: Marker::random() }
    }

    /// Makes or changes the endpoint.
    pub async fn apply(self) -> Diagnostics {
        let Some(spec) = Spec::read(&self.request.planned, SETTINGS) else {
            return Diagnostic::bug("Values are not known", "Something in the planned endpoint is unknown at apply.")
                .into();
        };
        let mut desired = self.named(Desired::of(&spec));
        if let Some(reason) = self.request.prior.as_ref().and_then(|prior| needs_new_plan(prior, &self.request.planned))
        {
            return Failure::NeedsNewPlan(reason).into();
        }
        let mut memory = Memory::read(&self.request.private);
        let mut warnings = match self.deadline.hold(self.take_tags_off(&mut memory)).await {
            Ok(warnings) => warnings,
            Err(why) => return Failure::Interrupted(why, "reading what exists".to_owned()).into(),
        };
        let answer = self.answer(&memory);
        let start = Start {
            elb: self.elb,
            request: &self.request,
            desired: &desired,
            marker: &self.marker,
            deadline: &self.deadline,
            memory: &memory,
        };
        let inventory = match self.deadline.hold(start.inventory(&|inventory| answer.report(inventory))).await {
            Ok(Ok((inventory, found))) => {
                warnings.append(found);
                inventory
            }
            Ok(Err(failure)) => return failure.into(),
            Err(why) => return Failure::Interrupted(why, "reading what exists".to_owned()).into(),
        };
        for (role, group) in inventory.groups.iter().filter(|(role, _)| !self.had_group(**role)) {
            if let Some(want) = desired.groups.get_mut(role) {
                want.name = group_replacement::name_beside(&group.settings, want);
            }
        }
        let waves = diff(&inventory, &desired, SETTINGS);
        let tags = desired.tags.clone();
        let session = Session::new(self.elb, tags, &self.marker, &self.deadline, inventory, answer.reports());
        let work = self.renewing(&session, driver::execute(&session, waves));
        let failures = match self.deadline.hold(work).await {
            Ok(Ok(())) => {
                answer.succeed(&session.inventory());
                Vec::new()
            }
            Ok(Err(failures)) => failures,
            Err(why) => vec![Failure::Interrupted(why, "waiting for AWS".to_owned())],
        };
        warnings.append(session.take_warnings());
        if !failures.is_empty() {
            warnings.append(self.fail(&session, &answer, &desired, failures).await);
        }
        warnings
    }

    fn answer<'b>(&'b self, memory: &'b Memory) -> Answer<'b> {
        Answer {
            request: &self.request,
            progress: self.progress,
            region: self.elb.region(),
            marker: &self.marker,
            memory,
        }
    }

    /// Takes off the tags of earlier runs that no read has taken off.
    async fn take_tags_off(&self, memory: &mut Memory) -> Diagnostics {
        let (Some(prior), false) = (&self.request.prior, memory.markers.is_empty()) else { return Diagnostics::new() };
        let Ok(tags) = self.elb.tags(&Inventory::from_state(prior).arns()).await else { return Diagnostics::new() };
        let tagged = tags.iter().map(|(arn, tags)| (arn.as_str(), tags));
        match marker::take_off(self.elb, tagged, memory).await {
            Err(TagsStay { error, keys }) if error.is_denied() => permission::remove_tags(&keys).into(),
            _ => Diagnostics::new(),
        }
    }

    /// With the names that the groups really have or, where one needs a successor, that one's name.
    fn named(&self, mut desired: Desired) -> Desired {
        let Some(prior) = &self.request.prior else { return desired };
        let inventory = Inventory::from_state(prior);
        let replacements = group_replacement::needed(&self.request.config, prior, &self.request.planned, &inventory);
        for (role, settings) in &mut desired.groups {
            let name = match replacements.iter().find(|replacement| replacement.role == *role) {
                Some(replacement) => replacement.name.clone().known(),
                None => inventory.groups.get(role).map(|group| group.settings.name.clone()),
            };
            settings.name = name.unwrap_or_else(|| settings.name.clone());
        }
        desired
    }

    fn had_group(&self, role: Role) -> bool {
        self.request.prior.as_ref().is_some_and(|prior| Inventory::from_state(prior).groups.contains_key(&role))
    }

    /// Runs `work` and renews the marker meanwhile, so that others see that this run is alive.
    async fn renewing<T>(&self, session: &Session<'_>, work: impl Future<Output = T>) -> T {
        let renewal = async {
            loop {
                tokio::time::sleep(marker::lease() / 3).await;
                // One that comes late must not put the marker on what another run has taken over.
                let confirmed = session.confirm_marker().await;
                let (marked, begun) = (self.marker.marked(), Instant::now());
                if confirmed.is_err() || marked.is_empty() {
                    continue;
                }
                match self.elb.add_tags_once(&marked, &self.marker.renewed()).await {
                    Ok(()) => self.marker.confirm(begun),
                    Err(error) if error.is_denied() => session.warn(permission::add_tags()),
                    Err(_) => {} // made up for by the next one
                }
            }
        };
        tokio::select! {
            done = work => done,
            () = renewal => unreachable!("the renewal never ends"),
        }
    }

    /// Reports what is really there: also what was made by a call whose answer was lost.
    async fn fail(
        &self,
        session: &Session<'_>,
        answer: &Answer<'_>,
        desired: &Desired,
        failures: Vec<Failure>,
    ) -> Diagnostics {
        let aftermath = async {
            // What can't be read stays in the answer; a destroy reads it once more.
            let _ = session.confirm_marker().await;
            let mut inventory = session.inventory();
            for successor in inventory.successors.values() {
                // One that stays is closed by the run that goes on.
                let _ = close_probes(session, &successor.arn).await;
            }
            if let Ok(found) = recovery::survey(self.elb, desired, &inventory).await {
                inventory.add(recovery::of_run(found, self.marker.nonce()));
                answer.report(&inventory);
            }
            if let Some(prior) = &self.request.prior
                && let Ok(found) = current(self.elb, &inventory).await
            {
                answer.report_failed_update(prior, &inventory, &found);
            }
        };
        // Whatever this doesn't find, the marker lets the next run find.
        let _ = timeout(AFTERMATH, aftermath).await;
        failures.into_iter().flat_map(Diagnostics::from).fold(Diagnostics::new(), |mut all, diagnostic| {
            all.push(diagnostic);
            all
        })
    }
}

fn needs_new_plan(prior: &Object, planned: &Object) -> Option<&'static str> {
    replacement::needed(prior, planned).first().map(|(attribute, _)| *attribute)
}
