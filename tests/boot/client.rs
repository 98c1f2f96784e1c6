//! A client that makes a new connection through the VIP every 50 ms, and what it saw.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use lab::network::authority::Authority;
use lab::network::clock::{Moment, now, poll};
use lab::network::host::Host;
use lab::network::requests::{Api, Sample};

const ID: &str = "client";

/// As long as one of its connections may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// What it saw between two moments.
#[derive(Debug)]
pub struct Seen {
    /// Connections that were begun.
    pub begun: usize,
    /// Those of them that failed, with the reasons.
    pub failed: Vec<String>,
    /// The longest time between two answers: how long the VIP was gone, where that is long.
    pub longest_gap: Duration,
}

/// Begins on `host`, and goes on until that is gone.
pub fn start(host: &Host, to: SocketAddr, authority: &Authority) {
    host.start_requests(ID, to, Api::Kubernetes, DEADLINE, authority);
}

/// Waits until the client is answered again, for a whole second without a failure.
pub fn wait_for_answers(host: &Host, limit: Duration) -> bool {
    let good = || {
        let since = now().checked_sub(Duration::from_secs(1))?;
        let samples = host.samples(ID, 0);
        let mut last = samples.iter().filter(|sample| sample.end >= since).peekable();
        (last.peek().is_some() && last.all(|sample| sample.result.is_ok())).then_some(())
    };
    poll(limit, good).is_some()
}

/// What the client has seen since that moment.
pub fn seen_since(host: &Host, since: Moment) -> Seen {
    let mut samples = host.samples(ID, 0);
    samples.sort_by_key(|sample| sample.end);
    let answers: Vec<Moment> = samples.iter().filter(|sample| sample.result.is_ok()).map(|sample| sample.end).collect();
    // From the last answer before it on.
    let first = answers.partition_point(|end| *end < since).saturating_sub(1);
    let longest_gap = answers[first..].windows(2).map(|two| two[1] - two[0]).max().unwrap_or(Duration::MAX);
    let within: Vec<&Sample> = samples.iter().filter(|sample| sample.start >= since).collect();
    let failed = within.iter().filter_map(|sample| sample.result.clone().err()).collect();
    Seen { begun: within.len(), failed, longest_gap }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, begun) = (self.failed.len(), self.begun);
        write!(
            f,
            "{failed} of {begun} connections failed, at most {:.2} s without an answer",
            self.longest_gap.as_secs_f64()
        )
    }
}
