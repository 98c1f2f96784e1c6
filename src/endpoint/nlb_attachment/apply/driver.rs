//! Executes steps. Decides nothing but when to repeat a call that AWS refused.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;

use super::failure::Failure;
use super::ledger::Ledger;
use super::{drain, polling};
use crate::endpoint::deadline::{Deadline, Interrupted};
use crate::endpoint::nlb_attachment::model::decision::Decision;
use crate::endpoint::nlb_attachment::model::registration::Registration;
use crate::endpoint::nlb_attachment::plan::diff::Step;
use crate::endpoint::nlb_attachment::plan::warnings;
use crate::endpoint::nlb_attachment::read::clients::Clients;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::remote::aws_error::AwsError;
use crate::remote::elb::{Elb, Target};

/// Receives the groups that the target is in, each time they change.
pub type Report<'a> = Box<dyn Fn(&BTreeSet<String>) + Send + Sync + 'a>;

/// AWS's words for an instance that is still starting.
const NOT_RUNNING: &str = "not in a running state";

/// How long AWS may deny the existence of a group that was made a moment ago.
const CONSISTENCY_LIMIT: Duration = Duration::from_secs(10);

/// What one create, update or delete works with.
pub struct Job<'a> {
    /// Access to every group that is concerned.
    pub clients: &'a Clients,
    /// What is registered and deregistered.
    pub target: &'a Target,
    /// What becomes of the registrations that are left.
    pub decision: &'a Decision,
    /// What the other attachments do meanwhile.
    pub ledger: &'a Ledger,
    /// When it ends.
    pub deadline: &'a Deadline,
    /// Receives what exists.
    pub report: Report<'a>,
}

/// The execution of one create, update or delete.
pub struct Driver<'a> {
    job: Job<'a>,
    groups: Mutex<BTreeSet<String>>,
    /// Groups that were left without a call, because the registration is another attachment's too.
    stays: Mutex<BTreeSet<String>>,
    missing: Mutex<BTreeSet<String>>,
    warnings: Mutex<Diagnostics>,
}

impl<'a> Driver<'a> {
    /// Begins with the groups that the target is in.
    pub fn new(job: Job<'a>, groups: BTreeSet<String>) -> Driver<'a> {
        Driver {
            job,
            groups: Mutex::new(groups),
            stays: Mutex::default(),
            missing: Mutex::default(),
            warnings: Mutex::default(),
        }
    }

    /// What the user should know of what was done.
    pub fn warnings(&self) -> Diagnostics {
        let mut all = lock(&self.warnings).clone();
        let missing = lock(&self.missing);
        if !missing.is_empty() {
            all.push(warnings::was_missing(&self.job.target.id, &missing));
        }
        all
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
        let Some(elb) = self.job.clients.get(arn) else { return Ok(()) };
        match step {
            Step::Register(arn) => self.register(elb, &arn).await,
            Step::Deregister(arn) => self.deregister(elb, &arn).await,
            Step::Drain(arn) => self.drain(elb, &arn).await,
        }
    }

    /// Registers the target, and repeats it while AWS says only "not yet": the instance is still starting, or the group is so new that
    /// not all of AWS knows it.
    async fn register(&self, elb: &Elb, group: &str) -> Result<(), Failure> {
        let limit = self.job.deadline.at_most(CONSISTENCY_LIMIT);
        let end = |why, refused: Option<&AwsError>| {
            let doing =
                if refused.is_none() { "registering the target" } else { "waiting until AWS accepts the target" };
            Failure::Interrupted(why, doing.to_owned(), refused.cloned())
        };
        let mut refused = None;
        for reads in 0.. {
            self.job.deadline.check().map_err(|why| end(why, refused.as_ref()))?;
            let error = match self.register_once(elb, group).await {
                Ok(Ok(())) => break,
                Ok(Err(error)) => error,
                Err(why) => return Err(end(why, refused.as_ref())),
            };
            if self.is_starting(&error) {
                let doing = format!("waiting until AWS accepts the target {}", self.job.target.id);
                let waited = self.job.deadline.wait(polling::interval(reads), &doing, &error.to_string()).await;
                waited.map_err(|why| end(why, Some(&error)))?;
            } else if !error.is_not_found() || limit.pause(polling::interval(reads)).await.is_err() {
                return Err(Failure::Aws(error, group.to_owned()));
            }
            refused = Some(error);
        }
        Ok(())
    }

    /// One call, while no other attachment deregisters the same. Where its effect can't be known it counts as done: better a state that
    /// names too much than a registration that nobody knows.
    async fn register_once(&self, elb: &Elb, group: &str) -> Result<Result<(), AwsError>, Interrupted> {
        let registration = self.registration(group);
        let _turn = self.job.ledger.turn(&registration, self.job.deadline).await?;
        let targets = [self.job.target.clone()];
        let answer = self.job.deadline.hold(elb.register_targets(group, &targets)).await;
        let refused = matches!(&answer, Ok(Err(error)) if !error.is_ambiguous());
        if !refused {
            self.keep(|groups| groups.insert(group.to_owned()));
            if self.job.ledger.with(|known| known.register(&registration)) {
                lock(&self.missing).insert(group.to_owned());
            }
        }
        answer
    }

    /// AWS has several reasons to call a target invalid, and waiting helps with one only: an instance that isn't running yet.
    fn is_starting(&self, error: &AwsError) -> bool {
        error.is("InvalidTarget") && error.to_string().contains(NOT_RUNNING)
    }

    /// Deregisters the target, unless the registration is another attachment's too. A group that is gone holds nothing; and what AWS
    /// calls an invalid target has ended on its own (emulators say so of every target that isn't registered).
    async fn deregister(&self, elb: &Elb, group: &str) -> Result<(), Failure> {
        let end = |why| Failure::Interrupted(why, "deregistering the target".to_owned(), None);
        self.job.deadline.check().map_err(end)?;
        let Job { ledger, decision, deadline, target, .. } = &self.job;
        let own_port = async { elb.target_group(group).await.ok().flatten().map(|group| group.port) };
        let turn = ledger.turn_to_leave(&self.registration(group), decision, deadline, own_port).await.map_err(end)?;
        if turn.is_none() {
            lock(&self.stays).insert(group.to_owned());
            self.keep(|groups| groups.remove(group));
            return Ok(());
        }
        let targets = [(*target).clone()];
        match deadline.hold(elb.deregister_targets(group, &targets)).await.map_err(end)? {
            Err(error) if !error.is("InvalidTarget") => Err(Failure::Aws(error, group.to_owned())),
            _ => {
                self.keep(|groups| groups.remove(group));
                Ok(())
            }
        }
    }

    fn registration(&self, group: &str) -> Registration {
        let Target { id, port, .. } = self.job.target;
        Registration { group: group.to_owned(), target: id.clone(), port: *port }
    }

    /// Waits until a deregistered target is drained. That this fails is worth a warning and no more: the target has been deregistered.
    async fn drain(&self, elb: &Elb, group: &str) -> Result<(), Failure> {
        if lock(&self.stays).contains(group) {
            return Ok(());
        }
        match drain::wait(elb, group, self.job.target, self.job.deadline).await {
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
        lock(&self.warnings).push(warning);
    }

    fn keep(&self, change: impl FnOnce(&mut BTreeSet<String>) -> bool) {
        let mut groups = lock(&self.groups);
        if change(&mut groups) {
            (self.job.report)(&groups);
        }
    }
}

/// What is behind these locks is whole even after a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
