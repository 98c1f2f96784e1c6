//! Values as MessagePack, the encoding that Terraform always sends and is always answered in.
//!
//! It is read along the type that is due: nothing in the bytes decides how deep or how far reading goes, and no declared length is
//! believed before that many bytes are there. Beyond plain MessagePack there are three rules: an extension is an unknown value (code
//! 12 with a map of what is known of it), a number that neither an integer nor a float holds exactly is decimal text, and an object
//! has exactly all attributes of its type.

mod reader;
mod writer;
mod refinement;
mod bytes;

pub use reader::{decode, decode_within};
pub use writer::encode;

#[cfg(test)]
mod tests;
