//! What AWS has, and how that becomes state.

pub mod clients;
pub mod current;
pub mod refresh;
