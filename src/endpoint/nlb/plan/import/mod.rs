//! What the user calls an endpoint when importing it, and what is taken for granted of one that was found.

pub mod id;
pub mod names;
pub mod assign;
pub mod base;
pub mod marks;

#[cfg(test)]
mod tests;
