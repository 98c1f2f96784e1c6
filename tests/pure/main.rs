//! What only computes, under the real CLI: nothing is contacted, so everything is in the plan.

mod any_kind;
mod baremetal;
mod bad_input;
mod cloud_init;
mod endpoint_url;
mod lifecycle;
mod stage;
mod static_endpoint;
mod unknowns;
mod vip;
