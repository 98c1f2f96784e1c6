//! The wait: rounds of probes, until the endpoint has served in several of them.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::endpoint::aws_access::AwsAccess;
use crate::endpoint::deadline::{Deadline, Interrupted, REPORT_INTERVAL};
use crate::endpoint::readiness::probing::{probe, survey};
use crate::endpoint::readiness::spec::Endpoint;
use crate::endpoint::readiness::table::Survey;
use crate::endpoint::readiness::target::{Api, Target, of_endpoint, of_nodes};
use crate::endpoint::readiness::verdict::{Stage, Verdict};
use crate::remote::probe::Prober;

/// How many rounds in a row must find the endpoint serving: one load balancer in front of several nodes leads each round to others.
pub const ROUNDS: u32 = 3;

/// From the end of one round to the begin of the next, where all is well, where it isn't, and where a name doesn't lead anywhere yet: a
/// resolver that is asked too soon keeps the answer that there is nothing.
const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(2);
const NAME_LATER: Duration = Duration::from_secs(5);

/// How long a round may take.
const ROUND: Duration = Duration::from_secs(5);

/// How often nodes and target groups are looked at too. They only explain, so they needn't be asked in each round.
const WHOLE: Duration = Duration::from_secs(10);

/// With less time than this left a round would call everything dead.
const TOO_SHORT: Duration = Duration::from_millis(500);

const DOING: &str = "waiting until the endpoint serves";

/// What is waited for.
pub struct Wait<'a> {
    /// Access to AWS, for target health.
    pub access: &'a AwsAccess,
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// Which of its APIs must serve.
    pub wait_for: &'a [Api],
    /// Until when, and the user's wish to stop.
    pub deadline: &'a Deadline,
}

/// What a wait has course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// The last whole round, with what later ones found of the endpoint itself.
    pub last: Survey,
    /// How many rounds there were.
    pub rounds: u32,
    /// In how many of them the endpoint served.
    pub served: u32,
    /// What was at fault in the last round in which it didn't.
    pub failure: Option<String>,
}

impl Course {
    fn count(&mut self, of_gate: &[Verdict]) {
        self.rounds += 1;
        match of_gate.iter().find(|verdict| !verdict.ok) {
            None => self.served += 1,
            Some(verdict) => self.failure = Some(format!("{}: {}", verdict.key, verdict.message)),
        }
    }
}

fn serves(of_gate: &[Verdict]) -> bool {
    of_gate.iter().all(|verdict| verdict.ok)
}

impl Wait<'_> {
    /// Waits. The user's wish to stop ends it at once: nothing is half done here.
    ///
    /// # Errors
    /// If it ended before the endpoint served, with what was seen last.
    pub async fn run(&self) -> Result<(), (Interrupted, Course)> {
        let mut course = Course::default();
        let (stages, reported) = watch::channel(String::new());
        let ended = tokio::select! {
            biased;
            () = self.deadline.stopped() => Err(Interrupted::Stopped),
            ended = self.rounds(&mut course, &stages) => ended,
            never = report(reported) => match never {},
        };
        ended.map_err(|why| (why, course))
    }

    async fn rounds(&self, course: &mut Course, stages: &watch::Sender<String>) -> Result<(), Interrupted> {
        let prober = Prober::default();
        let wanted = |target: &Target| self.wait_for.contains(&target.api);
        let gate: Vec<Target> = of_endpoint(self.endpoint).into_iter().filter(wanted).collect();
        let nodes = of_nodes(self.endpoint).into_iter().filter(wanted);
        let all: Vec<Target> = gate.iter().cloned().chain(nodes).collect();
        let (mut served, mut whole, mut warned) = (0, None::<Instant>, BTreeSet::new());
        loop {
            let left = self.deadline.left();
            if left < TOO_SHORT && whole.is_some() {
                return Err(Interrupted::TimedOut);
            }
            let limit = ROUND.min(left);
            // With less time than usual a slow server would count as dead. Such a round only adds to those that have served.
            let is_cut = limit < ROUND && whole.is_some();
            let last = &mut course.last;
            let of_gate = if !is_cut && whole.is_none_or(|last| last.elapsed() >= WHOLE) {
                (*last, _) = survey(&prober, self.access, self.endpoint, &all, limit).await;
                whole = Some(Instant::now());
                last.verdicts[..gate.len()].to_vec()
            } else {
                let found = probe(&prober, &gate, limit).await.verdicts;
                if !is_cut || serves(&found) {
                    last.verdicts.splice(..gate.len(), found.iter().cloned());
                }
                found
            };
            served = if serves(&of_gate) { served + 1 } else { 0 };
            if served == ROUNDS {
                return Ok(());
            }
            if !is_cut || served > 0 {
                course.count(&of_gate);
            }
            for (keys, fault) in course.last.stuck() {
                if warned.insert((keys.join(", "), fault.to_owned())) {
                    tracing::warn!("as things are, the wait can't succeed: {}: {fault}", keys.join(", "));
                }
            }
            stages.send_replace(course.last.stages());
            self.deadline.pause(pause(&of_gate, served)).await?;
        }
    }
}

/// Logs the `stages` after the first round, and then at an even pace: a round may take longer than a pause.
async fn report(mut stages: watch::Receiver<String>) -> Infallible {
    let _first_round = stages.changed().await;
    loop {
        tracing::info!(state = stages.borrow().as_str(), "{DOING}");
        sleep(REPORT_INTERVAL).await;
    }
}

fn pause(of_gate: &[Verdict], served: u32) -> Duration {
    match of_gate.iter().map(|verdict| verdict.stage).min() {
        Some(Stage::Name) => NAME_LATER,
        _ if served > 0 => SOON,
        _ => LATER,
    }
}
