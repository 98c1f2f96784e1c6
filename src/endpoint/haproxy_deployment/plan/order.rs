//! Who comes first.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

/// The hosts in the order in which they are changed: by name, those that hold a virtual IP last. A host whose addresses aren't known isn't
/// there.
pub fn order(addresses: &BTreeMap<String, BTreeSet<IpAddr>>, vips: &[IpAddr]) -> Vec<String> {
    let holds = |own: &BTreeSet<IpAddr>| vips.iter().any(|vip| own.contains(vip));
    let (holders, others): (Vec<_>, Vec<_>) = addresses.iter().partition(|(_, own)| holds(own));
    others.into_iter().chain(holders).map(|(name, _)| name.clone()).collect()
}

/// The virtual IPs that not exactly one host has, and who has them.
pub fn contested(addresses: &BTreeMap<String, BTreeSet<IpAddr>>, vips: &[IpAddr]) -> BTreeMap<IpAddr, Vec<String>> {
    holders(addresses, vips).into_iter().filter(|(_, holders)| holders.len() != 1).collect()
}

/// Who has each virtual IP.
pub fn holders(addresses: &BTreeMap<String, BTreeSet<IpAddr>>, vips: &[IpAddr]) -> BTreeMap<IpAddr, Vec<String>> {
    let of = |vip: &IpAddr| -> Vec<String> {
        addresses.iter().filter(|(_, own)| own.contains(vip)).map(|(name, _)| name.clone()).collect()
    };
    vips.iter().map(|vip| (*vip, of(vip))).collect()
}

/// How long the same host must have the virtual IPs until no other can take them any more: one that no longer hears its peer does so
/// after three intervals and a part of one. In seconds: the interval between two advertisements.
pub fn stable_time(advert_interval: f64) -> Duration {
    Duration::from_secs_f64(1.0 + 4.0 * advert_interval)
}

/// How much longer an election takes than one with an advertisement each second: three intervals and a part of one until a host takes the
/// virtual IPs, and [`stable_time`].
pub fn longer_election(advert_interval: f64) -> Duration {
    Duration::from_secs_f64(8.0 * (advert_interval - 1.0).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(hosts: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<IpAddr>> {
        let addresses = |own: &[&str]| own.iter().map(|one| one.parse().unwrap()).collect();
        hosts.iter().map(|(name, own)| ((*name).to_owned(), addresses(own))).collect()
    }

    #[test]
    fn the_holder_comes_last() {
        let vip: IpAddr = "192.0.2.30".parse().unwrap();
        let of = |all: &[(&str, &[&str])]| order(&hosts(all), &[vip]);
        assert_eq!(of(&[("a", &["192.0.2.1", "192.0.2.30"]), ("b", &["192.0.2.2"]), ("c", &[])]), ["b", "c", "a"]);
        assert_eq!(of(&[("a", &[]), ("b", &["192.0.2.30"])]), ["a", "b"]);
        assert_eq!(order(&hosts(&[("b", &[]), ("a", &[])]), &[]), ["a", "b"]);
    }

    #[test]
    fn a_vip_of_none_or_two_is_contested() {
        let (one, two): (IpAddr, IpAddr) = ("192.0.2.30".parse().unwrap(), "2001:db8::30".parse().unwrap());
        let all = hosts(&[("a", &["192.0.2.30", "2001:db8::30"]), ("b", &["192.0.2.30"])]);
        let contested = contested(&all, &[one, two]);
        assert_eq!(contested, [(one, vec!["a".to_owned(), "b".to_owned()])].into());
    }

    #[test]
    fn long_intervals_take_their_time() {
        let of = |interval| (stable_time(interval).as_secs(), longer_election(interval).as_secs());
        assert_eq!([0.1, 1.0, 10.0].map(of), [(1, 0), (5, 0), (41, 72)]);
    }
}
