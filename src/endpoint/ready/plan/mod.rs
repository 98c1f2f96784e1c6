//! What follows from it. Pure. In reading order: [`defaults`], [`rules`], [`outputs`].

pub mod defaults;
pub mod rules;
pub mod outputs;
