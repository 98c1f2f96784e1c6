//! What there is to know: the attributes, what the user wants, and what AWS's answers about a target mean. Pure.

pub mod schema;
pub mod spec;
pub mod registration;
pub mod decision;
pub mod health;
