//! `talosendpoint_ready`: waits until an endpoint serves.
//!
//! It waits when it is created and when `endpoint` or `triggers` change or `wait_for` grows, and touches nothing else: what is read or planned never depends on a
//! cluster that may be dead. In reading order:
//!
//! 1. [`model`]: its attributes. [`plan`]: what follows from them. Both are pure.
//! 2. [`apply`] waits. [`resource`] is what Terraform sees.

pub mod model;
pub mod plan;
pub mod apply;
pub mod resource;
