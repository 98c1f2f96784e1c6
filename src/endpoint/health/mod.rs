//! `talosendpoint_health`: whether an endpoint serves at this moment, and which server is at fault.
//!
//! It probes once and never fails for what it finds, so that a `check` block can report it and no plan stops at it. In reading order:
//!
//! 1. [`model`]: its attributes. [`plan`]: what they hold of what was found. Both are pure.
//! 2. [`read`] probes. [`data_source`] is what Terraform sees.

pub mod model;
pub mod plan;
pub mod read;
pub mod data_source;
