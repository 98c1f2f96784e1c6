//! Terraform and the real provider in a company's network: through its proxy, with its own certificate authority, and with credentials
//! from every place where they may be.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod office;

mod assumed_roles;
mod bundles;
mod instance;
mod precedence;
mod profiles;
mod proxies;
mod sign_in;
mod unusable;
