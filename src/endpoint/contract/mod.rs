//! The endpoint contract: what every endpoint takes and exports, with the same names and types, so that the rest of a configuration doesn't
//! care which kind it is. In reading order:

mod attributes;
mod talos_version;
mod host_name;
mod patches;
mod outputs;
mod rules;
mod behind;
mod kind;
mod change;
mod keeping;
mod moved;
mod removed;
mod host_address;
mod warnings;
#[cfg(test)]
mod tests;

pub use crate::remote::authority::host_port;
pub use attributes::*;
pub use behind::{Addresses, Behind};
pub use host_address::{OWN_INSTEAD, host_of_a_machine};
pub use host_name::{host_from_here, host_name, is_host, names_the_machine_itself};
pub use kind::Kind;
pub use moved::replaced;
pub use outputs::{CertificateNames, Contract, Node};
pub use patches::Names;
pub use rules::{
    Dialled, Taken, additional_names, distinct_endpoints, host_entry_rules, is_node_name, no_talos_version, node_names,
    repeated_names, talos_version_of,
};
pub use talos_version::{TalosVersion, talos_version};
pub use warnings::warnings;
