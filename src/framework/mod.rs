//! What Terraform means: values, schemas, diagnostics, and the rules of planning and applying.
//!
//! Nothing in here knows the wire (no protobuf, no sockets, no runtime) and nothing knows what the provider is about. In reading order:

pub mod data_source;
pub mod diagnostic;
pub mod engine;
pub mod function;
pub mod number;
pub mod path;
pub mod private;
pub mod progress;
pub mod provider;
pub mod resource;
pub mod schema;
pub mod stop;
pub mod ty;
pub mod validator;
pub mod value;
