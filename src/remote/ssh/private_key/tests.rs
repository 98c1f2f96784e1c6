//! Keys of every form, made by the library that reads them; those of OpenSSH itself are in tests/deployment.

use russh::keys::key::safe_rng;
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, EcdsaCurve};

use super::*;

fn key(algorithm: Algorithm) -> PrivateKey {
    PrivateKey::random(&mut safe_rng(), algorithm).unwrap()
}

fn text(key: &PrivateKey) -> Secret {
    Secret::new(key.to_openssh(LineEnding::LF).unwrap().to_string())
}

fn fault(text: &str, passphrase: Option<&str>) -> String {
    let passphrase = passphrase.map(Secret::new);
    format!("{:?}", parse(&Secret::new(text), passphrase.as_ref()).unwrap_err())
}

#[test]
fn keys_of_both_kinds_are_read() {
    for algorithm in [Algorithm::Ed25519, Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 }] {
        let key = key(algorithm);
        let read = parse(&text(&key), None).unwrap();
        assert_eq!(read.public_key().key_data(), key.public_key().key_data());
        // A passphrase that isn't needed does no harm.
        assert!(parse(&text(&key), Some(&Secret::new("x"))).is_ok());
    }
}

#[test]
fn an_encrypted_key_needs_its_passphrase() {
    let key = key(Algorithm::Ed25519);
    let locked = text(&key.encrypt(&mut safe_rng(), "right").unwrap());
    assert!(parse(&locked, Some(&Secret::new("right"))).is_ok());
    assert!(matches!(parse(&locked, None), Err(KeyError::NeedsPassphrase)));
    assert!(matches!(parse(&locked, Some(&Secret::new("wrong"))), Err(KeyError::WrongPassphrase)));
}

#[test]
fn what_is_no_usable_key_says_what_it_is() {
    for (text, expected) in [
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "Rsa"),
        ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE\n-----END RSA PRIVATE KEY-----", "Rsa"),
        ("-----BEGIN DSA PRIVATE KEY-----\nMIIE\n-----END DSA PRIVATE KEY-----", "OtherKind(\"ssh-dss\")"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "PublicKey"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n-----END ENCRYPTED PRIVATE KEY-----", "NeedsPassphrase"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", "NotAKey"),
        ("", "Empty"),
        (" \n", "Empty"),
        ("~/.ssh/id_ed25519", "Path"),
        ("/home/admin/.ssh/id_ed25519\n", "Path"),
        ("hunter2", "NotAKey"),
    ] {
        assert_eq!(fault(text, None), expected, "{text}");
    }
}

#[test]
fn nothing_of_a_key_is_in_an_error() {
    let key = key(Algorithm::Ed25519);
    let whole = text(&key.encrypt(&mut safe_rng(), "right").unwrap());
    let cut = &whole.reveal()[..whole.reveal().len() / 2];
    for said in [fault(whole.reveal(), Some("hunter2")), fault(cut, Some("hunter2"))] {
        assert!(said.len() < 40 && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let settings = SshSettings { private_key_path: Some("/nowhere/id".into()), ..SshSettings::default() };
    let error = private_key(&settings).unwrap_err();
    assert_eq!(error.to_string(), "/nowhere/id can't be read");
    assert!(private_key(&SshSettings::default()).unwrap().is_none());
}
