//! Many servers at once, within one limit of time and one of sockets.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::attempt::attempt;
use super::lookup::{Found, Lookups};
use super::observation::{Ask, Attempt, NameFault, Observation};

/// How many sockets are open at a time, lookups included: polite towards the network, and far below the descriptors that a process has.
pub const MOST_SOCKETS: usize = LOOKUPS + CONNECTIONS;
const LOOKUPS: usize = 8;
const CONNECTIONS: usize = 24;

/// How long an attempt lasts at least, however many wait: three round trips around the world.
const SHORTEST: Duration = Duration::from_millis(500);

/// What of the time is kept for the end, so that all of it is over within the limit.
const RESERVE: f64 = 0.04;

/// How much of the time a lookup may take: a name that is found leaves some for its addresses.
const LOOKUP_PART: f64 = 0.8;

/// Probes servers. Probes of one prober share its sockets.
#[derive(Clone, Debug)]
pub struct Prober {
    lookups: Arc<Semaphore>,
    connections: Arc<Semaphore>,
}

impl Default for Prober {
    fn default() -> Prober {
        Prober { lookups: Arc::new(Semaphore::new(LOOKUPS)), connections: Arc::new(Semaphore::new(CONNECTIONS)) }
    }
}

impl Prober {
    /// Probes each of `asks` once, in `limit` at most. Where that is not enough for all, those that come first are begun first; the others
    /// are observed as not begun.
    pub async fn probe(&self, asks: &[Ask], limit: Duration) -> Vec<Observation> {
        let end = Instant::now() + limit.mul_f64(1.0 - RESERVE);
        let mut lookups = Lookups::default();
        let (first, others): (Vec<&Ask>, Vec<&Ask>) = asks.iter().partition(|ask| ask.first);
        let left = || end.saturating_duration_since(Instant::now());
        for ask in first.iter().chain(&others) {
            lookups.begin(&ask.host, &self.lookups, left().mul_f64(LOOKUP_PART));
        }
        // What comes first must not queue behind the others' connections because it has a name to be found.
        let named = join_all(first.iter().map(|ask| lookups.end(&ask.host)));
        let found = timeout_at(Instant::now() + limit / 4, named).await.unwrap_or_default();
        let of_first = found.iter().map(|found| found.as_ref().map_or(1, Vec::len)).sum::<usize>().max(first.len());
        let share = share(left(), of_first + others.len());
        let (lookups, mut observed) = (&lookups, BTreeMap::new());
        let ordered: Vec<&Ask> = first.into_iter().chain(others).collect();
        let observations = join_all(ordered.iter().map(|ask| self.observe(ask, lookups, share, end))).await;
        for (ask, observation) in ordered.into_iter().zip(observations) {
            observed.insert(ask, observation);
        }
        asks.iter().filter_map(|ask| observed.get(ask).cloned()).collect()
    }

    async fn observe(&self, ask: &Ask, lookups: &Lookups, share: Duration, end: Instant) -> Observation {
        let addresses: Found = match timeout_at(end, lookups.end(&ask.host)).await {
            Ok(found) => found,
            Err(_) => Err(NameFault::NotAsked),
        };
        let attempts = match &addresses {
            Ok(addresses) => join_all(addresses.iter().map(|ip| self.attempt(ask, *ip, share, end))).await,
            Err(_) => Vec::new(),
        };
        Observation { addresses, attempts }
    }

    async fn attempt(&self, ask: &Ask, ip: IpAddr, share: Duration, end: Instant) -> Attempt {
        let not_begun = || Attempt::not_begun((ip, ask.port).into());
        let Ok(Ok(_slot)) = timeout_at(end, self.connections.acquire()).await else { return not_begun() };
        let left = end.saturating_duration_since(Instant::now());
        // An attempt that has no time to tell a dead server from a slow one would say something untrue.
        if left < share.min(SHORTEST) / 2 {
            return not_begun();
        }
        // What comes first is what all of it is about, and little: it has all the time.
        attempt(ask, ip, if ask.first { left } else { share.min(left) }).await
    }
}

/// How long one of `number` attempts may last, so that all have their turn within `left`.
fn share(left: Duration, number: usize) -> Duration {
    let turns = number.div_ceil(CONNECTIONS).max(1);
    let turns = u32::try_from(turns).unwrap_or(u32::MAX);
    (left / turns).max(SHORTEST).min(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_have_all_the_time_and_many_share_it() {
        let five = Duration::from_secs(5);
        assert_eq!(share(five, 8), five);
        assert_eq!(share(five, 48), five / 2);
        assert_eq!(share(five, 200), five / 9);
        assert_eq!(share(five, 10_000), SHORTEST);
        assert_eq!(share(Duration::from_millis(100), 10_000), Duration::from_millis(100));
        assert_eq!(share(five, 0), five);
    }
}
