//! What only computes, under the real CLI: nothing is contacted, so everything is in the plan.

#[path = "../lab/mod.rs"]
mod lab;

mod baremetal;
mod bad_input;
mod cloud_init;
mod lifecycle;
mod stage;
mod unknowns;
mod vip;
