//! Both ways onto a machine, `cloud_init` and `talosendpoint_haproxy_deployment`, on Debian as it boots: its own systemd, its own packages,
//! cloud-init, sshd and sudo, in containers. After each step exactly one machine holds the VIP, and what a client saw meanwhile is printed.
//!
//! Needs root, Linux, systemd-nspawn and packages of the distribution; without them the tests say that they are skipped.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod needed;
mod pair;
mod client;
mod steps;
mod cluster;

mod user_data;
mod over_ssh;

#[test]
#[ignore = "the first process of a host that a test makes"]
fn host() {
    lab::network::agent::if_inside();
}
