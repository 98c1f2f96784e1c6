//! What follows from a configuration. It has no `defaults`, because no default depends on another argument. In reading order:
//!
//! 1. [`devices`] and [`links`](mod@links) are what documents name, and [`base`](mod@base) what the patches leave to the base configuration.
//! 2. [`rules`] and [`warnings`] are what is wrong with it.
//! 3. [`render`] writes the patches of one node, [`outputs`] everything that is exported.

pub mod devices;
pub mod links;
pub mod base;
pub mod rules;
pub mod warnings;
pub mod render;
pub mod outputs;
