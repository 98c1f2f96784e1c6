//! `examples/terraform` as a user applies it: the real hashicorp/aws and this provider in one configuration, before moto.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod cluster;
mod environments;
mod migrate;
mod swap;
