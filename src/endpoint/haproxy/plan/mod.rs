//! What follows from a configuration. In reading order:
//!
//! 1. [`defaults`] that depend on other arguments, [`rules`] and [`warnings`].
//! 2. [`render`] writes the files, each with its fingerprint; [`outputs`] exports them.
//! 3. [`user_data`] brings them to a new machine, with what that needs beside them.

pub mod defaults;
pub mod rules;
pub mod warnings;
pub mod render;
pub mod outputs;
pub mod user_data;
