//! OpenSSH's certificates: whether their authority signed them, and what they say about themselves, in words.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Algorithm, Certificate, HashAlg};

/// The critical option that names the addresses which a user may come from.
const SOURCE_ADDRESS: &str = "source-address";

/// Seconds of now, as certificates count.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Whether its authority signed it. The library that reads it knows no RSA, which authorities of hosts often are; of RSA, OpenSSH takes
/// SHA-2 only.
pub fn is_signed(certificate: &Certificate) -> bool {
    let authority = certificate.signature_key();
    let KeyData::Rsa(key) = authority else {
        let fingerprint = authority.fingerprint(HashAlg::Sha256);
        return certificate.validate_at(certificate.valid_after(), [&fingerprint]).is_ok();
    };
    let signature = certificate.signature();
    let parameters = match signature.algorithm() {
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) } => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) } => &RSA_PKCS1_2048_8192_SHA512,
        _ => return false,
    };
    let (Some(n), Some(e)) = (key.n().as_positive_bytes(), key.e().as_positive_bytes()) else { return false };
    let Some(signed) = without_signature(certificate) else { return false };
    PublicKeyComponents { n, e }.verify(parameters, &signed, signature.as_bytes()).is_ok()
}

/// What an authority signs: everything but the signature, which comes last. Its parts and itself begin with their lengths.
fn without_signature(certificate: &Certificate) -> Option<Vec<u8>> {
    const LENGTH: usize = 4;
    let signature = certificate.signature();
    let signature = LENGTH + LENGTH + signature.algorithm().as_str().len() + LENGTH + signature.as_bytes().len();
    let mut bytes = certificate.to_bytes().ok()?;
    bytes.truncate(bytes.len().checked_sub(signature)?);
    Some(bytes)
}

/// What is wrong with its time at `now`: "it expired on DATE".
pub fn untimely(certificate: &Certificate, now: u64) -> Option<String> {
    if now < certificate.valid_after() {
        return Some(format!("it isn't valid before {}", date(certificate.valid_after())));
    }
    (now >= certificate.valid_before()).then(|| format!("it expired on {}", date(certificate.valid_before())))
}

/// Whom it lets in from where: "with a certificate for root, from 192.0.2.0/24 only".
pub fn described(certificate: &Certificate) -> String {
    let principals = certificate.valid_principals();
    let whom = if principals.is_empty() { "everybody".to_owned() } else { principals.join(" and ") };
    let from = certificate.critical_options().iter().find(|(name, _)| name.as_str() == SOURCE_ADDRESS);
    let from = from.map(|(_, addresses)| format!(", from {addresses} only")).unwrap_or_default();
    format!("with a certificate for {whom}{from}")
}

/// A time of a certificate, as RFC 3339 writes it.
pub fn date(seconds: u64) -> String {
    let date = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_secs(seconds).fmt(Format::DateTime).ok());
    date.unwrap_or_else(|| format!("second {seconds} of Unix time"))
}
