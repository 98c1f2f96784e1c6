//! Waiting until a deregistered target is drained.

use std::time::Duration;

use super::{failure, polling};
use crate::endpoint::deadline::{Deadline, Interrupted};
use crate::endpoint::duration;
use crate::endpoint::nlb_attachment::model::health::is_drained;
use crate::endpoint::nlb_attachment::model::schema::names::DRAIN;
use crate::endpoint::nlb_attachment::read::current::health_of;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, Target};

/// AWS's key of the time that a deregistered target may finish its connections.
const DELAY: &str = "deregistration_delay.timeout_seconds";

/// That time where it isn't said (user guide, target groups of Network Load Balancers).
const DEFAULT_DELAY: Duration = Duration::from_secs(300);

/// How much longer than that AWS may take to end what it has begun.
const MARGIN: Duration = Duration::from_secs(60);

/// The environment variable that sets another margin, for tests: `TALOSENDPOINT_DRAIN_MARGIN=2s`.
pub const MARGIN_VARIABLE: &str = "TALOSENDPOINT_DRAIN_MARGIN";

/// Why a wait ended without its end having been seen.
#[derive(Debug)]
pub enum Ended {
    /// The user wants to stop.
    Stopped,
    /// The time is up, or AWS refuses to tell: a warning that says so.
    Unseen(Diagnostic),
}

/// Waits until nothing of the target is left in the group.
///
/// # Errors
/// If that wasn't seen in time.
pub async fn wait(elb: &Elb, group: &str, target: &Target, deadline: &Deadline) -> Result<(), Ended> {
    let mut limit: Option<Deadline> = None;
    for reads in 0.. {
        // A read that gets no answer is made up for by the next one.
        // It is repeated only as long as the wait may last.
        let state = match limit.as_ref().unwrap_or(deadline).hold(health_of(elb, group, target)).await {
            Ok(Ok(health)) if is_drained(health.as_ref()) => return Ok(()),
            Ok(Ok(health)) => health.map(|health| health.state).unwrap_or_default(),
            Ok(Err(error)) if !error.is_ambiguous() => return Err(Ended::Unseen(unseen(target, group, &error))),
            Err(Interrupted::Stopped) => return Err(Ended::Stopped),
            _ => "no answer".to_owned(),
        };
        // Asked only once there is something to wait for.
        let limit = match &mut limit {
            Some(limit) => limit,
            none => none.insert(limited(elb, group, deadline).await),
        };
        let doing = format!("waiting until the target {} is drained", target.id);
        limit.wait(polling::interval(reads), &doing, &state).await.map_err(|why| match why {
            Interrupted::Stopped => Ended::Stopped,
            Interrupted::TimedOut => Ended::Unseen(expired(target, group)),
        })?;
    }
    Ok(())
}

/// At most the group's own delay and the margin, and never longer than `deadline`.
async fn limited(elb: &Elb, group: &str, deadline: &Deadline) -> Deadline {
    let attributes = deadline.hold(elb.target_group_attributes(group)).await;
    // Without the permission to ask, the longest that AWS takes by itself.
    let delay = match attributes {
        Ok(Ok(attributes)) => attributes.get(DELAY).and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs),
        _ => None,
    };
    deadline.at_most(delay.unwrap_or(DEFAULT_DELAY) + margin())
}

fn margin() -> Duration {
    std::env::var(MARGIN_VARIABLE).ok().and_then(|text| duration::parse(&text)).unwrap_or(MARGIN)
}

fn expired(target: &Target, group: &str) -> Diagnostic {
    Diagnostic::warning(
        Path::of(DRAIN),
        "Not seen drained in time",
        format!(
            "`{}` is deregistered from {group} and gets no new connections, but AWS still shows it as draining. The \
             run went on: what is left of its connections may be cut. The wait lasts for the group's deregistration \
             delay and a minute, within `timeouts`.",
            target.id
        ),
    )
}

fn unseen(target: &Target, group: &str, error: &AwsError) -> Diagnostic {
    let (_, said) = failure::explain(error);
    Diagnostic::warning(
        Path::of(DRAIN),
        "Not known whether drained",
        format!(
            "`{}` is deregistered from {group} and gets no new connections. Whether it is drained can't be seen, so \
             the run went on. {said}",
            target.id
        ),
    )
}
