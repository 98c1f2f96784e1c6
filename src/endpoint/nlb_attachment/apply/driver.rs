//! Executes steps. Decides nothing but when to repeat a call that AWS refused.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;

use super::failure::Failure;
use super::{drain, polling};
use crate::endpoint::deadline::{Deadline, Interrupted};
use crate::endpoint::nlb_attachment::plan::diff::Step;
use crate::endpoint::nlb_attachment::read::clients::Clients;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, Target};

/// Receives the groups that the target is in, each time they change.
pub type Report<'a> = Box<dyn Fn(&BTreeSet<String>) + Send + Sync + 'a>;

/// How long AWS may deny the existence of a group that was made a moment ago.
const SETTLE: Duration = Duration::from_secs(10);

/// The execution of one create, update or delete.
pub struct Driver<'a> {
    clients: &'a Clients,
    target: &'a Target,
    deadline: &'a Deadline,
    report: Report<'a>,
    groups: Mutex<BTreeSet<String>>,
    warnings: Mutex<Diagnostics>,
}

impl<'a> Driver<'a> {
    /// Begins with the groups that the target is in.
    pub fn new(
        clients: &'a Clients,
        target: &'a Target,
        deadline: &'a Deadline,
        groups: BTreeSet<String>,
        report: Report<'a>,
    ) -> Driver<'a> {
        Driver { clients, target, deadline, report, groups: Mutex::new(groups), warnings: Mutex::default() }
    }

    /// What the user should know of what was done.
    pub fn warnings(&self) -> Diagnostics {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Executes wave after wave, and ends with the first that has a failure. The other steps of that wave are finished first.
    ///
    /// # Errors
    /// Every failure of the wave.
    pub async fn run(&self, waves: Vec<Vec<Step>>) -> Result<(), Vec<Failure>> {
        for wave in waves {
            let done = join_all(wave.into_iter().map(|step| self.step(step))).await;
            let failures: Vec<Failure> = done.into_iter().filter_map(Result::err).collect();
            if !failures.is_empty() {
                return Err(failures);
            }
        }
        Ok(())
    }

    async fn step(&self, step: Step) -> Result<(), Failure> {
        let arn = match &step {
            Step::Register(arn) | Step::Deregister(arn) | Step::Drain(arn) => arn,
        };
        let Some(elb) = self.clients.get(arn) else { return Ok(()) };
        match step {
            Step::Register(arn) => self.register(elb, &arn).await,
            Step::Deregister(arn) => self.deregister(elb, &arn).await,
            Step::Drain(arn) => self.drain(elb, &arn).await,
        }
    }

    /// Registers the target, and repeats it while AWS says only "not yet": the instance is still starting, or the group is so new that
    /// not all of AWS knows it.
    async fn register(&self, elb: &Elb, group: &str) -> Result<(), Failure> {
        let settle = self.deadline.at_most(SETTLE);
        let end = |why, refusal: Option<&AwsError>| {
            let doing =
                if refusal.is_none() { "registering the target" } else { "waiting until AWS accepts the target" };
            Failure::Interrupted(why, doing.to_owned(), refusal.cloned())
        };
        let mut refusal = None;
        for reads in 0.. {
            self.deadline.check().map_err(|why| end(why, refusal.as_ref()))?;
            let error = match self.register_once(elb, group).await {
                Ok(Ok(())) => break,
                Ok(Err(error)) => error,
                Err(why) => return Err(end(why, refusal.as_ref())),
            };
            if self.is_starting(&error) {
                let waited = self.deadline.pause(polling::interval(reads)).await;
                waited.map_err(|why| end(why, Some(&error)))?;
            } else if !error.is_not_found() || settle.pause(polling::interval(reads)).await.is_err() {
                return Err(Failure::Aws(error, group.to_owned()));
            }
            refusal = Some(error);
        }
        Ok(())
    }

    /// One call. Where its effect can't be known it counts as done: better a state that names too much than a registration that nobody
    /// knows.
    async fn register_once(&self, elb: &Elb, group: &str) -> Result<Result<(), AwsError>, Interrupted> {
        let targets = [self.target.clone()];
        let answer = self.deadline.hold(elb.register_targets(group, &targets)).await;
        let refused = matches!(&answer, Ok(Err(error)) if !error.is_ambiguous());
        if !refused {
            self.keep(|groups| groups.insert(group.to_owned()));
        }
        answer
    }

    /// AWS calls an instance invalid that isn't running yet, or that was made a moment ago; and one in another VPC, which no wait helps.
    /// Addresses have nothing to wait for.
    fn is_starting(&self, error: &AwsError) -> bool {
        error.is("InvalidTarget") && self.target.id.starts_with("i-") && !error.to_string().contains("VPC")
    }

    /// Deregisters the target. A group that is gone holds nothing; and what AWS calls an invalid target has ended by itself (emulators
    /// say so of every target that isn't registered).
    async fn deregister(&self, elb: &Elb, group: &str) -> Result<(), Failure> {
        let end = |why| Failure::Interrupted(why, "deregistering the target".to_owned(), None);
        self.deadline.check().map_err(end)?;
        let targets = [self.target.clone()];
        match self.deadline.hold(elb.deregister_targets(group, &targets)).await.map_err(end)? {
            Err(error) if !error.is("InvalidTarget") => Err(Failure::Aws(error, group.to_owned())),
            _ => {
                self.keep(|groups| groups.remove(group));
                Ok(())
            }
        }
    }

    /// Waits until a deregistered target is drained. That this fails is worth a warning and no more: the target has been deregistered.
    async fn drain(&self, elb: &Elb, group: &str) -> Result<(), Failure> {
        match drain::wait(elb, group, self.target, self.deadline).await {
            Ok(()) => Ok(()),
            Err(drain::Ended::Stopped) => {
                let doing = "waiting until the target is drained. It is deregistered already".to_owned();
                Err(Failure::Interrupted(Interrupted::Stopped, doing, None))
            }
            Err(drain::Ended::Unseen(warning)) => {
                self.warn(warning);
                Ok(())
            }
        }
    }

    fn warn(&self, warning: Diagnostic) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    fn keep(&self, change: impl FnOnce(&mut BTreeSet<String>) -> bool) {
        let mut groups = self.lock();
        if change(&mut groups) {
            (self.report)(&groups);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
