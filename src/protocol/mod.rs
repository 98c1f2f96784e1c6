//! tfplugin6 on the wire.

pub mod pb;

/// The compiled descriptors of everything in `proto/`, with imports, as an encoded `google.protobuf.FileDescriptorSet`.
///
/// Not linked into a program that doesn't name it; tests hold it to the table of the wire.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
