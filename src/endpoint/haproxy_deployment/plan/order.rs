//! Who comes first.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

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
}
