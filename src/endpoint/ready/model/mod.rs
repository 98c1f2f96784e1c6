//! What there is to know: the attributes. Pure.

pub mod schema;
