//! One server with one fault at a time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use talosendpoint::endpoint::readiness::probing::probe;
use talosendpoint::endpoint::readiness::target::{Api, Target};
use talosendpoint::endpoint::readiness::verdict::{Stage, Verdict};
use talosendpoint::remote::probe::Prober;

use crate::certificates::{Authority, BOTH, Client, self_signed};
use crate::server::{Behaviour, Server, Then};

/// How long a probe may take here.
const LIMIT: Duration = Duration::from_millis(1500);

/// The name that certificates must carry.
pub const NAME: &str = "api.example.com";

/// Probes the server at `address`, whose certificate must carry [`NAME`].
pub fn probed(api: Api, address: SocketAddr) -> Verdict {
    let target = Target {
        api,
        node: None,
        host: address.ip().to_string(),
        port: address.port(),
        names: vec![NAME.to_owned()],
        front_port: None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let begun = Instant::now();
    let seen = runtime.block_on(probe(&Prober::default(), &[target], LIMIT));
    assert!(begun.elapsed() < LIMIT * 2, "{:?}: {:?}", begun.elapsed(), seen.verdicts);
    seen.verdicts.into_iter().next().unwrap()
}

#[track_caller]
fn check(api: Api, behaviour: Behaviour, stage: Stage, parts: &[&str]) -> Verdict {
    let server = Server::start(behaviour);
    let found = probed(api, server.address);
    assert_eq!((found.stage, found.ok), (stage, stage == Stage::Done), "{found:?}");
    parts.iter().for_each(|part| assert!(found.message.contains(part), "{part}: {found:?}"));
    found
}

fn kubernetes(behaviour: Behaviour, stage: Stage, part: &str) -> Verdict {
    check(Api::Kubernetes, behaviour, stage, &[part])
}

fn talos(behaviour: Behaviour, stage: Stage, part: &str) -> Verdict {
    check(Api::Talos, behaviour, stage, &[part])
}

const READY: Then = Then::Answer(200, "ok");

#[test]
fn an_api_server_that_serves() {
    let authority = Authority::kubernetes();
    for versions in [BOTH, &[&rustls::version::TLS13][..], &[&rustls::version::TLS12][..]] {
        for client in [Client::Anybody, Client::Asked(&authority)] {
            let found = kubernetes(
                Behaviour::Tls(authority.server(&["10.0.0.1", NAME], client, versions), READY),
                Stage::Done,
                "answers 200",
            );
            let certificate = found.certificate.unwrap();
            assert_eq!((certificate.names.len(), certificate.issuer.as_str()), (2, "O=kubernetes"));
            assert!(found.latency.is_some());
        }
    }
    for status in [401, 403] {
        let server = authority.server(&["*.example.com"], Client::Anybody, BOTH);
        kubernetes(Behaviour::Tls(server, Then::Answer(status, "")), Stage::Done, &format!("answers {status}"));
    }
    let slow = Behaviour::Slow(Duration::from_millis(300), authority.server(&[NAME], Client::Anybody, BOTH), READY);
    let found = kubernetes(slow, Stage::Done, "answers 200");
    assert!(found.latency.unwrap() >= Duration::from_millis(600), "{found:?}");
}

#[test]
fn an_api_server_that_does_not() {
    let authority = Authority::kubernetes();
    let with = |then: Then| Behaviour::Tls(authority.server(&[NAME], Client::Anybody, BOTH), then);
    let failing = Then::Answer(500, "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n");
    kubernetes(with(failing), Stage::Http, "answers 500, because of etcd");
    kubernetes(with(Then::Answer(404, "no")), Stage::Http, "answers 404, which an API server doesn't");
    kubernetes(with(Then::Hang), Stage::Http, "gives no answer within");
    kubernetes(with(Then::Close), Stage::Http, "closes the connection in place of an answer");
}

#[test]
fn certificates() {
    let authority = Authority::kubernetes();
    let wrong = Behaviour::Tls(authority.server(&["other.example.com"], Client::Anybody, BOTH), READY);
    let found = kubernetes(wrong, Stage::Tls, "certificate lacks api.example.com: make `kubernetes_api_endpoint`");
    assert!(found.stuck);
    let of_year = |not_before: i32, not_after: i32| {
        let change = move |params: &mut rcgen::CertificateParams| {
            params.not_before = rcgen::date_time_ymd(not_before, 1, 1);
            params.not_after = rcgen::date_time_ymd(not_after, 1, 1);
        };
        Behaviour::Tls(authority.server_with(&[NAME], change, Client::Anybody, BOTH), READY)
    };
    let found = kubernetes(of_year(2019, 2020), Stage::Tls, "expired at 2020-01-01T00:00:00Z");
    assert_eq!(found.certificate.unwrap().not_after.text, "2020-01-01T00:00:00Z");
    kubernetes(of_year(2090, 2091), Stage::Tls, "valid only from 2090-01-01T00:00:00Z on");
    kubernetes(Behaviour::Tls(self_signed(&[NAME]), READY), Stage::Tls, "self-signed");
}

#[test]
fn the_talos_api_and_who_answers_in_its_place() {
    let (authority, other) = (Authority::talos(), Authority::kubernetes());
    for versions in [&[&rustls::version::TLS13][..], &[&rustls::version::TLS12][..]] {
        let apid = Behaviour::Tls(authority.server(&[NAME], Client::Required(&authority), versions), Then::Hang);
        talos(apid, Stage::Done, "serves");
        let apid = Behaviour::Tls(authority.server(&["cp-01"], Client::Required(&authority), versions), Then::Hang);
        talos(apid, Stage::Tls, "lacks api.example.com: put it into `machine.certSANs`");
    }
    let boot = Authority::named(None);
    talos(Behaviour::Tls(boot.server(&[], Client::Anybody, BOTH), Then::Hang), Stage::Tls, "maintenance mode");
    let api_server = other.server(&[NAME], Client::Asked(&other), BOTH);
    talos(Behaviour::Tls(api_server, READY), Stage::Tls, "this is the Kubernetes API");
    let company = Authority::named(Some("company"));
    let web = Behaviour::Tls(company.server(&[NAME], Client::Anybody, BOTH), READY);
    talos(web, Stage::Tls, "a stranger answers");
    talos(Behaviour::Tls(self_signed(&[NAME]), READY), Stage::Tls, "a stranger answers");
}

#[test]
fn the_talos_api_where_the_kubernetes_api_is_expected() {
    let authority = Authority::talos();
    for versions in [&[&rustls::version::TLS13][..], &[&rustls::version::TLS12][..]] {
        let apid = Behaviour::Tls(authority.server(&[NAME], Client::Required(&authority), versions), Then::Hang);
        let found = check(Api::Kubernetes, apid, stage_of_refusal(versions), &["is this the Talos API?"]);
        assert!(!found.ok);
    }
    let mut only_h2 = (*authority.server(&[NAME], Client::Required(&authority), BOTH)).clone();
    only_h2.alpn_protocols = vec![b"h2".to_vec()];
    kubernetes(Behaviour::Tls(only_h2.into(), Then::Hang), Stage::Tls, "speaks another protocol over TLS");
}

/// In TLS 1.3 a client is done before the server has read that it has no certificate.
fn stage_of_refusal(versions: &[&rustls::SupportedProtocolVersion]) -> Stage {
    if versions == [&rustls::version::TLS13] { Stage::Http } else { Stage::Tls }
}

#[test]
fn a_port_that_is_closed_hangs_closes_or_speaks_something_else() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let found = probed(Api::Kubernetes, free);
    assert_eq!(found.stage, Stage::Tcp);
    assert!(found.message.starts_with("port closed: not bootstrapped yet"), "{found:?}");
    assert_eq!((found.latency, &found.certificate), (None, &None));
    kubernetes(Behaviour::Hang, Stage::Tls, "accepts the connection and says nothing within");
    kubernetes(Behaviour::Close, Stage::Tls, "accepts the connection and closes it: a load balancer");
    let http = Behaviour::Plain("HTTP/1.1 400 Bad Request\r\n\r\n");
    kubernetes(http, Stage::Tls, "another service has this port");
    kubernetes(Behaviour::Plain("SSH-2.0-OpenSSH_9.2p1\r\n"), Stage::Tls, "another service has this port");
}

#[test]
fn every_probe_is_a_connection_of_its_own() {
    let authority = Authority::kubernetes();
    let server = Server::start(Behaviour::Tls(authority.server(&[NAME], Client::Anybody, BOTH), READY));
    for _ in 0..3 {
        assert!(probed(Api::Kubernetes, server.address).ok);
    }
    assert_eq!(server.accepted(), 3);
}

#[test]
fn ipv6() {
    let Ok(socket) = std::net::TcpListener::bind("[::1]:0") else {
        return lab::skip::case("an endpoint over IPv6", "this machine has no ::1");
    };
    let authority = Authority::kubernetes();
    let tls = authority.server(&[NAME], Client::Anybody, BOTH);
    let server = Server::at(vec![socket], Behaviour::Tls(tls, READY));
    let found = probed(Api::Kubernetes, server.address);
    assert!(found.ok && found.address.starts_with("[::1]:"), "{found:?}");
}
