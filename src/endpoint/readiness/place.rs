//! Where an API is: a host and a port.

use crate::endpoint::contract::is_host;

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
}
