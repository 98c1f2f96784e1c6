//! The user-data (`#cloud-config`) that brings a new load balancer up.
//!
//! cloud-init runs each step once for a machine, and doesn't repeat one that failed. So it only writes files here, and starts a service
//! that installs the packages, which tries again until everything runs.

use std::collections::BTreeMap;

use crate::endpoint::host_files;

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
    /// What the files are made of.
    pub files: host_files::Machine<'a>,
}

/// The whole text.
pub fn user_data(machine: &Machine<'_>) -> String {
    let services = if machine.files.keepalived_conf.is_some() { "haproxy keepalived" } else { "haproxy" };
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
    let files = host_files::files(&machine.files).into_iter();
    let mut files: Vec<_> = files.map(|file| (file.path, file.mode, file.text)).collect();
    files.push((SCRIPT_PATH.to_owned(), "0755", SCRIPT.to_owned()));
    files.push((format!("/etc/systemd/system/{SERVICE}"), "0644", service(services)));
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
