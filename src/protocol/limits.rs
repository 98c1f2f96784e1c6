//! How large requests and answers may be.

/// The largest message in bytes, both ways: what other providers take. tonic's own limit of 4 MiB is less than one large attribute.
pub const MESSAGE_LIMIT: usize = 256 << 20;

/// The largest request in bytes that is read; what is larger, up to [`MESSAGE_LIMIT`], is answered with a reason.
pub const REQUEST_LIMIT: usize = 64 << 20;

/// The most values that one request may hold, in all its parts and at every depth. In memory a value takes 32 bytes, a null of one byte
/// too: so a request of a million nulls takes 32 MB, and one of as many texts twice its size.
pub const MAX_VALUES: usize = 1_000_000;
