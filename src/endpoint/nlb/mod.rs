//! `talosendpoint_nlb`: a Network Load Balancer with its target groups and listeners as one resource.
//!
//! It refuses to replace a load balancer unless it is allowed to, and to touch anything that it did not make. Nodes are not among its
//! inputs: they need its DNS name before they exist. In reading order:
//!
//! 1. [`model`]: what there is to know. [`plan`]: what follows from it, without looking at the world. Both are pure.
//! 2. [`read`]: what AWS has. [`apply`]: how that becomes what is wanted.
//! 3. [`migration`]: how a load balancer of another provider comes over, for the command line.
//! 4. [`resource`] is what Terraform sees, [`list_resource`] what `terraform query` finds.
//!
//! Each may use those before it, never those after it.

pub mod model;
pub mod plan;
pub mod read;
pub mod migration;
pub mod apply;
pub mod resource;
pub mod list_resource;
#[cfg(test)]
mod sample;
