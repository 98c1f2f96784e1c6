//! Terraform's plugin protocol 6 on the outside, [`crate::framework`] on the inside. Translation only. In reading order:

pub mod codec;
pub mod msgpack;
pub mod json;
#[cfg(test)]
mod random;
