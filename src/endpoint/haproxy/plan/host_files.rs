//! What a load balancer needs beside the two configuration files: folders, a service manager that doesn't give up, and a record of who
//! wrote all of it.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use serde_json::json;

/// Where `haproxy.cfg` goes.
pub const HAPROXY_CFG: &str = "/etc/haproxy/haproxy.cfg";

/// Where `keepalived.conf` goes.
pub const KEEPALIVED_CONF: &str = "/etc/keepalived/keepalived.conf";

/// Where [`folders`] goes.
pub const TMPFILES: &str = "/etc/tmpfiles.d/talosendpoint.conf";

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

/// The drop-ins of the services' units: path and text.
pub fn drop_ins(keepalived: bool) -> Vec<(&'static str, &'static str)> {
    let mut files = vec![("/etc/systemd/system/haproxy.service.d/talosendpoint.conf", HAPROXY_DROP_IN)];
    if keepalived {
        files.push(("/etc/systemd/system/keepalived.service.d/talosendpoint.conf", KEEPALIVED_DROP_IN));
    }
    files
}

/// Folders that every system has. A line of ours would take the place of the system's own, with its mode and what it cleans up.
const OF_THE_SYSTEM: [&str; 9] = ["/dev", "/etc", "/run", "/srv", "/tmp", "/usr", "/var", "/var/run", "/var/tmp"];

/// The lines of tmpfiles.d that make the folders which HAProxy's file names: `haproxy -c` accepts a file whose folders are missing, and
/// the start fails. Folders that are there keep their owner and mode.
pub fn folders(stats_socket: &str, chroot: &str) -> String {
    let of_socket = stats_socket.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut text = String::from("# Folders that haproxy.cfg names. Written by Terraform (talosendpoint_haproxy).\n");
    for folder in [of_socket, chroot] {
        let line = format!("d {folder} - - - -\n");
        if !folder.is_empty() && !OF_THE_SYSTEM.contains(&folder) && !text.contains(&line) {
            text.push_str(&line);
        }
    }
    text
}

/// Where the record of `owner` is.
pub fn owner_path(owner: &str) -> String {
    format!("/var/lib/talosendpoint/{owner}.json")
}

/// Who owns the files of a load balancer: the endpoint's address, and the hashes of what was written.
pub fn owner_record(owner: &str, files: &BTreeMap<String, String>) -> String {
    let hash = |text: &String| {
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let files: serde_json::Map<String, serde_json::Value> =
        files.iter().map(|(path, text)| (path.clone(), json!({ "sha256": hash(text) }))).collect();
    let record = json!({ "version": 1, "owner": owner, "files": files });
    format!("{record:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_once_each_and_never_the_root() {
        let lines = |socket: &str, chroot: &str| {
            let text = folders(socket, chroot);
            text.lines().skip(1).map(str::to_owned).collect::<Vec<String>>()
        };
        assert_eq!(
            lines("/run/haproxy/admin.sock", "/var/lib/haproxy"),
            ["d /run/haproxy - - - -", "d /var/lib/haproxy - - - -"]
        );
        assert_eq!(lines("/var/lib/haproxy/stats", "/var/lib/haproxy"), ["d /var/lib/haproxy - - - -"]);
        assert_eq!(lines("/admin.sock", ""), Vec::<String>::new());
        assert_eq!(lines("/tmp/admin.sock", "/tmp"), Vec::<String>::new(), "the system's own, with its mode");
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
