//! What each kind of endpoint knows, and what all of them share. In reading order:

pub mod contract;
pub mod attributes;
pub mod address;
pub mod address_fault;
pub mod link_name;
pub mod enumeration;
pub mod config_token;
pub mod fingerprint;
pub mod host_files;
pub mod node_ports;
pub mod duration;
pub mod computation;
pub mod timeouts;
pub mod deadline;
pub mod nonce;
pub mod interruption;
pub mod aws_access;
pub mod ssh_access;
pub mod ssh_diagnostic;
pub mod target_groups;
pub mod aws_diagnostic;
pub mod readiness;
pub mod haproxy;
pub mod haproxy_deployment;
pub mod nlb;
pub mod nlb_attachment;
pub mod vip;
pub mod static_endpoint;
pub mod ready;
pub mod health;
pub mod endpoint_url;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod sample;
