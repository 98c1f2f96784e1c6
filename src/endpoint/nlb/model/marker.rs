//! The tag that says "this is just being made".

use crate::remote::elb::Tags;

/// The key of the tag. Its value is `NONCE/COUNTER`: the nonce is the run's, the counter shows that it is alive.
pub const MARKER: &str = "talosendpoint:creating";

/// True if `tags` carry the marker of the run with this nonce.
pub fn is_of(tags: &Tags, nonce: &str) -> bool {
    tags.get(MARKER).and_then(|value| value.split_once('/')).is_some_and(|(own, _)| own == nonce)
}
