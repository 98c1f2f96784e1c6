//! What follows from what is known, without I/O. In reading order:
//!
//! 1. [`rules`] finds what can't work; [`outputs`] are the computed attributes.
//! 2. [`registrations`] decides which registrations stay because another attachment has them too.
//! 3. [`warnings`] is what is said of attachments whose addresses have changed; [`import`] reads an import id.
//! 4. [`diff`] leads in steps from the groups that a target is in to those that it should be in.

pub mod rules;
pub mod outputs;
pub mod registrations;
pub mod warnings;
pub mod import;
pub mod diff;
