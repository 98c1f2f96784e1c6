//! What follows from what is known, without I/O: rules, outputs, steps, and the reading of an import id.

pub mod rules;
pub mod outputs;
pub mod registrations;
pub mod warnings;
pub mod import;
pub mod diff;
