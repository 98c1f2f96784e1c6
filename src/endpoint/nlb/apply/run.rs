//! Create and update: find out what exists, let `diff` decide, let the driver act.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::answer::Answer;
use super::context::Context;
use super::driver;
use super::failure::Failure;
use super::group_replacement::close_probes;
use super::marker::{self, TagsStay};
use super::session::Session;
use super::start::Start;
use super::{permission, recovery};
use crate::endpoint::nlb::model::desired::Desired;
use crate::endpoint::nlb::model::inventory::Inventory;
use crate::endpoint::nlb::model::memory::Memory;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::endpoint::nlb::model::spec::Spec;
use crate::endpoint::nlb::plan::diff::diff;
use crate::endpoint::nlb::plan::{group_replacement, replacement};
use crate::endpoint::nlb::read::current::current;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::resource::ApplyRequest;
use crate::framework::value::Object;

/// How long a failed or stopped run may search for what it made without knowing.
const AFTERMATH: Duration = Duration::from_secs(5);

/// Makes or changes the endpoint.
pub async fn apply(context: Context<'_>) -> Diagnostics {
    let Some(spec) = Spec::read(&context.request.planned, SETTINGS) else {
        return Diagnostic::bug("Values are not known", "Something in the planned endpoint is unknown at apply.")
            .into();
    };
    let mut desired = Desired::of(&spec);
    if let Some(prior) = &context.request.prior {
        let ApplyRequest { config, planned, .. } = &context.request;
        group_replacement::take_names(&mut desired, config, prior, planned);
    }
    if let Some(reason) =
        context.request.prior.as_ref().and_then(|prior| needs_new_plan(prior, &context.request.planned))
    {
        return Failure::NeedsNewPlan(reason).into();
    }
    let mut memory = Memory::read(&context.request.private);
    let mut warnings = match context.deadline.hold(take_tags_off(&context, &mut memory)).await {
        Ok(warnings) => warnings,
        Err(why) => return Failure::Interrupted(why, "reading what exists".to_owned()).into(),
    };
    let answer = Answer { context: &context, memory: &memory };
    let start = Start { context: &context, desired: &desired, memory: &memory };
    let inventory = match context.deadline.hold(start.inventory(&|inventory| answer.report(inventory))).await {
        Ok(Ok((inventory, found))) => {
            warnings.append(found);
            inventory
        }
        Ok(Err(failure)) => return failure.in_terms_of(&context.request.config),
        Err(why) => return Failure::Interrupted(why, "reading what exists".to_owned()).into(),
    };
    group_replacement::name_beside_recovered(&mut desired, &inventory, context.request.prior.as_ref());
    let waves = diff(&inventory, &desired, SETTINGS);
    let tags = desired.tags.clone();
    let session = Session::new(&context, tags, inventory, answer.reports());
    let work = renewing(&context, &session, driver::execute(&session, waves));
    let failures = match context.deadline.hold(work).await {
        Ok(Ok(())) => {
            answer.succeed(&session.inventory());
            Vec::new()
        }
        Ok(Err(failures)) => failures,
        Err(why) => vec![Failure::Interrupted(why, "waiting for AWS".to_owned())],
    };
    warnings.append(session.take_warnings());
    if !failures.is_empty() {
        warnings.append(fail(&context, &session, &answer, &desired, failures).await);
    }
    warnings
}

/// Takes off the tags of earlier runs that no read has taken off.
async fn take_tags_off(context: &Context<'_>, memory: &mut Memory) -> Diagnostics {
    let (Some(prior), false) = (&context.request.prior, memory.markers.is_empty()) else {
        return Diagnostics::new();
    };
    let Ok(tags) = context.elb.tags(&Inventory::from_state(prior).arns()).await else {
        return Diagnostics::new();
    };
    let tagged = tags.iter().map(|(arn, tags)| (arn.as_str(), tags));
    match marker::take_off(context.elb, tagged, memory).await {
        Err(TagsStay { error, keys }) if error.is_denied() => permission::remove_tags(&keys).into(),
        _ => Diagnostics::new(),
    }
}

/// Runs `work` and renews the marker meanwhile, so that others see that this run is alive.
async fn renewing<T>(context: &Context<'_>, session: &Session<'_>, work: impl Future<Output = T>) -> T {
    let renewal = async {
        loop {
            tokio::time::sleep(marker::lease() / 3).await;
            // One that comes late must not put the marker on what another run has taken over.
            let confirmed = session.confirm_marker().await;
            let (marked, begun) = (context.marker.marked(), Instant::now());
            if confirmed.is_err() || marked.is_empty() {
                continue;
            }
            match context.elb.add_tags_once(&marked, &context.marker.renewed()).await {
                Ok(()) => context.marker.confirm(begun),
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
    context: &Context<'_>,
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
        if let Ok(found) = recovery::survey(context.elb, desired, &inventory).await {
            inventory.add(recovery::of_run(found, context.marker.nonce()));
            answer.report(&inventory);
        }
        if let Some(prior) = &context.request.prior
            && let Ok(found) = current(context.elb, &inventory).await
        {
            answer.report_failed_update(prior, &inventory, &found);
        }
    };
    // Whatever this doesn't find, the marker lets the next run find.
    let _ = timeout(AFTERMATH, aftermath).await;
    failures.into_iter().fold(Diagnostics::new(), |mut all, failure| {
        all.append(failure.in_terms_of(&context.request.config));
        all
    })
}

fn needs_new_plan(prior: &Object, planned: &Object) -> Option<&'static str> {
    replacement::needed(prior, planned).first().map(|(attribute, _)| *attribute)
}
