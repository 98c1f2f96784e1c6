//! How long an operation goes on: until its time is up or the user wants to stop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::framework::stop::Stop;

/// How long a call that is under way when the user stops may still take. Terraform waits for the answer, and an answer that says what
/// was made is worth a moment; a dead network must not hold the terminal.
const GRACE: Duration = Duration::from_secs(3);

/// How long the reading of one resource may take. Nobody can set it: what AWS doesn't answer in this time is not worth waiting for.
const READ_LIMIT: Duration = Duration::from_secs(120);

/// How often the log says what is waited for.
pub const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// Why an operation ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    /// The user pressed Ctrl-C.
    Stopped,
    /// The time given by `timeouts` is up.
    TimedOut,
}

/// The limits of one operation.
#[derive(Clone, Debug)]
pub struct Deadline {
    end: Instant,
    stop: Stop,
    /// When the log said last what is waited for. Shared by all limits of one operation.
    reported: Arc<Mutex<Option<Instant>>>,
}

impl Deadline {
    /// From now on for `limit`, or until `stop` is given.
    pub fn new(limit: Duration, stop: Stop) -> Deadline {
        Deadline { end: Instant::now() + limit, stop, reported: Arc::default() }
    }

    /// The limits of a read or an import.
    pub fn of_read(stop: Stop) -> Deadline {
        Deadline::new(READ_LIMIT, stop)
    }

    /// The same stop, with at most `limit` from now.
    #[must_use]
    pub fn at_most(&self, limit: Duration) -> Deadline {
        Deadline { end: self.end.min(Instant::now() + limit), ..self.clone() }
    }

    /// Whether it is over.
    ///
    /// # Errors
    /// If it is.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.stop.is_stopped() {
            return Err(Interrupted::Stopped);
        }
        if Instant::now() >= self.end { Err(Interrupted::TimedOut) } else { Ok(()) }
    }

    /// Waits for the user's wish to stop, whatever time is left.
    pub async fn stopped(&self) {
        self.stop.stopped().await;
    }

    /// How much of its time is left.
    pub fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// Waits until the next poll is due.
    ///
    /// # Errors
    /// If it is over before then.
    pub async fn pause(&self, length: Duration) -> Result<(), Interrupted> {
        tokio::select! {
            () = self.stopped() => Err(Interrupted::Stopped),
            () = sleep_until(self.end) => Err(Interrupted::TimedOut),
            () = sleep(length) => Ok(()),
        }
    }

    /// As [`Deadline::pause`]. At the first of these pauses, and every ten seconds from then on, the log says what the operation is `doing`
    /// (`waiting for …`) and what `state` was seen last.
    ///
    /// # Errors
    /// If it is over before then.
    pub async fn wait(&self, length: Duration, doing: &str, state: &str) -> Result<(), Interrupted> {
        if self.is_report_due() {
            tracing::info!(state, "{doing}");
        }
        self.pause(length).await
    }

    fn is_report_due(&self) -> bool {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = reported.is_none_or(|last| last.elapsed() >= REPORT_INTERVAL);
        if is_due {
            *reported = Some(Instant::now());
        }
        is_due
    }

    /// Runs `work` to its end, or gives it up: at the deadline, or a moment after the user's stop.
    ///
    /// # Errors
    /// If it was given up.
    pub async fn hold<T>(&self, work: impl Future<Output = T>) -> Result<T, Interrupted> {
        let stopped = async {
            self.stopped().await;
            sleep(GRACE).await;
        };
        tokio::select! {
            done = timeout_at(self.end, work) => done.map_err(|_| Interrupted::TimedOut),
            () = stopped => Err(Interrupted::Stopped),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_waited_for_is_reported_every_ten_seconds() {
        let deadline = Deadline::new(Duration::from_secs(1000), Stop::new());
        let mut reports = 0;
        for _ in 0..30 {
            reports += u32::from(deadline.at_most(Duration::from_secs(500)).is_report_due());
            deadline.pause(Duration::from_secs(1)).await.unwrap();
        }
        assert_eq!(reports, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_ends_after_two_minutes_and_soon_after_a_stop() {
        let begun = Instant::now();
        let held = Deadline::of_read(Stop::new()).hold(std::future::pending::<()>()).await;
        assert_eq!((held, begun.elapsed()), (Err(Interrupted::TimedOut), READ_LIMIT));
        let (stop, begun) = (Stop::new(), Instant::now());
        stop.stop();
        let held = Deadline::of_read(stop).hold(std::future::pending::<()>()).await;
        assert_eq!((held, begun.elapsed()), (Err(Interrupted::Stopped), GRACE));
    }

    #[tokio::test(start_paused = true)]
    async fn ends_at_the_deadline_and_at_the_stop() {
        let stop = Stop::new();
        let deadline = Deadline::new(Duration::from_secs(10), stop.clone());
        assert_eq!(deadline.pause(Duration::from_secs(1)).await, Ok(()));
        assert_eq!(deadline.pause(Duration::from_secs(60)).await, Err(Interrupted::TimedOut));
        let deadline = Deadline::new(Duration::from_secs(1000), stop.clone());
        stop.stop();
        assert_eq!(deadline.pause(Duration::from_secs(1)).await, Err(Interrupted::Stopped));
        assert_eq!(deadline.hold(sleep(Duration::from_secs(1))).await, Ok(()), "what is under way may finish");
        assert_eq!(deadline.hold(std::future::pending::<()>()).await, Err(Interrupted::Stopped));
    }
}
