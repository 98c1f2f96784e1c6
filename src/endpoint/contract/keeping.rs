//! How what clients dialled, or what their name led to, goes on leading to the control plane until nobody needs it.

use std::net::IpAddr;

use super::attributes::{
    ADDITIONAL_NAMES, ADDITIONAL_VIPS, API_SERVER_CERT_SANS, CONTROL_PLANE, MACHINE_CERT_SANS, TALOS_VERSION, VIP,
};
use super::behind::{Addresses, Behind, Reachable};
use super::change::Change;
use crate::endpoint::address::bare;
use crate::endpoint::enumeration::listed;
use crate::framework::value::Value;

/// What the old one needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keeping {
    /// Steps before anything else, as far as they aren't done.
    pub before: Vec<String>,
    /// Steps when nobody needs it any more.
    pub after: Vec<String>,
    /// Why it can't be kept, in whole sentences.
    pub ends: Vec<String>,
}

impl Keeping {
    /// Of what clients dial.
    pub fn of_host(change: Change<'_>, old: &str) -> Keeping {
        if let Some(own) = bare(old).and_then(|ip| own_address(change, ip)) {
            let mut keeping = Keeping::of_addresses(change, std::slice::from_ref(&own));
            let is_of_node = Addresses::of_machines(change.prior, CONTROL_PLANE).has(own.ip);
            if own.machine.is_some() && !is_of_node && keeping.ends.is_empty() {
                keeping.before.splice(0..0, certify(change, old)); // a node's certificates have its own address anyway
            }
            return keeping;
        }
        let own_name = change.kind.own_name.and_then(|output| change.planned.get(output)?.as_str());
        if own_name.is_some_and(|own| own.eq_ignore_ascii_case(old)) {
            return Keeping::default(); // a load balancer's own name leads to it while it exists
        }
        let lead = format!("keep `{old}` leading to the control plane");
        Keeping {
            before: certify(change, old).into_iter().chain([lead]).collect(),
            after: vec![format!("retire `{old}`")],
            ends: Vec::new(),
        }
    }

    /// Of addresses of the endpoint.
    pub fn of_addresses(change: Change<'_>, old: &[Reachable]) -> Keeping {
        let mut keeping = Keeping::default();
        let mut leaving: Vec<IpAddr> = Vec::new();
        for one in old {
            match &one.machine {
                None => keeping.virtual_ip(change, one.ip),
                Some(machine) if stays(change, machine) => {
                    keeping.ends.push(format!("{} ends when `{machine}` gets its new address.", one.ip));
                }
                Some(_) => leaving.push(one.ip),
            }
        }
        if let [_, ..] = leaving[..] {
            let them = if leaving.len() == 1 { "it" } else { "them" };
            keeping.before.push(format!("keep {} in service", listed(leaving)));
            keeping.after.push(format!("take {them} out of service"));
        }
        keeping
    }

    fn virtual_ip(&mut self, change: Change<'_>, ip: IpAddr) {
        if change.planned.get(VIP).and_then(Value::as_str).and_then(bare) == Some(ip) {
            return; // the endpoint's own still
        }
        let is_kept = Addresses::virtual_ips(change.planned).has(ip);
        if let Some(why) = (change.kind.only_one_fits)(ip).filter(|_| !is_kept) {
            self.ends.push(format!("{why}, so {ip} ends as soon as the new configuration is in place."));
            return;
        }
        if !is_kept {
            self.before.push(format!("keep {ip}, in `{ADDITIONAL_VIPS}`"));
        }
        self.after.push(format!("remove {ip} from `{ADDITIONAL_VIPS}`"));
    }
}

/// The endpoint's address `ip`, if it was one.
fn own_address(change: Change<'_>, ip: IpAddr) -> Option<Reachable> {
    let behind = match (change.kind.behind_name)(change.prior) {
        Behind::Addresses(addresses) => addresses.known,
        Behind::LoadBalancer => Vec::new(),
    };
    Addresses::virtual_ips(change.prior).known.into_iter().chain(behind).find(|one| one.ip == ip)
}

/// Whether the machine goes on, at whatever address.
fn stays(change: Change<'_>, machine: &str) -> bool {
    match (change.kind.behind_name)(change.planned) {
        Behind::Addresses(addresses) => addresses.has_machine(machine),
        Behind::LoadBalancer => false,
    }
}

/// The step that has certificates good for `old`, where they aren't.
fn certify(change: Change<'_>, old: &str) -> Option<String> {
    let is_in = |output: &str| {
        let names = change.planned.get(output).and_then(Value::elements).unwrap_or_default();
        names.iter().any(|name| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(old)))
    };
    if [API_SERVER_CERT_SANS, MACHINE_CERT_SANS].into_iter().any(is_in) {
        return None;
    }
    let version = match change.planned.get(TALOS_VERSION) {
        Some(Value::Null) => format!(" and set `{TALOS_VERSION}`, which this needs,"),
        _ => String::new(),
    };
    let comma = if version.is_empty() { "," } else { "" };
    Some(format!("put \"{old}\" into `{ADDITIONAL_NAMES}`{comma}{version} so that certificates are good for both"))
}

/// `(1) a; (2) b`.
pub fn numbered(steps: &[String]) -> String {
    let steps = (1..).zip(steps).map(|(number, step)| format!("({number}) {step}"));
    steps.collect::<Vec<_>>().join("; ")
}
