//! The tags that say "this is just being made" and "parts are just being made beside this".

use crate::remote::elb::Tags;

/// The key of the tag on everything that a run has made, until a read finds it in a state. Its value is `NONCE/COUNTER`: the nonce is the
/// run's, the counter shows that it is alive.
pub const MARKER: &str = "talosendpoint:creating";

/// The key of the tag on a load balancer beside which an update makes target groups or listeners, with a value of the same form; those of
/// interrupted runs follow, until what they left is removed. The next read of a state that knows the run takes it off.
pub const HANDOVER: &str = "talosendpoint:handover";

/// The nonces of all runs that the tag of a load balancer names, the last one first: `NONCE/COUNTER NONCE/COUNTER`.
pub fn nonces(value: &str) -> impl Iterator<Item = &str> {
    value.split_whitespace().filter_map(nonce)
}

/// The nonce in the value of such a tag: that of the last run.
pub fn nonce(value: &str) -> Option<&str> {
    value.split_once('/').map(|(nonce, _)| nonce)
}

/// True if `tags` carry the marker of the run with this nonce.
pub fn is_of(tags: &Tags, desired: &str) -> bool {
    tags.get(MARKER).and_then(|value| nonce(value)) == Some(desired)
}
