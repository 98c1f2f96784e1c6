//! The laboratory proves itself: what the other test binaries rely on is tested here, without the provider.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod corporate;
mod fake;
mod http;
mod model;
mod moto;
mod programs;
mod proxy;
mod sdk;
mod skip;
mod terraform;
