//! The real `terraform` runs the real provider against moto, through a proxy that records every request. What moto can't show (rules
//! that it doesn't enforce) is the scripted fake's part, not this one's.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod bench;

mod bad_input;
mod drift;
mod import;
mod same_directory;
mod lifecycle;
mod marker;
mod missing_parts;
mod module_switch;
mod names;
mod plans;
mod query;
mod refusals;
mod regions;
mod replacement;
mod sample;
mod stalls;
mod states;
mod tags;
mod unknowns;
mod unstored;
mod updates;
mod without_refresh;
