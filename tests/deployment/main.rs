//! `talosendpoint_haproxy_deployment` under the real CLI: the real sshd, HAProxy and Keepalived on hosts of their own in a small network,
//! with a stand-in for `systemctl`.
//!
//! Needs root, Linux and these programs; without them the tests say that they are skipped.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod needed;
mod rig;
mod configuration;
mod life;
mod faults;
mod early_end;
mod errors;
mod access;
mod preparation;
mod departure;
mod adoption;
mod renaming;
mod rolling;

#[test]
#[ignore = "the first process of a host that a test makes"]
fn host() {
    lab::network::agent::if_inside();
}
