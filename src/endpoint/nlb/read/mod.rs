//! Reads AWS, and turns what is there into state. Changes nothing. In reading order:
//!
//! 1. [`current`] asks AWS, in one wave of parallel calls, and gives an inventory.
//! 2. [`refresh`] makes state of that, in the form in which the user wrote it.
//! 3. [`importable`] is a load balancer as an import finds it; [`listing`] finds all of a region.
//! 4. [`other_states`] finds signs that another state manages the same load balancer.
//! 5. [`stored`] are the load balancers that states of this run name: [`taken`] finds out whether the name of a new one is free, and
//!    [`other_resources`] reports two resources that have the same one.

pub mod current;
pub mod importable;
pub mod listing;
pub mod other_resources;
pub mod other_states;
pub mod refresh;
pub mod stored;
pub mod taken;
