//! The spec as files and services of one host.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::spec::{HostSpec, Spec};
use crate::endpoint::host_files::{self, HAPROXY_CFG, HostFile, KEEPALIVED_CONF, Machine};

/// The service names of systemd.
pub const HAPROXY: &str = "haproxy";
/// See [`HAPROXY`].
pub const KEEPALIVED: &str = "keepalived";
/// The unit that keeps the addresses of servers by DNS name.
pub const STATE_TIMER: &str = "talosendpoint-server-state.timer";

/// What one host is to have.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The files, `haproxy.cfg` and `keepalived.conf` last of their service's.
    pub files: Vec<HostFile>,
    /// The units that start at boot and run.
    pub units: BTreeSet<&'static str>,
    /// What the running HAProxy reports, once it runs this `haproxy.cfg`.
    pub fingerprint: String,
    /// The `router_id` that the running Keepalived reports, once it runs this `keepalived.conf`.
    pub router_id: Option<String>,
    /// The time between two advertisements of Keepalived, in seconds; 1 where it doesn't run.
    pub advert_interval: f64,
    /// The ports that HAProxy listens on.
    pub ports: BTreeSet<u16>,
    /// Those of them that clients on other machines connect to.
    pub served: BTreeSet<u16>,
}

impl Desired {
    /// What `host` is to have.
    pub fn of(spec: &Spec, host: &HostSpec) -> Desired {
        let machine = Machine {
            haproxy_cfg: &spec.haproxy_cfg,
            keepalived_conf: host.keepalived_conf.as_deref(),
            stats_socket: &spec.stats_socket,
            chroot: &spec.chroot,
        };
        let mut files = host_files::files(&machine);
        files.sort_by_key(|file| file.path == HAPROXY_CFG || file.path == KEEPALIVED_CONF);
        let mut units = BTreeSet::from([HAPROXY]);
        if host.keepalived_conf.is_some() {
            units.insert(KEEPALIVED);
        }
        if host_files::server_state_file(&spec.haproxy_cfg).is_some() {
            units.insert(STATE_TIMER);
        }
        Desired {
            files,
            units,
            fingerprint: fingerprint(&spec.haproxy_cfg).unwrap_or_default().to_owned(),
            router_id: host.keepalived_conf.as_deref().and_then(router_id).map(str::to_owned),
            advert_interval: host.keepalived_conf.as_deref().and_then(advert_interval).unwrap_or(1.0),
            ports: binds(&spec.haproxy_cfg).map(|(_, port)| port).collect(),
            served: binds(&spec.haproxy_cfg).filter(|(host, _)| !is_loopback(host)).map(|(_, port)| port).collect(),
        }
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&HostFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The hash of each file.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.files.iter().map(|file| (file.path.clone(), host_files::sha256(file.text.as_bytes()))).collect()
    }
}

/// The fingerprint in a `haproxy.cfg` of ours.
pub fn fingerprint(haproxy_cfg: &str) -> Option<&str> {
    let line = haproxy_cfg.lines().find_map(|line| line.trim_start().strip_prefix("description "))?;
    let (_, digits) = line.split_once("talosendpoint sha256:")?;
    Some(digits.trim_end_matches('"'))
}

/// The `router_id` of a `keepalived.conf`.
pub fn router_id(keepalived_conf: &str) -> Option<&str> {
    keepalived_conf.lines().find_map(|line| line.trim_start().strip_prefix("router_id "))
}

/// The `advert_int` of a `keepalived.conf`, in seconds; up to 40.95 in VRRP version 3, and 255 in version 2.
fn advert_interval(keepalived_conf: &str) -> Option<f64> {
    let line = keepalived_conf.lines().find_map(|line| line.trim_start().strip_prefix("advert_int "))?;
    line.trim().parse().ok().filter(|seconds| (0.0..=255.0).contains(seconds))
}

/// The address and the port of each `bind` line.
fn binds(haproxy_cfg: &str) -> impl Iterator<Item = (&str, u16)> {
    let binds = haproxy_cfg.lines().filter_map(|line| line.trim_start().strip_prefix("bind "));
    binds.filter_map(|bind| {
        let (host, port) = bind.split(' ').next()?.rsplit_once(':')?;
        Some((host, port.parse().ok()?))
    })
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::haproxy_deployment::sample::spec;

    #[test]
    fn the_running_programs_report_what_is_in_the_files() {
        let spec = spec();
        let desired = Desired::of(&spec, &spec.hosts["lb-02"]);
        assert_eq!(desired.fingerprint.len(), 16, "{}", desired.fingerprint);
        assert!(desired.router_id.as_deref().is_some_and(|id| id.starts_with("lb-02-") && id.len() == 6 + 16));
        assert_eq!((desired.ports, desired.served), ([6443, 8404, 50000].into(), [6443, 50000].into()));
        assert_eq!(desired.units, [HAPROXY, KEEPALIVED].into());
        assert_eq!(desired.files.last().map(|file| file.path.as_str()), Some(KEEPALIVED_CONF));
    }

    #[test]
    fn every_form_of_a_bind_has_its_port() {
        let text = "    bind *:1\n    bind :::2 v4v6\n    bind 192.0.2.1:3 transparent\n    bind [2001:db8::1]:4\n";
        assert_eq!(binds(text).map(|(_, port)| port).collect::<Vec<u16>>(), [1, 2, 3, 4]);
        assert_eq!((fingerprint("global\n"), router_id("global_defs {\n}\n")), (None, None));
        assert_eq!(advert_interval("vrrp_instance a {\n    advert_int 0.3\n}\n"), Some(0.3));
        assert_eq!((advert_interval("    advert_int 1e9\n"), advert_interval("}\n")), (None, None));
    }
}
