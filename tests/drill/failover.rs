//! Drills in which the VIP has to move, or has to stay.

use std::net::IpAddr;
use std::time::Duration;

use lab::network::clock::{now, poll};
use lab::network::requests::{Api, Sample};

use crate::laboratory::{Balancer, Laboratory, Watch};
use crate::table::{Row, Verdict, count, seconds};

/// How long a request may take here: one to a host that is gone must not hold up the drill.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is done to the load balancer that holds the VIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Every process of HAProxy is killed.
    Killed,
    /// Every process of HAProxy is stopped: it is there, and does nothing.
    Hung,
    /// The host's cable is cut.
    Cut,
    /// The cable of the interface that only virtual addresses are on is cut.
    FrontCut,
    /// This host alone has no way to any node any more, and its kernel knows.
    Alone,
    /// What this host alone sends to nodes is lost, silently.
    AloneUnaware,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Fault::Killed => "HAProxy killed",
            Fault::Hung => "HAProxy hung",
            Fault::Cut => "host vanished",
            Fault::FrontCut => "the VIP's own network cut",
            Fault::Alone => "host has no way to any node",
            Fault::AloneUnaware => "host loses all it sends to nodes",
        }
    }

    fn repaired(self) -> &'static str {
        match self {
            Fault::Killed => "  HAProxy started again",
            Fault::Hung => "  HAProxy goes on",
            Fault::Cut => "  host is back",
            Fault::FrontCut => "  its network is back",
            Fault::Alone | Fault::AloneUnaware => "  it reaches them again",
        }
    }

    fn cause(self, lab: &Laboratory, on: &Balancer) {
        match self {
            Fault::Killed => assert!(on.host.signal_all("haproxy", "KILL") > 0, "no HAProxy on {}", on.host.name),
            Fault::Hung => assert!(on.host.signal_all("haproxy", "STOP") > 0, "no HAProxy on {}", on.host.name),
            Fault::Cut => lab.switch.cut(&on.cable),
            Fault::FrontCut => on.further.iter().for_each(|cable| lab.switch.cut(cable)),
            Fault::Alone => lab.switch.refuse(&on.host, &nodes(lab)),
            Fault::AloneUnaware => lab.switch.lose(&on.host, &on.cable, &nodes(lab)),
        }
    }

    fn mend(self, lab: &Laboratory, on: &Balancer) -> Result<(), String> {
        match self {
            Fault::Killed => return on.start_haproxy(),
            Fault::Hung => {
                on.host.signal_all("haproxy", "CONT");
            }
            Fault::Cut => lab.switch.mend(&on.cable),
            Fault::FrontCut => on.further.iter().for_each(|cable| lab.switch.mend(cable)),
            Fault::Alone => lab.switch.accept(&on.host, &nodes(lab)),
            Fault::AloneUnaware => lab.switch.find(&on.host, &on.cable, &nodes(lab)),
        }
        Ok(())
    }
}

fn nodes(lab: &Laboratory) -> Vec<IpAddr> {
    lab.setup.nodes.iter().map(|node| node.address).collect()
}

/// How long is waited for a VIP that doesn't move.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest outage that is good.
    pub goal: Duration,
    /// When it is taken for never.
    pub never: Duration,
}

impl Limits {
    /// Within `goal`, given up after 20 s.
    pub fn within(goal: f64) -> Limits {
        Limits { goal: Duration::from_secs_f64(goal), never: Duration::from_secs(20) }
    }
}

/// Causes a fault on the host that holds the VIP, measures the outage, mends it and looks how the VIP returns.
///
/// # Errors
/// When the network wasn't in order before, or isn't afterwards.
pub fn fail_over(lab: &Laboratory, fault: Fault, limits: Limits) -> Result<[Row; 2], String> {
    lab.steady(Duration::from_secs(20))?;
    let watches = watch_all(lab);
    warm_up(&watches)?;
    let holder = lab.holder();
    fault.cause(lab, holder);
    let done = now();
    let found: Vec<Option<Sample>> = watches.iter().map(|watch| watch.first_success(done, limits.never)).collect();
    let moved = poll(Duration::from_secs(1), || taker(lab, holder));
    let samples: Vec<Sample> = watches.into_iter().flat_map(Watch::finish).collect();
    let failed = failures(&samples);
    let ends: Option<Vec<Duration>> = found.into_iter().map(|one| one.map(|sample| sample.end)).collect();
    let goal = format!("< {}", seconds(limits.goal));
    let broken = match (ends, moved) {
        (None, None) => Row {
            verdict: Verdict::Stuck,
            ..Row::judged(
                fault.name(),
                format!("the VIP did not move within {} s", limits.never.as_secs()),
                goal,
                false,
            )
        },
        (None, Some(to)) => {
            let happened = format!("VIP on {to}, but not every endpoint answered within {} s", limits.never.as_secs());
            Row { verdict: Verdict::Stuck, ..Row::judged(fault.name(), happened, goal, false) }
        }
        (Some(ends), moved) => {
            let outage = ends.into_iter().max().unwrap_or(done).saturating_sub(done);
            let requests = count(failed, "request");
            let what = moved.map_or_else(
                || format!("the VIP stayed; answers after {}, {requests} failed", seconds(outage)),
                |to| format!("VIP on {to}: answers after {}, {requests} failed", seconds(outage)),
            );
            Row::judged(fault.name(), what, goal, outage < limits.goal)
        }
    };
    Ok([broken, mend(lab, fault, holder)?])
}

/// Mends a fault and watches the VIP come back; a host may keep it where it was told so.
fn mend(lab: &Laboratory, fault: Fault, holder: &Balancer) -> Result<Row, String> {
    let away = taker(lab, holder).is_some();
    let watches = watch_all(lab);
    if away {
        warm_up(&watches)?;
    }
    let start = now();
    fault.mend(lab, holder)?;
    let name = &holder.host.name;
    let back = || matches!(lab.holders().as_slice(), [only] if only.host.name == *name).then(now);
    let back = poll(Duration::from_secs(15), back);
    // What goes wrong with the move goes wrong within a second of it.
    let settled = now() + Duration::from_secs(1);
    poll(Duration::from_secs(5), || (now() >= settled).then_some(()));
    let samples: Vec<Sample> = watches.into_iter().flat_map(Watch::finish).collect();
    let lost = longest_gap(&samples);
    let where_to = match back {
        Some(moment) if away => format!("VIP back on {name} after {}", seconds(moment.saturating_sub(start))),
        Some(_) => format!("VIP still on {name}"),
        None => format!("VIP stays on {}", taker(lab, holder).unwrap_or_else(|| "no host".to_owned())),
    };
    let happened = format!("{where_to}, {} failed", count(failures(&samples), "request"));
    if !away {
        return Ok(Row::noted(fault.repaired(), happened));
    }
    Ok(Row::judged(fault.repaired(), happened, "< 1 s without answers", lost < Duration::from_secs(1)))
}

/// No API server is ready on any node, as before a bootstrap: the VIP must stay, and lead to the Talos API.
///
/// # Errors
/// When the network wasn't in order before, or isn't afterwards.
pub fn nothing_ready(lab: &Laboratory) -> Result<Row, String> {
    const WHAT: &str = "no API server ready on any node";
    let Some(talos) = &lab.setup.talos else { return Ok(Row::noted(WHAT, "not tried: no Talos API here")) };
    lab.steady(Duration::from_secs(20))?;
    let watches: Vec<Watch> =
        lab.setup.endpoints(talos).into_iter().map(|to| lab.watch(to, Api::Talos, PATIENCE)).collect();
    warm_up(&watches)?;
    lab.nodes.iter().for_each(|node| node.answer("closed"));
    // Long enough for every check to fail, and for a VIP to move twice.
    let end = now() + Duration::from_secs(15);
    poll(Duration::from_secs(20), || (now() >= end).then_some(()));
    let holders = lab.holders().len();
    let since = end.saturating_sub(Duration::from_secs(2));
    let samples: Vec<Sample> = watches.into_iter().flat_map(Watch::finish).collect();
    lab.nodes.iter().for_each(|node| node.answer("401"));
    let failed = failures(&samples);
    let answers = samples.iter().any(|sample| sample.start >= since && sample.result.is_ok());
    let met = holders == 1 && answers && failed <= 2;
    let vip = match holders {
        0 => "no host holds the VIP".to_owned(),
        1 => "the VIP stays".to_owned(),
        many => format!("{many} hosts hold the VIP"),
    };
    let happened = format!("{vip}, the Talos API {}, {} failed", verb(answers), count(failed, "request"));
    let goal = "stays, <= 2 failed";
    let row = Row::judged(WHAT, happened, goal, met);
    Ok(if holders == 0 || !answers { Row { verdict: Verdict::Stuck, ..row } } else { row })
}

fn verb(answers: bool) -> &'static str {
    if answers { "answers" } else { "doesn't answer" }
}

fn watch_all(lab: &Laboratory) -> Vec<Watch<'_>> {
    let endpoints = lab.setup.kubernetes_endpoints().into_iter();
    endpoints.map(|endpoint| lab.watch(endpoint, Api::Kubernetes, PATIENCE)).collect()
}

/// Waits for half a second of answers on each and up to a second more, so that a fault meets a client at work, and is not in step
/// with the checks, which run every second.
fn warm_up(watches: &[Watch]) -> Result<(), String> {
    let wanted = 10 + usize::try_from(now().subsec_micros() % 20).unwrap_or_default();
    for watch in watches {
        let answered = || watch.samples().iter().filter(|sample| sample.result.is_ok()).count();
        poll(Duration::from_secs(20), || (answered() >= wanted).then_some(())).ok_or("requests were not answered")?;
    }
    Ok(())
}

/// Who else holds the VIP now.
fn taker(lab: &Laboratory, former: &Balancer) -> Option<String> {
    let others = lab.holders().into_iter().map(|holder| holder.host.name.clone());
    others.into_iter().find(|name| *name != former.host.name)
}

/// How many requests got no answer.
pub fn failures(samples: &[Sample]) -> usize {
    samples.iter().filter(|sample| sample.result.is_err()).count()
}

/// The longest time in which no answer came.
fn longest_gap(samples: &[Sample]) -> Duration {
    let mut answered: Vec<Duration> =
        samples.iter().filter(|sample| sample.result.is_ok()).map(|sample| sample.end).collect();
    answered.sort();
    let gaps = answered.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    if answered.is_empty() { Duration::MAX } else { gaps.max().unwrap_or_default() }
}
