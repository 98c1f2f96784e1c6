//! Addresses as users write them for nodes, load balancers and virtual IPs: with or without a prefix length, in any spelling.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::address_fault::{Accepted, fault};
use crate::framework::reader::Maybe;
use crate::framework::validator::{Validator, text};

/// An IP address and, where the user gave one, the length of its subnet's prefix. Two spellings of an address are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The address; never IPv4 mapped into IPv6.
    pub ip: IpAddr,
    /// The subnet's prefix length.
    pub prefix: Option<u8>,
}

impl Address {
    /// Parses `ADDRESS` or `ADDRESS/PREFIX`. Zone indices (`fe80::1%eth0`) are refused: they mean something on one machine only. So are
    /// IPv4 mapped into IPv6, which would be of the one family here and of the other one in Talos, and a prefix length of 0.
    pub fn parse(text: &str) -> Option<Address> {
        match text.split_once('/') {
            None => Some(Address { ip: unmapped(text)?, prefix: None }),
            Some((ip, prefix)) => {
                let ip = unmapped(ip)?;
                let digits = prefix.bytes().all(|b| b.is_ascii_digit()) && !prefix.starts_with('0');
                let prefix = prefix.parse().ok().filter(|_| digits)?;
                IpNet::new(ip, prefix).ok()?;
                Some(Address { ip, prefix: Some(prefix) })
            }
        }
    }

    /// The subnet, where the prefix length is known.
    pub fn subnet(&self) -> Option<IpNet> {
        IpNet::new(self.ip, self.prefix?).ok().map(|net| net.trunc())
    }

    /// True for both addresses of one family.
    pub fn same_family(&self, other: IpAddr) -> bool {
        self.ip.is_ipv4() == other.is_ipv4()
    }
}

/// Parses an address without prefix length; the canonical form of IPv4 mapped into IPv6.
pub fn bare(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Parses an address without prefix length that isn't IPv4 mapped into IPv6.
pub fn unmapped(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().filter(|ip| ip.to_canonical() == *ip)
}

/// A DNS name as it is, and an address in the one spelling that all parts of a cluster agree on.
pub fn canonical(host: &str) -> String {
    bare(host).map_or_else(|| host.to_owned(), |ip| ip.to_string())
}

/// The first address, and of `more` the first of the other family: what a name in a host table leads to. Unknown where it isn't known how
/// many that are.
pub fn one_of_each_family(first: &Maybe<IpAddr>, more: &Maybe<Vec<Maybe<IpAddr>>>) -> Maybe<Vec<Maybe<String>>> {
    let Maybe::Known(more) = more else { return Maybe::Unknown };
    if more.is_empty() {
        return Maybe::Known(vec![first.as_ref().map(ToString::to_string)]);
    }
    let known: Option<Vec<IpAddr>> = more.iter().cloned().map(Maybe::known).collect();
    let (Maybe::Known(first), Some(more)) = (first, known) else { return Maybe::Unknown };
    let other = more.into_iter().find(|ip| ip.is_ipv4() != first.is_ipv4());
    Maybe::Known([Some(*first), other].into_iter().flatten().map(|ip| Maybe::Known(ip.to_string())).collect())
}

/// Why no host can have `ip` as an address of its own that others dial; none for a usable one.
pub fn unusable(ip: IpAddr) -> Option<&'static str> {
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    match ip {
        _ if ip.is_unspecified() => Some("it is the unspecified address"),
        _ if ip.is_loopback() => Some("it is a loopback address"),
        _ if ip.is_multicast() => Some("it is a multicast address"),
        _ if link_local => Some("it is a link-local address"),
        IpAddr::V4(Ipv4Addr::BROADCAST) => Some("it is the broadcast address"),
        _ => None,
    }
}

/// Why no host of `subnet` can have `ip`: its first and its last IPv4 address are taken (RFC 3021 excepts `/31`), and so is its first
/// IPv6 address (RFC 4291, section 2.6.1: the routers').
pub fn reserved(ip: IpAddr, subnet: IpNet) -> Option<&'static str> {
    match subnet {
        IpNet::V4(net) if net.prefix_len() < 31 && ip == net.network() => Some("it is the network's own address"),
        IpNet::V4(net) if net.prefix_len() < 31 && ip == net.broadcast() => {
            Some("it is the network's broadcast address")
        }
        IpNet::V6(net) if net.prefix_len() < 127 && ip == net.network() => {
            Some("it is the address of the subnet's routers")
        }
        _ => None,
    }
}

/// Accepts what [`unmapped`] does.
pub fn bare_address() -> Validator {
    text("must be an IPv4 or IPv6 address without prefix length, brackets or zone", |text| unmapped(text).is_some())
        .explain(|text| fault(text, Accepted { prefix: false, name: false }))
}

/// Accepts what [`Address::parse`] does.
pub fn address() -> Validator {
    text("must be an IPv4 or IPv6 address such as `192.0.2.11` or `192.0.2.11/24`, without brackets or zone", |text| {
        Address::parse(text).is_some()
    })
    .explain(|text| fault(text, Accepted { prefix: true, name: false }))
}

/// Parses a subnet such as `10.244.0.0/16`, whose address part is that of the network.
pub fn parse_subnet(text: &str) -> Option<IpNet> {
    let address = Address::parse(text)?;
    address.subnet().filter(|net| net.network() == address.ip)
}

/// Accepts what [`parse_subnet`] does.
pub fn subnet() -> Validator {
    text("must be a subnet by its first address, such as `10.244.0.0/16`", |text| parse_subnet(text).is_some())
        .explain(subnet_fault)
}

fn subnet_fault(text: &str) -> Option<String> {
    match Address::parse(text) {
        None => fault(text, Accepted { prefix: true, name: false }),
        Some(Address { prefix: None, .. }) => Some("It has no prefix length, such as `/16`.".to_owned()),
        Some(address) => Some(format!("It is a host in the subnet. Write `{}`.", address.subnet()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_equal() {
        let one = Address::parse("2001:db8::1/64").unwrap();
        assert_eq!(one, Address::parse("2001:0DB8:0:0::0001/64").unwrap());
        assert_eq!(bare("::ffff:192.0.2.1"), bare("192.0.2.1"));
        assert_eq!(canonical("2001:0DB8:0::1"), "2001:db8::1");
        assert_eq!(canonical("Api.example"), "Api.example");
        assert_eq!(one.subnet().unwrap().to_string(), "2001:db8::/64");
        assert_eq!(Address::parse("192.0.2.130/25").unwrap().subnet().unwrap().to_string(), "192.0.2.128/25");
    }

    #[test]
    fn what_is_no_address() {
        for bad in [
            "",
            "192.0.2.1/33",
            "192.0.2.1/024",
            "192.0.2.1/",
            "192.0.2.1/+8",
            "[::1]",
            "fe80::1%eth0",
            "a",
            "::ffff:192.0.2.1",
            "::ffff:192.0.2.1/120",
            "192.0.2.1/0",
            "2001:db8::1/0",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
        assert_eq!(bare("192.0.2.1/24"), None);
    }

    #[test]
    fn a_host_is_no_subnet() {
        let reason = |value: &str| subnet().reason(&value.into()).unwrap_or_default();
        assert_eq!(reason("10.244.3.7/16"), "It is a host in the subnet. Write `10.244.0.0/16`.");
        assert_eq!(reason("10.244.0.0"), "It has no prefix length, such as `/16`.");
        assert!(reason("10.244.0.0/33").contains("more than 32"));
        assert_eq!(reason("10.244.0.0/16"), "");
    }

    #[test]
    fn what_no_host_can_have() {
        for bad in
            ["0.0.0.0", "::", "127.0.0.1", "::1", "224.0.0.18", "ff02::1", "169.254.1.1", "fe80::1", "255.255.255.255"]
        {
            assert!(unusable(bare(bad).unwrap()).is_some(), "{bad}");
        }
        assert_eq!(unusable(bare("192.168.30.30").unwrap()), None);
        let subnet: IpNet = "192.168.30.0/24".parse().unwrap();
        assert!(reserved(bare("192.168.30.0").unwrap(), subnet).is_some());
        assert!(reserved(bare("192.168.30.255").unwrap(), subnet).is_some());
        assert!(reserved(bare("192.168.30.30").unwrap(), subnet).is_none());
        assert!(reserved(bare("192.168.30.0").unwrap(), "192.168.30.0/31".parse().unwrap()).is_none());
    }
}
