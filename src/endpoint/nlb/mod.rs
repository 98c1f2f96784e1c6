//! `talosendpoint_nlb`.
pub mod role;
pub mod schema;
pub mod effective;
pub mod rules;
pub mod warnings;
pub mod parts;
pub mod outputs;
