//! Which certificates are trusted: those of a bundle alone, else the machine's, else the built-in ones of Mozilla.

use std::fmt;
use std::path::PathBuf;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Why a CA bundle can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It can't be read.
    #[error("it cannot be read ({0})")]
    Unreadable(String),
    /// It holds nothing that begins like a certificate.
    #[error("it holds no certificate in PEM form (a block that begins with `-----BEGIN CERTIFICATE-----`)")]
    NoCertificate,
    /// What looks like a certificate is none. The SDK's connector would panic on it.
    #[error("its certificate number {0} is damaged")]
    Damaged(usize),
}

/// Whose certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorities {
    /// Those of a file, and no others.
    Bundle(String),
    /// Those of the machine.
    Machine,
    /// Those that are built in, because the machine has none.
    BuiltIn,
}

impl fmt::Display for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Authorities::Bundle(path) => write!(f, "those in {path}, and no others"),
            Authorities::Machine => f.write_str("those of this machine"),
            Authorities::BuiltIn => f.write_str("those of Mozilla, which are built in, because this machine has none"),
        }
    }
}

/// The authorities that count where `bundle` is the path of a bundle or absent, in the form that the connector takes.
///
/// # Errors
/// If the bundle can't be used.
pub fn context(bundle: Option<&str>) -> Result<(TlsContext, Authorities), BundleError> {
    let (store, authorities) = match bundle {
        Some(path) => (TrustStore::empty().with_pem_certificate(read(path)?), Authorities::Bundle(path.to_owned())),
        None if machine_has_roots() => (TrustStore::empty().with_native_roots(true), Authorities::Machine),
        None => (TrustStore::empty().with_pem_certificate(built_in()), Authorities::BuiltIn),
    };
    let context = TlsContext::builder().with_trust_store(store).build();
    Ok((context.map_err(|error| BundleError::Unreadable(error.to_string()))?, authorities))
}

/// The content of a bundle in which every certificate can be used.
///
/// # Errors
/// If one can't, or there is none.
pub fn read(path: &str) -> Result<Vec<u8>, BundleError> {
    let pem = std::fs::read(at_home(path)).map_err(|error| BundleError::Unreadable(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for (index, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let usable = certificate.is_ok_and(|certificate| roots.add(certificate).is_ok());
        if !usable {
            return Err(BundleError::Damaged(index + 1));
        }
    }
    if roots.is_empty() { Err(BundleError::NoCertificate) } else { Ok(pem) }
}

/// A path as a shell would read it where it begins with `~/`.
pub fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Zero usable roots would leave the connector with an empty store, and every certificate refused.
fn machine_has_roots() -> bool {
    let found = rustls_native_certs::load_native_certs().certs;
    RootCertStore::empty().add_parsable_certificates(found).0 > 0
}

fn built_in() -> Vec<u8> {
    let mut pem = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        pem.push_str(&base64::Engine::encode(&base64::engine::general_purpose::STANDARD, certificate));
        pem.push_str("\n-----END CERTIFICATE-----\n");
    }
    pem.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<u8>, BundleError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path().to_str().unwrap())
    }

    #[test]
    fn a_bundle_that_cannot_be_used_is_an_error_and_no_panic() {
        assert!(matches!(read("/does/not/exist"), Err(BundleError::Unreadable(_))));
        assert!(matches!(read("/"), Err(BundleError::Unreadable(_))));
        assert_eq!(read_text(""), Err(BundleError::NoCertificate));
        assert_eq!(read_text("not PEM"), Err(BundleError::NoCertificate));
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert_eq!(read_text(key), Err(BundleError::NoCertificate));
        let good = String::from_utf8(built_in()).unwrap();
        let first = good.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap();
        assert!(read_text(&format!("a comment\n{key}{first}")).is_ok());
        let armoured = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(read_text(&format!("{first}{armoured}")), Err(BundleError::Damaged(2)));
        let torn = first.replace("-----END CERTIFICATE-----\n", "");
        assert_eq!(read_text(&torn), Err(BundleError::Damaged(1)));
    }

    #[test]
    fn the_built_in_roots_are_usable_and_amazon_s_are_among_them() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), built_in()).unwrap();
        let (_, authorities) = context(file.path().to_str()).unwrap();
        assert!(matches!(authorities, Authorities::Bundle(_)));
        for name in ["Amazon Root CA 1", "Amazon Root CA 3", "Starfield Services Root Certificate Authority - G2"] {
            let is_named = |der: &&CertificateDer<'_>| der.windows(name.len()).any(|part| part == name.as_bytes());
            assert!(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().any(|der| is_named(&der)), "{name}");
        }
    }

    #[test]
    fn only_a_leading_tilde_means_home() {
        let home = std::env::home_dir().unwrap();
        assert_eq!(at_home("~/x/y"), home.join("x/y"));
        assert_eq!(at_home("/a/~/b"), PathBuf::from("/a/~/b"));
        assert_eq!(at_home("~x"), PathBuf::from("~x"));
    }
}
