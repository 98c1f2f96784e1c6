//! A small network on one machine: hosts with their own interfaces, processes, `/run` and `/tmp`, joined by a switch.
//!
//! | module | what it gives |
//! |---|---|
//! | [`host`] | one host: namespaces that live as long as the value that stands for it |
//! | [`agent`] | what runs inside as the host's first process and does what it is told |
//! | [`children`] | how that first process starts programs and reaps them |
//! | [`debian`] | a root tree of Debian and a folder of packages, made once |
//! | [`container`] | a host on which that tree boots, under its own systemd |
//! | [`wiring`] | the switch, and cables that can be cut |
//! | [`node`] | a control-plane node: Kubernetes API and Talos API as a load balancer sees them |
//! | [`dns`] | a DNS server |
//! | [`requests`] | a client's steady requests and idle streams, and what became of them |
//! | [`authority`] | the certificates of both sides |
//! | [`clock`] | one clock for all hosts |
//!
//! Nothing here has a name on the machine: the namespaces belong to their processes, and these end when the test does,
//! however it does (their control channel closes). So there are no leftovers to look for. It needs root.

use std::process::Command;

use crate::programs::find_on;
use crate::skip::Missing;

pub mod agent;
pub mod authority;
pub mod children;
pub mod clock;
pub mod container;
pub mod debian;
pub mod dns;
pub mod host;
pub mod node;
pub mod requests;
pub mod wiring;

/// Whether hosts can be made here, and have these programs.
///
/// # Errors
/// The first thing that is lacking.
pub fn needed(programs: &[&str]) -> Result<(), Missing> {
    for program in ["unshare", "nsenter", "ip", "mount"].iter().chain(programs) {
        find_on(program, agent::PATH.as_ref())?;
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
