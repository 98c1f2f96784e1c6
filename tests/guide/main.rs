//! `examples/terraform` as a user applies it: the real hashicorp/aws and this provider in one configuration, before moto.

mod cluster;
mod environments;
