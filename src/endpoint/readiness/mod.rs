//! Whether an endpoint serves, and if not, why: what `talosendpoint_health` and `talosendpoint_ready` share. In reading order:
//!
//! 1. [`attributes`] is what both take, with [`place`]s among it; [`spec`] reads it; [`target`] makes servers of it; [`rules`] wants at least one.
//! 2. [`verdict`] says what an observation of a server means, [`identity`] who answers in place of the Talos API, [`sentence`] what to do about a
//!    fault; [`group`] says what AWS's target health means. [`table`] shows all of them. All that is pure.
//! 3. [`probing`] asks the servers, and AWS.

pub mod place;
pub mod attributes;
pub mod spec;
pub mod target;
pub mod rules;
pub mod sentence;
pub mod identity;
pub mod verdict;
pub mod group;
pub mod table;
pub mod probing;
#[cfg(test)]
mod sample;
