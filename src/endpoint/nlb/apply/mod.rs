//! Changes AWS: creates, updates and deletes.

pub mod failure;
pub mod permission;
pub mod marker;
pub mod session;
pub mod ownership;
pub mod create;
pub mod set_subnets;
pub mod group_replacement;
pub mod driver;
pub mod recovery;
pub mod orphans;
pub mod remove;
pub mod answer;
pub mod start;
pub mod run;
