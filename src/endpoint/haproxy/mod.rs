//! `talosendpoint_haproxy`: the configuration of HAProxy and Keepalived on load balancers of your own, as text.
//!
//! It only computes: what it exports is known in the plan as soon as its arguments are, so that the plan shows every change of a file
//! line by line. There is nothing outside to read or to change, so it has no `read` and no `apply`. In reading order:
//!
//! 1. [`model`]: the arguments, and the types in which nothing can be wrong.
//! 2. [`plan`]: defaults, rules, warnings, the files, and what is exported.
//! 3. [`resource`] is what Terraform sees; [`cloud_init`] is the function that puts the files on a new machine.

pub mod model;
pub mod plan;
pub mod resource;
pub mod cloud_init;
#[cfg(test)]
mod sample;
