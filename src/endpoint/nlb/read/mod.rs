//! Reads AWS, and turns what is there into state. Changes nothing.

pub mod current;
pub mod refresh;
