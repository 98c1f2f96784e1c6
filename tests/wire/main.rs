//! The wire: our own client speaks go-plugin and tfplugin6 to built processes, as Terraform does.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod client;
mod go_plugin;
mod descriptor;
mod end;
mod fixture;
mod handshake;
mod identity;
mod log;
mod start;
mod terraform;
mod tls;
mod provider_core;
mod provider_life;
mod provider_mishaps;
mod provider_raw;
mod provider_schema;
mod provider_malformed;
mod provider_size;
mod provider_state;
mod provider_functions;
mod provider_list;
mod provider_terraform;
mod provider_log;
mod fuzz;
