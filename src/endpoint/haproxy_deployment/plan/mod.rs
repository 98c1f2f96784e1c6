//! What follows from what is known. Pure. In reading order:
//!
//! 1. [`defaults`] completes the configuration, [`rules`] refuses what can't work.
//! 2. [`shown`] is a file as a plan may show it; [`outputs`] is `deployed`, as it will be and as it is.
//! 3. [`ownership`] says which files of a host may be replaced, [`checks`] what else stands in the way on it, [`firewall`] what its own
//!    firewall keeps out.
//! 4. [`diff`] gives the changes of one host, [`order`] who comes first; [`standing`] is how far a create
//!    that failed has come.

pub mod defaults;
pub mod rules;
pub mod shown;
pub mod outputs;
pub mod ownership;
pub mod checks;
pub mod firewall;
pub mod diff;
pub mod order;
pub mod standing;
