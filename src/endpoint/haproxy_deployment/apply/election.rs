//! Keepalived's part of a run: all hosts change one right after the other, and exactly one has each virtual IP in the end.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::driver::Verdict;
use super::elsewhere::elsewhere;
use super::failure::{Cause, Failure};
use super::run::{Changes, End, Run};
use super::session::Sessions;
use super::start::{Failures, Start};
use crate::endpoint::deadline::Interrupted;
use crate::endpoint::haproxy_deployment::model::desired::Desired;
use crate::endpoint::haproxy_deployment::plan::order;

/// How long the virtual IPs may take until exactly one host has each, and has kept it, with an advertisement each second.
const ELECTION: Duration = Duration::from_secs(20);

/// The pause between two looks at who has them.
const ELECTION_PAUSE: Duration = Duration::from_millis(250);

impl Run<'_> {
    /// Peers whose settings differ make two masters: all change one right after the other, and all are taken back where that ends badly.
    pub(super) async fn change_keepalived(
        &self,
        start: &Start<'_>,
        sessions: &Sessions,
        changes: &BTreeMap<String, Changes>,
    ) -> Result<(), End> {
        if changes.values().all(|one| one.keepalived.is_none()) {
            return Ok(());
        }
        let order = self.order(start, sessions).await?;
        let of_host =
            |name: &String| Some((self.host(start, sessions, name)?, changes.get(name)?.keepalived.as_ref()?));
        let work: Vec<_> = order.iter().filter_map(of_host).collect();
        let doing = "changing Keepalived on all hosts";
        self.deadline.check().map_err(|why| End::Interrupted(why, doing.to_owned()))?;
        let all = async {
            let mut begun = Vec::new();
            let mut failure = None;
            for (host, change) in &work {
                begun.push((host, change));
                if let Err(failed) = host.begin(change).await {
                    begun.pop();
                    failure = Some(failed);
                    break;
                }
            }
            if failure.is_none() {
                failure = self.elected(start, sessions).await.err();
            }
            if failure.is_none() {
                // One that has taken its change back in the meantime must not be left alone with the old one.
                let waiting = begun.iter().map(|(host, change)| async move { host.waits(change).await });
                failure = join_all(waiting).await.into_iter().find_map(Result::err);
            }
            let verdict = if failure.is_none() { Verdict::Confirm } else { Verdict::Abort };
            let settled = begun.iter().map(|(host, change)| async move { host.settle(change, verdict).await });
            let settled = join_all(settled).await;
            let failures: Failures = failure.into_iter().chain(settled.into_iter().filter_map(Result::err)).collect();
            if failures.is_empty() { Ok(()) } else { Err(failures) }
        };
        self.hold(doing, all).await??;
        Ok(())
    }

    /// Waits until exactly one host has each virtual IP.
    async fn elected(&self, start: &Start<'_>, sessions: &Sessions) -> Result<(), Failure> {
        let intervals = self.spec.hosts.values().map(|host| Desired::of(self.spec, host).advert_interval);
        let interval = intervals.fold(0.0, f64::max);
        let deadline = self.deadline.at_most(ELECTION + order::longer_election(interval));
        // A host that is missing may have them.
        if sessions.len() < self.spec.hosts.len() {
            return Ok(());
        }
        let mut since: Option<(BTreeMap<IpAddr, Vec<String>>, Instant)> = None;
        loop {
            let asked = self.addresses(start, sessions).await?;
            let contested = order::contested(&asked, &self.spec.vips);
            let holders = order::holders(&asked, &self.spec.vips);
            since = since.filter(|(before, _)| contested.is_empty() && *before == holders);
            match &since {
                Some((_, begun)) if begun.elapsed() >= order::stable_time(interval) => {
                    return self.alone(start, sessions).await;
                }
                None if contested.is_empty() => since = Some((holders, Instant::now())),
                _ => {}
            }
            // The user's stop ends this from outside, with a moment for those who hold the VIP already.
            if deadline.check() == Err(Interrupted::TimedOut) {
                return Err(Failure { host: String::new(), cause: Cause::Contested(contested) });
            }
            sleep(ELECTION_PAUSE).await;
        }
    }

    /// No other machine has a virtual IP as well, such as a load balancer of another state, whose peers have just got others.
    async fn alone(&self, start: &Start<'_>, sessions: &Sessions) -> Result<(), Failure> {
        // One that leaves may have it until it is cleared, once this is done.
        if self.prior.is_some_and(|prior| prior.hosts.keys().any(|name| !self.spec.hosts.contains_key(name))) {
            return Ok(());
        }
        let elsewhere = elsewhere(sessions, &self.spec.hosts, &self.spec.vips, start.run).await;
        let failure = |(vip, by)| Failure { host: String::new(), cause: Cause::VipElsewhere { vip, by } };
        elsewhere.into_iter().next().map_or(Ok(()), |found| Err(failure(found)))
    }
}
