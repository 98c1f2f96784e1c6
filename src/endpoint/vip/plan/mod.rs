//! What follows from a configuration. It has no `defaults`, because no default depends on another argument. In reading order:
//!
//! 1. [`rules`] and [`warnings`] are what is wrong with it.
//! 2. [`render`] writes the patches of one node, [`outputs`] everything that is exported.

pub mod rules;
pub mod warnings;
pub mod render;
pub mod outputs;
