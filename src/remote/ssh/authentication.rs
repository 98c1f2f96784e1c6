//! Logging in: with the private key of the settings, or with the agent's.

use russh::client::{AuthResult, Handle, Handler};
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKey};

use super::credentials::Credentials;
use super::settings::SshSettings;
use super::ssh_error::SshError;

/// Servers close after six attempts by default (`MaxAuthTries`).
#[cfg(unix)]
const ATTEMPTS: usize = 6;

/// Logs `user` in.
pub async fn authenticate<H: Handler<Error = E>, E: From<russh::Error> + Send>(
    handle: &mut Handle<H>,
    settings: &SshSettings,
    user: &str,
    to: &str,
) -> Result<(), SshError> {
    let mut attempt = Attempt { user, to, offered: Vec::new(), methods: Vec::new(), takes_a_key: false };
    let credentials = Credentials::of(settings)?;
    if let Some((key, certificate)) = credentials.key {
        attempt.offered.push(described(key.public_key()));
        let answer = match certificate {
            Some(certificate) => handle.authenticate_openssh_cert(user, key, certificate).await,
            None => handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, None)).await,
        };
        if attempt.is_in(answer)? {
            return Ok(());
        }
    }
    if credentials.asks_agent { with_agent(handle, attempt).await } else { Err(attempt.denied()) }
}

#[cfg(unix)]
async fn with_agent<H: Handler<Error = E>, E: From<russh::Error> + Send>(
    handle: &mut Handle<H>,
    mut attempt: Attempt<'_>,
) -> Result<(), SshError> {
    use russh::AgentAuthError;
    use russh::keys::agent::AgentIdentity;
    use russh::keys::agent::client::AgentClient;
    let failed = |error: russh::keys::Error| SshError::Agent { reason: error.to_string() };
    let mut agent = AgentClient::connect_env().await.map_err(failed)?;
    let identities = agent.request_identities().await.map_err(failed)?;
    if identities.is_empty() && attempt.offered.is_empty() {
        return Err(SshError::Agent { reason: "it has no keys".to_owned() });
    }
    let rsa = handle.best_supported_rsa_hash().await.ok().flatten().unwrap_or(Some(HashAlg::Sha256));
    for identity in identities.into_iter().take(ATTEMPTS - attempt.offered.len()) {
        let hash = |key: &PublicKey| if key.algorithm().is_rsa() { rsa } else { None };
        attempt.offered.push(described(&identity.public_key()));
        let answer = match identity {
            AgentIdentity::PublicKey { key, .. } => {
                let hash = hash(&key);
                handle.authenticate_publickey_with(attempt.user, key, hash, &mut agent).await
            }
            AgentIdentity::Certificate { certificate, .. } => {
                let hash = hash(&PublicKey::new(certificate.public_key().clone(), ""));
                handle.authenticate_certificate_with(attempt.user, certificate, hash, &mut agent).await
            }
        };
        let answer = match answer {
            Ok(answer) => Ok(answer),
            Err(AgentAuthError::Send(_)) => Err(russh::Error::SendError),
            // A key that the agent doesn't sign with, because it is locked or asks its user, is one that doesn't fit.
            Err(AgentAuthError::Key(_)) => continue,
        };
        if attempt.is_in(answer)? {
            return Ok(());
        }
    }
    Err(attempt.denied())
}

#[cfg(not(unix))]
async fn with_agent<H: Handler<Error = E>, E: From<russh::Error> + Send>(
    _: &mut Handle<H>,
    _: Attempt<'_>,
) -> Result<(), SshError> {
    Err(SshError::Agent { reason: "agents are supported on Linux and macOS only".to_owned() })
}

struct Attempt<'a> {
    user: &'a str,
    to: &'a str,
    offered: Vec<String>,
    methods: Vec<String>,
    /// Whether the host took a key, and asks for more.
    takes_a_key: bool,
}

impl Attempt<'_> {
    fn is_in(&mut self, answer: Result<AuthResult, russh::Error>) -> Result<bool, SshError> {
        match answer {
            Ok(AuthResult::Success) => Ok(true),
            Ok(AuthResult::Failure { remaining_methods, partial_success }) => {
                self.takes_a_key |= partial_success;
                self.methods = remaining_methods.iter().map(|method| <&str>::from(method).to_owned()).collect();
                Ok(false)
            }
            // A server that has had enough closes the connection.
            Err(russh::Error::SendError | russh::Error::Disconnect | russh::Error::HUP) => Err(self.denied()),
            Err(error) => Err(SshError::Protocol { to: self.to.to_owned(), reason: error.to_string() }),
        }
    }

    fn denied(&self) -> SshError {
        let (to, user, methods) = (self.to.to_owned(), self.user.to_owned(), self.methods.clone());
        if self.takes_a_key {
            return SshError::SecondFactor { to, user, methods };
        }
        SshError::Denied { to, user, offered: self.offered.clone(), methods }
    }
}

/// The kind of a key and its fingerprint, as `ssh-keygen -l` prints it.
fn described(key: &PublicKey) -> String {
    format!("{} {}", key.algorithm(), key.fingerprint(HashAlg::Sha256))
}
