//! `talosendpoint_vip`: the patches with which Talos' own virtual IP serves as the endpoint.
//!
//! It only computes text: there is nothing to look at, to compare or to drive, so it has no `observe`, `diff` and `driver`, and no
//! `effective`, because no default depends on another argument. It refuses what Talos takes at plan and a node refuses later, or takes
//! and never serves. In reading order:
//!
//! 1. [`schema`] names the arguments, [`link`](mod@link) says which link of a node they mean, [`spec`] is all of them in types.
//! 2. [`rules`] and [`warnings`] are what is wrong with them.
//! 3. [`render`] writes the patches of one node, [`outputs`] everything that is exported; [`resource`] is what Terraform sees.

pub mod schema;
pub mod link;
pub mod spec;
pub mod rules;
pub mod warnings;
pub mod render;
pub mod outputs;
pub mod resource;
#[cfg(test)]
mod sample;
