//! Where a DNS name in front of an endpoint leads. Read from an object of any kind, by the names that the kinds share.

use std::net::IpAddr;

use super::attributes::{ADDITIONAL_ADDRESSES, ADDITIONAL_VIPS, ADDRESS, VIP};
use crate::endpoint::address::{Address, bare};
use crate::endpoint::enumeration::listed;
use crate::framework::value::{Object, Value};

/// Where a DNS name in front of an endpoint leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behind {
    /// To these.
    Addresses(Addresses),
    /// To a load balancer, of which no address is known here.
    LoadBalancer,
}

/// An address of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reachable {
    /// The address.
    pub ip: IpAddr,
    /// The machine that has it; none for a virtual IP.
    pub machine: Option<String>,
}

/// Addresses, and whether there may be more that aren't known yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Those that are known, in declaration order.
    pub known: Vec<Reachable>,
    /// The machines that have any, known or not.
    pub machines: Vec<String>,
    /// True if others may come.
    pub is_open: bool,
}

impl Addresses {
    /// The endpoint's own virtual IP and the additional ones.
    pub fn virtual_ips(object: &Object) -> Addresses {
        let mut all = Addresses::default();
        all.add(None, object.get(VIP).unwrap_or(&Value::Null));
        match object.get(ADDITIONAL_VIPS) {
            Some(Value::Unknown(_)) => all.is_open = true,
            vips => {
                let vips = vips.and_then(Value::elements).unwrap_or_default();
                vips.iter().for_each(|vip| all.add(None, vip.attribute(ADDRESS).unwrap_or(&Value::UNKNOWN)));
            }
        }
        all
    }

    /// The first, and of the others the first of the other family: a name has an address of the endpoint, not every one.
    #[must_use]
    pub fn one_of_each_family(self) -> Addresses {
        let first = self.known.first().cloned();
        let is_other = |one: &&Reachable| first.as_ref().is_some_and(|first| first.ip.is_ipv4() != one.ip.is_ipv4());
        let other = self.known.iter().find(is_other).cloned();
        Addresses { known: first.into_iter().chain(other).collect(), ..self }
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, others: Addresses) -> Addresses {
        self.known.extend(others.known);
        self.machines.extend(others.machines);
        Addresses { is_open: self.is_open || others.is_open, ..self }
    }

    /// The addresses of the machines in the input `map`.
    pub fn of_machines(object: &Object, map: &str) -> Addresses {
        let machines = object.get(map);
        let mut all = Addresses { is_open: matches!(machines, Some(Value::Unknown(_))), ..Addresses::default() };
        for (name, machine) in machines.and_then(Value::entries).into_iter().flatten() {
            all.machines.push(name.clone());
            all.add(Some(name), machine.attribute(ADDRESS).unwrap_or(&Value::UNKNOWN));
            let more = machine.attribute(ADDITIONAL_ADDRESSES).unwrap_or(&Value::Null);
            all.is_open |= more.is_unknown();
            more.elements().unwrap_or_default().iter().for_each(|address| all.add(Some(name), address));
        }
        all
    }

    fn add(&mut self, machine: Option<&String>, address: &Value) {
        match address {
            Value::String(text) => {
                let ip = bare(text).or_else(|| Some(Address::parse(text)?.ip));
                self.known.extend(ip.map(|ip| Reachable { ip, machine: machine.cloned() }));
            }
            Value::Unknown(_) => self.is_open = true,
            _ => {}
        }
    }

    /// True if `ip` is known to be one of them.
    pub fn has(&self, ip: IpAddr) -> bool {
        self.known.iter().any(|one| one.ip == ip)
    }

    /// True if the machine is one of theirs.
    pub fn has_machine(&self, name: &str) -> bool {
        self.machines.iter().any(|machine| machine == name)
    }

    /// Those of a family that has none left in `new`.
    pub fn of_families_gone_in(&self, new: &Addresses) -> Vec<Reachable> {
        let stays = |family: bool| self.known.iter().any(|one| one.ip.is_ipv4() == family && new.has(one.ip));
        self.known.iter().filter(|one| !stays(one.ip.is_ipv4())).cloned().collect()
    }

    /// `192.0.2.30 and 2001:db8::30`.
    pub fn listed(&self) -> String {
        listed(self.known.iter().map(|one| one.ip))
    }
}
