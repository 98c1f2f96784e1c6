//! Two load balancers that boot, three nodes, and the machine from which all of it is run.

use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use lab::network::authority::Authority;
use lab::network::clock::poll;
use lab::network::container::Container;
use lab::network::debian::{Debian, REPOSITORY};
use lab::network::host::{Host, SEEN};
use lab::network::node::{ANSWER, CONFIG, Node};
use lab::network::wiring::Switch;
use lab::programs::quoted;
use lab::terraform::{Workspace, provider};

/// The virtual IP.
pub const VIP: &str = "192.0.2.30";

/// The load balancers.
pub const BALANCERS: [(&str, &str); 2] = [("lb-01", "192.0.2.21"), ("lb-02", "192.0.2.22")];

/// The control-plane nodes.
pub const NODES: [(&str, &str); 3] = [("cp-01", "192.0.2.31"), ("cp-02", "192.0.2.32"), ("cp-03", "192.0.2.33")];

const ADMIN: &str = "192.0.2.5";

/// Two pairs at once would measure each other. They may be set up at the same time, and nobody measures meanwhile.
static TURN: RwLock<()> = RwLock::new(());

/// No other pair is being set up or measured.
pub type Alone = RwLockWriteGuard<'static, ()>;

/// Everything.
pub struct Pair {
    /// In the order of [`BALANCERS`].
    pub balancers: Vec<Container>,
    /// Where the CLI and clients run, and the packages are.
    pub admin: Host,
    _nodes: Vec<Host>,
    /// The certificates of nodes and clients.
    pub authority: Authority,
    /// What joins them.
    pub switch: Switch,
    /// The CLI's wrapper, and keys.
    pub folder: tempfile::TempDir,
    repository: Mutex<Option<i32>>,
    being_set_up: Option<RwLockReadGuard<'static, ()>>,
}

impl Pair {
    /// Makes all of it; the load balancers are off.
    pub fn new(debian: &Debian) -> Pair {
        let being_set_up = Some(TURN.read().unwrap_or_else(PoisonError::into_inner));
        let names: Vec<&str> = NODES.iter().map(|(_, at)| *at).chain([VIP]).collect();
        let (switch, authority) = (Switch::new(), Authority::for_names(&names));
        let admin = Host::start_seeing("admin", &debian.repository());
        switch.connect(&admin, "eth0", &[address(ADMIN)]);
        let nodes = NODES.map(|(name, at)| node(name, at, &switch, &authority));
        let balancers = BALANCERS.map(|(name, at)| Container::new(name, address(at), debian, &switch));
        let folder = tempfile::tempdir().unwrap();
        let repository = Mutex::new(None);
        let (nodes, balancers) = (nodes.into(), balancers.into());
        Pair { balancers, admin, _nodes: nodes, authority, switch, folder, repository, being_set_up }
    }

    /// It is set up; waits until it may be measured.
    pub fn alone(&mut self) -> Alone {
        drop(self.being_set_up.take());
        TURN.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Packages can be had from now on.
    pub fn serve_packages(&self) {
        let port = REPOSITORY.rsplit(':').next().unwrap();
        let server = ["python3", "-m", "http.server", "--bind", ADMIN, "--directory", SEEN, port];
        *self.repository.lock().unwrap() = Some(self.admin.spawn(&server, "/run/repository.log"));
    }

    /// A folder for the CLI, which runs on the admin's machine.
    pub fn workspace(&self, terraform: &Path) -> Workspace {
        let text = format!("exec nsenter --net --target {} {} \"$@\"", self.admin.pid(), quoted(terraform));
        let wrapper = self.program("bin/terraform", &text);
        let bare = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];
        bare.into_iter().fold(Workspace::new(&wrapper, &provider()), |workspace, name| workspace.without_env(name))
    }

    /// Writes a script of `sh` into the pair's own folder.
    pub fn program(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A file of the pair's own folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names of those that hold the VIP.
    pub fn holders(&self) -> Vec<String> {
        let holds = |balancer: &&Container| !balancer.host.holds(&[address(VIP)]).is_empty();
        self.balancers.iter().filter(holds).map(|balancer| balancer.name().to_owned()).collect()
    }

    /// Waits until exactly one machine holds the VIP and goes on to for a second: its place among them.
    #[track_caller]
    pub fn holder(&self, limit: Duration) -> usize {
        let one = || {
            let first = <[String; 1]>::try_from(self.holders()).ok()?;
            std::thread::sleep(Duration::from_secs(1));
            (self.holders() == first).then_some(first)
        };
        let [name] = poll(limit, one).unwrap_or_else(|| panic!("held by {:?}; {}", self.holders(), self.said()));
        self.balancers.iter().position(|balancer| balancer.name() == name).unwrap()
    }

    /// Waits until HAProxy on this machine leads to a node by the machine's own address.
    #[track_caller]
    pub fn serves(&self, place: usize, limit: Duration) {
        let url = format!("https://{}:6443/version", BALANCERS[place].1);
        let answers = || (self.admin.run(&["curl", "-skf", "--max-time", "1", &url]).status == 0).then_some(());
        poll(limit, answers).unwrap_or_else(|| panic!("{} doesn't serve; {}", BALANCERS[place].0, self.said()));
    }

    /// Where clients go.
    pub fn vip() -> SocketAddr {
        SocketAddr::new(address(VIP), 6443)
    }

    /// What the machines' journals end with, for messages.
    pub fn said(&self) -> String {
        let of = |balancer: &Container| {
            let journal = balancer.run("journalctl --no-pager --lines 60 --output cat").said;
            format!("--- {}\n{}\n{journal}", balancer.name(), balancer.console())
        };
        self.balancers.iter().map(of).collect()
    }
}

fn node(name: &str, at: &str, switch: &Switch, authority: &Authority) -> Host {
    let host = Host::start(name);
    switch.connect(&host, "eth0", &[address(at)]);
    let node = Node { name: name.into(), kubernetes: vec![6443], talos: vec![50000] };
    host.write(CONFIG, &node.to_json(authority).to_string(), 0o600);
    host.write(ANSWER, "401", 0o644);
    host.spawn_node();
    host
}

/// An address.
pub fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}
