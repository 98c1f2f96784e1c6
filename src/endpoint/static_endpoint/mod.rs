//! `talosendpoint_static`: an endpoint of which nothing is to be made: a single node, DNS round robin, or a load balancer of somebody else's.
//! (The folder isn't called `static`, which is a word of Rust.)
//!
//! It only computes: there is no `diff`, `driver` or `observe`, because nothing of it exists outside of Terraform, DNS records included;
//! it says which ones are needed, for the DNS provider of your choice. In reading order:
//!
//! 1. [`schema`] names the attributes, [`spec`] is what the user wants, and [`effective`] their dependent defaults.
//! 2. [`rules`] and [`warnings`] tell what is wrong with them, [`outputs`] gives the computed attributes.
//! 3. [`resource`] is what Terraform sees.

pub mod schema;
pub mod spec;
pub mod effective;
pub mod rules;
pub mod warnings;
pub mod outputs;
pub mod resource;
#[cfg(test)]
mod sample;
