//! What the tests need: programs and rights.

use std::path::PathBuf;
use std::process::Command;

use lab::network::agent::PATH;
use lab::programs;
use lab::programs::find_on;
use lab::skip::Missing;

/// Terraform, where everything else is there too.
///
/// # Errors
/// The first thing that is lacking.
pub fn needed() -> Result<PathBuf, Missing> {
    for program in ["unshare", "nsenter", "ip", "mount", "haproxy", "keepalived", "curl", "sshd", "ssh-keygen", "sudo"]
    {
        find_on(program, PATH.as_ref())?;
    }
    if !rustix::process::geteuid().is_root() {
        return Err(Missing("root (network namespaces need it)".to_owned()));
    }
    let arguments = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "true"];
    let tried = Command::new("unshare").args(arguments).output();
    if !tried.is_ok_and(|output| output.status.success()) {
        return Err(Missing("network namespaces".to_owned()));
    }
    programs::terraform()
}
