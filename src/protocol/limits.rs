//! How large requests and answers may be.

/// The largest message in bytes, both ways: what other providers take. tonic's own limit of 4 MiB is less than one large attribute.
pub const MESSAGE_LIMIT: usize = 256 << 20;

/// The largest request in bytes that is read; what is larger, up to [`MESSAGE_LIMIT`], is answered with a reason.
pub const REQUEST_LIMIT: usize = 64 << 20;

/// The most values that one encoded value may hold, itself and every element at every depth included. In memory a value is some fifty
/// times as large as the one byte of a null.
pub const MAX_VALUES: usize = 1_000_000;
