//! Whether a host is the one that it is taken for. There is no trust on first use: a key is known, or nothing is sent.

use std::path::{Path, PathBuf};

use russh::keys::{Algorithm, Certificate, EcdsaCurve, PublicKey, PublicKeyOrCertificate};
use thiserror::Error;

use super::certificate;
use super::known_hosts::{self, Entry, Role, is_supported};

/// Where a key is known from.
#[derive(Clone, Debug)]
pub enum Known {
    /// The configuration names the key.
    Pinned(PublicKey),
    /// What the file of known hosts says about this host.
    File {
        /// The file of known hosts.
        path: PathBuf,
        /// Its lines about this host at this port.
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
        /// The file of known hosts.
        path: PathBuf,
        /// What the host would be called there: `HOST`, or `[HOST]:PORT`.
        name: String,
        /// The key that it presented, as in a `.pub` file.
        presented: String,
    },
    /// There is no file.
    #[error("its host key is not known: there is no file {}", path.display())]
    NoFile {
        /// The file of known hosts.
        path: PathBuf,
        /// What the host would be called there: `HOST`, or `[HOST]:PORT`.
        name: String,
        /// The key that it presented, as in a `.pub` file.
        presented: String,
    },
    /// The file can't be read.
    #[error("its host key is not known: {} can't be read: {reason}", path.display())]
    Unreadable {
        /// The file of known hosts.
        path: PathBuf,
        /// The operating system's error.
        reason: String,
    },
    /// The file has keys of it, and none that this program can check.
    #[error("{} has only {} keys for {name}, which are not supported", path.display(), kinds.join(" and "))]
    Unsupported {
        /// The file of known hosts.
        path: PathBuf,
        /// What the host is called there.
        name: String,
        /// The kinds of its keys.
        kinds: Vec<String>,
    },
    /// The file has another key of it.
    #[error("its host key has changed: line {line} of {} has another one", path.display())]
    Changed {
        /// The file of known hosts.
        path: PathBuf,
        /// The number of the line, from 1.
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
        /// The file of known hosts.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
    },
    /// The file has authorities for it, and it has no certificate.
    #[error("its host key is not known: it has no certificate of the authority in line {line} of {}", path.display())]
    NoCertificate {
        /// The file of known hosts.
        path: PathBuf,
        /// The number of the authority's line, from 1.
        line: usize,
        /// What its certificate has to name.
        principal: String,
        /// What the host would be called there: `HOST`, or `[HOST]:PORT`.
        name: String,
        /// The key that it presented, as in a `.pub` file.
        presented: String,
    },
    /// A certificate that doesn't hold.
    #[error("its host certificate is not valid: {reason}")]
    Certificate {
        /// The first thing that doesn't hold, as a clause.
        reason: String,
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
            Known::File { entries, without_port, .. }
                if entries.iter().chain(without_port).any(|entry| entry.role == Role::Authority) =>
            {
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
                let name = known_hosts::name(host, port);
                File { path, entries, without_port, host, name }.check(presented)
            }
        }
    }
}

/// A file of known hosts, and what it says about one.
struct File<'a> {
    path: &'a Path,
    entries: &'a [Entry],
    without_port: &'a [Entry],
    host: &'a str,
    name: String,
}

impl File<'_> {
    /// As OpenSSH does: a certificate is checked first, then the key in it as if there were none; lines without the port come last.
    fn check(&self, presented: &PublicKeyOrCertificate) -> Result<(), HostKeyError> {
        let key = presented.public_key();
        let keys = [Some(key.clone()), presented.certificate().map(authority_of)];
        let is_one = |entry: &&Entry| keys.iter().flatten().any(|key| key.key_data() == entry.key.key_data());
        if let Some(revoked) = self.with_role(Role::Revoked).find(is_one) {
            return Err(HostKeyError::Revoked { path: self.path.to_owned(), line: revoked.line });
        }
        let certified = presented.certificate().map(|certificate| self.check_certificate(certificate));
        if let Some(Ok(())) = certified {
            return Ok(());
        }
        match (self.check_key(&key), certified) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(Err(fault))) if self.with_role(Role::Authority).next().is_some() => Err(fault),
            (Err(fault), _) => Err(fault),
        }
    }

    fn with_role(&self, role: Role) -> impl Iterator<Item = &Entry> {
        self.entries.iter().chain(self.without_port).filter(move |entry| entry.role == role)
    }

    fn check_key(&self, key: &PublicKey) -> Result<(), HostKeyError> {
        let is_key = |entry: &&Entry| entry.role == Role::Host && entry.key.key_data() == key.key_data();
        let own: Vec<&Entry> = self.entries.iter().filter(|entry| entry.role == Role::Host).collect();
        if own.iter().any(is_key) || own.is_empty() && self.without_port.iter().any(|entry| is_key(&entry)) {
            return Ok(());
        }
        let (path, presented, name) = (self.path.to_owned(), line(key), self.name.clone());
        let Some(other) = own.iter().find(|entry| entry.key.algorithm() == key.algorithm()).or(own.first()) else {
            return Err(match self.with_role(Role::Authority).next() {
                Some(authority) => {
                    let principal = known_hosts::canonical(self.host);
                    HostKeyError::NoCertificate { path, line: authority.line, principal, name, presented }
                }
                None => HostKeyError::Unknown { path, name, presented },
            });
        };
        if own.iter().all(|entry| !is_supported(&entry.key.algorithm())) {
            let mut kinds: Vec<String> = own.iter().map(|entry| entry.key.algorithm().to_string()).collect();
            kinds.sort();
            kinds.dedup();
            return Err(HostKeyError::Unsupported { path, name, kinds });
        }
        // The host was asked for the known kinds first, and has none of these keys any more.
        Err(HostKeyError::Changed { path, line: other.line, presented })
    }

    fn check_certificate(&self, certificate: &Certificate) -> Result<(), HostKeyError> {
        let fault = |reason: &str| Err(HostKeyError::Certificate { reason: reason.to_owned() });
        let authority = authority_of(certificate);
        if self.with_role(Role::Authority).all(|entry| entry.key.key_data() != authority.key_data()) {
            return fault("no `@cert-authority` line has the key that signed it");
        }
        if !certificate.cert_type().is_host() {
            return fault("it is a user's");
        }
        let principals = certificate.valid_principals();
        if !principals.is_empty() && !principals.contains(&known_hosts::canonical(self.host)) {
            return fault(&format!("it names {}, and not this host", principals.join(", ")));
        }
        let now = certificate::now();
        if let Some(reason) = certificate::untimely(certificate, now) {
            return fault(&format!("{reason}, and it is {} here", certificate::date(now)));
        }
        if let Some((option, _)) = certificate.critical_options().iter().next() {
            return fault(&format!("it has the critical option `{option}`, which hosts have none of"));
        }
        if !certificate::is_signed(certificate) {
            return fault("its signature is wrong, or of a kind that is not supported");
        }
        Ok(())
    }
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

#[cfg(all(test, unix))]
mod openssh;
