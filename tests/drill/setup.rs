//! From a folder of files to the network that they are meant for.
//!
//! The folder is laid out as rendered: `haproxy.cfg`, and `HOST/keepalived.conf` for every load balancer; a single one has only
//! `haproxy.cfg`. `HOST/haproxy.cfg` wins on that host. Whatever else lies beside them (certificates, check scripts) goes along.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use crate::haproxy_file::{Service, services};
use crate::host_files::{files, haproxy_cfg, host_folders};
use crate::keepalived_file::{Instance, instances};

/// All that is known before anything is started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The listener that leads to the Kubernetes API.
    pub kubernetes: Service,
    /// The listener that leads to the Talos API, if there is one.
    pub talos: Option<Service>,
    /// The other listeners.
    pub others: Vec<Service>,
    /// In the order of their names.
    pub balancers: Vec<Balancer>,
    /// Virtual addresses, the first instance's first.
    pub vips: Vec<IpAddr>,
    /// Control-plane nodes, in the order in which the file names them.
    pub nodes: Vec<Node>,
    /// Addresses of the client.
    pub client: Vec<IpAddr>,
    /// Lines for /etc/hosts: servers that the file has by name.
    pub names: String,
}

/// One load balancer.
#[derive(Debug, Clone)]
pub struct Balancer {
    /// The folder's name.
    pub name: String,
    /// The interface that its files speak of.
    pub interface: String,
    /// Further ones, on which its files put virtual addresses.
    pub further: Vec<String>,
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
    /// The files that it gets: path, text, mode.
    pub files: Vec<(String, String, u32)>,
    /// Does it run Keepalived?
    pub keepalived: bool,
}

/// One control-plane node.
#[derive(Debug, Clone)]
pub struct Node {
    /// The name of its first `server` line.
    pub name: String,
    /// Its address.
    pub address: IpAddr,
    /// Ports of the Kubernetes API.
    pub kubernetes: Vec<u16>,
    /// Ports of the Talos API and of whatever else.
    pub talos: Vec<u16>,
}

/// Addresses that nobody has yet, all near one another.
struct Free {
    near: Ipv4Addr,
    next: u8,
    taken: Vec<IpAddr>,
}

impl Free {
    /// The next one from the top of the /24.
    fn take(&mut self) -> IpAddr {
        let [a, b, c, _] = self.near.octets();
        loop {
            self.next -= 1;
            let address = IpAddr::V4(Ipv4Addr::new(a, b, c, self.next));
            if !self.taken.contains(&address) {
                self.taken.push(address);
                return address;
            }
        }
    }
}

impl Setup {
    /// Reads the folder.
    ///
    /// # Errors
    /// What is wrong with it, one sentence each.
    pub fn read(folder: &Path) -> Result<Setup, Vec<String>> {
        let folders = host_folders(folder)?;
        let text = haproxy_cfg(folder, folders.first().map(String::as_str))?;
        let mut found = services(&text);
        let kubernetes = take_kubernetes(&mut found)
            .ok_or_else(|| vec!["haproxy.cfg: no frontend leads to any server.".to_owned()])?;
        let talos = found.iter().position(|service| to_port(service, 50000)).map(|at| found.remove(at));
        let of_host: Vec<(String, Vec<Instance>)> =
            folders.iter().map(|name| (name.clone(), of(folder, name))).collect();
        let mut vips: Vec<IpAddr> = Vec::new();
        for vip in of_host.iter().flat_map(|(_, instances)| instances).flat_map(|instance| &instance.vips) {
            if !vips.contains(vip) {
                vips.push(*vip);
            }
        }
        check_hosts(&of_host, &vips)?;

        let mut setup = Setup {
            kubernetes,
            talos,
            others: found,
            balancers: Vec::new(),
            vips,
            nodes: Vec::new(),
            client: Vec::new(),
            names: String::new(),
        };
        let mut free = setup.free(&of_host);
        setup.add_nodes(&mut free);
        setup.add_balancers(folder, &of_host, &mut free)?;
        setup.client.push(free.take());
        if setup.is_dual_stack() {
            let own: Vec<&mut Vec<IpAddr>> =
                setup.balancers.iter_mut().map(|balancer| &mut balancer.addresses).chain([&mut setup.client]).collect();
            for (number, addresses) in (1..).zip(own) {
                if !addresses.iter().any(IpAddr::is_ipv6) {
                    addresses.push(format!("fd00:d::{number}").parse().map_err(|error| vec![format!("{error}")])?);
                }
            }
        }
        Ok(setup)
    }

    /// Where the Kubernetes API is to be reached, in every way; that of another cluster behind the same load balancers too.
    pub fn kubernetes_endpoints(&self) -> Vec<SocketAddr> {
        let others = self.others.iter().filter(|other| other.http_check && to_port(other, 6443));
        [&self.kubernetes].into_iter().chain(others).flat_map(|service| self.endpoints(service)).collect()
    }

    /// Where `service` is to be reached: on every VIP, or where there is none, on the one load balancer.
    pub fn endpoints(&self, service: &Service) -> Vec<SocketAddr> {
        let one = self.balancers.iter().flat_map(|balancer| balancer.addresses.first()).take(1);
        let hosts: Vec<IpAddr> = if self.vips.is_empty() { one.copied().collect() } else { self.vips.clone() };
        let on = |host: IpAddr| {
            let listens = |(address, _): &&(Option<IpAddr>, u16)| address.is_none_or(|address| address == host);
            service.binds.iter().find(listens).map(|(_, port)| SocketAddr::new(host, *port))
        };
        hosts.into_iter().filter_map(on).collect()
    }

    fn all_services(&self) -> impl Iterator<Item = &Service> {
        [&self.kubernetes].into_iter().chain(&self.talos).chain(&self.others)
    }

    fn is_dual_stack(&self) -> bool {
        let nodes = self.nodes.iter().map(|node| node.address);
        self.vips.iter().copied().chain(nodes).any(|address| address.is_ipv6())
    }

    fn free(&self, hosts: &[(String, Vec<Instance>)]) -> Free {
        let servers = self.all_services().flat_map(|service| &service.servers);
        let servers = servers.filter_map(|server| server.host.parse().ok());
        let sources = hosts.iter().flat_map(|(_, instances)| instances.iter().filter_map(|instance| instance.source));
        let binds = self.all_services().flat_map(|service| service.binds.iter().filter_map(|(address, _)| *address));
        let taken: Vec<IpAddr> = self.vips.iter().copied().chain(servers).chain(sources).chain(binds).collect();
        let v4 = |address: &IpAddr| if let IpAddr::V4(v4) = address { Some(*v4) } else { None };
        let near = taken.iter().find_map(v4).unwrap_or(Ipv4Addr::new(192, 0, 2, 1));
        Free { near, next: 251, taken }
    }

    /// A node for every address that the servers have; names get an address and a line in /etc/hosts.
    fn add_nodes(&mut self, free: &mut Free) {
        let kubernetes: Vec<u16> = self.kubernetes.servers.iter().map(|server| server.port).collect();
        let mut named: BTreeMap<String, IpAddr> = BTreeMap::new();
        let servers: Vec<_> = self.all_services().flat_map(|service| service.servers.clone()).collect();
        for server in servers {
            let address = server.host.parse().unwrap_or_else(|_a_name| {
                *named.entry(server.host.clone()).or_insert_with(|| {
                    let address = free.take();
                    self.names.push_str(&format!("{address} {}\n", server.host));
                    address
                })
            });
            let at = self.nodes.iter().position(|node| node.address == address).unwrap_or_else(|| {
                let (kubernetes, talos) = (Vec::new(), Vec::new());
                self.nodes.push(Node { name: server.name.clone(), address, kubernetes, talos });
                self.nodes.len() - 1
            });
            let node = &mut self.nodes[at];
            let ports = if kubernetes.contains(&server.port) { &mut node.kubernetes } else { &mut node.talos };
            if !ports.contains(&server.port) {
                ports.push(server.port);
            }
        }
    }

    fn add_balancers(
        &mut self,
        folder: &Path,
        hosts: &[(String, Vec<Instance>)],
        free: &mut Free,
    ) -> Result<(), Vec<String>> {
        if hosts.is_empty() {
            let bound = self.all_services().flat_map(|service| &service.binds).find_map(|(address, _)| *address);
            let addresses = vec![bound.unwrap_or_else(|| free.take())];
            let files = files(folder, None)?;
            let interface = "eth0".to_owned();
            let (name, further) = ("lb".to_owned(), Vec::new());
            self.balancers.push(Balancer { name, interface, further, addresses, files, keepalived: false });
        }
        for (name, instances) in hosts {
            let mut addresses: Vec<IpAddr> = instances.iter().filter_map(|instance| instance.source).collect();
            addresses.sort();
            addresses.dedup();
            if addresses.is_empty() {
                addresses.push(free.take());
            }
            let interface = instances.iter().find_map(|instance| instance.interface.clone()).unwrap_or_default();
            let of_vips = instances.iter().flat_map(|instance| &instance.of_vips);
            let further: Vec<String> = of_vips.filter(|other| **other != interface).cloned().collect();
            let files = files(folder, Some(name))?;
            self.balancers.push(Balancer {
                name: name.clone(),
                interface,
                further,
                addresses,
                files,
                keepalived: true,
            });
        }
        let own = self.balancers.iter().flat_map(|balancer| &balancer.addresses);
        let both: Vec<String> = own
            .filter(|address| self.nodes.iter().any(|node| node.address == **address))
            .map(|address| format!("{address} is a load balancer and a server behind it; a drill keeps them apart."))
            .collect();
        if both.is_empty() { Ok(()) } else { Err(both) }
    }
}

/// The listener on the Kubernetes API: by its servers' port, else the one with an HTTP check, else the first.
fn take_kubernetes(found: &mut Vec<Service>) -> Option<Service> {
    let by_port = found.iter().position(|service| to_port(service, 6443));
    let at = by_port.or_else(|| found.iter().position(|service| service.http_check)).unwrap_or(0);
    (at < found.len()).then(|| found.remove(at))
}

fn to_port(service: &Service, port: u16) -> bool {
    service.servers.iter().any(|server| server.port == port)
}

fn of(folder: &Path, host: &str) -> Vec<Instance> {
    instances(&fs::read_to_string(folder.join(host).join("keepalived.conf")).unwrap_or_default())
}

fn check_hosts(hosts: &[(String, Vec<Instance>)], vips: &[IpAddr]) -> Result<(), Vec<String>> {
    let mut problems = Vec::new();
    for (name, instances) in hosts {
        let interfaces: Vec<&String> = instances.iter().filter_map(|instance| instance.interface.as_ref()).collect();
        match interfaces.as_slice() {
            [] => problems.push(format!("{name}/keepalived.conf: no vrrp_instance has an interface.")),
            [first, rest @ ..] if rest.iter().any(|other| other != first) => {
                problems.push(format!("{name}/keepalived.conf: more than one interface; a drill gives each host one."));
            }
            [first, ..] if first.len() > 15 || first.contains('/') => {
                problems.push(format!("{name}/keepalived.conf: {first} can't be the name of an interface."));
            }
            _ => {}
        }
    }
    if !hosts.is_empty() && vips.is_empty() {
        problems.push("No keepalived.conf has a virtual_ipaddress.".to_owned());
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
