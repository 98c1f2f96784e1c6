//! How the files are written: line by line, and how they write an address.

use std::net::{IpAddr, SocketAddr};

/// A file that is written line by line.
#[derive(Debug, Default)]
pub struct Lines(pub String);

impl Lines {
    /// A line of its own.
    pub fn top(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// A line within a section.
    pub fn add(&mut self, line: impl AsRef<str>) {
        self.top(format!("    {}", line.as_ref()));
    }

    /// A line within a block of a section.
    pub fn deep(&mut self, line: impl AsRef<str>) {
        self.top(format!("        {}", line.as_ref()));
    }

    /// An empty line, and the first line of a section.
    pub fn section(&mut self, line: impl AsRef<str>) {
        self.top("");
        self.top(line);
    }
}

/// `ADDRESS:PORT`, IPv6 in brackets.
pub fn at(ip: IpAddr, port: i64) -> String {
    crate::endpoint::contract::host_port(&ip.to_string(), port)
}

/// Where a program on the load balancer itself asks HAProxy: `ops_address`, or the loopback address where that is all addresses.
pub fn ops_url(ops: SocketAddr, path: &str) -> String {
    let ip = if ops.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { ops.ip() };
    format!("http://{}{path}", SocketAddr::new(ip, ops.port()))
}
