//! Terraform checks every answer for consistency. The same checks made here first name the place, and the right program. In reading order:

pub mod shape;
pub mod planned;
pub mod applied;
