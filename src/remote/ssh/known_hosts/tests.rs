//! Files as `ssh-keygen` and people write them.

use super::*;

const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

fn lines(text: &str, name: &str) -> Vec<usize> {
    entries(text, name).into_iter().map(|entry| entry.line).collect()
}

fn means(patterns: &str, name: &str) -> bool {
    !lines(&format!("{patterns} {ED25519}"), name).is_empty()
}

#[test]
fn names_and_patterns_are_matched_as_openssh_does() {
    for (patterns, host) in [
        ("lb-01", "lb-01"),
        ("LB-01.example", "lb-01.example"),
        ("a,lb-01,b", "lb-01"),
        ("*.example", "lb-01.example"),
        ("lb-0?", "lb-01"),
        ("192.0.2.*", "192.0.2.21"),
        ("2001:db8::1", "2001:db8::1"),
        ("[lb-01]:2222", "[lb-01]:2222"),
        ("[*.example]:2222", "[a.example]:2222"),
        ("*", "anything"),
        ("*a*b*", "xaxbx"),
    ] {
        assert!(means(patterns, host), "{patterns} {host}");
    }
    for (patterns, host) in [
        ("lb-01", "lb-010"),
        ("lb-01", "[lb-01]:2222"),
        ("*,!lb-01", "lb-01"),
        ("!lb-01,*", "lb-01"),
        ("!lb-01", "lb-02"),
        ("lb-0?", "lb-0"),
        ("*a*b*", "xbxa"),
        ("", "lb-01"),
    ] {
        assert!(!means(patterns, host), "{patterns} {host}");
    }
}

#[test]
fn hashed_names_are_found() {
    // `ssh-keygen -H` over a line of this host.
    let salt = [7; 20];
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &salt);
    let hashed = |name: &str| {
        let hash = hmac::sign(&key, name.as_bytes());
        format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hash.as_ref()))
    };
    assert!(means(&hashed("192.0.2.21"), "192.0.2.21"));
    assert!(means(&hashed("[lb-01]:2222"), "[lb-01]:2222"));
    assert!(!means(&hashed("lb-01"), "lb-02"));
    for broken in ["|1|", "|1|a|b", "|1|????|????", "|2|AAAA|AAAA"] {
        assert!(!means(broken, "lb-01"), "{broken}");
    }
}

#[test]
fn markers_comments_and_broken_lines() {
    let text = format!(
        "# lb-01 {ED25519}\n\nlb-01 {ED25519} a comment\n@cert-authority *.example,lb-01 {ED25519}\n\
         @revoked * {ED25519}\n@unknown lb-01 {ED25519}\nlb-01 ssh-ed25519 AAAA\nlb-01\n"
    );
    let found: Vec<(usize, Role)> = entries(&text, "lb-01").into_iter().map(|entry| (entry.line, entry.role)).collect();
    assert_eq!(found, [(3, Role::Host), (4, Role::Authority), (5, Role::Revoked)]);
}

#[test]
fn a_port_belongs_to_the_name_unless_it_is_the_usual_one() {
    assert_eq!((name("LB-01", 22), name("lb-01", 2222)), ("lb-01".to_owned(), "[lb-01]:2222".to_owned()));
}
