//! Every step of the lifecycle of a load balancer and its attachments × every call of it × every kind of fault × what the user does
//! next: apply again, destroy, take the change back, another change.
//!
//! Nothing here has a socket or waits: the stand-in answers behind the AWS SDK's HTTP client ([`wire`]), a small Terraform drives the
//! provider's engine ([`terraform`]), and the clock is tokio's paused one. So a cell of the matrix takes milliseconds, whatever the
//! provider waits for. Each of them must keep what [`cell`] asks for, without an exception.

// A failed step is a failed test (clippy's own exemption covers only functions marked `#[test]`).
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod fault;
mod wire;
mod outcome;
mod process;
mod terraform;
mod configuration;
mod holdings;
mod lifecycle;
mod world;
mod comparison;
mod cell;
mod continuation;
mod table;
mod run;

/// The matrix. The environment variable `TALOSENDPOINT_MATRIX` narrows it to faults whose name contains the text. What was broken is in a
/// file.
#[test]
fn every_fault_at_every_call_of_every_step() {
    let only = std::env::var("TALOSENDPOINT_MATRIX").unwrap_or_default();
    let table = run::matrix(&only);
    println!("{table}");
    assert!(!table.is_empty(), "no fault is called {only:?}");
    let file = lab::build::target().join("matrix-failures.txt");
    std::fs::write(&file, table.report()).unwrap();
    assert!(table.failures().is_empty(), "{} cells failed: {}", table.failures().len(), file.display());
}
