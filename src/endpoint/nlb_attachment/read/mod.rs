//! What AWS has, and how that becomes state. In reading order:
//!
//! 1. [`clients`] gives access to the regions that the target groups are in.
//! 2. [`current`] asks which groups a target is in; [`refresh`] makes state of the answer.

pub mod clients;
pub mod current;
pub mod refresh;
