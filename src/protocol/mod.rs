//! Terraform's plugin protocol 6 on the outside, [`crate::framework`] on the inside. Translation only. In reading order:

pub mod codec;
pub mod msgpack;
pub mod json;
pub mod pb;
#[cfg(test)]
mod random;

/// The compiled descriptors of everything in `proto/`, with imports, as an encoded `google.protobuf.FileDescriptorSet`.
///
/// Not linked into a program that doesn't name it; tests hold it to the table of the wire.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
