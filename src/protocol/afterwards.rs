//! Work that is done once Terraform has its answer.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::framework::engine::Engine;

/// By then Terraform has written an answer to its state. Work that must not precede that waits as long, or until Terraform says goodbye,
/// which it does after writing.
const WRITTEN: Duration = Duration::from_millis(500);

/// The work that applies have left, and its time.
#[derive(Clone, Debug, Default)]
pub struct Afterwards {
    tasks: TaskTracker,
    goodbye: CancellationToken,
}

impl Afterwards {
    /// Takes what the engine's applies have left.
    pub(super) fn take_from(&self, engine: &Engine) {
        for work in engine.take_afterwards() {
            let goodbye = self.goodbye.clone();
            self.tasks.spawn(async move {
                tokio::select! {
                    () = goodbye.cancelled() => {}
                    () = sleep(WRITTEN) => {}
                }
                work.await;
            });
        }
    }

    /// Terraform has said goodbye: all work is due now, and has at most `limit`.
    pub async fn finish(&self, limit: Duration) {
        self.goodbye.cancel();
        self.tasks.close();
        if timeout(limit, self.tasks.wait()).await.is_err() {
            tracing::debug!("work left by applies was not finished");
        }
    }
}
