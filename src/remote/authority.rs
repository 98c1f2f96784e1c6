//! How a host and a port are written together.

use std::fmt::Display;

/// `HOST:PORT`, IPv6 in brackets.
pub fn host_port(host: &str, port: impl Display) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
