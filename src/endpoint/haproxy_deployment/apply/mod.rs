//! How the hosts come to have what is wanted. In reading order:
//!
//! 1. [`failure`] is what can go wrong, [`advice`] how the user reads it; [`warnings`] what there is to know beside.
//! 2. `script` is what runs on hosts; [`session`] is a host that no other run may change; [`driver`] does one thing on it; [`reconnect`] does
//!    so where a connection ends.
//! 3. [`start`] reaches, locks and checks all hosts; [`run`] changes them, and `election` Keepalived among it (`elsewhere`: at none but these); [`remove`] ends a deployment.

pub mod failure;
pub mod advice;
pub mod warnings;
mod script;
pub mod session;
pub mod driver;
pub mod reconnect;
pub mod start;
pub mod run;
mod elsewhere;
mod election;
pub mod remove;
