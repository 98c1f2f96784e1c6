//! What a host does instead of letting somebody in, and what is made of it.

use std::sync::Arc;
use std::time::Duration;

use russh::keys::key::safe_rng;
use russh::keys::{Algorithm, PrivateKey};
use russh::server::{self, Auth, PublicKeyOffer, VerifiedPublicKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::*;
use crate::remote::ssh::attempt_limit::AttemptLimit;
use crate::remote::ssh::log_in::log_in;
use crate::remote::ssh::settings::Hop;
use crate::remote::ssh::ssh_error::Outlook;
use crate::secret::Secret;

/// What a host does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Host {
    LetsInWithoutKey,
    LetsIn,
    Refuses,
    /// Refuses without another way to log in.
    RefusesEverything,
    /// Closes the connection before any answer.
    Cuts,
    /// Closes the connection where it is asked about a key.
    CutsAtKey,
    /// Takes the key, and closes the connection where its owner proves it.
    CutsAtSignature,
}

impl server::Handler for Host {
    type Error = russh::Error;

    async fn auth_none(&mut self, _: &str) -> Result<Auth, russh::Error> {
        match self {
            Host::LetsInWithoutKey => Ok(Auth::Accept),
            Host::Cuts => Err(russh::Error::Disconnect),
            _ => Ok(Auth::reject()),
        }
    }

    async fn auth_publickey_offered(&mut self, _: &str, _: PublicKeyOffer<'_>) -> Result<Auth, russh::Error> {
        match self {
            Host::LetsIn | Host::CutsAtSignature => Ok(Auth::Accept),
            Host::CutsAtKey => Err(russh::Error::Disconnect),
            Host::RefusesEverything => {
                Ok(Auth::Reject { proceed_with_methods: Some(russh::MethodSet::empty()), partial_success: false })
            }
            _ => Ok(Auth::reject()),
        }
    }

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        if *self == Host::CutsAtSignature { Err(russh::Error::Disconnect) } else { Ok(Auth::Accept) }
    }
}

fn key() -> PrivateKey {
    PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap()
}

/// What comes of a login over a stream.
async fn log_in_over(stream: DuplexStream, host_key: &PublicKey) -> Result<(), SshError> {
    let host_key = Some(host_key.to_openssh().unwrap());
    let hop = Hop { host: "lb-01".to_owned(), port: None, user: None, host_key };
    let text = key().to_openssh(russh::keys::ssh_key::LineEnding::LF).unwrap();
    let private_key = Some(Secret::new(text.as_str()));
    let settings = SshSettings { user: Some("root".to_owned()), private_key, ..SshSettings::default() };
    let limit = AttemptLimit::new(Duration::from_secs(2));
    log_in(&settings, &hop, stream, "lb-01:22", &limit).await.map(drop)
}

/// What comes of a login at `host`.
async fn at(host: Host) -> Result<(), SshError> {
    let own = key();
    let host_key = own.public_key().clone();
    let config = server::Config {
        keys: vec![own],
        auth_rejection_time: Duration::ZERO,
        auth_rejection_time_initial: Some(Duration::ZERO),
        ..server::Config::default()
    };
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move {
        if let Ok(session) = server::run_stream(Arc::new(config), theirs, host).await {
            let _ended = session.await;
        }
    });
    log_in_over(ours, &host_key).await
}

/// What comes of a login where somebody says `text`, and then closes the connection or waits.
async fn after(text: &'static str, closes: bool) -> SshError {
    let (ours, mut theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move {
        theirs.write_all(text.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        if closes {
            theirs.read_buf(&mut heard).await.map(drop)
        } else {
            theirs.read_to_end(&mut heard).await.map(drop)
        }
    });
    log_in_over(ours, key().public_key()).await.unwrap_err()
}

#[tokio::test]
async fn a_host_lets_in_or_refuses() {
    assert!(at(Host::LetsIn).await.is_ok());
    assert!(at(Host::LetsInWithoutKey).await.is_ok());
    for host in [Host::Refuses, Host::RefusesEverything] {
        let refused = at(host).await.unwrap_err();
        assert!(matches!(&refused, SshError::Denied { offered, .. } if offered.len() == 1), "{refused:?}");
        assert!(!refused.is_unreachable());
    }
}

#[tokio::test]
async fn a_connection_that_ends_before_an_answer_is_no_refusal() {
    for host in [Host::Cuts, Host::CutsAtKey, Host::CutsAtSignature] {
        let cut = at(host).await.unwrap_err();
        assert!(matches!(cut, SshError::Cut { .. }), "{cut:?}");
        assert!(cut.is_unreachable() && cut.outlook() == Outlook::CutAtLogin, "a machine that boots is waited for");
        assert_eq!(cut.to_string(), "lb-01:22 closed the connection before it answered whether root may log in");
    }
}

#[tokio::test]
async fn what_a_host_says_instead_of_ssh_is_reported() {
    let closed = after("Exceeded MaxStartups\r\n", true).await;
    assert!(matches!(closed, SshError::Closed { .. }) && closed.is_unreachable(), "{closed:?}");
    assert!(closed.to_string().ends_with("before it was set up: \"Exceeded MaxStartups\""), "{closed}");
    let silent = after("220 mail.example ESMTP\r\n", false).await;
    assert!(matches!(silent, SshError::OtherService { .. }) && !silent.is_unreachable(), "{silent:?}");
    assert!(silent.to_string().contains("\"220 mail.example ESMTP\""), "{silent}");
    assert!(matches!(after("", true).await, SshError::Closed { said: None, .. }));
    assert!(matches!(after("", false).await, SshError::Silent { .. }));
}

/// What is made of a connection that ended after the host said something to the user.
fn ended(banner: Option<&str>, offers_keys: bool, has_refused: bool) -> SshError {
    let transcript = Transcript::default();
    let mut attempt = Attempt::new("admin", "h:22", &transcript);
    transcript.add_banner("Authorised use only.");
    if offers_keys {
        attempt.begin_with_keys();
    }
    banner.into_iter().for_each(|banner| transcript.add_banner(banner));
    attempt.has_refused = has_refused;
    attempt.ended()
}

#[test]
fn a_machine_that_lets_only_root_in_for_now_is_waited_for() {
    let systemd = "System is booting up. Unprivileged users are not permitted to log in yet. Please come back later. \
                   For technical details, see pam_nologin(8).";
    // An agent's other keys were refused before.
    for has_refused in [false, true] {
        let error = ended(Some(systemd), true, has_refused);
        assert!(error.is_unreachable() && error.outlook() == Outlook::Boots, "{error}");
    }
}

#[test]
fn an_account_that_is_closed_is_told_with_the_hosts_words() {
    let error = ended(Some("Your account has expired; please contact your system administrator."), true, false);
    assert!(!error.is_unreachable() && error.to_string().contains("\"Your account has expired; please"), "{error}");
    assert!(matches!(error, SshError::AccountClosed { .. }));
}

#[test]
fn what_greets_everybody_says_nothing_about_an_account() {
    assert!(matches!(ended(None, true, true), SshError::Denied { .. }));
    assert!(matches!(ended(None, true, false), SshError::Cut { .. }));
    assert!(matches!(ended(None, false, false), SshError::Cut { .. }));
}
