//! What Terraform means: values, schemas, diagnostics, and the rules of planning and applying.
//!
//! Nothing in here knows the wire (no protobuf, no sockets, no runtime) and nothing knows what the provider is about. In reading order:

pub mod value;
pub mod number;
pub mod ty;
pub mod path;
pub mod diagnostic;
pub mod schema;
pub mod validator;
pub mod identity;
pub mod reader;
pub mod private;
pub mod stop;
pub mod progress;
pub mod resource;
pub mod data_source;
pub mod list_resource;
pub mod function;
pub mod provider;
pub mod hcl;
pub mod shown_state;
pub mod engine;
