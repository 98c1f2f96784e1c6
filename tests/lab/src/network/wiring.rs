//! The switch that joins hosts, and cables that can be cut.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::host::Host;

/// A switch.
pub struct Switch {
    host: Host,
    ports: AtomicUsize,
}

/// A host's cable to the switch, with the interface's name on the host.
#[derive(Debug, Clone)]
pub struct Cable {
    /// The interface on the host.
    pub interface: String,
    port: String,
}

impl Switch {
    /// A switch without cables.
    pub fn new() -> Switch {
        let host = Host::start("switch");
        host.ip("link add switch type bridge mcast_snooping 0\nlink set switch up");
        Switch { host, ports: AtomicUsize::new(0) }
    }

    /// Gives `host` an `interface` with these addresses. Everything on this network is reached directly, whatever its address, by the
    /// interface that was given addresses.
    pub fn connect(&self, host: &Host, interface: &str, addresses: &[IpAddr]) -> Cable {
        let port = format!("port{}", self.ports.fetch_add(1, Ordering::Relaxed));
        self.host.ip(&format!(
            "link add {port} type veth peer name {interface} netns {}\nlink set {port} master switch up",
            host.pid()
        ));
        for address in addresses {
            let (length, flags) = if address.is_ipv4() { (24, "") } else { (64, "nodad") };
            host.ip(&format!("address add {address}/{length} dev {interface} {flags}"));
        }
        host.ip(&format!("link set {interface} up"));
        if !addresses.is_empty() {
            host.ip(&format!("route replace default dev {interface}\nroute replace ::/0 dev {interface}"));
        }
        Cable { interface: interface.to_owned(), port }
    }

    /// Cuts the cable: the host sees that its link is down, all others see nothing any more.
    pub fn cut(&self, cable: &Cable) {
        self.host.ip(&format!("link set {} down", cable.port));
    }

    /// Mends the cable.
    pub fn mend(&self, cable: &Cable) {
        self.host.ip(&format!("link set {} up", cable.port));
    }

    /// From now on the switch forwards no multicast, as many networks don't. (IPv6 finds neighbours by multicast.)
    pub fn drop_multicast(&self, cable: &Cable) {
        self.host.ip(&format!("link set {} type bridge_slave mcast_flood off", cable.port));
    }

    /// `host` has no way to `addresses` from now on, and its kernel says so to whoever tries, until [`Switch::accept`].
    pub fn refuse(&self, host: &Host, addresses: &[IpAddr]) {
        let lines = addresses.iter().map(|address| format!("route add unreachable {address}\n"));
        host.ip(&lines.collect::<String>());
    }

    /// `host` has a way to `addresses` again.
    pub fn accept(&self, host: &Host, addresses: &[IpAddr]) {
        let lines = addresses.iter().map(|address| format!("route del unreachable {address}\n"));
        host.ip(&lines.collect::<String>());
    }

    /// What `host` sends to `addresses` is lost from now on, silently, until [`Switch::find`].
    pub fn lose(&self, host: &Host, cable: &Cable, addresses: &[IpAddr]) {
        // Nobody has this hardware address.
        let lines = addresses.iter().map(|address| {
            format!("neigh replace {address} lladdr 02:00:00:00:00:00 dev {} nud permanent\n", cable.interface)
        });
        host.ip(&lines.collect::<String>());
    }

    /// What `host` sends to `addresses` arrives again.
    pub fn find(&self, host: &Host, cable: &Cable, addresses: &[IpAddr]) {
        let lines = addresses.iter().map(|address| format!("neigh del {address} dev {}\n", cable.interface));
        host.ip(&lines.collect::<String>());
    }
}
