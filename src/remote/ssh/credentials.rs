//! What logs in: a private key with its certificate, and the agent. Nobody is contacted to find out what is wrong with it.

use std::env;
use std::sync::Arc;

use russh::keys::{Certificate, PrivateKey};

use super::private_key::{certificate, private_key};
use super::settings::{SshSettings, Target};
use super::ssh_error::SshError;

/// Where OpenSSH's programs find the agent.
const AGENT: &str = "SSH_AUTH_SOCK";

/// What the settings log in with.
pub struct Credentials {
    /// The private key, and its certificate.
    pub key: Option<(Arc<PrivateKey>, Option<Certificate>)>,
    /// Whether the agent is asked, after the private key.
    pub asks_agent: bool,
}

impl Credentials {
    /// Those of the settings.
    ///
    /// # Errors
    /// If the private key or its certificate can't be used, or there is neither a key nor an agent.
    pub fn of(settings: &SshSettings) -> Result<Credentials, SshError> {
        let key = private_key(settings)?;
        let asks_agent = settings.agent.unwrap_or(key.is_none() && env::var_os(AGENT).is_some());
        let Some(key) = key else {
            let nothing = SshError::NoKey { is_agent_off: settings.agent == Some(false) };
            return if asks_agent { Ok(Credentials { key: None, asks_agent }) } else { Err(nothing) };
        };
        let certificate = certificate(settings, &key)?;
        Ok(Credentials { key: Some((Arc::new(key), certificate)), asks_agent })
    }
}

/// Whether somebody is named to log in as, on the host and on what leads there.
pub fn has_users(settings: &SshSettings, target: &Target) -> bool {
    let bastion = target.bastion.as_ref().or(settings.bastion.as_ref());
    [Some(&target.hop), bastion].into_iter().flatten().all(|hop| settings.user_of(hop).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::settings::Hop;
    use super::*;

    #[test]
    fn without_a_key_the_agent_is_needed() {
        let of = |agent| Credentials::of(&SshSettings { agent, ..SshSettings::default() });
        assert!(of(Some(true)).is_ok_and(|found| found.asks_agent && found.key.is_none()));
        assert!(matches!(of(Some(false)), Err(SshError::NoKey { is_agent_off: true })));
    }

    #[test]
    fn a_bastion_has_a_user_too() {
        let hop = |user: Option<&str>| Hop {
            host: "lb".to_owned(),
            port: None,
            user: user.map(str::to_owned),
            host_key: None,
        };
        let has = |own, bastion: Option<Hop>| has_users(&SshSettings::default(), &Target { hop: hop(own), bastion });
        assert!(has(Some("admin"), None) && has(Some("admin"), Some(hop(Some("jump")))));
        assert!(!has(None, None) && !has(Some("admin"), Some(hop(None))));
        let settings = SshSettings { user: Some("admin".to_owned()), ..SshSettings::default() };
        assert!(has_users(&settings, &Target { hop: hop(None), bastion: Some(hop(None)) }));
    }
}
