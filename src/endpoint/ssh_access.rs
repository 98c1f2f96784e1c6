//! Getting at hosts over SSH from a resource, and the attributes that say how.

use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::contract;
use crate::framework::validator::{Validator, text};
use crate::remote::ssh::bastions::Bastions;
use crate::remote::ssh::settings::SshSettings;

/// The access of the configuration that is in force, shared by the provider and its resources.
#[derive(Debug, Default)]
pub struct SshAccess {
    access: RwLock<Access>,
}

/// What is known of the access.
#[derive(Clone, Debug, Default)]
pub enum Access {
    /// There was no configuration yet.
    #[default]
    NotConfigured,
    /// There are settings, but some of their values are not known yet.
    NotYetKnown,
    /// It can be used.
    Ready(Arc<Settings>),
}

/// How hosts are reached.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How to log in.
    pub ssh: SshSettings,
    /// Whether commands go through sudo; unset: unless the user is root.
    pub sudo: Option<bool>,
    /// The bastions that are connected.
    pub bastions: Bastions,
}

impl SshAccess {
    /// Puts another access into force.
    pub fn set(&self, access: Access) {
        *self.access.write().unwrap_or_else(PoisonError::into_inner) = access;
    }

    /// The access in force.
    pub fn get(&self) -> Access {
        self.access.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Kinds of public keys that can be checked.
const KINDS: [&str; 4] = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/// A public key of a host in one line.
pub fn public_key() -> Validator {
    text("must be a public key of the kind Ed25519 or ECDSA in one line, such as `ssh-ed25519 AAAA…`", |line| {
        public_key_fault(line).is_none()
    })
    .explain(public_key_fault)
    .mask(without_private_key)
}

/// A private key in place of the public one is shown to nobody.
fn without_private_key(line: &str) -> String {
    if line.contains("-----BEGIN") { "(sensitive value)".to_owned() } else { line.to_owned() }
}

/// What is wrong with a public key; empty where there is no more to say than what it must be.
fn public_key_fault(line: &str) -> Option<String> {
    let mut words = line.split_ascii_whitespace();
    let (kind, key) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if line.contains("PRIVATE KEY") {
        return Some(
            "It is a private key. Write the host's public one, which is no secret: the `.pub` file.".to_owned(),
        );
    }
    if line.trim().contains('\n') {
        return Some("It has several lines. Write one key.".to_owned());
    }
    if line.trim_start().starts_with("SHA256:") {
        return Some("It is a fingerprint. Write the key itself, from the host's `.pub` file.".to_owned());
    }
    if kind == "ssh-rsa" {
        let instead = "Write the host's Ed25519 key: `/etc/ssh/ssh_host_ed25519_key.pub`.";
        return Some(format!("It is an RSA key, which is not supported. {instead}"));
    }
    if KINDS.iter().all(|known| kind != *known) {
        let begins = "It doesn't begin with the kind of the key";
        return Some(format!("{begins}. A line of a known-hosts file has the host's name there: leave that out."));
    }
    let blob = STANDARD.decode(key).unwrap_or_default();
    let begins = [&[0, 0, 0, u8::try_from(kind.len()).unwrap_or_default()], kind.as_bytes()].concat();
    if blob.len() < begins.len() + 32 || !blob.starts_with(&begins) {
        return Some("Its second word is not the base64 of such a key: a part of it is missing.".to_owned());
    }
    None
}

/// The name of a user.
pub fn user() -> Validator {
    text("must be the name of a user, without blanks", |name| {
        !name.is_empty() && name.chars().all(|c| !c.is_whitespace() && !c.is_control())
    })
}

/// What SSH goes to.
pub fn host() -> Validator {
    contract::host_name()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[test]
    fn a_public_key_is_one_line() {
        for good in [KEY.to_owned(), format!("{KEY} root@lb-01"), format!("{KEY}\n")] {
            assert_eq!(public_key_fault(&good), None, "{good}");
        }
        for (bad, words) in [
            (format!("lb-01 {KEY}"), "leave that out"),
            (KEY[..40].to_owned(), "a part of it is missing"),
            (KEY.replace("ed25519", "rsa"), "RSA"),
            (format!("{KEY}\n{KEY}"), "several lines"),
            ("SHA256:abc".to_owned(), "fingerprint"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n".to_owned(), "private key"),
            (String::new(), "kind"),
        ] {
            let fault = public_key_fault(&bad).unwrap();
            assert!(fault.contains(words), "{bad}: {fault}");
            let shown = public_key().shown(&bad.as_str().into());
            assert!(!shown.as_str().unwrap().contains("b3Bl"), "{shown:?}");
        }
    }
}
