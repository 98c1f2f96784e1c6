use std::net::IpAddr;

use super::*;
use crate::remote::probe::{Answer, HttpFault, Moment, Shown};

const NOW: i64 = 1_000;

fn target(api: Api, node: bool) -> Target {
    let names = vec!["api.example.com".to_owned()];
    let node = node.then(|| "cp-01".to_owned());
    Target { api, node, host: "api.example.com".to_owned(), port: 6443, names, front_port: None }
}

fn moment(seconds: i64) -> Moment {
    Moment { seconds, text: format!("T{seconds}") }
}

fn certificate(names: &[&str], issuer: &str) -> Certificate {
    let dns_names = names.iter().map(|name| (*name).to_owned()).collect();
    Certificate {
        dns_names,
        addresses: Vec::new(),
        issuer: issuer.to_owned(),
        self_signed: false,
        not_before: moment(0),
        not_after: moment(NOW * 2),
    }
}

fn good() -> Shown {
    Shown { certificate: Some(certificate(&["api.example.com"], "O=kubernetes")), accepted_authorities: None }
}

fn attempt(ip: &str, shown: Shown, end: End) -> Attempt {
    let address = SocketAddr::new(ip.parse::<IpAddr>().unwrap(), 6443);
    Attempt { address, from: Some("10.9.9.9".parse().unwrap()), took: Duration::from_millis(7), shown, end }
}

fn judged(target: &Target, attempts: Vec<Attempt>) -> Verdict {
    let addresses = Ok(attempts.iter().map(|attempt| attempt.address.ip()).collect());
    verdict(target, &Observation { addresses, attempts }, NOW)
}

fn one(api: Api, shown: Shown, end: End) -> Verdict {
    judged(&target(api, false), vec![attempt("10.0.0.1", shown, end)])
}

fn status(status: u16) -> End {
    End::Http(Answer { status, failed_checks: Vec::new() })
}

#[track_caller]
fn check(found: &Verdict, stage: Stage, ok: bool, stuck: bool, part: &str) {
    assert_eq!((found.stage, found.ok, found.stuck), (stage, ok, stuck), "{found:?}");
    assert!(found.message.contains(part), "{found:?}");
}

#[test]
fn an_api_server_serves_that_answers_200_401_or_403() {
    for code in [200, 401, 403] {
        check(&one(Api::Kubernetes, good(), status(code)), Stage::Done, true, false, &code.to_string());
    }
    check(&one(Api::Kubernetes, good(), status(404)), Stage::Http, false, false, "another service");
    let failing = End::Http(Answer { status: 500, failed_checks: vec!["etcd".to_owned()] });
    check(&one(Api::Kubernetes, good(), failing), Stage::Http, false, false, "because of etcd");
    check(&one(Api::Kubernetes, good(), status(429)), Stage::Http, false, false, "overloaded");
    let hangs = End::NoHttp(HttpFault::Silent(Duration::from_secs(2)));
    check(&one(Api::Kubernetes, good(), hangs), Stage::Http, false, false, "within 2 s");
}

#[test]
fn a_certificate_is_checked_even_where_the_answer_is_good() {
    let with = |change: &dyn Fn(&mut Certificate)| {
        let mut shown = good();
        change(shown.certificate.as_mut().unwrap());
        one(Api::Kubernetes, shown, status(200))
    };
    check(&with(&|it| it.dns_names.clear()), Stage::Tls, false, true, "certificate lacks api.example.com");
    check(&with(&|it| it.not_after = moment(NOW - 1)), Stage::Tls, false, true, "expired at T999");
    check(&with(&|it| it.not_before = moment(NOW + 1)), Stage::Tls, false, false, "only from T1001 on");
    check(&with(&|it| it.self_signed = true), Stage::Tls, false, true, "self-signed (O=kubernetes)");
    let company = |it: &mut Certificate| (it.dns_names.clear(), it.issuer = "CN=company".to_owned()).1;
    check(&with(&company), Stage::Tls, false, true, "it is issued by CN=company. Unless that is the cluster's own");
    check(&with(&|_| {}), Stage::Done, true, false, "200");
    let unreadable = || Shown { certificate: None, ..good() };
    check(&one(Api::Kubernetes, unreadable(), status(401)), Stage::Tls, false, true, "can't be read");
    check(&one(Api::Talos, unreadable(), End::Shaken), Stage::Tls, false, true, "can't be read");
}

#[test]
fn the_talos_api_is_told_from_others() {
    let apid = |names: &[&str]| Shown {
        certificate: Some(certificate(names, "O=talos")),
        accepted_authorities: Some(vec!["O=talos".to_owned()]),
    };
    let right = || apid(&["api.example.com"]);
    check(&one(Api::Talos, right(), End::Shaken), Stage::Done, true, false, "client certificate");
    check(&one(Api::Talos, right(), End::NoTls(TlsFault::WantsCertificate)), Stage::Done, true, false, "serves");
    check(&one(Api::Talos, apid(&[]), End::Shaken), Stage::Tls, false, true, "`machine_cert_sans`");
    let maintenance = Shown { certificate: Some(certificate(&[], "")), accepted_authorities: None };
    check(&one(Api::Talos, maintenance, End::Shaken), Stage::Tls, false, false, "maintenance mode");
    check(&one(Api::Talos, good(), End::Shaken), Stage::Tls, false, true, "this is the Kubernetes API");
    let stranger = Shown { certificate: Some(certificate(&[], "O=company")), accepted_authorities: None };
    check(&one(Api::Talos, stranger, End::Shaken), Stage::Tls, false, true, "O=company");
    let wants = || End::NoTls(TlsFault::WantsCertificate);
    check(&one(Api::Kubernetes, Shown::default(), wants()), Stage::Tls, false, false, "is this the Talos API?");
    check(
        &one(Api::Kubernetes, right(), wants()),
        Stage::Tls,
        false,
        true,
        "this is the Talos API, not the Kubernetes",
    );
    let closing = Shown { accepted_authorities: Some(vec!["O=kubernetes".to_owned()]), ..good() };
    let closed = End::NoHttp(HttpFault::Closed);
    check(&one(Api::Kubernetes, closing, closed), Stage::Http, false, false, "the API server is starting");
    let own = Shown {
        certificate: Some(certificate(&["api.example.com"], "O=Corp")),
        accepted_authorities: Some(vec!["O=Corp".to_owned()]),
    };
    check(&one(Api::Talos, own, End::Shaken), Stage::Done, true, false, "is from O=Corp, in place of O=talos");
}

#[test]
fn each_fault_has_its_stage_and_a_remedy() {
    let faults = [
        (End::Unconnected(ConnectFault::Refused), Stage::Tcp, "not bootstrapped yet"),
        (End::Unconnected(ConnectFault::Silent(Duration::from_millis(1_250))), Stage::Tcp, "within 1.3 s"),
        (End::Unconnected(ConnectFault::Unreachable), Stage::Tcp, "unreachable"),
        (End::Unconnected(ConnectFault::NoRoute), Stage::Tcp, "no route to it over IPv4"),
        (End::NoTls(TlsFault::Closed), Stage::Tls, "the load balancer has no healthy node"),
        (End::NoTls(TlsFault::Silent(Duration::from_secs(1))), Stage::Tls, "says nothing within 1 s"),
        (End::NoTls(TlsFault::OtherProtocol), Stage::Tls, "another service"),
        (End::NotBegun, Stage::Tcp, "not probed in time"),
    ];
    for (end, stage, part) in faults {
        check(&one(Api::Kubernetes, Shown::default(), end), stage, false, false, part);
    }
    let silent = End::Unconnected(ConnectFault::Silent(Duration::from_secs(1)));
    check(&one(Api::Talos, Shown::default(), silent), Stage::Tcp, false, false, "from 10.9.9.9");
    let node = judged(
        &target(Api::Talos, true),
        vec![attempt("10.0.0.1", Shown::default(), End::Unconnected(ConnectFault::Refused))],
    );
    check(&node, Stage::Tcp, false, false, "it is booting, or it isn't Talos");
    assert_eq!((node.key.as_str(), node.of_endpoint), ("cp-01/talos_api", false));
    let moved = Target { front_port: Some(443), ..target(Api::Kubernetes, true) };
    let node = judged(&moved, vec![attempt("10.0.0.1", Shown::default(), End::Unconnected(ConnectFault::Refused))]);
    check(&node, Stage::Tcp, false, false, "or it has the endpoint's port 443 (set `node_kubernetes_api_port`)");
}

#[test]
fn a_name_that_leads_nowhere_ends_it() {
    let of = |fault: NameFault| {
        verdict(&target(Api::Kubernetes, false), &Observation { addresses: Err(fault), attempts: Vec::new() }, NOW)
    };
    check(&of(NameFault::NotFound), Stage::Name, false, true, "api.example.com isn't in DNS");
    check(&of(NameFault::NoAnswer), Stage::Name, false, false, "no answer");
    check(&of(NameFault::NotAsked), Stage::Name, false, false, "not probed in time");
}

#[test]
fn of_several_addresses_the_worst_decides_and_the_message_names_it() {
    let target = target(Api::Kubernetes, false);
    let serves = |ip: &str| attempt(ip, good(), status(200));
    let refused = |ip: &str| attempt(ip, Shown::default(), End::Unconnected(ConnectFault::Refused));
    let mixed = judged(&target, vec![serves("10.0.0.1"), refused("10.0.0.2"), refused("2001:db8::1")]);
    check(&mixed, Stage::Tcp, false, false, "10.0.0.2, 2001:db8::1: port closed");
    assert!(mixed.message.ends_with("; 10.0.0.1: serves: /readyz answers 200"), "{mixed:?}");
    assert!(mixed.certificate.is_some() && mixed.latency.is_some(), "{mixed:?}");
    let same = judged(&target, vec![serves("10.0.0.1"), serves("10.0.0.2")]);
    assert_eq!((same.ok, same.message.as_str()), (true, "serves: /readyz answers 200"));
}

#[test]
fn a_family_that_this_machine_lacks_does_not_count_beside_another() {
    let target = target(Api::Kubernetes, false);
    let no_route = |ip: &str| attempt(ip, Shown::default(), End::Unconnected(ConnectFault::NoRoute));
    let serves = judged(&target, vec![attempt("10.0.0.1", good(), status(200)), no_route("2001:db8::1")]);
    check(&serves, Stage::Done, true, false, "2001:db8::1: not checked: this machine has no route to it over IPv6");
    check(&judged(&target, vec![no_route("2001:db8::1")]), Stage::Tcp, false, false, "not checked");
}
