//! `examples/terraform` as a user applies it: the real hashicorp/aws and this provider in one configuration, before moto.

#[path = "../lab/mod.rs"]
mod lab;

mod cluster;
mod environments;
