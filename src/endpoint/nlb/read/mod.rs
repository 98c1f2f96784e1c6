//! Reads AWS, and turns what is there into state. Changes nothing. In reading order:
//!
//! 1. [`current`] asks AWS, in one wave of parallel calls, and gives an inventory.
//! 2. [`refresh`] makes state of that, in the form in which the user wrote it.

pub mod current;
pub mod refresh;
