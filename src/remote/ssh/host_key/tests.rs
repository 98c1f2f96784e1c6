//! Who is believed, and who isn't.

use russh::keys::PrivateKey;
use russh::keys::key::safe_rng;
use russh::keys::ssh_key::certificate::{Builder, CertType};

use super::*;
use crate::remote::ssh::certificate::now;

fn key(algorithm: Algorithm) -> PrivateKey {
    PrivateKey::random(&mut safe_rng(), algorithm).unwrap()
}

fn ed25519() -> PrivateKey {
    key(Algorithm::Ed25519)
}

fn presented(key: &PrivateKey) -> PublicKeyOrCertificate {
    PublicKeyOrCertificate::from(key.public_key().clone())
}

#[test]
fn a_line_without_the_port_makes_a_key_known_and_none_changed() {
    let (own, other) = (ed25519(), ed25519());
    let at_another_port = |key: &PrivateKey| {
        let Known::File { path, entries, .. } = file(&[(Role::Host, key)]) else { unreachable!() };
        Known::File { path, entries: Vec::new(), without_port: entries }
    };
    assert_eq!(at_another_port(&own).check("lb-01", 2222, &presented(&own)), Ok(()));
    let unknown = at_another_port(&other).check("lb-01", 2222, &presented(&own)).unwrap_err();
    assert!(matches!(&unknown, HostKeyError::Unknown { name, .. } if name == "[lb-01]:2222"), "{unknown:?}");
}

#[test]
fn without_a_file_no_host_is_known() {
    let own = presented(&ed25519());
    let said = Known::NoFile { path: "known_hosts".into() }.check("lb-01", 2222, &own).unwrap_err();
    assert!(matches!(&said, HostKeyError::NoFile { name, .. } if name == "[lb-01]:2222"), "{said:?}");
    assert!(said.to_string().contains("there is no file known_hosts"), "{said}");
}

/// A file with lines about `lb-01`.
fn file(lines: &[(Role, &PrivateKey)]) -> Known {
    let entries = lines.iter().enumerate().map(|(index, (role, key))| Entry {
        line: index + 1,
        role: *role,
        key: key.public_key().clone(),
    });
    Known::File { path: "known_hosts".into(), entries: entries.collect(), without_port: Vec::new() }
}

fn check(known: &Known, presented: &PublicKeyOrCertificate) -> Result<(), HostKeyError> {
    known.check("lb-01", 22, presented)
}

#[test]
fn only_a_known_key_is_believed() {
    let (own, other) = (ed25519(), ed25519());
    assert_eq!(check(&file(&[(Role::Host, &own)]), &presented(&own)), Ok(()));
    assert!(matches!(check(&file(&[]), &presented(&own)), Err(HostKeyError::Unknown { name, .. }) if name == "lb-01"));
    let changed = check(
        &file(&[(Role::Host, &other), (Role::Host, &key(Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 }))]),
        &presented(&own),
    );
    assert!(matches!(changed, Err(HostKeyError::Changed { line: 1, .. })), "{changed:?}");
    // Rotated keys: one of several is enough.
    assert_eq!(check(&file(&[(Role::Host, &other), (Role::Host, &own)]), &presented(&own)), Ok(()));
}

#[test]
fn a_revoked_key_is_refused_wherever_else_it_stands() {
    let own = ed25519();
    let known = file(&[(Role::Host, &own), (Role::Revoked, &own)]);
    assert!(matches!(check(&known, &presented(&own)), Err(HostKeyError::Revoked { line: 2, .. })));
}

#[test]
fn a_pinned_key_is_the_only_one() {
    let (own, other) = (ed25519(), ed25519());
    let known = Known::Pinned(own.public_key().clone());
    assert_eq!(check(&known, &presented(&own)), Ok(()));
    assert!(matches!(check(&known, &presented(&other)), Err(HostKeyError::NotPinned { .. })));
    assert_eq!(known.algorithms()[0], Algorithm::Ed25519);
}

#[test]
fn the_known_kinds_are_asked_for_first() {
    let ecdsa = Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 };
    let known = file(&[(Role::Host, &key(ecdsa.clone()))]);
    assert_eq!((known.algorithms()[0].clone(), known.algorithms().len()), (ecdsa, 4));
    assert!(known.certificate_algorithms().is_empty());
    assert_eq!(file(&[(Role::Authority, &ed25519())]).certificate_algorithms().len(), 4);
}

#[test]
fn a_line_is_as_in_a_pub_file() {
    let own = ed25519();
    let line = line(own.public_key());
    assert!(line.starts_with("ssh-ed25519 AAAA") && line.split(' ').count() == 2, "{line}");
    assert_eq!(pinned(&format!("{line} comment\n")).unwrap().key_data(), own.public_key().key_data());
    assert_eq!(pinned("ssh-rsa AAAA"), None);
}

fn certificate(authority: &PrivateKey, kind: CertType, principal: &str, until: u64) -> PublicKeyOrCertificate {
    let own = ed25519();
    let now = now();
    let mut builder =
        Builder::new_with_random_nonce(&mut safe_rng(), own.public_key(), now - 100, now - 100 + until).unwrap();
    builder.cert_type(kind).unwrap().valid_principal(principal).unwrap();
    PublicKeyOrCertificate::Certificate(builder.sign(authority).unwrap())
}

#[test]
fn a_certificate_is_believed_if_everything_in_it_holds() {
    let (authority, other) = (ed25519(), ed25519());
    let known = file(&[(Role::Authority, &authority)]);
    let host = CertType::Host;
    assert_eq!(check(&known, &certificate(&authority, host, "lb-01", 1000)), Ok(()));
    for (bad, words) in [
        (certificate(&other, host, "lb-01", 1000), "no `@cert-authority`"),
        (certificate(&authority, CertType::User, "lb-01", 1000), "a user's"),
        (certificate(&authority, host, "lb-02", 1000), "and not this host"),
        (certificate(&authority, host, "lb-01", 50), "it expired on 20"),
    ] {
        let Err(HostKeyError::Certificate { reason }) = check(&known, &bad) else { panic!("{words}") };
        assert!(reason.contains(words), "{reason}");
    }
    // A revoked authority takes its certificates along.
    let revoked = file(&[(Role::Authority, &authority), (Role::Revoked, &authority)]);
    assert!(matches!(
        check(&revoked, &certificate(&authority, host, "lb-01", 1000)),
        Err(HostKeyError::Revoked { .. })
    ));
    // A key of its own isn't one of the authority's.
    assert!(check(&known, &presented(&authority)).is_err());
}
