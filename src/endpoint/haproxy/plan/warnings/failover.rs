//! What keeps the endpoint from failing over, or splits it while files are being loaded.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::endpoint::address::bare;
use crate::endpoint::contract::HOST;
use crate::endpoint::haproxy::model::inputs::{hosts, uses_keepalived, vips};
use crate::endpoint::haproxy::model::schema::names::{
    ADVERT_INTERVAL, KEEPALIVED, LOAD_BALANCERS, VIP, VIRTUAL_ROUTER_ID,
};
use crate::endpoint::haproxy::plan::rules::on_the_subnet;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Several load balancers, and a `host` that leads past what chooses a healthy one.
pub fn host(config: &Reader<'_>, planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let Some(host) = config.text(HOST).present() else { return };
    let several = planned.nested_map(LOAD_BALANCERS).present().is_some_and(|hosts| hosts.len() > 1);
    let keepalived = uses_keepalived(config);
    if !several || keepalived == Maybe::Unknown {
        return;
    }
    let ip = bare(host);
    let own = hosts(planned).into_iter().find(|(_, own)| Some(own.ip) == ip);
    let (title, detail) = match (own, keepalived) {
        (Some((balancer, _)), keepalived) => (
            "No failover",
            format!(
                "{host} is the address of {balancer}: while {balancer} is down, nobody reaches the control plane. {}",
                match keepalived {
                    Maybe::Known(true) => "Remove `host`: clients then dial the VIP, which moves.",
                    _ => "Set `vip` instead.",
                }
            ),
        ),
        (None, Maybe::Known(false)) => (
            "No health checks",
            format!(
                "Without a `vip` nothing here checks which load balancer is up. If {host} is a DNS name for all of \
                 them, it leads clients to one that is down as well. Set `vip`, unless what stands at {host} checks \
                 the load balancers."
            ),
        ),
        _ => return,
    };
    diagnostics.push(Diagnostic::warning(Path::of(HOST), title, detail));
}

/// Virtual IPs that nothing is compared with.
pub fn unknown_subnet(planned: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let hosts = hosts(planned);
    let mut unchecked = BTreeSet::new();
    let mut names = BTreeSet::new();
    for (path, vip) in vips(planned) {
        let beside = on_the_subnet(planned, &path, &hosts).into_iter();
        let without = beside.filter(|(_, own)| own.same_family(vip) && own.subnet().is_none());
        let without: Vec<&str> = without.map(|(name, _)| name).collect();
        if !without.is_empty() {
            unchecked.insert(vip.to_string());
            names.extend(without);
        }
    }
    if names.is_empty() {
        return;
    }
    let listed = |items: BTreeSet<String>| items.into_iter().collect::<Vec<_>>().join(", ");
    diagnostics.push(Diagnostic::warning(
        Path::of(LOAD_BALANCERS),
        "VIP not checked",
        format!(
            "Clients reach {} only in the load balancers' subnet, which isn't known here. Give `address` its prefix \
             length, such as `/24`: {}.",
            listed(unchecked),
            listed(names.into_iter().map(str::to_owned).collect())
        ),
    ));
}

/// Load balancers that have different files don't hear one another.
pub fn split(prior: &Object, planned: &Object, diagnostics: &mut Diagnostics) {
    let of = |object: &Object, name: &str| match name {
        VIP => object.get(VIP).cloned().unwrap_or(Value::Null),
        _ => object.get(KEEPALIVED).and_then(|settings| settings.attribute(name)).cloned().unwrap_or(Value::Null),
    };
    let stays = |object: &Object| of(object, VIP).as_str().is_some();
    let several = Reader::new(planned).nested_map(LOAD_BALANCERS).present().is_some_and(|hosts| hosts.len() > 1);
    if !several || !stays(prior) || !stays(planned) {
        return;
    }
    let known = |value: &Value| !matches!(value, Value::Null | Value::Unknown(_));
    let changed = |name: &&str| {
        let (before, after) = (of(prior, name), of(planned, name));
        // An address of IPv6 has many spellings.
        let address = |value: &Value| value.as_str().and_then(|text| text.parse::<IpAddr>().ok());
        let is_same = before == after || address(&before).is_some_and(|one| Some(one) == address(&after));
        known(&before) && known(&after) && !is_same
    };
    let changed: Vec<&str> = [VIRTUAL_ROUTER_ID, ADVERT_INTERVAL, VIP].into_iter().filter(changed).collect();
    let Some(first) = changed.first() else { return };
    let path = if *first == VIP { Path::of(VIP) } else { Path::of(KEEPALIVED).attribute(first) };
    let listed: Vec<String> = changed.iter().map(|name| format!("`{name}`")).collect();
    diagnostics.push(Diagnostic::warning(
        path,
        "Two load balancers act for the VIP meanwhile",
        format!(
            "A load balancer with another {} ignores those that still have the old `keepalived.conf`, and each side \
             takes its VIPs. Put the new file on every load balancer first, and then reload Keepalived on all of them \
             one right after the other.",
            listed.join(", ")
        ),
    ));
}
