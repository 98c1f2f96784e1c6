//! The configuration files: the same wishes give the same bytes. Each file carries its own [`fingerprint`].
//!
//! Where a value is unusual, the file says why: it is read by whoever is called when it fails.

mod haproxy;
mod keepalived;

use std::net::{IpAddr, SocketAddr};

use super::fingerprint;
use super::spec::{Haproxy, Host, Keepalived};

/// `haproxy.cfg`, the same for every load balancer.
pub fn haproxy_cfg(spec: &Haproxy) -> String {
    fingerprint::embed(|own| haproxy::file(spec, own))
}

/// `keepalived.conf` of `host`, one of the load balancers of `spec`.
pub fn keepalived_conf(spec: &Keepalived, host: &Host) -> String {
    fingerprint::embed(|own| keepalived::file(spec, host, own))
}

/// A file that is written line by line.
#[derive(Debug, Default)]
struct Lines(String);

impl Lines {
    /// A line of its own.
    fn top(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// A line within a section.
    fn add(&mut self, line: impl AsRef<str>) {
        self.top(format!("    {}", line.as_ref()));
    }

    /// A line within a block of a section.
    fn deep(&mut self, line: impl AsRef<str>) {
        self.top(format!("        {}", line.as_ref()));
    }

    /// An empty line, and the first line of a section.
    fn section(&mut self, line: impl AsRef<str>) {
        self.top("");
        self.top(line);
    }
}

/// `ADDRESS:PORT`, IPv6 in brackets.
fn at(ip: IpAddr, port: i64) -> String {
    crate::endpoint::contract::host_port(&ip.to_string(), port)
}

/// Where a program on the load balancer itself asks HAProxy: `ops_address`, or the loopback address where that is all addresses.
fn ops_url(ops: SocketAddr, path: &str) -> String {
    let ip = if ops.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { ops.ip() };
    format!("http://{}{path}", SocketAddr::new(ip, ops.port()))
}

#[cfg(test)]
mod tests;
