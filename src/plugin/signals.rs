//! Signals that concern a plugin.

use std::{future::Future, io};

/// Lets SIGINT and SIGHUP pass from now on: Ctrl-C and a terminal that closes reach the whole process group, and it is the host that
/// decides what to stop and tells us over the connection. Dying here would lose whatever is being created.
///
/// # Errors
/// When the system refuses a handler.
#[cfg(unix)]
pub fn ignore_interrupt() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    // The runtime's handler replaces the default action and stays in place for the life of the process, also after
    // this stream is dropped.
    [SignalKind::interrupt(), SignalKind::hangup()].into_iter().try_for_each(|kind| signal(kind).map(drop))
}

/// Returns a future that ends with SIGTERM, which is meant for this process alone.
///
/// # Errors
/// When the system refuses a handler.
#[cfg(unix)]
pub fn terminate() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut signals = signal(SignalKind::terminate())?;
    Ok(async move {
        signals.recv().await;
    })
}

/// Returns a future that ends with SIGINT.
///
/// # Errors
/// When the system refuses a handler.
pub fn interrupt() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    #[cfg(not(unix))]
    let mut signals = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        signals.recv().await;
    })
}

/// On Windows Ctrl-C reaches the console's group too.
///
/// # Errors
/// When the system refuses a handler.
#[cfg(not(unix))]
pub fn ignore_interrupt() -> io::Result<()> {
    let mut signals = tokio::signal::windows::ctrl_c()?;
    tokio::spawn(async move { while signals.recv().await.is_some() {} });
    Ok(())
}

/// There is no SIGTERM on Windows.
///
/// # Errors
/// None here.
#[cfg(not(unix))]
pub fn terminate() -> io::Result<impl Future<Output = ()>> {
    Ok(std::future::pending())
}
