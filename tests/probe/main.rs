//! `talosendpoint_health` and `talosendpoint_ready`: that each fault of a server is called what it is, and in time. First the prober and the
//! verdicts over it, before real servers in this process and in networks of their own; then both under the real CLI.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod certificates;
mod server;
mod faults;
mod balancer;
mod inside;
mod network;
mod cluster;
mod ready;
mod health;
mod target_groups;

#[test]
#[ignore = "the first process of a host that a test makes"]
fn host() {
    lab::network::agent::if_inside();
}
