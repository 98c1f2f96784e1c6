//! What clients dial.

use crate::endpoint::address;
use crate::endpoint::address_fault::{Accepted, ends_in_a_number, fault};
use crate::framework::validator::{Validator, text};

const MUST: &str = "must be a DNS name or an IP address, without scheme, port or brackets";

/// A DNS name or an address that others dial.
pub fn host_name() -> Validator {
    text(MUST, |host| is_host(host) && leads_nowhere(host).is_none())
        .explain(|host| fault(host, Accepted { prefix: false, name: true }).or_else(|| leads_nowhere(host)))
}

/// A DNS name or an address that this machine dials. It may be the machine itself: a tunnel to a control plane begins there.
pub fn host_from_here() -> Validator {
    text(MUST, |host| is_host(host) && nowhere(host).is_none())
        .explain(|host| fault(host, Accepted { prefix: false, name: true }).or_else(|| nowhere(host)))
}

/// Why nobody answers at `host`; none where somebody may.
fn nowhere(host: &str) -> Option<String> {
    let ip = address::bare(host).filter(|ip| !ip.is_loopback())?;
    address::unusable(ip).map(|why| format!("Nobody answers at `{host}`: {why}."))
}

/// Why `host` leads no other machine here; none where it does.
fn leads_nowhere(host: &str) -> Option<String> {
    let why = match address::bare(host) {
        Some(ip) => address::unusable(ip)?,
        None if names_the_machine_itself(host) => "it is the machine itself, wherever it is dialled",
        None => return None,
    };
    Some(format!("Nobody reaches the control plane at `{host}`: {why}. Write what clients dial."))
}

/// True for a name of the machine that dials. RFC 6761 reserves `localhost` and what is below it; the others stand in the host tables of
/// usual distributions.
pub fn names_the_machine_itself(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let usual = ["localhost.localdomain", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback"];
    name == "localhost" || name.ends_with(".localhost") || usual.contains(&name.as_str())
}

/// True for what is written as a DNS name or an address.
pub fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    address::unmapped(host).is_some() || (host.len() <= 253 && !ends_in_a_number(host) && host.split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses() {
        assert!(is_host("api.example.com") && is_host("10.0.0.1") && is_host("2001:db8::1"));
        for bad in ["https://x", "x:6443", "[::1]", "", "10.0.0.300", "::ffff:10.0.0.1", "0x7f.1", "0xC0A80001"] {
            assert!(!is_host(bad), "{bad}");
            assert!(host_name().reason(&bad.into()).is_some(), "{bad}");
            assert!(host_from_here().reason(&bad.into()).is_some(), "{bad}");
        }
        for bad in ["localhost", "api.LOCALHOST", "ip6-localhost", "127.0.0.1", "::1", "0.0.0.0", "fe80::1"] {
            assert!(is_host(bad), "{bad}");
            assert!(host_name().reason(&bad.into()).is_some_and(|why| why.contains("Nobody reaches")), "{bad}");
            let is_here = !["0.0.0.0", "fe80::1"].contains(&bad);
            assert_eq!(host_from_here().reason(&bad.into()).is_none(), is_here, "{bad}");
        }
    }
}
