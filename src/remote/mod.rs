//! The outside world: AWS, hosts over SSH, and servers that are probed. Knows neither endpoints nor who asks, and gives causes without
//! advice. In reading order:

pub mod settings;
pub mod setting;
pub mod region;
pub mod authority;
pub mod aws;
pub mod shared_files;
pub mod keys;
pub mod credentials;
pub mod trust;
pub mod proxy;
pub mod connector;
mod checked_client;
mod answer;
mod retries;
mod call_log;
mod unconnected;
pub mod aws_error;
pub mod settings_error;
pub mod credentials_failure;
pub mod connect_error;
mod error_chain;
pub mod elb;
pub mod ec2;
pub mod ssh;
pub mod probe;
