//! The file of known hosts, as OpenSSH reads it (`sshd(8)`, SSH_KNOWN_HOSTS FILE FORMAT): names with wildcards, hashed names, `[host]:port`,
//! authorities and revoked keys. Pure.

use std::net::IpAddr;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use russh::keys::{Algorithm, PublicKey};

/// One line that says something about a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line's number, from 1.
    pub line: usize,
    /// What the line says of its key.
    pub role: Role,
    /// The key.
    pub key: PublicKey,
}

/// What a line says of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is the host's own.
    Host,
    /// It signs the certificates of hosts (`@cert-authority`).
    Authority,
    /// It must never be accepted (`@revoked`).
    Revoked,
}

/// The name that a host is known by: its port belongs to it unless it is 22.
pub fn name(host: &str, port: u16) -> String {
    let host = canonical(host);
    if port == super::settings::PORT { host } else { format!("[{host}]:{port}") }
}

/// A host as OpenSSH looks for it: in lower case, an address in its usual form.
pub fn canonical(host: &str) -> String {
    host.parse::<IpAddr>().map_or_else(|_| host.to_ascii_lowercase(), |address| address.to_string())
}

/// What `text` says about the host of that [`name`]. Lines that can't be read count for nothing, as for OpenSSH.
pub fn entries(text: &str, name: &str) -> Vec<Entry> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(index, line)| entry(line, name).map(|(role, key)| Entry { line: index + 1, role, key }))
        .collect()
}

fn entry(line: &str, name: &str) -> Option<(Role, PublicKey)> {
    let mut words = line.split_ascii_whitespace();
    let mut word = words.next().filter(|word| !word.starts_with('#'))?;
    let role = match word {
        "@cert-authority" => Role::Authority,
        "@revoked" => Role::Revoked,
        word if word.starts_with('@') => return None,
        _ => Role::Host,
    };
    if role != Role::Host {
        word = words.next()?;
    }
    let (kind, key) = (words.next()?, words.next()?);
    if !matches(word, name) {
        return None;
    }
    Some((role, PublicKey::from_openssh(&format!("{kind} {key}")).ok()?))
}

/// Whether a line's first field means the host.
fn matches(patterns: &str, name: &str) -> bool {
    if let Some(hash) = patterns.strip_prefix("|1|") {
        return is_hash_of(hash, name);
    }
    let mut found = false;
    for pattern in patterns.split(',') {
        if let Some(not) = pattern.strip_prefix('!') {
            if is_like(&not.to_ascii_lowercase(), name) {
                return false;
            }
        } else {
            found |= is_like(&pattern.to_ascii_lowercase(), name);
        }
    }
    found
}

/// `SALT|HASH`, the HMAC-SHA1 of the name.
fn is_hash_of(hash: &str, name: &str) -> bool {
    let Some((salt, hash)) = hash.split_once('|') else { return false };
    let (Ok(salt), Ok(hash)) = (STANDARD.decode(salt), STANDARD.decode(hash)) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &salt);
    hmac::verify(&key, name.as_bytes(), &hash).is_ok()
}

/// `*` stands for anything, `?` for one character. Brackets are no pattern here: they surround a host beside a port.
fn is_like(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                (p, n) = (at + 1, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Whether this program can check a key of that kind.
pub fn is_supported(algorithm: &Algorithm) -> bool {
    matches!(algorithm, Algorithm::Ed25519 | Algorithm::Ecdsa { .. })
}

#[cfg(test)]
mod tests;
