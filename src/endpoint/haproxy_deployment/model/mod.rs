//! What there is to know: the attributes, what the user wants, and what a host says of itself. Pure. In reading order:
//!
//! 1. [`schema`] describes the attributes; [`spec`] is what the user wants, all of it known.
//! 2. [`desired`] is the spec as files and services of each host; [`record`] is whose they are, [`owner`] by what a run
//!    knows its own; [`inventory`] is what a host has, [`firewall`] what it lets in.

pub mod schema;
pub mod spec;
pub mod record;
pub mod owner;
pub mod desired;
pub mod inventory;
pub mod firewall;
