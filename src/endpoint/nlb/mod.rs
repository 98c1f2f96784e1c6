//! `talosendpoint_nlb`: a Network Load Balancer with its target groups and listeners as one resource.
//!
//! It refuses to replace a load balancer without being told to, and to touch anything that it did not make. Nodes are not among its
//! inputs: they need its DNS name before they exist. In reading order:
//!
//! 1. [`schema`] names the attributes, [`effective`] their dependent defaults, [`rules`] and [`warnings`] what is wrong with them.
//! 2. [`spec`] is what the user wants, [`render`] the same as AWS settings; [`parts`] and [`observed`] are what exists; [`diff`] leads
//!    from one to the other. [`outputs`] and [`replacement`] complete the [`plan`]. All of this is pure.
//!    [`import`] tells what is ours of a load balancer that somebody made.
//! 3. [`driver`] executes steps, [`exchange`] the one that AWS refuses as a whole, [`ownership`] tells whose an answer is, [`observe`] looks, [`leftovers`] and [`marker`] deal with dead runs,
//!    [`handover`] with groups that are replaced; [`run`] and [`remove`] put them in order.
//! 4. [`resource`] is what Terraform sees; [`refresh`] turns a look into state.

pub mod role;
pub mod schema;
pub mod effective;
pub mod rules;
pub mod warnings;
pub mod spec;
pub mod render;
pub mod parts;
pub mod observed;
pub mod diff;
pub mod outputs;
pub mod replacement;
pub mod succession;
pub mod import;
pub mod plan;
pub mod failure;
pub mod marker;
pub mod driver;
pub mod exchange;
pub mod ownership;
pub mod handover;
pub mod observe;
pub mod leftovers;
pub mod remove;
pub mod run;
pub mod refresh;
pub mod resource;
#[cfg(test)]
mod sample;
