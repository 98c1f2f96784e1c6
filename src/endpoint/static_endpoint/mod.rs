//! `talosendpoint_static`: an endpoint of which nothing is to be made: a single node, DNS round robin, or a load balancer of somebody else's.
//! (The folder isn't called `static`, which is a keyword of Rust.)
//!
//! It only computes: nothing of it exists outside of Terraform, DNS records included, so it has no `read` and no `apply`; it says which
//! records are needed, for the DNS provider of your choice. In reading order:
//!
//! 1. [`model`]: the arguments in types.
//! 2. [`plan`]: defaults, rules, warnings, and what is exported.
//! 3. [`resource`] is what Terraform sees.

pub mod model;
pub mod plan;
pub mod resource;
#[cfg(test)]
mod sample;
