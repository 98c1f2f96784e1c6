//! What follows from a configuration. In reading order:
//!
//! 1. [`defaults`] that depend on other arguments, [`rules`] and [`warnings`].
//! 2. [`render`] writes the files, each with its [`fingerprint`]; [`outputs`] exports them.
//! 3. [`host_files`] is what a machine needs beside them, [`user_data`] brings all of it to a new one.

pub mod defaults;
pub mod rules;
pub mod warnings;
pub mod fingerprint;
pub mod render;
pub mod outputs;
pub mod host_files;
pub mod user_data;
