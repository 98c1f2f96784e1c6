//! What a configuration says. It has no `spec`: patches are written node by node, whatever is unknown of the others. In reading order:
//!
//! 1. [`schema`] names the attributes.
//! 2. [`link_name`], [`selector`] and [`link`](mod@link) say which link of a node it means, [`routes`] its default routes.
//! 3. [`parse`] reads text, [`inputs`] is all of them in types, each of which may be unknown still; [`placement`] is where each virtual IP
//!    goes on a node.

pub mod schema;
pub mod link_name;
pub mod selector;
pub mod link;
pub mod routes;
pub mod parse;
pub mod inputs;
pub mod placement;
