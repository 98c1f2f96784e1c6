//! How a host and a port are written together.

use std::fmt::Display;

/// `HOST:PORT`, IPv6 in brackets.
pub fn host_port(host: &str, port: impl Display) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_stands_in_brackets() {
        assert_eq!(host_port("2001:db8::1", 6443), "[2001:db8::1]:6443");
    }
}
