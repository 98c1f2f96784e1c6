//! Virtual IPs at machines that are none of the hosts: nobody but the network knows of these.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use futures_util::future::join_all;

use super::driver::{Claims, Driver};
use super::failure::Failure;
use super::session::Sessions;
use crate::endpoint::haproxy_deployment::model::spec::HostSpec;

/// The hardware addresses at which virtual IPs are, by virtual IP. Where a host can't be asked, it may be the one that answers: none then.
pub async fn elsewhere(
    sessions: &Sessions,
    hosts: &BTreeMap<String, HostSpec>,
    vips: &[IpAddr],
    run: &str,
) -> BTreeMap<IpAddr, BTreeSet<String>> {
    let asked = sessions.iter().filter_map(|(name, session)| {
        let own = hosts.get(name)?.address;
        Some(async move {
            let shell = session.shell();
            Driver { shell: &shell, run, socket: "" }.claims(vips, own).await
        })
    });
    let claims: Result<Vec<Claims>, Failure> = join_all(asked).await.into_iter().collect();
    claims.map_or_else(|_| BTreeMap::new(), |claims| judged(&claims))
}

/// What answers and is none of these hosts. A virtual IP may move from one of them to another meanwhile.
pub fn judged(claims: &[Claims]) -> BTreeMap<IpAddr, BTreeSet<String>> {
    let own: BTreeSet<&String> = claims.iter().flat_map(|one| &one.own).collect();
    let mut elsewhere: BTreeMap<IpAddr, BTreeSet<String>> = BTreeMap::new();
    for (vip, by) in claims.iter().flat_map(|one| &one.answers) {
        let others = by.iter().filter(|hardware| !own.contains(hardware)).cloned();
        elsewhere.entry(*vip).or_default().extend(others);
    }
    elsewhere.retain(|_, others| !others.is_empty());
    elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_ip_is_elsewhere_where_a_machine_answers_that_is_none_of_the_hosts() {
        let vip: IpAddr = "192.0.2.30".parse().unwrap();
        let set = |all: &[&str]| -> BTreeSet<String> { all.iter().map(|&one| one.to_owned()).collect() };
        let claims = |own: &[&str], by: &[&str]| Claims { own: set(own), answers: [(vip, set(by))].into() };
        let of = |all: &[Claims]| judged(all).into_values().flatten().collect::<Vec<String>>();
        let holder = claims(&["02:00:00:00:00:01", "02:00:00:00:00:11"], &["02:00:00:00:00:11"]);
        assert_eq!(of(&[holder.clone(), claims(&["02:00:00:00:00:02"], &["02:00:00:00:00:01"])]), Vec::<String>::new());
        assert_eq!(
            of(&[holder.clone(), claims(&["02:00:00:00:00:02"], &["02:00:00:00:00:09"])]),
            ["02:00:00:00:00:09"]
        );
        // It has moved while both were asked.
        let moved = [claims(&["02:00:00:00:00:01"], &["02:00:00:00:00:02"]), claims(&["02:00:00:00:00:02"], &[])];
        assert_eq!(of(&moved), Vec::<String>::new());
    }
}
