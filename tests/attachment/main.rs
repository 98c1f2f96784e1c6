//! `talosendpoint_nlb_attachment` under the real CLI: before moto, before the stateful stand-in, and what is refused at plan.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod drain;
mod groups;
mod identity;
mod moves;
mod order;
mod permissions;
mod refusals;
mod registration;
mod stage;
mod together;
