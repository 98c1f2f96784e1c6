//! What follows from it. Pure.

pub mod outputs;
