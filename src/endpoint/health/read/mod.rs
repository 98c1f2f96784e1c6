//! Looking.

pub mod current;
