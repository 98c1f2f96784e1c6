//! What OpenSSH's certificates say about themselves, in words.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use russh::keys::Certificate;

/// The critical option that names the addresses which a user may come from.
const SOURCE_ADDRESS: &str = "source-address";

/// Seconds of now, as certificates count.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
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
