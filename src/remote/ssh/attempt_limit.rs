//! How long a connection may take, and how often it is made.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::ssh_error::{Outlook, SshError};

/// How long a connection may take in all.
#[derive(Clone, Copy)]
pub struct AttemptLimit {
    /// Its end.
    pub end: Instant,
    /// How long that was at its beginning.
    pub limit: Duration,
}

impl AttemptLimit {
    /// From now on.
    pub fn new(limit: Duration) -> AttemptLimit {
        AttemptLimit { end: Instant::now() + limit, limit }
    }

    /// A host that said nothing in that time.
    pub fn silent(&self, to: &str) -> SshError {
        SshError::Silent { to: to.to_owned(), limit: self.limit }
    }

    /// Attempts again where the host closed the connection: OpenSSH closes some at random where more than ten log in at once
    /// (`MaxStartups`). One that was closed instead of an answer is made again once only: it may be a refused login, which a host counts.
    ///
    /// # Errors
    /// That of the last attempt.
    pub async fn repeat<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, SshError>
    where
        F: Future<Output = Result<T, SshError>>,
    {
        let mut cuts = 0;
        for pause in pauses() {
            let failed = match attempt().await {
                Err(error @ (SshError::Closed { .. } | SshError::Cut { .. })) => error,
                done => return done,
            };
            cuts += u32::from(failed.outlook() == Outlook::CutAtLogin);
            if cuts > 1 || Instant::now() + pause >= self.end {
                return Err(failed);
            }
            sleep(pause).await;
        }
        attempt().await
    }
}

/// The pauses before a connection is made again. No two hosts wait equally long, or they would come together again.
fn pauses() -> impl Iterator<Item = Duration> {
    static CONNECTIONS: AtomicU32 = AtomicU32::new(0);
    let spread = 8 + CONNECTIONS.fetch_add(1, Ordering::Relaxed) % 8;
    [20, 40, 80, 160].into_iter().map(move |milliseconds| Duration::from_millis(milliseconds) * spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many attempts there are at what always fails so.
    async fn attempts(error: SshError, limit: Duration) -> u32 {
        let attempts = AtomicU32::new(0);
        let limit = AttemptLimit::new(limit);
        let failed = limit.repeat(|| async {
            attempts.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(error.clone())
        });
        assert!(failed.await.is_err());
        attempts.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_connection_is_made_again_and_a_refused_one_is_not() {
        let minute = Duration::from_secs(60);
        let to = || "h:22".to_owned();
        assert_eq!(attempts(SshError::Closed { to: to(), said: None }, minute).await, 5);
        assert_eq!(attempts(SshError::Closed { to: to(), said: None }, Duration::from_millis(100)).await, 1);
        assert_eq!(attempts(SshError::Cut { to: to(), user: "root".to_owned(), said: None }, minute).await, 2);
        assert_eq!(attempts(SshError::NoUser, minute).await, 1);
    }
}
