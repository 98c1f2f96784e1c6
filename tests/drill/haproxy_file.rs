//! What a drill needs to know of a haproxy.cfg: where it listens, and which servers stand behind. Tolerant: what it doesn't know it passes
//! over, HAProxy itself reads the file too.

use std::net::IpAddr;

/// One listener with the servers behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The frontend's name.
    pub name: String,
    /// Where it listens; no address where that is all of them.
    pub binds: Vec<(Option<IpAddr>, u16)>,
    /// Whom it leads to.
    pub servers: Vec<Server>,
    /// Is there an HTTP health check?
    pub http_check: bool,
}

/// One `server` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Address or DNS name.
    pub host: String,
    /// Port.
    pub port: u16,
}

#[derive(Debug, Default)]
struct Section {
    kind: String,
    name: String,
    binds: Vec<(Option<IpAddr>, u16)>,
    servers: Vec<Server>,
    backends: Vec<String>,
    http_check: bool,
}

/// All listeners that lead to servers, in the file's order.
pub fn services(text: &str) -> Vec<Service> {
    let sections = sections(text);
    let with_servers = sections.iter().filter_map(|section| {
        let named = |name: &String| sections.iter().find(|other| other.kind == "backend" && other.name == *name);
        let backends: Vec<&Section> = section.backends.iter().filter_map(named).chain([section]).collect();
        let servers: Vec<Server> = backends.iter().flat_map(|backend| backend.servers.clone()).collect();
        let port = section.binds.first()?.1;
        // A server without a port is asked on the listener's.
        let on = |server: Server| Server { port: if server.port == 0 { port } else { server.port }, ..server };
        (!servers.is_empty()).then(|| Service {
            name: section.name.clone(),
            binds: section.binds.clone(),
            servers: servers.into_iter().map(on).collect(),
            http_check: backends.iter().any(|backend| backend.http_check),
        })
    });
    with_servers.collect()
}

/// Every port that the file listens on, whoever it is for.
pub fn ports(text: &str) -> Vec<u16> {
    sections(text).iter().flat_map(|section| section.binds.iter().map(|(_, port)| *port)).collect()
}

/// A state file of HAProxy's without servers, as tmpfiles.d makes it.
pub const NO_STATE: &str = "1\n";

/// The path of HAProxy's state file, if it has one.
pub fn state_file(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.trim_start().strip_prefix("server-state-file "))
}

fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(first) = words.first().filter(|first| !first.starts_with('#')) else { continue };
        if ["frontend", "backend", "listen", "global", "defaults"].contains(first) || KNOWN_SECTIONS.contains(first) {
            let name = words.get(1).copied().unwrap_or_default().to_owned();
            sections.push(Section { kind: (*first).to_owned(), name, ..Section::default() });
        } else if let Some(section) = sections.last_mut() {
            line_of(section, &words);
        }
    }
    sections
}

/// Other sections, whose `server` and `bind` lines aren't meant.
const KNOWN_SECTIONS: [&str; 9] =
    ["resolvers", "peers", "userlist", "mailers", "cache", "program", "ring", "http-errors", "log-forward"];

fn line_of(section: &mut Section, words: &[&str]) {
    let proxy = ["frontend", "backend", "listen"].contains(&section.kind.as_str());
    match words {
        ["bind", places, ..] if proxy => section.binds.extend(places.split(',').filter_map(place)),
        ["server", name, to, ..] if proxy => {
            let (host, port) = to.rsplit_once(':').unwrap_or((to, "0"));
            let host = host.trim_start_matches("ipv4@").trim_start_matches("ipv6@").trim_matches(['[', ']']);
            let port = port.parse().unwrap_or(0);
            section.servers.push(Server { name: (*name).to_owned(), host: host.to_owned(), port });
        }
        ["default_backend" | "use_backend", name, ..] => section.backends.push((*name).to_owned()),
        ["option", "httpchk", ..] => section.http_check = true,
        _ => {}
    }
}

/// `*:6443`, `:::6443`, `[fd77::10]:6443`, `192.168.30.30:6443`; sockets of other kinds are no concern of a drill.
fn place(text: &str) -> Option<(Option<IpAddr>, u16)> {
    let text = text.trim_start_matches("ipv4@").trim_start_matches("ipv6@");
    let (address, port) = text.rsplit_once(':')?;
    let address: Option<IpAddr> = address.trim_matches(['[', ']']).parse().ok();
    Some((address.filter(|address| !address.is_unspecified()), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_and_servers_are_found() {
        let text = "global\n    maxconn 8\nresolvers dns\n    server no 10.9.9.9:53\n\
                    frontend in\n\tbind *:6443\n\tbind [fd77::10]:6443,192.168.30.30:7443 transparent # VIP\n\tdefault_backend out\n\
                    backend out\n  option httpchk\n  server a 10.0.0.1:6443 check\n  server b [fd77::21]:6443\n  # server c 10.0.0.3:1\n\
                    listen both\n  bind :::50000 v4v6\n  server a cp-01.lan check\n\
                    frontend ops\n  bind 127.0.0.1:8404\n  stats enable\n";
        let found = services(text);
        assert_eq!(found.len(), 2, "{found:?}");
        let vip = |text: &str| text.parse::<IpAddr>().ok();
        assert_eq!(found[0].binds, [(None, 6443), (vip("fd77::10"), 6443), (vip("192.168.30.30"), 7443)]);
        let hosts: Vec<&str> = found[0].servers.iter().map(|server| server.host.as_str()).collect();
        assert_eq!((hosts, found[0].http_check), (vec!["10.0.0.1", "fd77::21"], true));
        assert_eq!(found[1].servers, [Server { name: "a".to_owned(), host: "cp-01.lan".to_owned(), port: 50000 }]);
        assert_eq!(ports(text), [6443, 6443, 7443, 50000, 8404]);
    }
}
