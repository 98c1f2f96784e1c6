//! The configuration files: the same arguments give the same bytes. Each file carries its own fingerprint.
//!
//! Where a value is unusual, the file says why: it is read by whoever is called when it fails.

mod haproxy;
mod keepalived;
mod lines;

use crate::endpoint::fingerprint;
use crate::endpoint::haproxy::model::spec::{Haproxy, Host, Keepalived};

/// `haproxy.cfg`, the same for every load balancer.
pub fn haproxy_cfg(spec: &Haproxy) -> String {
    fingerprint::embed(|own| haproxy::file(spec, own))
}

/// `keepalived.conf` of `host`, one of the load balancers of `spec`.
pub fn keepalived_conf(spec: &Keepalived, host: &Host) -> String {
    fingerprint::embed(|own| keepalived::file(spec, host, own))
}

#[cfg(test)]
mod tests;
