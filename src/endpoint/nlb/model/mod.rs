//! What there is to know: the attributes and what they mean, the same in AWS's terms, and what exists. Pure.
//!
//! 1. [`role`] is what a listener is for; [`schema`] names the attributes, [`inputs`] reads some before they are known; [`settings`] are those that AWS keeps by key, a row each, and
//!    [`health_check`] is how targets are checked.
//! 2. [`spec`] is what the user wants, all of it known; [`desired`] the same in AWS's terms.
//! 3. [`inventory`] is what exists, [`memory`] what is remembered beside the state, [`marker`] the tag on what is just being made.

pub mod role;
pub mod schema;
pub mod inputs;
pub mod settings;
pub mod health_check;
pub mod spec;
pub mod desired;
pub mod marker;
pub mod memory;
pub mod inventory;
