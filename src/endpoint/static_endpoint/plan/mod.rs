//! What follows from a configuration: [`defaults`] that depend on other arguments, [`rules`] and [`warnings`], and the [`outputs`].

pub mod defaults;
pub mod rules;
pub mod warnings;
pub mod outputs;
