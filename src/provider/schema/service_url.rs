//! URLs of AWS's services, and of what takes their place.

/// What is wrong with a URL, and what to write instead.
pub fn fault(url: &str) -> Option<String> {
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return Some("It begins otherwise.".to_owned());
    };
    if let Some(c) = rest.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Some(format!("It holds {c:?}; remove that, or write it as in URLs (a space is `%20`)."));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let address = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (address, None),
    };
    if host.is_empty() {
        return Some("It names no host.".to_owned());
    }
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    port.filter(|port| !is_port(port)).map(|_| "Its port is not a number from 1 to 65535.".to_owned())
}

/// The URL without the user and the password that may be in it.
pub fn masked(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let Some((_, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}***@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_host_and_a_port_that_can_be() {
        for good in [
            "http://localhost:4566",
            "https://elb.corp.test/path?x=1",
            "http://[::1]",
            "http://[::1]:4566/",
            "http://user:pass@host:80",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for (bad, expected) in [
            ("", "begins otherwise"),
            ("localhost:4566", "begins otherwise"),
            ("http://local host:99999", "It holds ' '"),
            ("http://host:80\n", "It holds '\\n'"),
            ("http://", "no host"),
            ("http:///path", "no host"),
            ("http://:80", "no host"),
            ("http://localhost:99999", "port"),
            ("http://localhost:", "port"),
            ("http://localhost:x/", "port"),
            ("http://[::1]:0", "port"),
        ] {
            assert!(fault(bad).is_some_and(|fault| fault.contains(expected)), "{bad}: {:?}", fault(bad));
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(masked("http://user:pass@host:99999"), "http://***@host:99999");
        assert_eq!(masked("http://user:p@ss/w@host:x"), "http://***@host:x");
        assert_eq!(masked("user:pass@host"), "***@host");
        assert_eq!(masked("http://local host"), "http://local host");
    }
}
