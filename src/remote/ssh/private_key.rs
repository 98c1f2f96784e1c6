//! Reading a private key, and saying exactly what is wrong with one.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use russh::keys::{self, Certificate, PrivateKey};
use thiserror::Error;

use super::certificate;
use super::settings::{SshSettings, expanded};
use crate::secret::Secret;

/// Why there is no key to log in with.
#[derive(Clone, Debug, Error)]
pub enum KeyError {
    /// The file can't be read.
    #[error("{} can't be read", path.display())]
    Unreadable {
        /// The file of the key or of its certificate.
        path: PathBuf,
        /// The operating system's error.
        source: Arc<io::Error>,
    },
    /// It needs a passphrase, and none is given.
    #[error("the private key is encrypted")]
    NeedsPassphrase,
    /// The passphrase is another one.
    #[error("the passphrase doesn't unlock the private key")]
    WrongPassphrase,
    /// An RSA key from a file.
    #[error("the private key is an RSA key")]
    Rsa,
    /// A kind of key that isn't supported.
    #[error("the private key is of the kind {0}")]
    OtherKind(String),
    /// The public half.
    #[error("this is a public key")]
    PublicKey,
    /// Nothing is there.
    #[error("the private key is empty")]
    Empty,
    /// A path in place of what is in the file.
    #[error("the private key is a path, not a key")]
    Path,
    /// Something else.
    #[error("this is no private key in a form of OpenSSH, PKCS#8 or SEC1")]
    NotAKey,
    /// The certificate can't be used.
    #[error("{} is no certificate of OpenSSH", path.display())]
    NotACertificate {
        /// The certificate's file.
        path: PathBuf,
    },
    /// The certificate lets nobody in.
    #[error("{} can't be used: {reason}", path.display())]
    InvalidCertificate {
        /// The certificate's file.
        path: PathBuf,
        /// The first thing that doesn't hold, as a clause.
        reason: String,
    },
    /// The certificate is one of another key.
    #[error("{} is the certificate of another key", path.display())]
    OtherCertificate {
        /// The certificate's file.
        path: PathBuf,
    },
}

/// The private key of the settings; none where they name none.
///
/// # Errors
/// If it can't be used.
pub fn private_key(settings: &SshSettings) -> Result<Option<PrivateKey>, KeyError> {
    let passphrase = settings.passphrase.as_ref();
    if let Some(text) = &settings.private_key {
        return parse(text, passphrase).map(Some);
    }
    let Some(path) = settings.private_key_path.as_deref().map(expanded) else { return Ok(None) };
    let text = std::fs::read(&path).map_err(|source| KeyError::Unreadable { path, source: Arc::new(source) })?;
    let text = Secret::new(String::from_utf8(text).map_err(|_| KeyError::NotAKey)?);
    parse(&text, passphrase).map(Some)
}

/// A private key from its text.
///
/// # Errors
/// If it can't be used.
pub fn parse(text: &Secret, passphrase: Option<&Secret>) -> Result<PrivateKey, KeyError> {
    let text = text.reveal().trim();
    if text.is_empty() {
        return Err(KeyError::Empty);
    }
    let begins = |kind: &str| text.starts_with(&format!("-----BEGIN {kind}-----"));
    if begins("OPENSSH PRIVATE KEY") {
        return openssh(text, passphrase);
    }
    if begins("RSA PRIVATE KEY") {
        return Err(KeyError::Rsa);
    }
    if begins("DSA PRIVATE KEY") {
        return Err(KeyError::OtherKind("ssh-dss".to_owned()));
    }
    if text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-") || begins("PUBLIC KEY") {
        return Err(KeyError::PublicKey);
    }
    if is_path(text) {
        return Err(KeyError::Path);
    }
    let encrypted = begins("ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED");
    if encrypted && passphrase.is_none() {
        return Err(KeyError::NeedsPassphrase);
    }
    match keys::decode_secret_key(&format!("{text}\n"), passphrase.filter(|_| encrypted).map(Secret::reveal)) {
        Ok(key) => supported(key),
        Err(keys::Error::UnsupportedKeyType { .. } | keys::Error::UnknownAlgorithm(_)) => Err(KeyError::Rsa),
        Err(_) if encrypted => Err(KeyError::WrongPassphrase),
        Err(_) => Err(KeyError::NotAKey),
    }
}

/// Whether a text is a path: one line that begins as none of the forms of a key does.
fn is_path(text: &str) -> bool {
    let begins = ["/", "~", "./", "../", "$"].iter().any(|begin| text.starts_with(begin));
    begins && !text.contains('\n')
}

fn openssh(text: &str, passphrase: Option<&Secret>) -> Result<PrivateKey, KeyError> {
    let key = PrivateKey::from_openssh(text.as_bytes()).map_err(|_| KeyError::NotAKey)?;
    let key = if key.is_encrypted() {
        // What kind it is stands outside of what is encrypted.
        supported(key.clone())?;
        let passphrase = passphrase.ok_or(KeyError::NeedsPassphrase)?;
        key.decrypt(passphrase.reveal().as_bytes()).map_err(|_| KeyError::WrongPassphrase)?
    } else {
        key
    };
    supported(key)
}

fn supported(key: PrivateKey) -> Result<PrivateKey, KeyError> {
    use keys::Algorithm::{Ecdsa, Ed25519, Rsa};
    match key.algorithm() {
        Ed25519 | Ecdsa { .. } => Ok(key),
        Rsa { .. } => Err(KeyError::Rsa),
        other => Err(KeyError::OtherKind(other.to_string())),
    }
}

/// The certificate of the settings, which is that of `key`.
///
/// # Errors
/// If it can't be used.
pub fn certificate(settings: &SshSettings, key: &PrivateKey) -> Result<Option<Certificate>, KeyError> {
    let Some(path) = settings.certificate_path.as_deref().map(expanded) else { return Ok(None) };
    let text = std::fs::read_to_string(&path);
    let text = text.map_err(|source| KeyError::Unreadable { path: path.clone(), source: Arc::new(source) })?;
    let Ok(certificate) = Certificate::from_openssh(text.trim()) else {
        return Err(KeyError::NotACertificate { path });
    };
    if certificate.public_key() != key.public_key().key_data() {
        return Err(KeyError::OtherCertificate { path });
    }
    if certificate.cert_type().is_host() {
        return Err(KeyError::InvalidCertificate { path, reason: "it is a host's".to_owned() });
    }
    if let Some(reason) = certificate::untimely(&certificate, certificate::now()) {
        return Err(KeyError::InvalidCertificate { path, reason });
    }
    Ok(Some(certificate))
}

#[cfg(test)]
mod tests;
