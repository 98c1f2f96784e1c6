//! Waiting. In reading order: [`failure`] is what the user reads where it ends early, [`run`] waits.

pub mod failure;
pub mod run;
