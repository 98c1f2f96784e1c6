//! What keeps a run from logging in anywhere: found before a host is contacted, all of it at once.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use super::clients::target;
use crate::endpoint::haproxy_deployment::model::spec::HostSpec;
use crate::endpoint::ssh_access::Settings;
use crate::endpoint::ssh_diagnostic;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;
use crate::remote::ssh::credentials::{Credentials, has_users};
use crate::remote::ssh::private_key::KeyError;
use crate::remote::ssh::ssh_error::SshError;

/// Something that is wrong with how to log in.
#[derive(Debug)]
pub struct LoginFault {
    /// The hosts that it is about; empty where it is about all of them.
    pub hosts: Vec<String>,
    /// What it is.
    pub error: SshError,
}

/// Everything that is wrong with how to log in to `hosts`.
pub fn faults(settings: &Settings, hosts: &BTreeMap<String, HostSpec>) -> Vec<LoginFault> {
    let mut faults = Vec::new();
    let nobody = hosts.iter().filter(|(_, host)| !has_users(&settings.ssh, &target(host)));
    let nobody: Vec<String> = nobody.map(|(name, _)| name.clone()).collect();
    if !nobody.is_empty() {
        let hosts = if nobody.len() == hosts.len() { Vec::new() } else { nobody };
        faults.push(LoginFault { hosts, error: SshError::NoUser });
    }
    if let Err(error) = Credentials::of(&settings.ssh) {
        faults.push(LoginFault { hosts: Vec::new(), error });
    }
    faults
}

/// One sentence for each reason, however many hosts it is about.
pub fn each_once(reasons: impl IntoIterator<Item = (String, String)>) -> Vec<String> {
    let mut each: Vec<(Vec<String>, String)> = Vec::new();
    for (host, reason) in reasons {
        match each.iter_mut().find(|(_, known)| *known == reason) {
            Some((hosts, _)) => hosts.push(host),
            None => each.push((vec![host], reason)),
        }
    }
    each.into_iter().map(|(hosts, reason)| ssh_diagnostic::of_hosts(&hosts, &reason)).collect()
}

impl LoginFault {
    /// Title, and the reason with the remedy.
    pub fn explain(&self) -> (&'static str, String) {
        let (title, detail) = ssh_diagnostic::explain(&self.error);
        (title, ssh_diagnostic::of_hosts(&self.hosts, &detail))
    }

    /// As a plan reports it. What the apply may find, such as a file that another resource of the same run writes, or an agent of the
    /// machine that applies, is a warning.
    pub fn at_plan(&self) -> Diagnostic {
        let (title, detail) = self.explain();
        if self.may_come() {
            let detail = format!("{detail} The apply needs it; the plan goes on without.");
            return Diagnostic::warning(Path::root(), title, detail);
        }
        Diagnostic::failed(title, detail)
    }

    fn may_come(&self) -> bool {
        match &self.error {
            // A certificate for an hour may be renewed by then.
            SshError::NoKey { .. } | SshError::Key(KeyError::InvalidCertificate { .. }) => true,
            SshError::Key(KeyError::Unreadable { source, .. }) => {
                matches!(source.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::haproxy_deployment::sample::spec;
    use crate::framework::diagnostic::Severity;
    use crate::remote::ssh::settings::SshSettings;
    use crate::secret::Secret;

    fn found(ssh: SshSettings, change: impl FnOnce(&mut BTreeMap<String, HostSpec>)) -> Vec<(Severity, String)> {
        let mut hosts = spec().hosts;
        change(&mut hosts);
        let faults = faults(&Settings { ssh, ..Settings::default() }, &hosts);
        let all = faults.iter().map(LoginFault::at_plan);
        all.map(|one| (one.severity, format!("{}: {}", one.title, one.detail))).collect()
    }

    fn admin() -> SshSettings {
        SshSettings { user: Some("admin".to_owned()), agent: Some(true), ..SshSettings::default() }
    }

    #[test]
    fn several_faults_are_found_at_once_and_each_once() {
        let public = Some(Secret::new("ssh-ed25519 AAAA"));
        let found = found(SshSettings { private_key: public, ..SshSettings::default() }, |_| {});
        let titles: Vec<&str> = found.iter().map(|(_, text)| text.split(':').next().unwrap_or_default()).collect();
        assert_eq!(titles, ["No SSH user", "SSH key not usable"]);
        assert!(found.iter().all(|(severity, _)| *severity == Severity::Error), "{found:?}");
    }

    #[test]
    fn a_host_without_a_user_is_named() {
        let user = |hosts: &mut BTreeMap<String, HostSpec>| {
            hosts.values_mut().for_each(|host| host.way.user = Some("admin".to_owned()));
            hosts.entry("lb-02".to_owned()).and_modify(|host| host.way.user = None);
        };
        let found = found(SshSettings { user: None, ..admin() }, user);
        assert_eq!(found.len(), 1);
        assert!(found[0].1.starts_with("No SSH user: lb-02: "), "{found:?}");
    }

    #[test]
    fn what_may_be_there_at_apply_is_a_warning() {
        let path = |path: &str| SshSettings { private_key_path: Some(path.to_owned()), ..admin() };
        let missing = found(path("/nowhere/id"), |_| {});
        assert!(matches!(&missing[..], [(Severity::Warning, text)] if text.contains("/nowhere/id")), "{missing:?}");
        let folder = found(path("/"), |_| {});
        assert!(matches!(&folder[..], [(Severity::Error, _)]), "{folder:?}");
        let agent = found(SshSettings { agent: Some(false), ..admin() }, |_| {});
        assert!(matches!(&agent[..], [(Severity::Warning, _)]), "{agent:?}");
        assert!(found(admin(), |_| {}).is_empty());
    }
}
