//! What a plan decides: whatever follows from the configuration, the stored object and what is remembered beside it. Pure.
//! In reading order:
//!
//! 1. [`defaults`] that depend on other arguments; [`rules`] finds what can't work, [`warnings`] what probably isn't meant.
//! 2. [`step`] is what an apply consists of; [`diff`] leads in such steps from what exists to what is desired.
//! 3. [`outputs`] are the computed attributes, at plan and at apply.
//! 4. [`replacement`] finds changes that need a new load balancer, [`group_replacement`] those that need a new target group.
//! 5. [`import`] tells which part is which of a load balancer that somebody made.
//! 6. [`known`] is what an update begins with, [`subnets`] how it comes to other subnets; [`unfinished`] are the inputs of a state until it is
//!    finished.
//! 7. [`change`] puts these together: the plan of a create or an update.

pub mod defaults;
pub mod rules;
pub mod warnings;
pub mod step;
pub mod diff;
pub mod outputs;
pub mod replacement;
pub mod group_replacement;
pub mod import;
pub mod known;
pub mod subnets;
pub mod unfinished;
pub mod change;
