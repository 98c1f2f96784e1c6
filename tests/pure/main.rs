//! What only computes, under the real CLI: nothing is contacted, so everything is in the plan.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod baremetal;
mod bad_input;
mod cloud_init;
mod server_state;
mod endpoint_url;
mod lifecycle;
mod migrate;
mod module_switch;
mod moved;
mod stage;
mod static_endpoint;
mod unknowns;
mod vip;
