//! What a configuration says. It has no `spec`: patches are written node by node, whatever is unknown of the others. In reading order:
//!
//! 1. [`schema`] names the attributes.
//! 2. [`selector`] and [`link`](mod@link) say which link of a node it means, [`inputs`] is all of them in types, each of which may be unknown still.

pub mod selector;
pub mod schema;
pub mod link;
pub mod inputs;
