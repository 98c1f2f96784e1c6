//! `talosendpoint_haproxy_deployment`: the files of `talosendpoint_haproxy` on the load balancers, over SSH.
//!
//! A resource of its own, so that `talosendpoint_haproxy` stays pure and free of machines that don't exist yet. Every host is reached and
//! checked before any is changed; then one at a time takes the new HAProxy file into use, the holder of the virtual IP last; then all take the
//! new Keepalived files, one right after the other, because peers whose settings differ make two masters.
//!
//! What happens on a host is a few scripts there (`read/script`, `apply/script`), each the input of one shell: they need no SFTP, no agent
//! and no interpreter beside what the distribution has. The one that swaps files goes on without the connection that started it, and takes
//! its change back where nobody confirms it.
//!
//! Nothing but the host itself says what it holds: a read compares its files, not what was last written. Whose a file is stands in
//! `/var/lib/talosendpoint/NAME.json` ([`model::record`]), as for `cloud_init`.
//!
//! 1. [`model`]: what there is to know. [`plan`]: what follows from it. Both are pure.
//! 2. [`read`]: what the hosts have. [`apply`]: how that becomes what is wanted.
//! 3. [`resource`] is what Terraform sees.

pub mod model;
pub mod plan;
pub mod read;
pub mod apply;
pub mod resource;
#[cfg(test)]
mod sample;
