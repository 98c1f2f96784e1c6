//! The user's wish to stop.

use tokio_util::sync::CancellationToken;

/// A signal that is given once and stays: Terraform sends StopProvider when the user presses Ctrl-C.
///
/// Work that has begun finishes the call it is in, begins no other, and answers with what was really done.
#[derive(Clone, Debug, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// A signal not yet given.
    pub fn new() -> Stop {
        Stop::default()
    }

    /// Gives the signal.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// True once it has been given.
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until it is given.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }
}
