//! The endpoint contract: what every endpoint takes and exports, with the same names and types, so that the rest of a configuration doesn't
//! care which kind it is. In reading order:

mod attributes;
mod talos_version;
mod host_name;
mod patches;
mod outputs;
mod rules;
mod moved;
#[cfg(test)]
mod tests;

pub use attributes::*;
pub use host_name::{host_name, host_port, is_host, names_the_machine_itself};
pub use moved::moved;
pub use outputs::{CertificateNames, Contract, Node};
pub use patches::Names;
pub use rules::{Taken, additional_names, host_entry_rules, no_talos_version, repeated_names};
pub use talos_version::{TalosVersion, talos_version};
