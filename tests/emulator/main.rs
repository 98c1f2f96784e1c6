//! The real `terraform` runs the real provider against whatever stands at `TALOSENDPOINT_TEST_ENDPOINT` in AWS's place (LocalStack and
//! what is compatible with it), or else against a MiniStack of its own.
//!
//! Others may use that endpoint too: every test has a name of its own, looks only at what bears it, and cleans up. What an endpoint does
//! otherwise than AWS is found out by asking it, and that one case is skipped with the reason.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod endpoint;
mod stage;

mod drift;
mod lifecycle;
mod names;
mod nodes;
