//! A host reached by SSH: connecting with a host key that is known, and running commands. Files travel as input of a command, so neither
//! SFTP nor `scp` is needed there.

pub mod settings;
pub mod private_key;
pub mod known_hosts;
pub mod host_key;
pub mod ssh_error;
pub mod credentials;
mod certificate;
mod transcript;
mod handler;
mod authentication;
mod attempt_limit;
mod dial;
mod log_in;
pub mod bastions;
mod connect;
pub mod session;

pub use connect::connect;
