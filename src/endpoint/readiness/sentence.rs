//! What a fault is, and what to do about it, each in one sentence without a capital and a full stop.

use std::time::Duration;

use super::attributes::NODE_KUBERNETES_API_PORT;
use super::identity::is_of_kubernetes;
use super::target::{Api, Target};
use crate::endpoint::contract::{KUBERNETES_API_ENDPOINT, MACHINE_CERT_SANS};
use crate::remote::probe::{Answer, Attempt, Certificate, ConnectFault, HttpFault, NameFault, TlsFault};

/// There was no time for it. It says nothing about the server.
pub const NOT_PROBED: &str = "not probed in time";

/// The name leads nowhere.
pub fn name(host: &str, fault: &NameFault) -> String {
    match fault {
        NameFault::NotFound => format!(
            "{host} isn't in DNS: create its record, or wait a few minutes where the load balancer behind it is new"
        ),
        NameFault::NoAnswer => {
            format!("DNS gave no answer for {host}: check the name servers of this machine, and those of the zone")
        }
        NameFault::Silent(limit) => {
            format!("DNS gave no answer for {host} within {}: check the name servers of this machine", seconds(*limit))
        }
        NameFault::Other(reason) => format!("{host} can't be looked up: {reason}"),
        NameFault::NotAsked => NOT_PROBED.to_owned(),
    }
}

/// There is no connection.
pub fn connect(target: &Target, attempt: &Attempt, fault: &ConnectFault) -> String {
    match fault {
        ConnectFault::Refused => format!("port closed: {}", closed(target)),
        ConnectFault::Silent(limit) => {
            let from = attempt.from.map_or_else(String::new, |from| format!(" from {from}"));
            format!(
                "no answer within {}: the machine is off, nothing has the address, or a firewall or security group \
                 drops packets{from}",
                seconds(*limit)
            )
        }
        ConnectFault::NoRoute => {
            let family = if attempt.address.is_ipv4() { "IPv4" } else { "IPv6" };
            format!("not checked: this machine has no route to it over {family}")
        }
        ConnectFault::Unreachable => {
            "the network reports the host as unreachable: the machine is off, or nothing has the address".to_owned()
        }
        ConnectFault::Other(reason) => format!("no connection: {reason}"),
    }
}

fn closed(target: &Target) -> String {
    let what = match (target.api, target.node.is_some()) {
        (Api::Kubernetes, true) => {
            let elsewhere = target
                .front_port
                .map(|port| format!(", or it has the endpoint's port {port} (set `{NODE_KUBERNETES_API_PORT}`)"));
            return "not bootstrapped yet, or the API server is starting".to_owned() + &elsewhere.unwrap_or_default();
        }
        (Api::Kubernetes, false) => {
            "not bootstrapped yet, or nothing listens at the endpoint (load balancer, virtual IP)"
        }
        (Api::Talos, true) => "the machine runs, but not the Talos API: it is booting, or it isn't Talos",
        (Api::Talos, false) => {
            "nothing listens at the endpoint: check the load balancer, or the nodes where it has none"
        }
    };
    what.to_owned()
}

/// There is no TLS.
pub fn tls(target: &Target, fault: &TlsFault) -> String {
    match fault {
        TlsFault::Closed => ended(target, "accepts the connection and closes it"),
        TlsFault::Silent(limit) => {
            ended(target, &format!("accepts the connection and says nothing within {}", seconds(*limit)))
        }
        TlsFault::OtherProtocol => "answers, but not in TLS: another service has this port".to_owned(),
        TlsFault::WantsCertificate => wants_certificate(),
        TlsFault::Incompatible(reason) => format!("no TLS connection ({reason}): check which service has this port"),
        TlsFault::Other(reason) => format!("no TLS connection: {reason}"),
    }
}

fn ended(target: &Target, what: &str) -> String {
    let why = if target.node.is_some() {
        "the server is starting, or it hangs"
    } else {
        "a load balancer without a node that answers, or a server that hangs"
    };
    format!("{what}: {why}")
}

fn wants_certificate() -> String {
    "asks for a client certificate before it answers, which an API server doesn't: is this the Talos API?".to_owned()
}

/// There is no answer over TLS.
pub fn http(fault: &HttpFault) -> String {
    match fault {
        HttpFault::Closed => "closes the connection in place of an answer: the API server is starting".to_owned(),
        HttpFault::Silent(limit) => format!("gives no answer within {}: the API server hangs", seconds(*limit)),
        HttpFault::WantsCertificate => wants_certificate(),
        HttpFault::Other(reason) => format!("doesn't answer in HTTP: {reason}"),
    }
}

/// An answer that isn't one of an API server that serves.
pub fn answer(answer: &Answer) -> String {
    let Answer { status, failed_checks } = answer;
    match status {
        500..=599 if !failed_checks.is_empty() => {
            format!("not ready: /readyz answers {status}, because of {}", failed_checks.join(", "))
        }
        500..=599 => format!("not ready: /readyz answers {status}"),
        429 => "not ready: /readyz answers 429, because the API server is overloaded".to_owned(),
        _ => format!("/readyz answers {status}, which an API server doesn't: another service has this port"),
    }
}

/// What is wrong with a certificate at the time `now`, in seconds since 1970; none where nothing is.
pub fn certificate(target: &Target, certificate: &Certificate, now: i64) -> Option<String> {
    let lacking: Vec<&str> = target.names.iter().filter(|name| !certificate.is_for(name)).map(String::as_str).collect();
    if certificate.self_signed {
        return Some(format!(
            "its certificate is self-signed ({}), not issued by the cluster: a stranger has this port",
            certificate.issuer
        ));
    }
    if now > certificate.not_after.seconds {
        return Some(format!(
            "its certificate expired at {}: check the clocks of the node and of this machine, then restart the service",
            certificate.not_after.text
        ));
    }
    if now < certificate.not_before.seconds {
        return Some(format!(
            "its certificate is valid only from {} on: check the clocks of the node and of this machine",
            certificate.not_before.text
        ));
    }
    (!lacking.is_empty())
        .then(|| format!("certificate lacks {}: {}", lacking.join(", "), carried(target.api, &certificate.issuer)))
}

/// How names get into the certificate of an API. One from an authority with another name than Kubernetes' may be a stranger's.
fn carried(api: Api, issuer: &str) -> String {
    match api {
        Api::Talos => format!(
            "put it into `machine.certSANs`, as the config patches of the endpoint do with its `{MACHINE_CERT_SANS}`"
        ),
        Api::Kubernetes if !is_of_kubernetes(issuer) => format!(
            "it is issued by {}. Unless that is the cluster's own authority, another service answers, or a firewall \
             that inspects TLS",
            if issuer.is_empty() { "an authority without a name" } else { issuer }
        ),
        Api::Kubernetes => format!(
            "make `{KUBERNETES_API_ENDPOINT}` the cluster endpoint of the machine configuration, or apply the config \
             patches of the endpoint"
        ),
    }
}

/// A time as people say it.
pub fn seconds(time: Duration) -> String {
    let tenths = time.as_millis().div_ceil(100);
    if tenths.is_multiple_of(10) { format!("{} s", tenths / 10) } else { format!("{}.{} s", tenths / 10, tenths % 10) }
}
