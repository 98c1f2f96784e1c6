//! `keepalived.conf` of one load balancer. One text for Keepalived 2.2 and everything newer.

use std::net::IpAddr;

use super::lines::{Lines, ops_url};
use crate::endpoint::config_token::Token;
use crate::endpoint::haproxy::model::spec::{Host, Keepalived};

/// The whole file of `host`.
pub fn file(spec: &Keepalived, host: &Host, fingerprint: Option<&str>) -> String {
    let mut lines = Lines::default();
    lines.top(format!("# Keepalived of {}: the virtual IP is where HAProxy serves. Written by Terraform", host.name));
    lines.top("# (talosendpoint_haproxy): change it there.");
    global(host, fingerprint, &mut lines);
    live(spec, &mut lines);
    if let Some(weight) = spec.ready_weight {
        ready(spec, weight, &mut lines);
    }
    instance(spec, host, &mut lines);
    lines.0
}

fn global(host: &Host, fingerprint: Option<&str>, lines: &mut Lines) {
    lines.section("global_defs {");
    lines.add("# This host, and the beginning of the SHA-256 of this file without the next line.");
    if let Some(fingerprint) = fingerprint {
        lines.add(format!("router_id {}-{fingerprint}", host.name));
    }
    lines.add("# Checks run as root, so only what root alone can change is run.");
    lines.add("enable_script_security");
    lines.add("script_user root");
    lines.add("# Leave the scheduling of this process to the system.");
    lines.add("max_auto_priority -1");
    lines.add("# Refuse a broken file at reload; without this Keepalived ends and leaves the virtual IP where it is.");
    lines.add("reload_check_config");
    lines.add("# Tell switches and neighbours every minute where the virtual IP is.");
    lines.add("vrrp_garp_master_refresh 60");
    lines.top("}");
}

/// Checks stand before the instance: Keepalived ignores those that are defined after it.
fn live(spec: &Keepalived, lines: &mut Lines) {
    lines.section("# Checks stand before the instance that uses them: later ones are ignored.");
    lines.top("vrrp_script haproxy_live {");
    lines.add("# HAProxy itself must answer: one that hangs has a process too.");
    check(spec, "/livez", lines);
    if spec.live_weight == 0 {
        lines.add("# Weight 0: a load balancer that fails gives up the virtual IP at once.");
    }
    lines.add(format!("weight {}", spec.live_weight));
    lines.top("}");
}

fn ready(spec: &Keepalived, weight: i64, lines: &mut Lines) {
    lines.section("vrrp_script haproxy_ready {");
    lines.add(
        "# HAProxy must reach a node. Where none does, as before the cluster is bootstrapped, the virtual IP stays.",
    );
    check(spec, "/readyz", lines);
    lines.add("# More than the distance between the highest and the lowest priority.");
    lines.add(format!("weight {weight}"));
    lines.top("}");
}

/// Two checks a second apart must fail. How long HAProxy may take to answer adds to every outage in which it hangs (measured by
/// `tests/drill`): on the same host 0.4 s is much. `-q` and `--noproxy`: a company's proxy, in root's `.curlrc` or the environment of
/// services, can't reach this host's own address, and would take the VIP away from every load balancer at once.
fn check(spec: &Keepalived, path: &str, lines: &mut Lines) {
    lines.add(format!(
        "script \"/usr/bin/curl -q --noproxy * -fsS -o /dev/null --max-time 0.4 {}\"",
        ops_url(spec.ops, path)
    ));
    lines.add("interval 1");
    lines.add("timeout 2");
    lines.add("fall 2");
    lines.add("rise 2");
}

fn instance(spec: &Keepalived, host: &Host, lines: &mut Lines) {
    lines.section("vrrp_instance control_plane {");
    if spec.advert_interval.is_fractional() {
        lines.add("# Version 2 knows whole seconds only.");
        lines.add("version 3");
    }
    lines.add("# BACKUP on every host: priorities decide.");
    lines.add("state BACKUP");
    if !spec.preempt {
        lines.add("# The virtual IP stays when a host of higher priority comes back.");
        lines.add("nopreempt");
    }
    lines.add(format!("interface {}", host.interface));
    lines.add(format!("virtual_router_id {}", spec.virtual_router_id));
    lines.add(format!("priority {}", host.priority));
    lines.add(format!("advert_int {}", spec.advert_interval));
    lines.add("# Unicast: no multicast in the network is needed, and none of a stranger's is heard.");
    lines.add(format!("unicast_src_ip {}", host.address));
    let peers = spec.hosts.iter().filter(|peer| peer.name != host.name).map(|peer| peer.address.to_string());
    block("unicast_peer", peers, lines);
    block("virtual_ipaddress", host.announced().map(on_interface), lines);
    if host.excluded().next().is_some() {
        lines.add("# Of the other address family: not announced, and moved along.");
        block("virtual_ipaddress_excluded", host.excluded().map(on_interface), lines);
    }
    let further = host.further_interfaces();
    if !further.is_empty() {
        lines.add("# Without these a virtual IP would be where nobody reaches it.");
        block("track_interface", further.into_iter().map(ToString::to_string), lines);
    }
    let checks = ["haproxy_live", "haproxy_ready"].into_iter().take(1 + usize::from(spec.ready_weight.is_some()));
    block("track_script", checks.map(str::to_owned), lines);
    lines.top("}");
}

fn block(name: &str, inside: impl Iterator<Item = String>, lines: &mut Lines) {
    lines.add(format!("{name} {{"));
    inside.for_each(|line| lines.deep(line));
    lines.add("}");
}

/// A whole prefix: the virtual IP is an address of the host, and adds no route.
fn on_interface((vip, interface): &(IpAddr, Token)) -> String {
    format!("{vip}/{} dev {interface}", if vip.is_ipv4() { 32 } else { 128 })
}
