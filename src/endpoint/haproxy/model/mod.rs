//! What a configuration says. In reading order:
//!
//! 1. [`schema`] names the attributes; [`role`] is the listeners' part of it.
//! 2. [`timer`] and the config tokens (`endpoint/config_token.rs`) are the only texts that get from the user into a file.
//! 3. [`inputs`] reads what may be unknown still, [`spec`] all of it, known and parsed.

pub mod role;
pub mod timer;
pub mod schema;
pub mod inputs;
pub mod spec;
