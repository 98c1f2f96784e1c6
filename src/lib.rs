//! The talosendpoint provider, as a library so that tests can reach every layer.

pub mod plugin;
pub mod protocol;
