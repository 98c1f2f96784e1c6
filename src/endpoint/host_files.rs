//! What a load balancer needs beside the two configuration files: folders, a service manager that doesn't give up, and a record of who
//! wrote all of it.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use serde_json::json;

use super::config_token::{Token, of_the_system};
use crate::framework::validator::{Validator, text};

/// Where `haproxy.cfg` goes.
pub const HAPROXY_CFG: &str = "/etc/haproxy/haproxy.cfg";

/// Where `keepalived.conf` goes.
pub const KEEPALIVED_CONF: &str = "/etc/keepalived/keepalived.conf";

/// Where what is added to HAProxy's unit goes.
pub const HAPROXY_DROP_IN_PATH: &str = "/etc/systemd/system/haproxy.service.d/talosendpoint.conf";

/// Where what is added to Keepalived's unit goes.
const KEEPALIVED_DROP_IN_PATH: &str = "/etc/systemd/system/keepalived.service.d/talosendpoint.conf";

/// Where [`folders`] goes.
const TMPFILES: &str = "/etc/tmpfiles.d/talosendpoint.conf";

/// HAProxy after the network, and again however it ends: the unit of the Red Hat family has no `Restart=`.
const HAPROXY_DROP_IN: &str = "[Unit]
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=500ms
";

/// Keepalived after the network and HAProxy, and again if it ends: the unit of Debian 12 gives up.
const KEEPALIVED_DROP_IN: &str = "[Unit]
Wants=network-online.target
After=network-online.target haproxy.service
StartLimitIntervalSec=0

[Service]
Restart=on-failure
RestartSec=2s
";

/// Names are looked up one after the other before HAProxy starts, and before that when its file is checked. Measured with three nodes and a
/// DNS server that is silent: 74 s each, and systemd waits 90 s. Where the C library gives up after a second, it is 9.5 s each.
const BY_NAME: &str = "Environment=\"RES_OPTIONS=timeout:1 attempts:1\"\n";

/// The folder and the socket that the unit of Debian and Ubuntu brings together itself.
const OF_DEBIAN: (&str, &str) = ("/var/lib/haproxy", "/dev/log");

/// HAProxy connects to the socket of its log from inside its chroot, where nothing is unless it is mounted there.
fn log_in_chroot(haproxy_cfg: &str, chroot: &str) -> Option<String> {
    let log = haproxy_cfg.lines().find_map(|line| line.trim_start().strip_prefix("log "))?.split(' ').next()?;
    let mounted = log.starts_with('/') && !chroot.is_empty() && (chroot, log) != OF_DEBIAN;
    let safe = mounted && Token::log_target(log).is_some() && Token::folder(chroot).is_some();
    safe.then(|| format!("BindReadOnlyPaths=-{log}:{chroot}{log}\n"))
}

/// The drop-ins of the services' units: path and text. `by_name`: HAProxy has servers by DNS name.
fn drop_ins(haproxy_cfg: &str, chroot: &str, keepalived: bool, by_name: bool) -> Vec<(&'static str, String)> {
    let log = log_in_chroot(haproxy_cfg, chroot).unwrap_or_default();
    let haproxy = format!("{HAPROXY_DROP_IN}{}{log}", if by_name { BY_NAME } else { "" });
    let mut files = vec![(HAPROXY_DROP_IN_PATH, haproxy)];
    if keepalived {
        files.push((KEEPALIVED_DROP_IN_PATH, KEEPALIVED_DROP_IN.to_owned()));
    }
    files
}

/// The lines of a drop-in that a service gets when it starts: a reload keeps what it has.
pub fn at_start(drop_in: &str) -> Vec<&str> {
    drop_in.lines().filter(|line| line.starts_with("BindReadOnlyPaths=") || line.starts_with("Environment=")).collect()
}

/// What keeps HAProxy's state file.
const SERVER_STATE: &str = include_str!("host_files/server-state.sh");

/// Where that goes.
const SERVER_STATE_PATH: &str = "/usr/local/sbin/talosendpoint-server-state";

/// What runs it, and when.
const SERVER_STATE_UNITS: [&str; 2] =
    ["/etc/systemd/system/talosendpoint-server-state.service", "/etc/systemd/system/talosendpoint-server-state.timer"];

/// Runs it.
const SERVER_STATE_SERVICE: &str = "[Unit]
Description=Keep the addresses of HAProxy's servers by DNS name (talosendpoint)

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/talosendpoint-server-state
TimeoutStartSec=5min
# Not two lines in the journal each minute.
LogLevelMax=notice
";

/// Every minute: DNS may fail at any time, and so may the machine.
const SERVER_STATE_TIMER: &str = "[Unit]
Description=Keep the addresses of HAProxy's servers by DNS name (talosendpoint)

[Timer]
OnBootSec=10s
OnUnitInactiveSec=1min
AccuracySec=5s

[Install]
WantedBy=timers.target
";

/// The files that keep HAProxy's state file: path, mode and text.
fn server_state() -> [(&'static str, &'static str, &'static str); 3] {
    [
        (SERVER_STATE_PATH, "0755", SERVER_STATE),
        (SERVER_STATE_UNITS[0], "0644", SERVER_STATE_SERVICE),
        (SERVER_STATE_UNITS[1], "0644", SERVER_STATE_TIMER),
    ]
}

/// The path of HAProxy's state file, where its file names one.
pub fn server_state_file(haproxy_cfg: &str) -> Option<&str> {
    haproxy_cfg.lines().find_map(|line| line.trim_start().strip_prefix("server-state-file "))
}

/// The lines of tmpfiles.d that make the folders which HAProxy's file names: `haproxy -c` accepts a file whose folders are missing, and
/// the start fails. Folders that are there keep their owner and mode. None is the system's: a line of ours would take the place of the
/// system's own, with its mode and what it cleans up.
/// HAProxy's state file begins as one without servers: up to 2.6 HAProxy warns where there is none.
fn folders(stats_socket: &str, chroot: &str, state_file: Option<&str>) -> String {
    let mut text = String::from("# Folders that haproxy.cfg names. Written by Terraform (talosendpoint_haproxy).\n");
    for folder in [parent(stats_socket), chroot, state_file.map_or("", parent)] {
        let line = format!("d {folder} - - - -\n");
        if !folder.is_empty() && of_the_system(folder).is_none() && !text.contains(&line) {
            text.push_str(&line);
        }
    }
    text.extend(state_file.map(|path| format!("f {path} 0644 root root - 1\\n\n")));
    text
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What the files of one load balancer are made of.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// `haproxy.cfg`.
    pub haproxy_cfg: &'a str,
    /// `keepalived.conf`; none where Keepalived doesn't run.
    pub keepalived_conf: Option<&'a str>,
    /// The path of HAProxy's administrative socket.
    pub stats_socket: &'a str,
    /// The folder HAProxy locks itself into; empty where it doesn't.
    pub chroot: &'a str,
}

/// A file of root's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFile {
    /// Where it is.
    pub path: String,
    /// Its permissions, such as `0644`.
    pub mode: &'static str,
    /// What is in it.
    pub text: String,
    /// The service that it belongs to: `haproxy` or `keepalived`.
    pub service: &'static str,
}

/// Every file of a load balancer, the two configuration files first.
pub fn files(machine: &Machine<'_>) -> Vec<HostFile> {
    let file = |path: &str, mode, text: &str| {
        let of = service_of(path).unwrap_or("haproxy");
        HostFile { path: path.to_owned(), mode, text: text.to_owned(), service: of }
    };
    let mut files = vec![file(HAPROXY_CFG, "0644", machine.haproxy_cfg)];
    files.extend(machine.keepalived_conf.map(|text| file(KEEPALIVED_CONF, "0640", text)));
    let state_file = server_state_file(machine.haproxy_cfg);
    files.push(file(TMPFILES, "0644", &folders(machine.stats_socket, machine.chroot, state_file)));
    let keepalived = machine.keepalived_conf.is_some();
    let drop_ins = drop_ins(machine.haproxy_cfg, machine.chroot, keepalived, state_file.is_some());
    files.extend(drop_ins.iter().map(|(path, text)| file(path, "0644", text)));
    if state_file.is_some() {
        files.extend(server_state().map(|(path, mode, text)| file(path, mode, text)));
    }
    files
}

/// Where a file of a load balancer can be, and the service that it belongs to.
pub fn all_paths() -> [(&'static str, &'static str); 8] {
    let [state_service, state_timer] = SERVER_STATE_UNITS;
    let of_haproxy = [HAPROXY_CFG, TMPFILES, HAPROXY_DROP_IN_PATH, SERVER_STATE_PATH, state_service, state_timer];
    let [cfg, tmpfiles, drop_in, keeper, service, timer] = of_haproxy.map(|path| (path, "haproxy"));
    let [conf, keepalived] = [KEEPALIVED_CONF, KEEPALIVED_DROP_IN_PATH].map(|path| (path, "keepalived"));
    [cfg, conf, tmpfiles, drop_in, keepalived, keeper, service, timer]
}

/// The service that the file at `path` belongs to; none where it is none of these files.
pub fn service_of(path: &str) -> Option<&'static str> {
    all_paths().into_iter().find(|(one, _)| *one == path).map(|(_, service)| service)
}

/// The SHA-256 in hexadecimal digits, as `sha256sum` prints it.
pub fn sha256(bytes: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, bytes);
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What an owner may be called: the name of a file.
pub fn owner() -> Validator {
    text("must have 1 to 64 letters, digits, `.`, `_`, `:` and `-`, and begin with a letter or digit", |name| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
            && name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == ':')
    })
}

/// Where the record of `owner` is.
pub fn owner_path(owner: &str) -> String {
    format!("/var/lib/talosendpoint/{owner}.json")
}

/// Who owns the files of a load balancer: the endpoint's address, and the hashes of what was written.
pub fn owner_record(owner: &str, files: &BTreeMap<String, String>) -> String {
    let files: serde_json::Map<String, serde_json::Value> =
        files.iter().map(|(path, text)| (path.clone(), json!({ "sha256": sha256(text.as_bytes()) }))).collect();
    let record = json!({ "version": 1, "owner": owner, "files": files });
    format!("{record:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_once_each_and_never_the_root() {
        let lines = |socket: &str, chroot: &str| {
            let text = folders(socket, chroot, None);
            text.lines().skip(1).map(str::to_owned).collect::<Vec<String>>()
        };
        assert_eq!(
            lines("/run/haproxy/admin.sock", "/var/lib/haproxy"),
            ["d /run/haproxy - - - -", "d /var/lib/haproxy - - - -"]
        );
        assert_eq!(lines("/var/lib/haproxy/stats", "/var/lib/haproxy"), ["d /var/lib/haproxy - - - -"]);
        assert_eq!(lines("/admin.sock", ""), Vec::<String>::new());
        assert_eq!(lines("/tmp/admin.sock", "/tmp"), Vec::<String>::new(), "the system's own, with its mode");
        assert_eq!(lines("/var/lib/admin.sock", ""), Vec::<String>::new());
        assert_eq!(lines("/usr/local/admin.sock", ""), Vec::<String>::new());
    }

    #[test]
    fn a_log_reaches_out_of_another_chroot() {
        let of = |log: &str, chroot: &str| log_in_chroot(&format!("global\n    log {log} local0 info\n"), chroot);
        let mounted = |path: &str| Some(format!("BindReadOnlyPaths=-{path}\n"));
        assert_eq!(of("/dev/log", "/srv/haproxy"), mounted("/dev/log:/srv/haproxy/dev/log"));
        assert_eq!(of("/run/x/log", "/var/lib/haproxy"), mounted("/run/x/log:/var/lib/haproxy/run/x/log"));
        for (log, chroot) in [("/dev/log", "/var/lib/haproxy"), ("/dev/log", ""), ("stdout", "/srv/haproxy")] {
            assert_eq!(of(log, chroot), None, "{log} {chroot}");
        }
        assert!(drop_ins("    log /dev/log local0\n", "/srv/x", false, true)[0].1.contains("/srv/x/dev/log\n"));
    }

    #[test]
    fn the_state_file_begins_empty() {
        let text = folders("/run/haproxy/admin.sock", "", Some("/srv/state/of-servers-0123abcd"));
        let lines: Vec<&str> = text.lines().skip(1).collect();
        let state = "f /srv/state/of-servers-0123abcd 0644 root root - 1\\n";
        assert_eq!(lines, ["d /run/haproxy - - - -", "d /srv/state - - - -", state]);
        assert_eq!(server_state_file("global\n    server-state-file /srv/x-0123abcd\n"), Some("/srv/x-0123abcd"));
    }

    #[test]
    fn the_record_names_the_owner_and_hashes_each_file() {
        let files = BTreeMap::from([("/etc/x".to_owned(), "abc".to_owned())]);
        let record: serde_json::Value = serde_json::from_str(&owner_record("2001:db8::1", &files)).unwrap();
        assert_eq!(record["owner"], "2001:db8::1");
        assert_eq!(
            record["files"]["/etc/x"]["sha256"],
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(owner_path("2001:db8::1"), "/var/lib/talosendpoint/2001:db8::1.json");
    }
}
