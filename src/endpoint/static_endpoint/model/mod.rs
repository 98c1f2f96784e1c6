//! What a configuration says: [`schema`] names the attributes, [`inputs`] is all of them in types, each of which may be unknown still. It
//! has no `spec`: the outputs follow from what is known of the nodes.

pub mod schema;
pub mod inputs;
