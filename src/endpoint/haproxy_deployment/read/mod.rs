//! What the hosts have. In reading order:
//!
//! 1. [`shell`] runs scripts on a host as root; [`clients`] connects to hosts; [`login`] is what keeps all of them out of reach.
//! 2. [`current`] asks a host what it has; [`refresh`] makes state of it.

pub mod shell;
pub mod clients;
pub mod login;
pub mod current;
pub mod refresh;
