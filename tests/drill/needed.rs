//! What a drill needs: programs, rights, and its turn.

use std::process::Command;
use std::sync::{Condvar, Mutex, PoisonError};

use lab::network;
use lab::network::agent::PATH;
use lab::skip::Missing;

/// `HAProxy 2.6.12-1, Keepalived 2.2.7`: what the drills were done with.
pub fn versions() -> String {
    let version = |program: &str, after: &str| {
        let output = Command::new(program).arg("-v").env("PATH", PATH).output().ok()?;
        let both = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        both.split_once(after)?.1.split_whitespace().next().map(str::to_owned)
    };
    let unknown = || "of an unknown version".to_owned();
    let haproxy = version("haproxy", "version ").unwrap_or_else(unknown);
    let keepalived = version("keepalived", "Keepalived v").unwrap_or_else(unknown);
    format!("HAProxy {haproxy}, Keepalived {keepalived}")
}

/// How many tests may drill at the same time: what they measure is time.
const AT_ONCE: usize = 2;

static DRILLING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// The right to drill, until it is dropped.
pub struct Turn(());

impl Turn {
    fn take() -> Turn {
        let drilling = DRILLING.lock().unwrap_or_else(PoisonError::into_inner);
        *ENDED.wait_while(drilling, |drilling| *drilling >= AT_ONCE).unwrap_or_else(PoisonError::into_inner) += 1;
        Turn(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *DRILLING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}

/// A turn, where everything is there; it waits for it.
///
/// # Errors
/// The first thing that is lacking.
pub fn needed() -> Result<Turn, Missing> {
    network::needed(&["haproxy", "keepalived", "curl"])?;
    Ok(Turn::take())
}
