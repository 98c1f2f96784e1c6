//! Connecting to hosts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::shell::Shell;
use crate::endpoint::haproxy_deployment::model::spec::{self, HostSpec};
use crate::endpoint::ssh_access::{Access, Settings, SshAccess};
use crate::framework::diagnostic::Diagnostic;
use crate::remote::ssh;
use crate::remote::ssh::settings::{Hop, Target};
use crate::remote::ssh::ssh_error::SshError;

/// Root, who needs no sudo.
const ROOT: &str = "root";

/// The settings in force.
///
/// # Errors
/// If the provider block holds values that are not known yet, or was never given.
pub fn settings(access: &SshAccess) -> Result<Arc<Settings>, Diagnostic> {
    match access.get() {
        Access::Ready(settings) => Ok(settings),
        Access::NotYetKnown => Err(Diagnostic::failed(
            "The provider's configuration is not known yet",
            "`ssh` in the provider block uses values that are known only after apply, and this operation needs the \
             hosts now. Apply what these values come from first (`-target`), or set them to known values.",
        )),
        Access::NotConfigured => Err(Diagnostic::bug(
            "The provider is not configured",
            "Terraform asked for the hosts before it sent the configuration.",
        )),
    }
}

/// Logs in to one host.
///
/// # Errors
/// What stands in the way.
pub async fn client(settings: &Settings, name: &str, host: &HostSpec, limit: Duration) -> Result<Shell, SshError> {
    let target = target(host);
    let user = settings.ssh.user_of(&target.hop).unwrap_or_default().to_owned();
    let session = ssh::connect(&settings.ssh, &settings.bastions, &target, limit).await?;
    let sudo = settings.sudo.unwrap_or(user != ROOT);
    Ok(Shell::new(name.to_owned(), session, user, sudo))
}

/// What became of each host.
pub type Clients = BTreeMap<String, Result<Shell, SshError>>;

/// Logs in to all hosts at once.
pub async fn clients<'a>(
    settings: &Settings,
    hosts: impl Iterator<Item = (&'a String, &'a HostSpec)>,
    limit: Duration,
) -> Clients {
    let all = hosts.map(|(name, host)| async move { (name.clone(), client(settings, name, host, limit).await) });
    join_all(all).await.into_iter().collect()
}

/// The host as SSH reaches it.
pub fn target(host: &HostSpec) -> Target {
    Target { hop: hop(&host.way), bastion: host.bastion.as_ref().map(hop) }
}

fn hop(hop: &spec::Hop) -> Hop {
    Hop { host: hop.host.clone(), port: hop.port, user: hop.user.clone(), host_key: hop.host_key.clone() }
}
