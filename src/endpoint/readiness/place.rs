//! Where an API is: a host and a port.

use crate::endpoint::address::bare;
use crate::endpoint::address_fault::{Accepted, fault};
use crate::endpoint::contract::host_port;
use crate::endpoint::contract::is_host;
use crate::endpoint::node_ports::{API_SERVER, TALOS_API};

/// A host and a port.
pub type Place = (String, u16);

/// Reads `https://HOST:PORT`, with or without a `/` at the end.
pub fn url(url: &str) -> Option<Place> {
    authority(url.strip_prefix("https://")?.trim_end_matches('/'))
}

/// Reads `HOST:PORT`, IPv6 in brackets.
pub fn authority(authority: &str) -> Option<Place> {
    let (host, port) = authority.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').filter(|host| host.contains(':'))?,
        None => Some(host).filter(|host| !host.contains(':'))?,
    };
    let port = port.parse().ok().filter(|number| *number > 0 && !port.starts_with(['+', '0']))?;
    is_host(host).then(|| (host.to_owned(), port))
}

/// What is wrong with a URL that [`url`] doesn't take; none where that isn't clear.
pub fn url_fault(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let whole = |place: &str| format!("https://{place}");
    if is_open_ipv6(host) {
        return Some(format!("{BRACKETS} `https://[2001:db8::1]:{API_SERVER}`."));
    }
    match with_port(host, API_SERVER) {
        Some(place) => Some(format!("It has no port. Write `{}`, if the API is there.", whole(&place))),
        None if authority(host).is_none() => host_fault(host),
        None if scheme != "https" => Some(format!("The Kubernetes API speaks TLS only. Write `{}`.", whole(host))),
        None if !path.is_empty() => Some(format!("It has a path. Write `{}`.", whole(host))),
        None => None,
    }
}

/// What is wrong with text that [`authority`] doesn't take; none where that isn't clear.
pub fn authority_fault(text: &str) -> Option<String> {
    if let Some((_, rest)) = text.split_once("://") {
        let place = rest.trim_end_matches('/');
        return authority(place).map(|_| format!("It is a URL, and the Talos API has none. Write `{place}`."));
    }
    if is_open_ipv6(text) {
        return Some(format!("{BRACKETS} `[2001:db8::1]:{TALOS_API}`."));
    }
    let Some(place) = with_port(text, TALOS_API) else { return host_fault(text) };
    Some(format!("It has no port. Write `{place}`, if the API is there."))
}

/// What is wrong with the host in front of a port.
fn host_fault(authority: &str) -> Option<String> {
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if is_host(host) && !port.is_empty() {
        return Some(format!("`{port}` is no port: a number from 1 to 65535, without zeros in front."));
    }
    fault(host, Accepted { prefix: false, name: true }).map(|fault| format!("The host is wrong. {fault}"))
}

/// Without brackets nobody can tell where the address ends and the port begins.
const BRACKETS: &str = "An IPv6 address stands in brackets, and the port after them, such as";

fn is_open_ipv6(host: &str) -> bool {
    host.contains(':') && bare(host).is_some()
}

/// A host alone, with a port after it.
fn with_port(host: &str, port: i64) -> Option<String> {
    let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|host| bare(host).is_some());
    let host = inside.unwrap_or(host);
    is_host(host).then(|| host_port(host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_hosts_with_ports() {
        let place = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(url("https://api.example.com:6443"), place("api.example.com", 6443));
        assert_eq!(url("https://[2001:db8::1]:443/"), place("2001:db8::1", 443));
        assert_eq!(authority("10.0.0.1:50000"), place("10.0.0.1", 50000));
        for bad in
            ["http://a:1", "https://a", "https://a:0", "https://2001:db8::1:1", "https://[a]:1", "https://a:b", ""]
        {
            assert_eq!(url(bad), None, "{bad}");
        }
        assert_eq!(authority("a b:1"), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        let cases = [
            ("https://api.example.com", "Write `https://api.example.com:6443`"),
            ("api.example.com", "Write `https://api.example.com:6443`"),
            ("https://2001:db8::1:6443", "stands in brackets, and the port after them"),
            ("https://[2001:db8::1]/", "Write `https://[2001:db8::1]:6443`"),
            ("http://api.example.com:6443", "speaks TLS only. Write `https://api.example.com:6443`."),
            ("api.example.com:6443", "Write `https://api.example.com:6443`."),
            ("https://api.example.com:6443/readyz", "It has a path. Write `https://api.example.com:6443`."),
        ];
        for (text, part) in cases {
            assert!(url(text).is_none() && url_fault(text).is_some_and(|fault| fault.contains(part)), "{text}");
        }
        assert!(url_fault("https://a b:6443").is_some_and(|fault| fault.contains("There is a blank in it")));
        assert!(url_fault("https://a.example.:6443").is_some_and(|fault| fault.contains("Write `a.example`")));
        assert!(url_fault("https://[::ffff:192.0.2.1]:6443").is_some_and(|fault| fault.contains("Write `192.0.2.1`")));
        assert!(authority_fault("10.0.0.1").is_some_and(|fault| fault.contains("Write `10.0.0.1:50000`")));
        assert!(authority_fault("https://a:50000/").is_some_and(|fault| fault.contains("Write `a:50000`.")));
        assert!(authority_fault("2001:db8::5").is_some_and(|fault| fault.ends_with("such as `[2001:db8::1]:50000`.")));
        assert!(authority_fault("a:b").is_some_and(|fault| fault.contains("`b` is no port")));
    }
}
