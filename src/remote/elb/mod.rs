//! The calls of Elastic Load Balancing that we use and no others, in plain types.
//!
//! Nothing in here decides: each function is one call (or one paged series of calls, or a part of one that others share at the same
//! moment) and translates its answer. The SDK repeats what is throttled, faults of the service and answers that can't be believed; everything else is
//! the caller's.

mod client;
mod types;
mod read;
mod reads;
mod merge;
mod write;
mod request;
mod action;

pub use client::Elb;
pub use reads::TAGS_AT_ONCE;
pub use types::*;
