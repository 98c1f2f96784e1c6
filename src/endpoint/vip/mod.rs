//! `talosendpoint_vip`: the patches with which Talos' own virtual IP serves as the endpoint.
//!
//! It only computes text: there is nothing outside to read or to change, so it has no `read` and no `apply`. It refuses what Talos takes
//! at plan and a node refuses later, or takes and never serves. In reading order:
//!
//! 1. [`model`]: the arguments in types.
//! 2. [`plan`]: what is wrong with them, the patches, and what is exported.
//! 3. [`resource`] is what Terraform sees.

pub mod model;
pub mod plan;
pub mod resource;
#[cfg(test)]
mod sample;
