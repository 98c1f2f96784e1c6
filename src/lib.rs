//! A Terraform and OpenTofu provider for the stable endpoint of a Talos Linux control plane.
//!
//! Layers that only translate between neighbours; see ARCHITECTURE.md. In reading order:

pub mod plugin;
pub mod protocol;
pub mod framework;
