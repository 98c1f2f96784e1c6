//! Noticing that the host is gone.
//!
//! A host that is killed tells nobody, and its plugins would stay for ever. Linux can send a signal at the parent's death,
//! but means the parent *thread*, and a Go host starts its plugins from threads that come and go; so we look.

use std::time::Duration;

/// Returns when the process that started us has ended.
///
/// A closed connection is no sign of it: hosts let idle ones go and come back.
#[cfg(unix)]
pub async fn gone() {
    const INTERVAL: Duration = Duration::from_millis(500);

    // In a container the host may well be process 1 or outside our view (None): only a change means something.
    let host = rustix::process::getppid();
    while rustix::process::getppid() == host {
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Windows keeps a dead parent's number, so there is nothing to look at; go-plugin hosts there use job objects.
#[cfg(not(unix))]
pub async fn gone() {
    std::future::pending().await
}
