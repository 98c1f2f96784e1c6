//! Changes AWS: creates, updates and deletes. In reading order:
//!
//! 1. [`failure`] is why an operation failed and what the user reads of it; [`permission`] warns of tags that may not be changed.
//! 2. [`marker`] is the tag of a run that is alive, [`context`] what a run is given, [`session`] what its steps share.
//! 3. [`ownership`] finds out whose something is that a create has answered; [`create`] makes the parts.
//! 4. [`set_subnets`] makes the changes that AWS refuses as a whole, [`group_replacement`] those by which one group follows another;
//!    [`driver`] executes these and all other steps.
//! 5. [`recovery`] takes over what a dead run has left, [`orphans`] finds successors that no state names, [`remove`] deletes.
//! 6. [`answer`] reports to Terraform what exists; [`start`] finds out what a run begins with; [`run`] puts all of it in order.

pub mod failure;
pub mod permission;
pub mod marker;
pub mod context;
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
