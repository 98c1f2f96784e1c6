//! The provider before a stand-in that refuses, delays, loses answers and races as AWS is known to, where moto doesn't.
//!
//! Each scenario runs in a process of its own ([`child`]), with a short lease, no other AWS setting, and the log at its most verbose;
//! it drives the engine as Terraform does ([`terraform`]).

// A failed step of a scenario is a failed test (clippy's own exemption covers only functions marked `#[test]`).
#![allow(clippy::unwrap_used)]

mod child;
mod terraform;
mod config;
mod foreign;
mod creation;
mod taken;
mod runs;
mod loss;
mod merging;
mod deletion;
mod reading;
mod refusals;
mod group_replacement;
mod import;
mod listing;
mod same_directory;
mod set_subnets;
mod orphans;
mod untaint;
mod marker;
mod logs;
