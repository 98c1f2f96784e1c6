//! What a host has, from what `read/script/report.sh` prints there.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::owner::Owner;
use super::record::{Record, ServiceState};

/// The first line of every report; what comes before it is somebody else's.
pub const GREETING: &str = "talosendpoint 1";

/// A host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The distribution: id and version.
    pub os: String,
    /// Programs that are there: `systemd`, `curl`, `ss`, `flock`, `ip`, `awk`, `python3` (anything that asks HAProxy's socket), and package managers.
    pub programs: BTreeSet<String>,
    /// The version of HAProxy.
    pub haproxy: Option<Version>,
    /// The version of Keepalived.
    pub keepalived: Option<Version>,
    /// The files that are there, of those that were asked for.
    pub files: BTreeMap<String, FileFound>,
    /// All records.
    pub records: Vec<Record>,
    /// The paths of records that can't be read.
    pub damaged_records: Vec<String>,
    /// The services that were asked for; one that isn't installed is off.
    pub services: BTreeMap<String, ServiceState>,
    /// The fingerprint that the running HAProxy reports.
    pub live: Option<String>,
    /// The host's own addresses.
    pub addresses: BTreeSet<IpAddr>,
    /// Ports that something listens on, and the program.
    pub listeners: BTreeSet<(u16, String)>,
}

/// Major and minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFound {
    /// A file.
    Regular {
        /// Its permissions, such as `644`.
        mode: String,
        /// `USER:GROUP`.
        owner: String,
        /// Its SHA-256.
        sha256: String,
        /// Whose it is, as far as the packages say.
        origin: Origin,
        /// Its text; none where it isn't UTF-8 or very long.
        text: Option<String>,
    },
    /// A link, a folder or something else.
    Other,
}

/// Whose a file is, as far as the packages say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A package's, as it came.
    Package,
    /// Of no package, or changed since.
    Nobody,
}

impl Inventory {
    /// Reads a report; none where it isn't whole.
    pub fn parse(report: &str) -> Option<Inventory> {
        let mut lines = report.lines();
        lines.by_ref().find(|line| *line == GREETING)?;
        let mut inventory = Inventory::default();
        let mut ended = false;
        for line in lines {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "os" => inventory.os = rest.to_owned(),
                "systemd" | "curl" | "ss" | "flock" | "ip" | "awk" | "python3" => {
                    inventory.programs.insert(word.to_owned());
                }
                "packages" => {
                    inventory.programs.insert(rest.to_owned());
                }
                "haproxy" => inventory.haproxy = version(rest),
                "keepalived" => inventory.keepalived = version(rest),
                "file" => drop(file(rest).map(|(path, found)| inventory.files.insert(path, found))),
                "link" | "other" => drop(inventory.files.insert(rest.to_owned(), FileFound::Other)),
                "record" => match record(rest) {
                    Ok(record) => inventory.records.push(record),
                    Err(path) => inventory.damaged_records.push(path),
                },
                "service" => drop(service(rest).map(|(name, state)| inventory.services.insert(name, state))),
                "live" => inventory.live = Some(rest.to_owned()).filter(|live| live != "-"),
                "address" => inventory.addresses.extend(rest.parse::<IpAddr>().ok()),
                "listens" => inventory.listeners.extend(listener(rest)),
                "end" => ended = true,
                _ => {}
            }
        }
        ended.then_some(inventory)
    }

    /// The records of `owner`: one, but for a run that was cut off while it gave the deployment another name.
    pub fn records_of(&self, owner: &Owner) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| owner.has(record))
    }

    /// Whether there is that file, as it is.
    pub fn is_there(&self, path: &str, hash: &str) -> bool {
        matches!(self.files.get(path), Some(FileFound::Regular { sha256, .. }) if sha256 == hash)
    }

    /// Whether the program is there.
    pub fn has(&self, program: &str) -> bool {
        self.programs.contains(program)
    }

    /// How a service is.
    pub fn service(&self, name: &str) -> ServiceState {
        self.services.get(name).copied().unwrap_or_default()
    }

    /// The text of a file; none where there is no such file, or it has no text.
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.files.get(path) {
            Some(FileFound::Regular { text, .. }) => text.as_deref(),
            _ => None,
        }
    }
}

/// The first number of the form MAJOR.MINOR.
fn version(text: &str) -> Option<Version> {
    text.split([' ', 'v']).find_map(|word| {
        let mut parts = word.split(['.', '-']);
        Some(Version(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    })
}

/// `PATH MODE OWNER HASH ORIGIN TEXT`
fn file(rest: &str) -> Option<(String, FileFound)> {
    let words: Vec<&str> = rest.split(' ').collect();
    let [path, mode, owner, sha256, origin, text] = words.as_slice() else { return None };
    let origin = if *origin == "package" { Origin::Package } else { Origin::Nobody };
    let found = FileFound::Regular {
        mode: (*mode).to_owned(),
        owner: (*owner).to_owned(),
        sha256: (*sha256).to_owned(),
        origin,
        text: text.strip_prefix('=').and_then(decoded),
    };
    Some(((*path).to_owned(), found))
}

/// `PATH TEXT`; the path of one that can't be read.
fn record(rest: &str) -> Result<Record, String> {
    let (path, text) = rest.split_once(' ').unwrap_or((rest, ""));
    decoded(text).and_then(|text| Record::parse(&text)).ok_or_else(|| path.to_owned())
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

/// `NAME ENABLED ACTIVE`, in systemd's words.
fn service(rest: &str) -> Option<(String, ServiceState)> {
    let mut words = rest.split(' ');
    let (name, enabled, active) = (words.next()?, words.next()?, words.next()?);
    // A service that is just being started, or started again after a reload, runs.
    let active = ["active", "reloading", "activating"].contains(&active);
    Some((name.to_owned(), ServiceState { enabled: enabled == "enabled", active }))
}

fn listener(rest: &str) -> Option<(u16, String)> {
    let (port, program) = rest.split_once(' ')?;
    Some((port.parse().ok()?, program.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "Welcome to lb-01\n\
        talosendpoint 1\n\
        os debian 12\n\
        systemd\n\
        packages apt-get\n\
        haproxy HAProxy version 2.6.12-1+deb12u4 2025/11/05 - https://haproxy.org/\n\
        keepalived Keepalived v2.2.7 (01/16,2022)\n\
        file /etc/haproxy/haproxy.cfg 644 root:root ba7816bf package =YWJj\n\
        file /etc/empty 600 a:b e3b0c442 nobody =\n\
        file /etc/long 644 root:root 00 nobody -\n\
        link /etc/keepalived/keepalived.conf\n\
        record /var/lib/talosendpoint/a.json eyJvd25lciI6ICJhIiwgImZpbGVzIjoge319\n\
        record /var/lib/talosendpoint/b.json bm90IGEgcmVjb3Jk\n\
        service haproxy enabled active\n\
        service keepalived not-found inactive\n\
        live 0123456789abcdef\n\
        address 192.0.2.21\n\
        address fe80::1\n\
        listens 22 sshd\n\
        listens 80 -\n\
        end\n";

    #[test]
    fn a_report_is_read_line_by_line() {
        let inventory = Inventory::parse(REPORT).unwrap();
        assert_eq!((inventory.haproxy, inventory.keepalived), (Some(Version(2, 6)), Some(Version(2, 2))));
        assert!(inventory.has("systemd") && inventory.has("apt-get") && !inventory.has("curl"));
        assert_eq!(inventory.text("/etc/haproxy/haproxy.cfg"), Some("abc"));
        assert_eq!((inventory.text("/etc/empty"), inventory.text("/etc/long")), (Some(""), None));
        assert_eq!(inventory.files.get("/etc/keepalived/keepalived.conf"), Some(&FileFound::Other));
        assert_eq!(inventory.records.len(), 1);
        assert_eq!(inventory.damaged_records, ["/var/lib/talosendpoint/b.json"]);
        assert_eq!(inventory.service("haproxy"), ServiceState { enabled: true, active: true });
        assert_eq!(inventory.service("keepalived"), ServiceState::default());
        assert_eq!(inventory.live.as_deref(), Some("0123456789abcdef"));
        assert_eq!(inventory.listeners, [(22, "sshd".to_owned()), (80, "-".to_owned())].into());
    }

    #[test]
    fn a_report_that_is_cut_off_counts_for_nothing() {
        assert_eq!(Inventory::parse(&REPORT.replace("end\n", "")), None);
        assert_eq!(Inventory::parse(&REPORT.replace(GREETING, "")), None);
    }

    #[test]
    fn versions_are_found_in_what_programs_print() {
        for (text, expected) in [
            ("HA-Proxy version 2.0.33 2023/06/10", Version(2, 0)),
            ("HAProxy version 3.2.0-1 2025/05/28", Version(3, 2)),
            ("HAProxy version 3.3-dev5-abc", Version(3, 3)),
            ("Keepalived v2.3.4 (06/10,2025)", Version(2, 3)),
        ] {
            assert_eq!(version(text), Some(expected), "{text}");
        }
        assert_eq!(version("no version"), None);
    }
}
