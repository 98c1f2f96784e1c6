//! Drills in which nothing fails: a stream without data, and reloads under load. They share their time.

use std::net::SocketAddr;
use std::time::Duration;

use lab::network::clock::{now, poll};
use lab::network::requests::Api;

use crate::failover::failures;
use crate::laboratory::Laboratory;
use crate::table::{Row, Verdict, count, seconds};

/// Longer than the 30 s of much-copied files, in which `kubectl logs -f` is cut.
const IDLE: Duration = Duration::from_secs(35);

/// How often HAProxy is reloaded under load.
const RELOADS: usize = 5;

/// Opens an idle stream, reloads HAProxy meanwhile, and looks what became of both.
///
/// # Errors
/// When the network wasn't in order before.
pub fn idle_and_reload(lab: &Laboratory) -> Result<[Row; 2], String> {
    lab.steady(Duration::from_secs(20))?;
    let endpoint = *lab.setup.kubernetes_endpoints().first().ok_or("no endpoint")?;
    lab.open_stream("idle", endpoint);
    poll(Duration::from_secs(10), || lab.client.stream("idle").opened).ok_or("the idle stream was never open")?;
    let reloads = reload(lab, endpoint)?;
    let state = || lab.client.stream("idle");
    let limit = || state().opened.map(|opened| (opened + IDLE).saturating_sub(now())).unwrap_or_default();
    let ended = poll(limit(), || state().ended);
    let happened = match (&ended, state().opened) {
        (Some((moment, reason)), Some(opened)) => {
            format!("cut after {} ({reason})", seconds(moment.saturating_sub(opened)))
        }
        _ => format!("still open after {} s", IDLE.as_secs()),
    };
    let idle = Row::judged("stream without data", happened, "stays open", ended.is_none());
    Ok([reloads, idle])
}

fn reload(lab: &Laboratory, endpoint: SocketAddr) -> Result<Row, String> {
    let watch = lab.watch(endpoint, Api::Kubernetes, Duration::from_secs(10));
    let answered = || watch.samples().iter().filter(|sample| sample.result.is_ok()).count();
    let holder = lab.holder();
    for reload in 1..=RELOADS {
        // A second of requests before each, and one after the last.
        poll(Duration::from_secs(10), || (answered() >= 20 * reload).then_some(()))
            .ok_or("requests were not answered")?;
        holder.reload_haproxy();
    }
    poll(Duration::from_secs(10), || (answered() >= 20 * (RELOADS + 1)).then_some(()));
    let samples = watch.finish();
    let failed = failures(&samples);
    let alive = holder.host.count("haproxy") > 0;
    let happened = format!("{failed} of {} failed", count(samples.len(), "request"));
    let row = Row::judged(format!("{RELOADS} reloads under load"), happened, "0 failed", failed == 0 && alive);
    Ok(if alive { row } else { Row { verdict: Verdict::Missed, happened: "HAProxy ended".to_owned(), ..row } })
}
