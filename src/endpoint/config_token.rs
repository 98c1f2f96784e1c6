//! Words that may stand in a configuration file. A [`Token`] can only be made by a parser here, and none of them lets a space, a quote, a
//! comment sign or a line break through: nothing that a user types can add a line or an argument.

use std::fmt;
use std::net::SocketAddr;

use crate::endpoint::address::{Address, bare};
use crate::endpoint::address_fault::{Accepted, fault};
use crate::endpoint::contract::{is_host, is_node_name};
use crate::endpoint::link_name::{LONGEST_NAME, is_internal};
use crate::framework::validator::{Validator, text};

mod paths;

pub use paths::of_the_system;

/// The longest path of a socket that HAProxy takes (its parser says so; the kernel's limit less a suffix of HAProxy's own).
const LONGEST_SOCKET: usize = 97;

/// Text that is safe in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(String);

impl Token {
    /// The name of a node or a load balancer: 1–64 letters, digits, `_`, `.`, `:` and `-` (HAProxy's own rule for server names).
    pub fn name(text: &str) -> Option<Token> {
        is_node_name(text).then(|| Token(text.to_owned()))
    }

    /// A network interface: 1–15 letters, digits, `_`, `.` and `-`, and no link inside the machine: Keepalived refuses the loopback
    /// interface, and nobody dials an address on the others.
    pub fn interface(text: &str) -> Option<Token> {
        let fits = (1..=LONGEST_NAME).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
            && ![".", ".."].contains(&text)
            && !is_internal(text);
        fits.then(|| Token(text.to_owned()))
    }

    /// An absolute path of at most 255 letters, digits, `_`, `.`, `/` and `-`, without `..`.
    pub fn path(text: &str) -> Option<Token> {
        let fits = (2..=255).contains(&text.len())
            && text.starts_with('/')
            && !text.ends_with('/')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./-".contains(&b))
            && text[1..].split('/').all(|part| !["", ".", ".."].contains(&part));
        fits.then(|| Token(text.to_owned()))
    }

    /// A user or a group: 1–32 small letters, digits, `_` and `-`, and no digit or `-` at the beginning.
    pub fn account(text: &str) -> Option<Token> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
            && !text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        fits.then(|| Token(text.to_owned()))
    }

    /// The path of a request: `/` and at most 254 of the characters that need no escape in a URL or in the file.
    pub fn uri_path(text: &str) -> Option<Token> {
        let fits = (1..=255).contains(&text.len())
            && text.starts_with('/')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_.-,:+".contains(&b));
        fits.then(|| Token(text.to_owned()))
    }

    /// The path of a socket that HAProxy makes: as [`Token::path`], short enough for HAProxy, and nothing of the system's, which HAProxy
    /// would replace.
    pub fn socket(text: &str) -> Option<Token> {
        Token::path(text).filter(|_| text.len() <= LONGEST_SOCKET && of_the_system(text).is_none())
    }

    /// A folder of HAProxy's own: as [`Token::path`], and nothing of the system's.
    pub fn folder(text: &str) -> Option<Token> {
        Token::path(text).filter(|_| of_the_system(text).is_none())
    }

    /// A DNS name.
    pub fn dns_name(text: &str) -> Option<Token> {
        (is_host(text) && bare(text).is_none()).then(|| Token(text.to_ascii_lowercase()))
    }

    /// How HAProxy spreads connections.
    pub fn balance(text: &str) -> Option<Token> {
        BALANCES.contains(&text).then(|| Token(text.to_owned()))
    }

    /// Where HAProxy's log goes, as its `log` line begins: a socket, a syslog server, or the standard output.
    pub fn log_target(text: &str) -> Option<Token> {
        match text {
            "stdout" | "stderr" => Some(Token(format!("{text} format raw"))),
            text if text.starts_with('/') => {
                Token::path(text).filter(|_| text.len() <= LONGEST_SOCKET && paths::log_fault(text).is_none())
            }
            text => text
                .parse::<SocketAddr>()
                .ok()
                .filter(|at| at.port() > 0 && no_zone(at))
                .map(|at| Token(at.to_string())),
        }
    }
}

fn no_zone(at: &SocketAddr) -> bool {
    match at {
        SocketAddr::V4(_) => true,
        SocketAddr::V6(at) => at.scope_id() == 0,
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What `balance` may be.
pub const BALANCES: &[&str] = &["leastconn", "roundrobin", "static-rr", "random", "first", "source"];

/// Accepts what [`Token::interface`] does.
pub fn interface() -> Validator {
    text(
        "must be the name of a network interface such as `eth0` (1 to 15 letters, digits, `_`, `.` and `-`), and not a \
         link inside the machine, such as `lo`",
        |text| Token::interface(text).is_some(),
    )
    .explain(|text| {
        is_internal(text).then(|| {
            format!(
                "`{text}` is inside the machine, or a tunnel: no client asks there for an address. Write the link to \
                 the clients' network."
            )
        })
    })
}

/// What HAProxy can send to.
pub fn target() -> Validator {
    text("must be an IPv4 or IPv6 address such as `192.0.2.31`, without brackets or zone, or a DNS name", |text| {
        Address::parse(text).is_some() || Token::dns_name(text).is_some()
    })
    .explain(|text| fault(text, Accepted { prefix: true, name: true }))
}

/// Accepts what [`Token::folder`] does, and nothing at all.
pub fn folder_or_empty() -> Validator {
    text(
        "must be an absolute path of letters, digits, `_`, `.`, `/` and `-`, without `..` and not ending in `/`; or \
         empty",
        |text| text.is_empty() || Token::folder(text).is_some(),
    )
    .explain(paths::folder_fault)
}

/// Accepts what [`folder_or_empty`] does, of a file.
pub fn file_or_empty() -> Validator {
    text(
        "must be an absolute path of letters, digits, `_`, `.`, `/` and `-`, without `..` and not ending in `/`; or \
         empty",
        |text| text.is_empty() || Token::folder(text).is_some(),
    )
    .explain(paths::state_file_fault)
}

/// Accepts what [`Token::account`] does, and nothing at all.
pub fn account_or_empty() -> Validator {
    text(
        "must be a name of 1 to 32 small letters, digits, `_` and `-` that begins with a letter or `_`; or empty",
        |text| text.is_empty() || Token::account(text).is_some(),
    )
}

/// Accepts what [`Token::uri_path`] does.
pub fn uri_path() -> Validator {
    text("must begin with `/` and have letters, digits and `/_.-,:+` only", |text| Token::uri_path(text).is_some())
}

/// Accepts what [`Token::socket`] does.
pub fn socket() -> Validator {
    text("must be an absolute path of at most 97 letters, digits, `_`, `.`, `/` and `-`, without `..`", |text| {
        Token::socket(text).is_some()
    })
    .explain(paths::socket_fault)
}

/// Accepts what [`Token::log_target`] does.
pub fn log_target() -> Validator {
    text(
        "must be the absolute path of a socket such as `/dev/log`, a syslog server such as `192.0.2.5:514` or \
         `[2001:db8::5]:514`, `stdout` or `stderr`",
        |text| Token::log_target(text).is_some(),
    )
    .explain(paths::log_fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character that ends a word, begins a comment or opens a block in one of the two files.
    const HOSTILE: &str = "\n\r\0\t \"'#!$\\{}@;`%&()*=<>|~^\u{a0}\u{2028}é";

    type Parse = fn(&str) -> Option<Token>;

    #[test]
    fn names_that_could_add_a_line_are_refused() {
        let parsers: [(&str, Parse); 10] = [
            ("cp-01", Token::name),
            ("eth0", Token::interface),
            ("/var/lib/haproxy", Token::path),
            ("/srv/haproxy", Token::folder),
            ("/run/haproxy/admin.sock", Token::socket),
            ("cp-01.example", Token::dns_name),
            ("leastconn", Token::balance),
            ("haproxy", Token::account),
            ("/healthz/ready", Token::uri_path),
            ("/dev/log", Token::log_target),
        ];
        for (good, parse) in parsers {
            assert!(parse(good).is_some(), "{good}");
            for c in HOSTILE.chars() {
                for bad in [format!("{good}{c}"), format!("{c}{good}"), format!("a{c}{good}"), format!("{good}{c}b")] {
                    assert_eq!(parse(&bad), None, "{bad:?}");
                }
            }
            assert_eq!(parse(""), None);
            assert_eq!(parse(&good.repeat(100)), None);
        }
    }

    #[test]
    fn each_kind_has_its_limits() {
        assert!(Token::name("cp_1.a:b").is_some() && Token::name("cp/1").is_none());
        assert!(Token::name(&"a".repeat(64)).is_some() && Token::name(&"a".repeat(65)).is_none());
        for internal in ["lo", "lo.5", "dummy0", "docker0", "veth1", "wg0", "cilium_host"] {
            assert_eq!(Token::interface(internal), None, "{internal}");
            assert!(interface().reason(&internal.into()).unwrap().contains("inside the machine"), "{internal}");
        }
        for good in ["eth0", "bond0.30", "br0", "vmbr0", "vlan30", "enp3s0f0np0"] {
            assert!(Token::interface(good).is_some(), "{good}");
        }
        for bad in ["..", "eth0/1", "eth0:1", "abcdefghijklmnop"] {
            assert_eq!(Token::interface(bad), None, "{bad}");
        }
        for bad in ["var/lib", "/", "/var/", "/var//lib", "/var/../etc"] {
            assert_eq!(Token::path(bad), None, "{bad}");
        }
        let socket = |length: usize| Token::socket(&format!("/{}", "a".repeat(length - 1)));
        assert!(socket(97).is_some() && socket(98).is_none());
        for system in ["/dev/log", "/etc/haproxy/haproxy.cfg", "/usr/sbin/haproxy", "/proc/1", "/etc", "/run", "/tmp"] {
            assert_eq!((Token::socket(system), Token::folder(system)), (None, None), "{system}");
        }
        assert!(Token::folder("/etcetera").is_some() && Token::log_target("/dev/log").is_some());
        assert_eq!(Token::dns_name("CP-01.Example").unwrap().to_string(), "cp-01.example");
        assert_eq!(Token::dns_name("10.0.0.1"), None);
    }

    #[test]
    fn log_targets_are_sockets_servers_or_standard_streams() {
        for (text, line) in [
            ("/dev/log", "/dev/log"),
            ("stdout", "stdout format raw"),
            ("10.0.0.5:514", "10.0.0.5:514"),
            ("[2001:DB8::5]:514", "[2001:db8::5]:514"),
        ] {
            assert_eq!(Token::log_target(text).unwrap().to_string(), line);
        }
        for bad in ["syslog", "10.0.0.5", "10.0.0.5:0", "[fe80::1%1]:514", "fd@3", "ring@x", "/var/log/haproxy.log"] {
            assert_eq!(Token::log_target(bad), None, "{bad}");
        }
    }
}
