//! What there is to know: the attributes and what they mean, the same in AWS's terms, and what exists. Pure. In reading order:
//!
//! 1. [`role`] is what a listener is for, [`schema`] describes the attributes, and [`inputs`] reads some before all are known.
//! 2. [`settings`] are the attributes that AWS keeps by key, a row each; [`health_check`] is how targets are checked.
//! 3. [`spec`] is what the user wants, all of it known; [`desired`] is the same in AWS's terms.
//! 4. [`marker`] is the tag on what is just being made, [`memory`] what is remembered beside the state.
//! 5. [`inventory`] is what exists and how it is set; [`filters`] are those of a list.

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
pub mod filters;
