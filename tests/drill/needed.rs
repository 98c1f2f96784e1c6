//! What a drill needs of the machine.

use std::process::Command;

use lab::network::agent::PATH;
use lab::programs::find_on;
use lab::skip::Missing;

/// Nothing, where everything is there.
///
/// # Errors
/// The first thing that is lacking.
pub fn needed() -> Result<(), Missing> {
    for program in ["unshare", "nsenter", "ip", "mount", "haproxy", "keepalived", "curl"] {
        find_on(program, PATH.as_ref())?;
    }
    if !rustix::process::geteuid().is_root() {
        return Err(Missing("root (network namespaces need it)".to_owned()));
    }
    let arguments = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "true"];
    let tried = Command::new("unshare").args(arguments).output();
    if tried.is_ok_and(|output| output.status.success()) {
        Ok(())
    } else {
        Err(Missing("network namespaces".to_owned()))
    }
}
