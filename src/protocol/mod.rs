//! Terraform's plugin protocol 6 on the outside, [`crate::framework`] on the inside. Translation only.
//!
//! [`service()`] is the way in. A request goes through `decode`, one call of the engine and `encode`; [`msgpack`] and [`json`] are the
//! two encodings of a value. In reading order:

mod service;
mod unary;
mod isolate;
mod error_response;
mod limits;
mod decode;
mod encode;
mod schema;
mod metadata;
mod identity;
mod list;
pub mod codec;
pub mod msgpack;
pub mod json;
pub mod pb;
#[cfg(test)]
mod random;

pub use limits::{MESSAGE_LIMIT, REQUEST_LIMIT};
pub use service::{Service, service};

/// The compiled descriptors of everything in `proto/`, with imports, as an encoded `google.protobuf.FileDescriptorSet`.
///
/// Not linked into a program that doesn't name it; tests hold it to the table of the wire.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
