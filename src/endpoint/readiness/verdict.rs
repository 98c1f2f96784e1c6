//! What an observation of a server means.

use std::net::SocketAddr;
use std::time::Duration;

use super::identity::{Identity, identity, takes_talos};
use super::sentence;
use super::target::{Api, Target};
use crate::remote::probe::{Attempt, Certificate, ConnectFault, End, NameFault, Observation, TlsFault};

/// How far a server was reached. The last one is the goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Its name is looked up.
    Name,
    /// A connection is made.
    Tcp,
    /// It shows its certificate, and says who it is.
    Tls,
    /// It is asked whether it serves.
    Http,
    /// It serves.
    Done,
}

impl Stage {
    /// As results show it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Name => "name",
            Stage::Tcp => "tcp",
            Stage::Tls => "tls",
            Stage::Http => "http",
            Stage::Done => "done",
        }
    }
}

/// What is to be said of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The key of the target.
    pub key: String,
    /// `HOST:PORT`.
    pub address: String,
    /// Where it ended; of several addresses the one that came least far.
    pub stage: Stage,
    /// Whether it serves.
    pub ok: bool,
    /// What was found, and what to do.
    pub message: String,
    /// From the first packet to the end of the probe; of several addresses the slowest. None without a connection.
    pub latency: Option<Duration>,
    /// Its certificate, where one was shown.
    pub certificate: Option<Certificate>,
    /// Whether waiting alone may not change it.
    pub stuck: bool,
    /// Whether it is the endpoint, not a node.
    pub of_endpoint: bool,
}

/// What is to be said of one address.
struct Finding {
    stage: Stage,
    reason: String,
    stuck: bool,
    /// False where this machine can't tell.
    counts: bool,
}

/// Judges an observation of `target` that was made at the time `now`, in seconds since 1970.
pub fn verdict(target: &Target, observation: &Observation, now: i64) -> Verdict {
    let found: Vec<(&Attempt, Finding)> =
        observation.attempts.iter().map(|attempt| (attempt, finding(target, attempt, now))).collect();
    let (stage, ok, message, stuck) = match &observation.addresses {
        Err(fault) => (Stage::Name, false, sentence::name(&target.host, fault), matches!(fault, NameFault::NotFound)),
        Ok(_) => together(&found),
    };
    let answered = found.iter().filter(|(_, finding)| finding.stage > Stage::Tcp);
    let at_fault =
        found.iter().find(|(attempt, finding)| finding.stage == stage && attempt.shown.certificate.is_some());
    let shown = at_fault.or_else(|| found.iter().find(|(attempt, _)| attempt.shown.certificate.is_some()));
    Verdict {
        key: target.key(),
        address: target.address(),
        stage,
        ok,
        message,
        latency: answered.map(|(attempt, _)| attempt.took).max(),
        certificate: shown.and_then(|(attempt, _)| attempt.shown.certificate.clone()),
        stuck,
        of_endpoint: target.node.is_none(),
    }
}

/// All addresses of a name must serve: clients take any of them. One to which this machine has no route doesn't count beside others.
fn together(found: &[(&Attempt, Finding)]) -> (Stage, bool, String, bool) {
    let any_counts = found.iter().any(|(_, finding)| finding.counts);
    let counted = || found.iter().filter(|(_, finding)| finding.counts || !any_counts);
    let stage = counted().map(|(_, finding)| finding.stage).min().unwrap_or(Stage::Name);
    let ok = any_counts && stage == Stage::Done;
    let stuck = counted().any(|(_, finding)| finding.stuck);
    (stage, ok, message(found), stuck)
}

/// Each reason with the addresses that it holds for, the worst first; a reason that holds for all stands alone.
fn message(found: &[(&Attempt, Finding)]) -> String {
    let mut reasons: Vec<(Stage, &str, Vec<SocketAddr>)> = Vec::new();
    for (attempt, finding) in found {
        match reasons.iter_mut().find(|(_, reason, _)| *reason == finding.reason) {
            Some((.., addresses)) => addresses.push(attempt.address),
            None => reasons.push((finding.stage, &finding.reason, vec![attempt.address])),
        }
    }
    if let [(_, reason, _)] = reasons.as_slice() {
        return (*reason).to_owned();
    }
    reasons.sort_by_key(|(stage, ..)| *stage);
    let parts = reasons.iter().map(|(_, reason, addresses)| {
        let addresses: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
        format!("{}: {reason}", addresses.join(", "))
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn finding(target: &Target, attempt: &Attempt, now: i64) -> Finding {
    let waits = |stage: Stage, reason: String| Finding { stage, reason, stuck: false, counts: true };
    if let Some(finding) = refused(target, attempt, now) {
        return finding;
    }
    match (&attempt.end, target.api) {
        (End::NotBegun, _) => waits(Stage::Tcp, sentence::NOT_PROBED.to_owned()),
        (End::Unconnected(fault), _) => Finding {
            counts: *fault != ConnectFault::NoRoute,
            ..waits(Stage::Tcp, sentence::connect(target, attempt, fault))
        },
        // With a certificate of its own a client would be let in.
        (End::NoTls(TlsFault::WantsCertificate) | End::Shaken, Api::Talos) => {
            waits(Stage::Done, sentence::asks_for_a_client(&attempt.shown, takes_talos(&attempt.shown)))
        }
        (End::NoTls(fault), _) => waits(Stage::Tls, sentence::tls(target, fault)),
        (End::NoHttp(fault), _) => waits(Stage::Http, sentence::http(fault)),
        (End::Shaken, Api::Kubernetes) => waits(Stage::Http, "wasn't asked whether it serves".to_owned()),
        (End::Http(answer), _) => match answer.status {
            200 => waits(Stage::Done, "serves: /readyz answers 200".to_owned()),
            401 | 403 => waits(
                Stage::Done,
                format!("serves: /readyz answers {}, because it was asked without credentials", answer.status),
            ),
            _ => waits(Stage::Http, sentence::answer(answer)),
        },
    }
}

/// What is wrong with who answers, and with its certificate, however the attempt went on.
fn refused(target: &Target, attempt: &Attempt, now: i64) -> Option<Finding> {
    let found = |reason: String, stuck: bool| Some(Finding { stage: Stage::Tls, reason, stuck, counts: true });
    let Some(certificate) = attempt.shown.certificate.as_ref() else {
        return match attempt.end {
            End::Shaken | End::NoHttp(_) | End::Http(_) => {
                found("its certificate can't be read: another service has this port".to_owned(), true)
            }
            _ => None,
        };
    };
    if target.api == Api::Kubernetes && takes_talos(&attempt.shown) {
        return found("this is the Talos API, not the Kubernetes API: check the port".to_owned(), true);
    }
    let who = if target.api == Api::Talos { identity(&attempt.shown) } else { Identity::ApiServer };
    match (target.api, who) {
        (Api::Talos, Identity::Maintenance) => {
            found("in maintenance mode: apply the node's machine configuration".to_owned(), false)
        }
        (Api::Talos, Identity::ApiServer) => {
            found("this is the Kubernetes API, not the Talos API: check the port".to_owned(), true)
        }
        (Api::Talos, Identity::Stranger) => found(
            format!(
                "a stranger answers, whose certificate is from {}, and who doesn't ask for a client certificate of \
                 Talos: check address and port",
                if certificate.issuer.is_empty() { "nobody" } else { &certificate.issuer }
            ),
            true,
        ),
        // A clock that is ahead is caught up with.
        _ => found(sentence::certificate(target, certificate, now)?, now >= certificate.not_before.seconds),
    }
}

#[cfg(test)]
mod tests;
