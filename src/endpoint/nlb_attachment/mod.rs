//! `talosendpoint_nlb_attachment`: one node in one or more target groups.
//!
//! It is a resource of its own because nodes need the load balancer's DNS name before they exist, so the load balancer can't name them;
//! and one per node because only then Terraform's graph gives the order that a replaced node needs: deregister and drain, then the old
//! instance ends, then the new one is made and registered. It touches its own registrations and no others.
//!
//! A registration is the pair of target and port. Without a `port` it is the one on each group's own port: AWS completes the port of
//! every call that names none, so calls never need to know it. Registering twice, and deregistering what isn't there, is success: every
//! step may run again. A draining target counts as gone, because no new connection reaches it.
//!
//! There is no `desired.rs`: calls take what the user wants as [`model::spec`] has it. In reading order:
//!
//! 1. [`model`]: what there is to know. [`plan`]: what follows from it. Both are pure.
//! 2. [`read`]: what AWS has. [`apply`]: how that becomes what is wanted.
//! 3. [`resource`] is what Terraform sees, [`list_resource`] what `terraform query` finds.
//!
//! Each may use those before it, never those after it.

pub mod model;
pub mod plan;
pub mod read;
pub mod apply;
pub mod resource;
pub mod list_resource;
