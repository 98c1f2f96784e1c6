//! `talosendpoint_nlb`.
pub mod role;
pub mod schema;
pub mod effective;
pub mod rules;
pub mod warnings;
pub mod spec;
pub mod render;
pub mod parts;
pub mod outputs;
pub mod observed;
pub mod diff;
pub mod failure;
pub mod marker;
pub mod driver;
pub mod observe;
pub mod refresh;
