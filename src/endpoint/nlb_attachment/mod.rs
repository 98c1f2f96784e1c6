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
//! There is no `render.rs`: what is wanted needs no translation. In reading order:
//!
//! 1. [`schema`] names the attributes, [`rules`] what is wrong with them, [`plan`] completes a plan, [`import`] reads an import id.
//! 2. [`spec`] is what the user wants or what the state says exists; [`diff`] leads from one to the other; [`refresh`] turns a look
//!    into state. All of this is pure.
//! 3. [`failure`] explains refusals, [`driver`] executes steps, [`drain`] waits, [`observe`] looks.
//! 4. [`resource`] is what Terraform sees.

pub mod schema;
pub mod rules;
pub mod plan;
pub mod import;
pub mod spec;
pub mod diff;
pub mod refresh;
pub mod failure;
pub mod driver;
pub mod drain;
pub mod observe;
pub mod resource;
