//! From a name to its addresses, by the resolver of this machine.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::observation::NameFault;

/// What became of one name.
pub type Found = Result<Vec<IpAddr>, NameFault>;

/// Lookups that are under way, each name once.
#[derive(Default)]
pub struct Lookups(BTreeMap<String, Shared<BoxFuture<'static, Found>>>);

impl Lookups {
    /// Begins with `host`, unless that is done already. Each is a thread, because nothing ends a lookup of the operating system; it holds
    /// its place among `slots` until it has ended, even where nobody waits for it any longer.
    pub fn begin(&mut self, host: &str, slots: &Arc<Semaphore>, limit: Duration) {
        if !self.0.contains_key(host) {
            let found = lookup(host.to_owned(), Arc::clone(slots), limit).boxed().shared();
            // On its way at once, in the order of the calls.
            drop(tokio::spawn(found.clone()));
            self.0.insert(host.to_owned(), found);
        }
    }

    /// Its end. A name with which nobody has begun was not asked for.
    pub async fn end(&self, host: &str) -> Found {
        match self.0.get(host) {
            Some(found) => found.clone().await,
            None => Err(NameFault::NotAsked),
        }
    }
}

async fn lookup(host: String, slots: Arc<Semaphore>, limit: Duration) -> Found {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![address]);
    }
    let Ok(Ok(slot)) = timeout(limit, slots.acquire_owned()).await else { return Err(NameFault::NotAsked) };
    let (send, answer) = oneshot::channel();
    let asked = thread::Builder::new().name("lookup".to_owned()).spawn(move || {
        let _nobody_waits = send.send(resolve(&host));
        drop(slot);
    });
    if let Err(error) = asked {
        return Err(NameFault::Other(error.to_string()));
    }
    match timeout(limit, answer).await {
        Ok(Ok(found)) => found,
        Ok(Err(_)) => Err(NameFault::Other("the lookup ended without an answer".to_owned())),
        Err(_) => Err(NameFault::Silent(limit)),
    }
}

fn resolve(host: &str) -> Found {
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let found = match getaddrinfo(Some(host), None, Some(hints)) {
        Ok(found) => found,
        Err(error) => {
            return Err(match error.kind() {
                LookupErrorKind::NoName | LookupErrorKind::NoData => NameFault::NotFound,
                LookupErrorKind::Again | LookupErrorKind::Fail => NameFault::NoAnswer,
                _ => NameFault::Other(std::io::Error::from(error).to_string()),
            });
        }
    };
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.flatten().map(|info| info.sockaddr.ip()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    // Resolvers rotate them; what is said of them must not change with that.
    addresses.sort_unstable();
    if addresses.is_empty() { Err(NameFault::NotFound) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn look(host: &str) -> Found {
        let mut lookups = Lookups::default();
        lookups.begin(host, &Arc::new(Semaphore::new(1)), Duration::from_secs(20));
        lookups.end(host).await
    }

    #[tokio::test]
    async fn addresses_lead_to_themselves_and_localhost_to_this_machine() {
        assert_eq!(look("2001:db8::1").await, Ok(vec!["2001:db8::1".parse().unwrap()]));
        let here = look("localhost").await.unwrap();
        assert!(!here.is_empty() && here.iter().all(IpAddr::is_loopback), "{here:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_free_place_nothing_is_asked() {
        let (mut lookups, none) = (Lookups::default(), Arc::new(Semaphore::new(0)));
        lookups.begin("a.example", &none, Duration::from_secs(1));
        assert_eq!(lookups.end("a.example").await, Err(NameFault::NotAsked));
        assert_eq!(lookups.end("b.example").await, Err(NameFault::NotAsked));
    }
}
