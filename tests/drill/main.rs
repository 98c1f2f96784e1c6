//! HAProxy and Keepalived as they really are, on the files that are rendered for them, in networks of their own: what fails over when
//! something breaks, and how fast. The times are printed as one table.
//!
//! Needs root, Linux and both programs; without them the tests say that they are skipped.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod needed;
mod haproxy_file;
mod keepalived_file;
mod host_files;
mod setup;
mod laboratory;
mod table;
mod failover;
mod backends;
mod quiet;
mod goals;

mod report;
mod cases;
mod life;
mod checkers;
mod rendered;
mod names;
mod guide;
mod folder;
mod install;

#[test]
#[ignore = "the first process of a host that a test makes"]
fn host() {
    lab::network::agent::if_inside();
}
