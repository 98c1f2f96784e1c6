//! Virtual IPs at machines that are none of the hosts: nobody but the network knows of these.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use futures_util::future::join_all;

use super::driver::{Claims, Driver};
use super::session::Sessions;
use crate::endpoint::haproxy_deployment::model::spec::HostSpec;

/// The hardware addresses at which virtual IPs are, by virtual IP. A host that can't be asked tells nothing.
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
            Driver { shell: &shell, run, socket: "" }.claims(vips, own).await.ok()
        })
    });
    let claims: Vec<BTreeMap<IpAddr, Claims>> = join_all(asked).await.into_iter().flatten().collect();
    judged(&claims)
}

/// A host that has an address hears all others that answer to it. Where none has it, any answer is another machine's; a host that hears the
/// holder beside it says nothing.
fn judged(claims: &[BTreeMap<IpAddr, Claims>]) -> BTreeMap<IpAddr, BTreeSet<String>> {
    let vips: BTreeSet<&IpAddr> = claims.iter().flat_map(BTreeMap::keys).collect();
    let of = |vip: &IpAddr| -> BTreeSet<String> {
        let all = claims.iter().filter_map(|one| one.get(vip));
        let is_held = all.clone().any(|one| one.is_own);
        all.filter(|one| one.is_own || !is_held).flat_map(|one| one.others.iter().cloned()).collect()
    };
    vips.into_iter().map(|vip| (*vip, of(vip))).filter(|(_, others)| !others.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_ip_is_elsewhere_where_the_holder_hears_another_or_nobody_has_it() {
        let vip: IpAddr = "192.0.2.30".parse().unwrap();
        let claims = |is_own, others: &[&str]| -> BTreeMap<IpAddr, Claims> {
            [(vip, Claims { is_own, others: others.iter().map(|&one| one.to_owned()).collect() })].into()
        };
        let of = |all: &[BTreeMap<IpAddr, Claims>]| judged(all).into_values().flatten().collect::<Vec<String>>();
        assert_eq!(of(&[claims(true, &[]), claims(false, &["02:00:00:00:00:01"])]), Vec::<String>::new());
        assert_eq!(of(&[claims(true, &["02:00:00:00:00:09"]), claims(false, &["a", "b"])]), ["02:00:00:00:00:09"]);
        assert_eq!(of(&[claims(false, &["02:00:00:00:00:09"]), BTreeMap::new()]), ["02:00:00:00:00:09"]);
    }
}
