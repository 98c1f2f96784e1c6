//! How hosts are reached, and which one.

use std::path::PathBuf;

use crate::secret::Secret;

/// The port of SSH.
pub const PORT: u16 = 22;

/// What holds for every host. What is unset has no default here, except where a field says so.
#[derive(Clone, Debug, Default)]
pub struct SshSettings {
    /// Who logs in.
    pub user: Option<String>,
    /// The port, where the target has none; [`PORT`] where neither does.
    pub port: Option<u16>,
    /// A private key; wins over `private_key_path`.
    pub private_key: Option<Secret>,
    /// The path of a private key.
    pub private_key_path: Option<String>,
    /// What unlocks the private key.
    pub passphrase: Option<Secret>,
    /// The path of a certificate for the private key.
    pub certificate_path: Option<String>,
    /// Whether the agent at `SSH_AUTH_SOCK` is asked; unset: where no private key is given.
    pub agent: Option<bool>,
    /// The file of known host keys; unset: `~/.ssh/known_hosts`.
    pub known_hosts_path: Option<String>,
    /// The host that leads to the others.
    pub bastion: Option<Hop>,
}

/// A machine to log in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Its address or DNS name, which its host key is known by.
    pub host: String,
    /// Its port.
    pub port: Option<u16>,
    /// Who logs in, if it is somebody else.
    pub user: Option<String>,
    /// Its public key, in one line as in a `.pub` file. Unset: it must be in the file of known hosts.
    pub host_key: Option<String>,
}

/// A host, and what leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host itself.
    pub hop: Hop,
    /// Wins over the settings' own.
    pub bastion: Option<Hop>,
}

impl SshSettings {
    /// The port of `hop`.
    pub fn port_of(&self, hop: &Hop) -> u16 {
        hop.port.or(self.port).unwrap_or(PORT)
    }

    /// Who logs in to `hop`.
    pub fn user_of<'a>(&'a self, hop: &'a Hop) -> Option<&'a str> {
        hop.user.as_deref().or(self.user.as_deref())
    }

    /// Where known host keys are.
    pub fn known_hosts(&self) -> PathBuf {
        expanded(self.known_hosts_path.as_deref().unwrap_or("~/.ssh/known_hosts"))
    }
}

/// A path in which `~/` stands for the home folder.
pub fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_wins_over_the_settings() {
        let hop =
            |port, user: Option<&str>| Hop { host: "lb".into(), port, user: user.map(str::to_owned), host_key: None };
        let settings = SshSettings { user: Some("admin".into()), port: Some(2222), ..SshSettings::default() };
        assert_eq!((settings.port_of(&hop(None, None)), settings.user_of(&hop(None, None))), (2222, Some("admin")));
        assert_eq!(
            (settings.port_of(&hop(Some(1), None)), settings.user_of(&hop(None, Some("root")))),
            (1, Some("root"))
        );
        assert_eq!(SshSettings::default().port_of(&hop(None, None)), PORT);
    }

    #[test]
    fn only_the_own_home_is_expanded() {
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        assert_eq!(expanded("~/.ssh/id"), home.join(".ssh/id"));
        assert_eq!(expanded("/a/~/b"), PathBuf::from("/a/~/b"));
        assert_eq!(expanded("~other/x"), PathBuf::from("~other/x"));
    }
}
