//! Drills in which one control-plane node fails behind the load balancers.

use std::time::Duration;

use lab::network::clock::{now, poll};
use lab::network::requests::{Api, Sample};

use crate::failover::failures;
use crate::laboratory::{Laboratory, NodeHost};
use crate::table::{Row, count, seconds};

/// A client that waits: what it gets in the end counts.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the fault lasts, and is looked at.
const WINDOW: Duration = Duration::from_secs(8);

/// How many requests one fault may cost, at 20 a second.
const ALLOWED: usize = 2;

/// What is done to one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its servers are killed: connections are refused.
    Refused,
    /// Its cable is cut: what is sent to it is lost.
    Lost,
    /// Its servers are stopped: connections are made, and nothing answers.
    Hung,
    /// `/readyz` answers 500.
    Unready,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 4] = [Fault::Refused, Fault::Lost, Fault::Hung, Fault::Unready];

    fn name(self) -> &'static str {
        match self {
            Fault::Refused => "API server killed",
            Fault::Lost => "node vanished",
            Fault::Hung => "API server hung",
            Fault::Unready => "/readyz answers 500",
        }
    }

    fn cause(self, lab: &Laboratory, on: &NodeHost) {
        match self {
            Fault::Refused => on.signal("KILL"),
            Fault::Lost => lab.switch.cut(&on.cable),
            Fault::Hung => on.signal("STOP"),
            Fault::Unready => on.answer("500"),
        }
    }

    fn mend(self, lab: &Laboratory, on: &NodeHost) {
        match self {
            Fault::Refused => on.boot(),
            Fault::Lost => lab.switch.mend(&on.cable),
            Fault::Hung => on.signal("CONT"),
            Fault::Unready => on.answer("401"),
        }
    }
}

/// Causes a fault on one node and counts what it costs.
///
/// # Errors
/// When the network wasn't in order before.
pub fn lose_one(lab: &Laboratory, fault: Fault) -> Result<Row, String> {
    if lab.nodes.len() < 2 {
        return Ok(Row::noted(fault.name(), "not tried: there is only one node"));
    }
    lab.steady(Duration::from_secs(20))?;
    let endpoint = *lab.setup.kubernetes_endpoints().first().ok_or("no endpoint")?;
    let node = all_in_use(lab, endpoint)?;
    let watch = lab.watch(endpoint, Api::Kubernetes, PATIENCE);
    let warm = || watch.samples().iter().filter(|sample| sample.result.is_ok()).count() >= 20;
    poll(Duration::from_secs(20), || warm().then_some(())).ok_or("requests were not answered")?;
    let start = now();
    fault.cause(lab, node);
    let end = now() + WINDOW;
    poll(WINDOW * 2, || (now() >= end).then_some(()));
    let samples = watch.finish();
    fault.mend(lab, node);
    Ok(row(fault, &node.host.name, &samples, start))
}

fn row(fault: Fault, node: &str, samples: &[Sample], start: Duration) -> Row {
    let failed = failures(samples);
    let slowest = samples.iter().map(|sample| sample.end.saturating_sub(sample.start)).max().unwrap_or_default();
    let answered = samples.iter().filter(|sample| sample.result.as_deref() == Ok(node) && sample.end >= start);
    let last = answered.map(|sample| sample.end.saturating_sub(start)).max().unwrap_or_default();
    let asked_on = fault == Fault::Unready && last + Duration::from_secs(1) > WINDOW;
    let leaves = match fault {
        Fault::Unready if asked_on => ", and it goes on being asked".to_owned(),
        Fault::Unready => format!(", not asked any more after {}", seconds(last)),
        _ => String::new(),
    };
    let requests = count(samples.len(), "request");
    let happened = format!("{failed} of {requests} failed, the slowest took {}{leaves}", seconds(slowest));
    let goal = match fault {
        Fault::Unready => format!("<= {ALLOWED} failed, not asked any more"),
        _ => format!("<= {ALLOWED} failed"),
    };
    Row::judged(fault.name(), happened, goal, failed <= ALLOWED && !asked_on)
}

/// Waits until every node gets requests (one that was lost before comes back slowly); the one that is to fail next.
fn all_in_use(lab: &Laboratory, endpoint: std::net::SocketAddr) -> Result<&NodeHost, String> {
    let watch = lab.watch(endpoint, Api::Kubernetes, PATIENCE);
    let asked = |samples: &[Sample], node: &NodeHost| {
        samples.iter().filter(|sample| sample.result.as_deref() == Ok(node.host.name.as_str())).count()
    };
    let all = poll(Duration::from_secs(25), || {
        let samples = watch.samples();
        lab.nodes.iter().all(|node| asked(&samples, node) >= 3).then_some(())
    });
    let samples = watch.finish();
    all.ok_or("not every node was asked within 25 s")?;
    // The busiest: its loss hurts most.
    lab.nodes.iter().max_by_key(|node| asked(&samples, node)).ok_or_else(|| "no node".to_owned())
}
