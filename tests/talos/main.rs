//! Talos' own configuration library is asked what it makes of our patches: `tests/talos-oracle` is a small Go program for each Talos minor
//! that merges, validates and reads as a node does. What a document says about Talos may be wrong; this may not.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod oracle;
mod answer;
mod case;
mod truth;
mod golden;
mod expected;
mod vip;
mod base;
mod sans;
mod broken;
mod skipped;
