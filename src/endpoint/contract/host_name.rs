//! What clients dial.

use std::net::IpAddr;

use crate::endpoint::address_fault::{Accepted, fault};
use crate::framework::validator::{Validator, text};

/// A DNS name or an address.
pub fn host_name() -> Validator {
    text("must be a DNS name or an IP address, without scheme, port or brackets", is_host)
        .explain(|text| fault(text, Accepted { prefix: false, name: true }))
}

/// RFC 6761 reserves `localhost` and what is below it; the others stand in the host tables of usual distributions.
pub fn names_the_machine_itself(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let usual = ["localhost.localdomain", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback"];
    name == "localhost" || name.ends_with(".localhost") || usual.contains(&name.as_str())
}

/// True for a DNS name or an address.
pub fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let all_numeric = host.split('.').next_back().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    host.parse::<IpAddr>().is_ok() || (host.len() <= 253 && !all_numeric && host.split('.').all(is_label))
}

/// `HOST:PORT`, IPv6 in brackets.
pub fn host_port(host: &str, port: i64) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses() {
        assert!(is_host("api.example.com") && is_host("10.0.0.1") && is_host("2001:db8::1"));
        for bad in ["https://x", "x:6443", "[::1]", "", "10.0.0.300"] {
            assert!(!is_host(bad), "{bad}");
            assert!(host_name().reason(&bad.into()).is_some(), "{bad}");
        }
        assert_eq!(host_port("2001:db8::1", 6443), "[2001:db8::1]:6443");
    }
}
