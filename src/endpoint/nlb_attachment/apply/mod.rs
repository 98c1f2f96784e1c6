//! How what exists becomes what is wanted.

pub mod failure;
pub mod ledger;
pub mod polling;
pub mod drain;
pub mod driver;
