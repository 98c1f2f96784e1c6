//! The stand-ins for a company's network: that they refuse what they should, so that what passes them has passed something.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use lab::connect::{Asked, ConnectProxy};
use lab::http::send;
use lab::portal::Portal;
use lab::tls::{Authority, Front};

const NAME: &str = "elb.corp.test";

/// A GET of `/federation/credentials` over TLS on `stream`; the client trusts `authority` alone.
fn get(authority: &Authority, stream: TcpStream, name: &'static str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), ServerName::try_from(name).unwrap()).unwrap();
    let mut tls = StreamOwned::new(client, stream);
    let request = "GET /federation/credentials?x HTTP/1.1\r\nhost: x\r\nx-amz-sso_bearer_token: right\r\nconnection: close\r\n\r\n";
    tls.write_all(request.as_bytes())?;
    let mut answer = String::new();
    // The front may hang up without a closing alert: what came before it counts.
    let _end = tls.read_to_string(&mut answer);
    Ok(answer)
}

fn connect(proxy: &ConnectProxy, authority: &str, header: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(proxy.url().strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{header}\r\n").as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let status = head.split(' ').nth(1).unwrap().to_owned();
    (stream, status)
}

#[test]
fn a_front_is_believed_only_with_its_authority_its_name_and_in_its_time() {
    let (authority, other) = (Authority::new(), Authority::new());
    let portal = Portal::sso("right", "ASIAKEY");
    let front = Front::start(&authority, &[NAME], &portal.url());
    let old = Front::expired(&authority, &[NAME], &portal.url());
    let open = |front: &Front| TcpStream::connect(front.address()).unwrap();
    assert!(get(&authority, open(&front), NAME).unwrap().contains("ASIAKEY"));
    for (authority, front, name, reason) in [
        (&other, &front, NAME, "UnknownIssuer"),
        (&authority, &front, "else.corp.test", "not valid for name"),
        (&authority, &old, NAME, "expired"),
    ] {
        let error = get(authority, open(front), name).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    assert_eq!(portal.asked().len(), 1, "nothing was passed on for those who didn't believe");
}

#[test]
fn the_proxy_connects_only_where_and_whom_it_was_told_and_notes_all() {
    let authority = Authority::new();
    let portal = Portal::sso("right", "ASIAKEY");
    let front = Front::start(&authority, &[NAME], &portal.url());
    let proxy = ConnectProxy::start();
    assert_eq!(connect(&proxy, "elb.corp.test:443", "").1, "502");
    proxy.route("elb.corp.test:443", front.address());
    let (stream, status) = connect(&proxy, "elb.corp.test:443", "");
    assert_eq!(status, "200");
    assert!(get(&authority, stream, NAME).unwrap().contains("ASIAKEY"));
    assert_eq!(connect(&proxy, "elb.corp.test:444", "").1, "502");

    proxy.demand("joe", "word");
    let right = "Proxy-Authorization: Basic am9lOndvcmQ=\r\n";
    assert_eq!(connect(&proxy, "elb.corp.test:443", "").1, "407");
    assert_eq!(connect(&proxy, "elb.corp.test:443", "Proxy-Authorization: Basic am9lOndyb25n\r\n").1, "407");
    assert_eq!(connect(&proxy, "elb.corp.test:443", right).1, "200");
    proxy.refuse(403);
    assert_eq!(connect(&proxy, "elb.corp.test:443", right).1, "403");

    assert_eq!(proxy.asked().len(), 7);
    assert_eq!(proxy.connected(), ["elb.corp.test:443", "elb.corp.test:444"]);
    let last = Asked {
        method: "CONNECT".to_owned(),
        target: "elb.corp.test:443".to_owned(),
        authorization: Some("Basic am9lOndvcmQ=".to_owned()),
    };
    assert_eq!(proxy.asked().last(), Some(&last));
}

#[test]
fn portals_give_nothing_for_a_wrong_token() {
    let portal = Portal::sso("right", "ASIAKEY");
    let ask = |token| {
        send(&portal.url(), "GET", "/federation/credentials?x", &[("x-amz-sso_bearer_token", token)], "").unwrap()
    };
    assert_eq!(ask("wrong").0, 401);
    assert_eq!(ask("right").0, 200);
    let container = Portal::container("Bearer right", "ASIAKEY");
    let ask = |token| send(&container.url(), "GET", "/x", &[("authorization", token)], "").unwrap();
    assert_eq!(ask("right").0, 401);
    assert!(ask("Bearer right").1.contains("ASIAKEY"));
    assert_eq!(container.asked().len(), 2);
}
