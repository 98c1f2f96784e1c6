//! The wire: our own client speaks go-plugin and tfplugin6 to built processes, as Terraform does.

mod client;
mod descriptor;
mod fixture;
mod process;
mod terraform;
mod tls;
mod provider_core;
mod provider_life;
mod provider_mishaps;
