//! What there is to know: the attributes, what the user wants, and what AWS's answers about a target mean. Pure. In reading order:
//!
//! 1. [`schema`] describes the attributes, [`filters`] those of a list; [`spec`] is what the user wants, all of it known, or what the state says.
//! 2. [`registration`] is one target in one group on one port; [`decision`] is what a plan leaves to its apply about those that stay.
//! 3. [`health`] is what AWS's answer about a target means for its registration.

pub mod schema;
pub mod filters;
pub mod spec;
pub mod registration;
pub mod decision;
pub mod health;
