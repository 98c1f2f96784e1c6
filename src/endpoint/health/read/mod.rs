//! What there is at this moment.

pub mod current;
