//! Whether a host is the one that it is taken for. There is no trust on first use: a key is known, or nothing is sent.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use russh::keys::{Algorithm, Certificate, EcdsaCurve, HashAlg, PublicKey, PublicKeyOrCertificate};
use thiserror::Error;

use super::known_hosts::{self, Entry, Role, is_supported};

/// Where a key is known from.
#[derive(Clone, Debug)]
pub enum Known {
    /// The configuration names the key.
    Pinned(PublicKey),
    /// What the file of known hosts says about this host.
    File {
        /// The file.
        path: PathBuf,
        /// Its lines about this host.
        entries: Vec<Entry>,
        /// Its lines about the host without its port, which isn't 22: OpenSSH takes a key from there too.
        without_port: Vec<Entry>,
    },
    /// There is no file of known hosts.
    NoFile {
        /// Where it would be.
        path: PathBuf,
    },
}

/// Why a host isn't believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HostKeyError {
    /// The file has no key of it.
    #[error("its host key is not known: {} has no line for {name}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What the host would be called there.
        name: String,
        /// The key that it presented, as in a `.pub` file.
        presented: String,
    },
    /// There is no file.
    #[error("its host key is not known: there is no file {}", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
        /// What the host would be called there.
        name: String,
        /// The key that it presented, as in a `.pub` file.
        presented: String,
    },
    /// The file can't be read.
    #[error("its host key is not known: {} can't be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file has keys of it, and none that this program can check.
    #[error("{} has only {} keys for {name}, which are not supported", path.display(), kinds.join(" and "))]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What the host is called there.
        name: String,
        /// The kinds of its keys.
        kinds: Vec<String>,
    },
    /// The file has another key of it.
    #[error("its host key has changed: line {line} of {} has another one", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The key that it presented, as in a `.pub` file.
        presented: String,
    },
    /// The configuration has another key.
    #[error("it has another host key than the one that is expected")]
    NotPinned {
        /// The key that it presented, as in a `.pub` file.
        presented: String,
    },
    /// The file revokes it.
    #[error("its host key is revoked in line {line} of {}", path.display())]
    Revoked {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// A certificate that doesn't hold.
    #[error("its host certificate is not valid: {reason}")]
    Certificate {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// What the configuration calls a host key is none.
    #[error("what is expected as its host key is no public key that can be checked")]
    NotAKey,
}

/// The key in `line`, as in a `.pub` file; none where it can't be checked.
pub fn pinned(line: &str) -> Option<PublicKey> {
    PublicKey::from_openssh(line.trim()).ok().filter(|key| is_supported(&key.algorithm()))
}

impl Known {
    /// Kinds of keys to ask the host for, those that are known first: OpenSSH presents one of several.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let ecdsa = |curve| Algorithm::Ecdsa { curve };
        let all =
            [Algorithm::Ed25519, ecdsa(EcdsaCurve::NistP256), ecdsa(EcdsaCurve::NistP384), ecdsa(EcdsaCurve::NistP521)];
        let is_known = |algorithm: &Algorithm| match self {
            Known::Pinned(key) => key.algorithm() == *algorithm,
            Known::File { entries, without_port, .. } => entries
                .iter()
                .chain(without_port)
                .any(|entry| entry.role == Role::Host && entry.key.algorithm() == *algorithm),
            Known::NoFile { .. } => false,
        };
        let (mut known, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_known);
        known.extend(others);
        known
    }

    /// Kinds of certificates to ask the host for: none where no authority is known.
    pub fn certificate_algorithms(&self) -> Vec<Algorithm> {
        match self {
            Known::File { entries, .. } if entries.iter().any(|entry| entry.role == Role::Authority) => {
                self.algorithms()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a host called `host` may present that.
    ///
    /// # Errors
    /// If it may not.
    pub fn check(&self, host: &str, port: u16, presented: &PublicKeyOrCertificate) -> Result<(), HostKeyError> {
        match (self, presented) {
            (Known::Pinned(key), _) if key.key_data() == presented.public_key().key_data() => Ok(()),
            (Known::Pinned(_), _) => Err(HostKeyError::NotPinned { presented: line(&presented.public_key()) }),
            (Known::NoFile { path }, presented) => Err(HostKeyError::NoFile {
                path: path.clone(),
                name: known_hosts::name(host, port),
                presented: line(&presented.public_key()),
            }),
            (Known::File { path, entries, without_port }, presented) => {
                let keys = [Some(presented.public_key()), presented.certificate().map(authority_of)];
                for entry in entries.iter().chain(without_port).filter(|entry| entry.role == Role::Revoked) {
                    if keys.iter().flatten().any(|key| key.key_data() == entry.key.key_data()) {
                        return Err(HostKeyError::Revoked { path: path.clone(), line: entry.line });
                    }
                }
                match presented.certificate() {
                    Some(certificate) => checked_certificate(certificate, entries, host),
                    None => {
                        let key = presented.public_key();
                        let found = listed(&key, path, entries, &known_hosts::name(host, port));
                        let is_key = |entry: &Entry| entry.role == Role::Host && entry.key.key_data() == key.key_data();
                        match found {
                            Err(HostKeyError::Unknown { .. }) if without_port.iter().any(is_key) => Ok(()),
                            found => found,
                        }
                    }
                }
            }
        }
    }
}

fn listed(key: &PublicKey, path: &std::path::Path, entries: &[Entry], name: &str) -> Result<(), HostKeyError> {
    let own: Vec<&Entry> = entries.iter().filter(|entry| entry.role == Role::Host).collect();
    if own.iter().any(|entry| entry.key.key_data() == key.key_data()) {
        return Ok(());
    }
    let (path, presented) = (path.to_owned(), line(key));
    if let Some(other) = own.iter().find(|entry| entry.key.algorithm() == key.algorithm()) {
        return Err(HostKeyError::Changed { path, line: other.line, presented });
    }
    let name = name.to_owned();
    match own.first() {
        None => Err(HostKeyError::Unknown { path, name, presented }),
        Some(_) if own.iter().all(|entry| !is_supported(&entry.key.algorithm())) => {
            let mut kinds: Vec<String> = own.iter().map(|entry| entry.key.algorithm().to_string()).collect();
            kinds.sort();
            kinds.dedup();
            Err(HostKeyError::Unsupported { path, name, kinds })
        }
        // The host was asked for the known kinds first, and has none of them any more.
        Some(other) => Err(HostKeyError::Changed { path, line: other.line, presented }),
    }
}

fn checked_certificate(certificate: &Certificate, entries: &[Entry], host: &str) -> Result<(), HostKeyError> {
    let fault = |reason| Err(HostKeyError::Certificate { reason });
    let authority = authority_of(certificate);
    let known =
        entries.iter().any(|entry| entry.role == Role::Authority && entry.key.key_data() == authority.key_data());
    if !known {
        return fault("no `@cert-authority` line has the key that signed it");
    }
    if !certificate.cert_type().is_host() {
        return fault("it is a user's");
    }
    let principals = certificate.valid_principals();
    if !principals.is_empty() && !principals.iter().any(|principal| principal.eq_ignore_ascii_case(host)) {
        return fault("it doesn't name this host");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if certificate.validate_at(now, [&authority.fingerprint(HashAlg::Sha256)]).is_err() {
        return fault("it has expired, isn't valid yet, or its signature is wrong");
    }
    Ok(())
}

fn authority_of(certificate: &Certificate) -> PublicKey {
    PublicKey::new(certificate.signature_key().clone(), "")
}

/// The key as in a `.pub` file.
fn line(key: &PublicKey) -> String {
    let mut key = key.clone();
    key.set_comment("");
    key.to_openssh().unwrap_or_default()
}

#[cfg(test)]
mod tests;
