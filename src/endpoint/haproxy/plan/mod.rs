//! What follows from a configuration. In reading order:
//!
//! 1. [`defaults`] that depend on other arguments, [`rules`] and [`warnings`].
//! 2. [`render`] writes the files, each with its [`fingerprint`]; [`outputs`] exports them.

pub mod defaults;
pub mod rules;
pub mod warnings;
pub mod fingerprint;
pub mod render;
pub mod outputs;
