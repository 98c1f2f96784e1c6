//! Where a DNS name in front of an endpoint leads: to its virtual IPs, else to its load balancers, else to its nodes. Read from an object
//! of any kind, by the names that the kinds share.

use std::net::IpAddr;

use super::attributes::{ADDITIONAL_VIPS, CONTROL_PLANE, LOAD_BALANCERS, VIP};
use crate::endpoint::address::{Address, bare};
use crate::framework::value::{Object, Value};

/// Addresses, and whether there may be more that aren't known yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Those that are known, in declaration order.
    pub known: Vec<IpAddr>,
    /// True if others may come.
    pub is_open: bool,
}

impl Addresses {
    /// What a DNS name of this endpoint leads to.
    pub fn behind_name(object: &Object) -> Addresses {
        if object.get(VIP).is_some_and(|vip| !vip.is_null()) {
            let vips = Addresses::virtual_ips(object);
            let first = vips.known.first().copied();
            // One of each family: a name has an address of the endpoint, not every one.
            let other =
                vips.known.iter().copied().find(|ip| first.is_some_and(|first| first.is_ipv4() != ip.is_ipv4()));
            return Addresses { known: first.into_iter().chain(other).collect(), ..vips };
        }
        if object.get("external").and_then(Value::as_bool) == Some(true) {
            return Addresses::default();
        }
        let machines = [LOAD_BALANCERS, CONTROL_PLANE].into_iter().find_map(|map| object.get(map));
        Addresses::default().with_machines(machines)
    }

    /// The endpoint's own virtual IP and the additional ones.
    pub fn virtual_ips(object: &Object) -> Addresses {
        let mut all = Addresses::default();
        all.add(object.get(VIP).unwrap_or(&Value::Null));
        match object.get(ADDITIONAL_VIPS) {
            Some(Value::Unknown(_)) => all.is_open = true,
            vips => {
                let vips = vips.and_then(Value::elements).unwrap_or_default();
                vips.iter().for_each(|vip| all.add(vip.attribute("address").unwrap_or(&Value::UNKNOWN)));
            }
        }
        all
    }

    fn with_machines(mut self, machines: Option<&Value>) -> Addresses {
        self.is_open = matches!(machines, Some(Value::Unknown(_)));
        for machine in machines.and_then(Value::entries).into_iter().flat_map(|machines| machines.values()) {
            self.add(machine.attribute("address").unwrap_or(&Value::UNKNOWN));
            let more = machine.attribute("additional_addresses").and_then(Value::elements).unwrap_or_default();
            more.iter().for_each(|address| self.add(address));
        }
        self
    }

    fn add(&mut self, address: &Value) {
        match address {
            Value::String(text) => self.known.extend(bare(text).or_else(|| Some(Address::parse(text)?.ip))),
            Value::Unknown(_) => self.is_open = true,
            _ => {}
        }
    }

    /// True if `ip` is known to be one of them.
    pub fn has(&self, ip: IpAddr) -> bool {
        self.known.contains(&ip)
    }

    /// Those of a family that has none left in `new`.
    pub fn of_families_gone_in(&self, new: &Addresses) -> Vec<IpAddr> {
        let stays = |family: bool| self.known.iter().any(|ip| ip.is_ipv4() == family && new.has(*ip));
        self.known.iter().copied().filter(|ip| !stays(ip.is_ipv4())).collect()
    }
}

/// `192.0.2.30 and 2001:db8::30`.
pub fn listed(addresses: &[IpAddr]) -> String {
    addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" and ")
}
