//! What there is to know: the attributes, what they mean, AWS's terms for it, and what exists. Pure.

pub mod role;
pub mod schema;
pub mod spec;
pub mod desired;
pub mod inventory;
pub mod observed;
pub mod private;
pub mod marker;
