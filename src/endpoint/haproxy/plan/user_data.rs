//! The user-data (`#cloud-config`) that brings a new load balancer up.
//!
//! cloud-init runs each step once for a machine, and doesn't repeat one that failed. So it only writes files here, and starts a service
//! that installs the packages, which tries again until everything runs.

use std::collections::BTreeMap;

use super::host_files::{self, HAPROXY_CFG, KEEPALIVED_CONF, TMPFILES};

/// What is installed and started, by the service of the next constant.
const SCRIPT: &str = include_str!("user_data/setup.sh");

/// Where the script goes.
const SCRIPT_PATH: &str = "/usr/local/sbin/talosendpoint-setup";

/// The service's name.
const SERVICE: &str = "talosendpoint-setup.service";

/// What the user-data of one load balancer is made of.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// The VIP, or the machine's own address: whose files these are.
    pub owner: &'a str,
    /// `haproxy.cfg`.
    pub haproxy_cfg: &'a str,
    /// `keepalived.conf`; none where Keepalived doesn't run.
    pub keepalived_conf: Option<&'a str>,
    /// The path of HAProxy's administrative socket.
    pub stats_socket: &'a str,
    /// The folder HAProxy locks itself into; empty where it doesn't.
    pub chroot: &'a str,
}

/// The whole text.
pub fn user_data(machine: &Machine<'_>) -> String {
    let services = if machine.keepalived_conf.is_some() { "haproxy keepalived" } else { "haproxy" };
    let files = files(machine, services);
    let mut text = String::from(
        "#cloud-config\n# A load balancer of a Talos Linux control plane. Written by Terraform \
         (talosendpoint_haproxy).\nwrite_files:\n",
    );
    for (path, mode, content) in &files {
        write_file(&mut text, path, mode, content);
    }
    let hashed = files.into_iter().map(|(path, _, content)| (path, content)).collect::<BTreeMap<String, String>>();
    let record = host_files::owner_record(machine.owner, &hashed);
    write_file(&mut text, &host_files::owner_path(machine.owner), "0644", &record);
    text.push_str("runcmd:\n  - [systemctl, daemon-reload]\n");
    text.push_str(&format!("  - [systemctl, enable, {SERVICE}]\n  - [systemctl, start, {SERVICE}]\n"));
    text
}

/// Path, mode and content of each file, in the order in which they are written.
fn files(machine: &Machine<'_>, services: &str) -> Vec<(String, &'static str, String)> {
    let file = |path: &str, mode: &'static str, content: &str| (path.to_owned(), mode, content.to_owned());
    let mut files = vec![file(HAPROXY_CFG, "0644", machine.haproxy_cfg)];
    files.extend(machine.keepalived_conf.map(|content| file(KEEPALIVED_CONF, "0640", content)));
    let state_file = host_files::server_state_file(machine.haproxy_cfg);
    let folders = host_files::folders(machine.stats_socket, machine.chroot, state_file);
    files.push(file(TMPFILES, "0644", &folders));
    let drop_ins = host_files::drop_ins(
        machine.haproxy_cfg,
        machine.chroot,
        machine.keepalived_conf.is_some(),
        state_file.is_some(),
    );
    files.extend(drop_ins.into_iter().map(|(path, content)| file(path, "0644", &content)));
    if state_file.is_some() {
        files.extend(host_files::server_state().map(|(path, mode, content)| file(path, mode, content)));
    }
    files.push(file(SCRIPT_PATH, "0755", SCRIPT));
    files.push(file(&format!("/etc/systemd/system/{SERVICE}"), "0644", &service(services)));
    files
}

/// Tries again every half minute, and at every boot until the script takes it away.
fn service(services: &str) -> String {
    format!(
        "[Unit]
Description=Set up {services} (talosendpoint)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart={SCRIPT_PATH} {services}
Restart=on-failure
RestartSec=30s
TimeoutStartSec=15min

[Install]
WantedBy=multi-user.target
"
    )
}

fn write_file(text: &mut String, path: &str, mode: &str, content: &str) {
    text.push_str(&format!("  - path: {path}\n    owner: root:root\n    permissions: \"{mode}\"\n    content: |\n"));
    for line in content.lines() {
        let indent = if line.is_empty() { "" } else { "      " };
        text.push_str(&format!("{indent}{line}\n"));
    }
}
