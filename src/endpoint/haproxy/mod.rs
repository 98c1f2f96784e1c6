//! `talosendpoint_haproxy`: the configuration of HAProxy and Keepalived on load balancers of your own, as text.
//!
//! It only computes: what it exports is known in the plan as soon as its arguments are, so that the plan shows every change of a file
//! line by line. In reading order:
//!
//! 1. [`schema`] names the attributes, [`effective`] their dependent defaults, [`rules`] and [`warnings`] what is wrong with them.
//! 2. [`word`] and [`timer`] are the only texts that get from the user into a file; [`spec`] is what the user wants, made of them;
//!    [`render`] writes the files, each with its [`fingerprint`]; [`outputs`] exports them.
//! 3. [`resource`] is what Terraform sees; [`cloud_init`] is the function that puts the files on a new machine.

pub mod role;
pub mod word;
pub mod timer;
pub mod schema;
pub mod effective;
pub mod rules;
pub mod warnings;
pub mod spec;
pub mod fingerprint;
pub mod render;
pub mod outputs;
pub mod resource;
pub mod cloud_init;
#[cfg(test)]
mod sample;
