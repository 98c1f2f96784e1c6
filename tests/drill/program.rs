//! `make drill FILES=folder`: starts what the files in that folder describe, breaks it in every way, and says what happened.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

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
mod all;

use std::path::Path;
use std::process::exit;

/// Ends with 0 where all went well, 1 where the VIP never moved, 2 where the drills could not be done, 3 where a goal was missed.
fn main() {
    lab::network::agent::if_inside();
    let folder = std::env::args().nth(1).unwrap_or_default();
    if folder.is_empty() {
        eprintln!("usage: make drill FILES=folder (haproxy.cfg, and HOST/keepalived.conf for each load balancer)");
        exit(2);
    }
    if let Err(missing) = needed::needed() {
        eprintln!("{} not found. Debian, Ubuntu: sudo apt-get install haproxy keepalived curl iproute2", missing.0);
        exit(2);
    }
    exit(all::drill(Path::new(&folder)));
}
