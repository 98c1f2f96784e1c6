//! Logging in: with the private key of the settings, or with the agent's.

use russh::client::{AuthResult, Handle};
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKey};

use super::certificate;
use super::credentials::Credentials;
use super::handler::Handler;
use super::settings::SshSettings;
use super::ssh_error::SshError;
use super::transcript::Transcript;

/// OpenSSH closes after six refused keys by default (`MaxAuthTries`).
#[cfg(unix)]
const ATTEMPTS: usize = 6;

/// Logs `user` in. The host says into `transcript` why it doesn't answer.
///
/// # Errors
/// If the host refuses everything that the settings have, ends the connection, or there is nothing to log in with.
pub async fn authenticate(
    handle: &mut Handle<Handler>,
    settings: &SshSettings,
    user: &str,
    to: &str,
    transcript: &Transcript,
) -> Result<(), SshError> {
    let credentials = Credentials::of(settings)?;
    let mut attempt = Attempt::new(user, to, transcript);
    // As `ssh` begins: a host that takes connections answers this, with what it says to everybody before.
    let answer = handle.authenticate_none(user).await;
    if attempt.is_in(answer, handle)? {
        return Ok(());
    }
    attempt.begin_with_keys();
    if let Some((key, certificate)) = credentials.key {
        let with = certificate.as_ref().map(|certificate| format!(" {}", certificate::described(certificate)));
        attempt.offered.push(described(key.public_key()) + &with.unwrap_or_default());
        let answer = match certificate {
            Some(certificate) => handle.authenticate_openssh_cert(user, key, certificate).await,
            None => handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, None)).await,
        };
        if attempt.is_in(answer, handle)? {
            return Ok(());
        }
    }
    if credentials.asks_agent { with_agent(handle, attempt).await } else { Err(attempt.denied()) }
}

#[cfg(unix)]
async fn with_agent(handle: &mut Handle<Handler>, mut attempt: Attempt<'_>) -> Result<(), SshError> {
    use russh::AgentAuthError;
    use russh::keys::agent::AgentIdentity;
    use russh::keys::agent::client::AgentClient;
    let failed = |error: russh::keys::Error| SshError::Agent { reason: error.to_string() };
    let mut agent = AgentClient::connect_env().await.map_err(failed)?;
    let identities = agent.request_identities().await.map_err(failed)?;
    let mut signer = AgentSigner { agent, transcript: attempt.transcript };
    if identities.is_empty() && attempt.offered.is_empty() {
        return Err(SshError::Agent { reason: "it has no keys".to_owned() });
    }
    let rsa = handle.best_supported_rsa_hash().await.ok().flatten().unwrap_or(Some(HashAlg::Sha256));
    let most = ATTEMPTS - attempt.offered.len();
    attempt.untried = identities.len().saturating_sub(most);
    for identity in identities.into_iter().take(most) {
        let hash = |key: &PublicKey| if key.algorithm().is_rsa() { rsa } else { None };
        attempt.offered.push(described(&identity.public_key()));
        let answer = match identity {
            AgentIdentity::PublicKey { key, .. } => {
                let hash = hash(&key);
                handle.authenticate_publickey_with(attempt.user, key, hash, &mut signer).await
            }
            AgentIdentity::Certificate { certificate, .. } => {
                let hash = hash(&PublicKey::new(certificate.public_key().clone(), ""));
                handle.authenticate_certificate_with(attempt.user, certificate, hash, &mut signer).await
            }
        };
        let answer = match answer {
            Ok(answer) => Ok(answer),
            Err(AgentAuthError::Send(_)) => Err(russh::Error::SendError),
            // A key that the agent doesn't sign with, because it is locked or asks its user, is one that doesn't fit.
            Err(AgentAuthError::Key(_)) => continue,
        };
        if attempt.is_in(answer, handle)? {
            return Ok(());
        }
    }
    Err(attempt.denied())
}

/// An agent that is known to be asked while it signs: it may wait for its user.
#[cfg(unix)]
struct AgentSigner<'a> {
    agent: russh::keys::agent::client::AgentClient<tokio::net::UnixStream>,
    transcript: &'a Transcript,
}

#[cfg(unix)]
impl russh::Signer for AgentSigner<'_> {
    type Error = russh::AgentAuthError;

    async fn auth_sign(
        &mut self,
        key: &russh::keys::agent::AgentIdentity,
        hash: Option<HashAlg>,
        to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, russh::AgentAuthError> {
        self.transcript.set_waits_for_agent(true);
        let signed = self.agent.auth_sign(key, hash, to_sign).await;
        self.transcript.set_waits_for_agent(false);
        signed
    }
}

#[cfg(not(unix))]
async fn with_agent(_: &mut Handle<Handler>, attempt: Attempt<'_>) -> Result<(), SshError> {
    attempt.transcript.set_waits_for_agent(false);
    Err(SshError::Agent { reason: "agents are supported on Linux and macOS only".to_owned() })
}

struct Attempt<'a> {
    user: &'a str,
    to: &'a str,
    transcript: &'a Transcript,
    offered: Vec<String>,
    methods: Vec<String>,
    /// Whether the host took a key, and asks for more.
    takes_a_key: bool,
    /// Whether the host is asked about keys by now.
    offers_keys: bool,
    /// Whether it refused one.
    has_refused: bool,
    /// Keys of the agent that the host isn't asked about, because it would have had enough.
    untried: usize,
}

impl<'a> Attempt<'a> {
    fn new(user: &'a str, to: &'a str, transcript: &'a Transcript) -> Attempt<'a> {
        Attempt {
            user,
            to,
            transcript,
            offered: Vec::new(),
            methods: Vec::new(),
            takes_a_key: false,
            offers_keys: false,
            has_refused: false,
            untried: 0,
        }
    }

    /// What the host says from now on is about a key, and no greeting.
    fn begin_with_keys(&mut self) {
        let _greeting = self.transcript.take_banner();
        self.offers_keys = true;
    }

    fn is_in(&mut self, answer: Result<AuthResult, russh::Error>, handle: &Handle<Handler>) -> Result<bool, SshError> {
        match answer {
            Ok(AuthResult::Success) => Ok(true),
            // The library makes this of a connection that ended without an answer.
            Ok(AuthResult::Failure { remaining_methods, .. }) if remaining_methods.is_empty() && handle.is_closed() => {
                Err(self.ended())
            }
            Ok(AuthResult::Failure { remaining_methods, partial_success }) => {
                self.takes_a_key |= partial_success;
                self.has_refused |= self.offers_keys && !partial_success;
                self.methods = remaining_methods.iter().map(|method| <&str>::from(method).to_owned()).collect();
                Ok(false)
            }
            Err(russh::Error::SendError | russh::Error::Disconnect | russh::Error::HUP) => Err(self.ended()),
            Err(error) => Err(SshError::Protocol { to: self.to.to_owned(), reason: error.to_string() }),
        }
    }

    /// Why the host ended the connection: OpenSSH does that with a message to the user where PAM closes an account, and after too many keys,
    /// others without one. Anything else is no answer: a machine that boots or a server that is restarted.
    fn ended(&self) -> SshError {
        let (to, user) = (self.to.to_owned(), self.user.to_owned());
        match self.transcript.take_banner().filter(|_| self.offers_keys) {
            Some(banner) => SshError::AccountClosed { to, user, banner },
            None if self.has_refused || self.transcript.is_refusal() => self.denied(),
            None => SshError::Cut { to, user, said: self.transcript.farewell() },
        }
    }

    fn denied(&self) -> SshError {
        let (to, user, methods) = (self.to.to_owned(), self.user.to_owned(), self.methods.clone());
        if self.takes_a_key {
            return SshError::SecondFactor { to, user, methods };
        }
        SshError::Denied { to, user, offered: self.offered.clone(), untried: self.untried, methods }
    }
}

/// The kind of a key and its fingerprint, as `ssh-keygen -l` prints it.
fn described(key: &PublicKey) -> String {
    format!("{} {}", key.algorithm(), key.fingerprint(HashAlg::Sha256))
}

#[cfg(test)]
mod tests;
