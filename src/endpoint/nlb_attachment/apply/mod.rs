//! How what exists becomes what is wanted. In reading order:
//!
//! 1. [`failure`] is why an operation failed and what the user reads of it.
//! 2. [`ledger`] is what the attachments of one process know of each other, with their waiting and their turns.
//! 3. [`polling`] says how often AWS is asked during a wait, [`drain`] waits until a deregistered target is drained.
//! 4. [`driver`] executes the steps.

pub mod failure;
pub mod ledger;
pub mod polling;
pub mod drain;
pub mod driver;
