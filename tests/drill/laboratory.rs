//! The network that a [`Setup`] is meant for, with the real HAProxy and Keepalived on its load balancers.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use lab::network::authority::Authority;
use lab::network::clock::{Moment, now, poll};
use lab::network::host::Host;
use lab::network::node::{ANSWER, CONFIG, Node};
use lab::network::requests::{Api, Sample};
use lab::network::wiring::{Cable, Switch};

use crate::haproxy_file;
use crate::setup::{self, Setup};

/// What HAProxy and Keepalived said.
const HAPROXY_LOG: &str = "/run/haproxy.log";
const KEEPALIVED_LOG: &str = "/run/keepalived.log";

/// Everything, running.
pub struct Laboratory {
    /// What it was made for.
    pub setup: Setup,
    /// The client.
    pub client: Host,
    /// The load balancers, in the setup's order.
    pub balancers: Vec<Balancer>,
    /// The nodes, in the setup's order.
    pub nodes: Vec<NodeHost>,
    /// What joins them.
    pub switch: Switch,
    authority: Authority,
    watches: AtomicUsize,
}

/// A load balancer, running.
pub struct Balancer {
    /// The host.
    pub host: Host,
    /// Its way to the others.
    pub cable: Cable,
    /// Those of the interfaces that only virtual addresses are on.
    pub further: Vec<Cable>,
    /// Process id of HAProxy's master on that host.
    master: AtomicI32,
    keepalived: bool,
    ports: Vec<u16>,
}

/// A control-plane node, running.
pub struct NodeHost {
    /// The host.
    pub host: Host,
    /// Its way to the others.
    pub cable: Cable,
    process: AtomicI32,
}

impl Laboratory {
    /// Makes the network and starts everything but Keepalived.
    ///
    /// # Errors
    /// Where HAProxy doesn't start: what it said.
    pub fn start(setup: &Setup) -> Result<Laboratory, String> {
        let laboratory = Laboratory::build(setup);
        laboratory.balancers.iter().try_for_each(Balancer::start_haproxy)?;
        Ok(laboratory)
    }

    /// Makes the network and starts the nodes, with nothing on the load balancers but their files.
    pub fn build(setup: &Setup) -> Laboratory {
        let (switch, authority) = (Switch::new(), Authority::new());
        let nodes = setup.nodes.iter().map(|node| NodeHost::start(node, &switch, &authority)).collect();
        let client = Host::start("client");
        switch.connect(&client, "eth0", &setup.client);
        let balancers = setup.balancers.iter().map(|balancer| Balancer::start(balancer, &setup.names, &switch));
        let balancers = balancers.collect();
        let watches = AtomicUsize::new(0);
        Laboratory { setup: setup.clone(), client, balancers, nodes, switch, authority, watches }
    }

    /// Starts Keepalived everywhere, and waits until requests are answered.
    ///
    /// # Errors
    /// When they aren't within 20 s: what is known.
    pub fn go(&self) -> Result<(), String> {
        self.balancers.iter().filter(|balancer| balancer.keepalived).for_each(Balancer::start_keepalived);
        self.steady(Duration::from_secs(20))
    }

    /// As [`Laboratory::go`], and waits until the VIP stays where it is: all hosts start as equals, and the one with the highest
    /// priority may take the VIP from one that was sooner.
    ///
    /// # Errors
    /// When no host keeps it.
    pub fn settle(&self) -> Result<(), String> {
        // After three advertisements of a lower priority a host takes over: 3.6 s in the rendered files.
        const STAYS: Duration = Duration::from_secs(5);
        self.go()?;
        let (mut since, mut holder) = (now(), String::new());
        let settled = || {
            let current: Vec<&str> = self.holders().iter().map(|holder| holder.host.name.as_str()).collect();
            let current = current.join(" and ");
            if current != holder {
                (since, holder) = (now(), current);
            }
            (now() >= since + STAYS).then_some(())
        };
        poll(Duration::from_secs(30), settled).ok_or_else(|| format!("the VIP went to and fro for 30 s{}", self.logs()))
    }

    /// Waits until one load balancer holds the VIPs and every endpoint of the Kubernetes API answers.
    ///
    /// # Errors
    /// What is not so after `limit`.
    pub fn steady(&self, limit: Duration) -> Result<(), String> {
        let single = |lab: &Laboratory| lab.setup.vips.is_empty() || lab.holders().len() == 1;
        if poll(limit, || single(self).then_some(())).is_none() {
            let holders: Vec<&str> = self.holders().iter().map(|holder| holder.host.name.as_str()).collect();
            let who = if holders.is_empty() { "no host".to_owned() } else { holders.join(" and ") };
            return Err(format!("after {} s the VIP was held by {who}{}", limit.as_secs(), self.logs()));
        }
        for endpoint in self.setup.kubernetes_endpoints() {
            let watch = self.watch(endpoint, Api::Kubernetes, Duration::from_secs(2));
            let answered = watch.first_success(Moment::ZERO, limit);
            let samples = watch.finish();
            if answered.is_none() {
                let reasons: Vec<&String> = samples.iter().filter_map(|sample| sample.result.as_ref().err()).collect();
                let last = reasons.last().map_or_else(String::new, |reason| format!(" ({reason})"));
                return Err(format!("{endpoint} didn't answer within {} s{last}{}", limit.as_secs(), self.logs()));
            }
        }
        Ok(())
    }

    /// The load balancers that hold a VIP.
    pub fn holders(&self) -> Vec<&Balancer> {
        self.balancers.iter().filter(|balancer| !balancer.host.holds(&self.setup.vips).is_empty()).collect()
    }

    /// The load balancer that clients are led to.
    pub fn holder(&self) -> &Balancer {
        self.holders().first().copied().unwrap_or(&self.balancers[0])
    }

    /// Begins requests to an endpoint, each with that much `deadline`.
    pub fn watch(&self, endpoint: SocketAddr, api: Api, deadline: Duration) -> Watch<'_> {
        let id = format!("watch{}", self.watches.fetch_add(1, Ordering::Relaxed));
        self.client.start_requests(&id, endpoint, api, deadline, &self.authority);
        Watch { client: &self.client, id, deadline, seen: Mutex::new(Vec::new()) }
    }

    /// Opens an idle stream to an endpoint.
    pub fn open_stream(&self, id: &str, endpoint: SocketAddr) {
        self.client.open_stream(id, endpoint, &self.authority);
    }

    /// The last words of all load balancers, for messages.
    pub fn logs(&self) -> String {
        let log = |balancer: &Balancer, path: &str| {
            let text = balancer.host.read(path);
            let told = text.lines().filter(|line| !line.contains("gratuitous ARP"));
            let lines: Vec<&str> = told.collect();
            let last = lines[lines.len().saturating_sub(15)..].iter().map(|line| format!("\n    {line}"));
            format!("\n  {} {path}:{}", balancer.host.name, last.collect::<String>())
        };
        let both = |balancer: &Balancer| log(balancer, HAPROXY_LOG) + &log(balancer, KEEPALIVED_LOG);
        self.balancers.iter().map(both).collect()
    }
}

impl Balancer {
    fn start(setup: &setup::Balancer, names: &str, switch: &Switch) -> Balancer {
        let host = Host::start(&setup.name);
        let cable = switch.connect(&host, &setup.interface, &setup.addresses);
        let further: Vec<Cable> = setup.further.iter().map(|interface| switch.connect(&host, interface, &[])).collect();
        if !further.is_empty() {
            // Each interface answers for its own addresses only.
            host.check(&["sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore"]);
        }
        host.check(&["mkdir", "-p", "/run/etc/upper", "/run/etc/work", "/run/haproxy"]);
        // /etc of the machine with changes that only this host sees.
        let layers = "lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work";
        host.check(&["mount", "-t", "overlay", "overlay", "-o", layers, "/etc"]);
        for (path, text, mode) in &setup.files {
            host.write(path, text, *mode);
        }
        if !names.is_empty() {
            host.write("/etc/hosts", &format!("127.0.0.1 localhost\n::1 localhost\n{names}"), 0o644);
        }
        let text = setup.files.iter().find(|(path, _, _)| path == "/etc/haproxy/haproxy.cfg");
        let text = text.map(|(_, text, _)| text.as_str()).unwrap_or_default();
        if let Some((folder, _)) = haproxy_file::state_file(text).and_then(|path| path.rsplit_once('/')) {
            host.check(&["mkdir", "-p", folder]);
            host.check(&["mount", "-t", "tmpfs", "tmpfs", folder]);
            host.write(haproxy_file::state_file(text).unwrap_or_default(), haproxy_file::NO_STATE, 0o644);
        }
        let ports = haproxy_file::ports(text);
        Balancer { host, cable, further, master: AtomicI32::new(0), keepalived: setup.keepalived, ports }
    }

    /// Starts HAProxy as Debian's unit does, without systemd's notification, and waits until it listens.
    ///
    /// # Errors
    /// What it said, where it doesn't.
    pub fn start_haproxy(&self) -> Result<(), String> {
        // systemd's default limits of open files: HAProxy takes what it needs, and refuses to start where that is forbidden.
        let limits = "ulimit -H -n 524288 2> /dev/null; ulimit -S -n 1024; exec \"$@\"";
        let shell = ["sh", "-c", limits, "sh"];
        let haproxy = ["haproxy", "-W", "-f", "/etc/haproxy/haproxy.cfg", "-p", "/run/haproxy.pid"];
        let command: Vec<&str> = shell.into_iter().chain(haproxy).chain(["-S", "/run/haproxy-master.sock"]).collect();
        self.master.store(self.host.spawn(&command, HAPROXY_LOG), Ordering::Relaxed);
        let listens = || self.ports.iter().all(|port| self.listens(*port));
        let dead = || self.host.count("haproxy") == 0;
        let listening = poll(Duration::from_secs(10), || if listens() { Some(true) } else { dead().then_some(false) });
        if listening == Some(true) {
            return Ok(());
        }
        Err(format!("{}: HAProxy doesn't listen on all its ports:\n{}", self.host.name, self.host.read(HAPROXY_LOG)))
    }

    /// Reloads HAProxy as `systemctl reload` does.
    pub fn reload_haproxy(&self) {
        self.host.signal(self.master.load(Ordering::Relaxed), "USR2");
    }

    fn start_keepalived(&self) {
        let command = ["keepalived", "--dont-fork", "--log-console", "--log-detail", "--no-syslog"];
        self.host.spawn(&command, KEEPALIVED_LOG);
    }

    /// Is there a listening socket on `port`? The kernel's list has ports in hexadecimal and the state 0A.
    pub fn listens(&self, port: u16) -> bool {
        let port = format!(":{port:04X}");
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| self.host.read(path));
        tables.iter().flat_map(|table| table.lines()).any(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            fields.len() > 3 && fields[1].ends_with(&port) && fields[3] == "0A"
        })
    }
}

impl NodeHost {
    fn start(setup: &setup::Node, switch: &Switch, authority: &Authority) -> NodeHost {
        let host = Host::start(&setup.name);
        let cable = switch.connect(&host, "eth0", &[setup.address]);
        let node = Node { name: setup.name.clone(), kubernetes: setup.kubernetes.clone(), talos: setup.talos.clone() };
        host.write(CONFIG, &node.to_json(authority).to_string(), 0o600);
        let node = NodeHost { host, cable, process: AtomicI32::new(0) };
        node.answer("401");
        node.boot();
        node
    }

    /// Starts the node's servers.
    pub fn boot(&self) {
        self.process.store(self.host.spawn_node(), Ordering::Relaxed);
    }

    /// Sends a signal to the node's servers.
    pub fn signal(&self, signal: &str) {
        self.host.signal(self.process.load(Ordering::Relaxed), signal);
    }

    /// From now on `/readyz` answers with that status, or nothing listens where it is `closed`.
    pub fn answer(&self, answer: &str) {
        self.host.write(ANSWER, answer, 0o644);
    }
}

/// Steady requests to one endpoint.
pub struct Watch<'a> {
    client: &'a Host,
    id: String,
    deadline: Duration,
    seen: Mutex<Vec<Sample>>,
}

impl Watch<'_> {
    /// The requests that are over.
    pub fn samples(&self) -> Vec<Sample> {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let more = self.client.samples(&self.id, seen.len());
        seen.extend(more);
        seen.clone()
    }

    /// The first one that was begun after `moment` and answered, if there is one within `limit`.
    pub fn first_success(&self, moment: Moment, limit: Duration) -> Option<Sample> {
        let good = |sample: &&Sample| sample.start >= moment && sample.result.is_ok();
        poll(limit, || self.samples().iter().filter(good).min_by_key(|sample| sample.end).cloned())
    }

    /// Ends them, waits for those under way, and returns all in the order in which they were begun.
    pub fn finish(self) -> Vec<Sample> {
        let begun = self.client.stop_requests(&self.id);
        // The last one may be counted and never sent.
        poll(self.deadline + Duration::from_secs(1), || (self.samples().len() >= begun).then_some(()));
        let mut samples = self.samples();
        samples.sort_by_key(|sample| sample.start);
        samples
    }
}
