//! A machine that boots: Debian under its own systemd (systemd-nspawn), in the network of a host of this lab. Its disk is kept while it is
//! off; power can be cut, and its user-data changed between two boots.

use std::net::IpAddr;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::clock::poll;
use super::debian::Debian;
use super::host::{Ended, Host};
use super::wiring::{Cable, Switch};
use crate::skip::Missing;

/// Where the machine's files are, on its host.
const ROOT: &str = "/run/machine";

/// Its console, on its host.
const CONSOLE: &str = "/run/console.log";

/// Its disk, over the tree at [`super::host::SEEN`]; and this network's view of devices and groups of processes, of which another network's is mounted.
const MOUNTS: &str = "mkdir -p /run/disk/upper /run/disk/work /run/machine
mount -t overlay overlay -o lowerdir=/mnt,upperdir=/run/disk/upper,workdir=/run/disk/work /run/machine
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup";

/// As much of the machine as the kernel lets it have, and nothing of this one.
const NSPAWN: &str = "systemd-nspawn --quiet --directory=/run/machine --register=no --keep-unit \
                      --network-namespace-path=/proc/self/ns/net --capability=all --resolv-conf=off --timezone=off --link-journal=no \
                      --console=pipe";

/// As long as a boot or the end of a system may take where the machine under it is busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A machine. Dropping it ends everything on it and leaves nothing.
pub struct Container {
    /// Its network, and what is around it.
    pub host: Host,
    cable: Cable,
    group: String,
    supervisor: Option<i32>,
    _sweeper: Sweeper,
}

/// What is said where a kernel, or a container around the tests, doesn't allow a mount or a namespace.
const FORBIDDEN: [&str; 4] =
    ["Operation not permitted", "ermission denied", "unknown filesystem type", "Function not implemented"];

/// Whether this kernel, and whatever is around the tests, allows such machines.
///
/// # Errors
/// What was said where it doesn't.
pub fn allowed(debian: &Debian) -> Result<(), Missing> {
    static TRIED: OnceLock<Result<(), String>> = OnceLock::new();
    let tried = TRIED.get_or_init(|| trial(debian)).clone();
    tried.map_err(|reason| {
        if FORBIDDEN.iter().any(|words| reason.contains(words)) {
            Missing(format!("systemd in a container ({reason})"))
        } else {
            // A fault of this laboratory, or of the tree: no reason to leave the tests out.
            Missing(format!("a working systemd-nspawn ({reason})"))
        }
    })
}

fn trial(debian: &Debian) -> Result<(), String> {
    let group = group("trial");
    let sweeper = Sweeper::start(&group);
    let host = Host::start_seeing("trial", &debian.root());
    let script = format!(
        "{MOUNTS}\nmkdir /sys/fs/cgroup/{group}\necho $$ > /sys/fs/cgroup/{group}/cgroup.procs\n{NSPAWN} /bin/true"
    );
    let ended = host.run(&["sh", "-euc", &script]);
    drop(host);
    drop(sweeper);
    if ended.status == 0 {
        Ok(())
    } else {
        Err(ended.said.trim().lines().last().unwrap_or("no reason given").to_owned())
    }
}

impl Container {
    /// A machine that is off, with this address on `eth0`.
    pub fn new(name: &str, address: IpAddr, debian: &Debian, switch: &Switch) -> Container {
        let group = group(name);
        let sweeper = Sweeper::start(&group);
        let host = Host::start_seeing(name, &debian.root());
        let cable = switch.connect(&host, "eth0", &[]);
        let container = Container { host, cable, group, supervisor: None, _sweeper: sweeper };
        container.host.check(&["sh", "-euc", MOUNTS]);
        container.host.check(&["mkdir", &format!("/sys/fs/cgroup/{}", container.group)]);
        let prefix = if address.is_ipv4() { 24 } else { 64 };
        let network = format!(
            "[Match]\nName=eth0\n[Network]\nAddress={address}/{prefix}\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"
        );
        container.write("/etc/systemd/network/eth0.network", &network, 0o644);
        container.write("/etc/hostname", &format!("{name}\n"), 0o644);
        container.write("/etc/hosts", &format!("127.0.0.1 localhost\n127.0.1.1 {name}\n"), 0o644);
        container
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.host.name
    }

    /// What cloud-init finds at the next boot; another `instance` makes it a new machine to cloud-init.
    pub fn seed(&self, instance: &str, user_data: &str) {
        let meta = format!("instance-id: {instance}\nlocal-hostname: {}\n", self.name());
        self.write("/var/lib/cloud/seed/nocloud/meta-data", &meta, 0o644);
        self.write("/var/lib/cloud/seed/nocloud/user-data", user_data, 0o600);
    }

    /// Writes a file of its disk.
    pub fn write(&self, path: &str, text: &str, mode: u32) {
        self.host.write(&format!("{ROOT}{path}"), text, mode);
    }

    /// Reads a file of its disk; empty where there is none.
    pub fn read(&self, path: &str) -> String {
        self.host.read(&format!("{ROOT}{path}"))
    }

    /// Switches it on.
    ///
    /// # Errors
    /// What is on its console where no system comes up.
    pub fn power_on(&mut self) -> Result<(), String> {
        self.host.ip("address flush dev eth0\nlink set eth0 up");
        // It ends with 133 where the system wants to start anew: under systemd, its unit would be started again.
        let script = format!(
            "while sh -c 'echo $$ > /sys/fs/cgroup/{}/cgroup.procs; exec {NSPAWN} --boot'; [ $? = 133 ]; do :; done",
            self.group
        );
        self.supervisor = Some(self.host.spawn(&["sh", "-c", &script], CONSOLE));
        let up = poll(PATIENCE, || {
            if !self.is_on() {
                return Some(false);
            }
            (self.run("test -S /run/systemd/private").status == 0).then_some(true)
        });
        if up == Some(true) { Ok(()) } else { Err(self.console()) }
    }

    /// The end of what is on its console.
    pub fn console(&self) -> String {
        let text = self.host.read(CONSOLE);
        let lines: Vec<&str> = text.lines().rev().take(20).collect();
        lines.into_iter().rev().map(|line| format!("{line}\n")).collect()
    }

    /// Cuts the power: nothing on it ends in order, and its addresses are gone.
    pub fn power_off(&mut self, switch: &Switch) {
        switch.cut(&self.cable);
        self.cut_power();
        let empty = || self.host.read(&format!("/sys/fs/cgroup/{}/cgroup.events", self.group)).contains("populated 0");
        poll(PATIENCE, || empty().then_some(())).unwrap_or_else(|| panic!("{} is still on", self.name()));
        self.host.ip("address flush dev eth0");
        switch.mend(&self.cable);
    }

    /// Has its system start anew, and waits until the next one is up.
    #[track_caller]
    pub fn reboot(&self) {
        let before = self.leader();
        self.check("systemctl --no-block reboot");
        let up = || {
            let leader = self.leader();
            let another = leader.is_some() && leader != before;
            (another && self.run("test -S /run/systemd/private").status == 0).then_some(())
        };
        poll(PATIENCE, up).unwrap_or_else(|| panic!("{} doesn't boot again: {}", self.name(), self.console()));
    }

    /// Runs a line of `sh` on it, as root.
    pub fn run(&self, line: &str) -> Ended {
        let Some(leader) = self.leader() else {
            return Ended { status: -1, said: format!("{} is off", self.name()) };
        };
        let target = leader.to_string();
        let spaces = ["--mount", "--uts", "--ipc", "--pid", "--net", "--cgroup", "--root"];
        let words = [&["nsenter", "--target", &target][..], &spaces, &["--", "/bin/sh", "-c", line]].concat();
        self.host.run(&words)
    }

    /// As [`Container::run`], for what must succeed.
    #[track_caller]
    pub fn check(&self, line: &str) -> String {
        let ended = self.run(line);
        assert_eq!(ended.status, 0, "{}: {line}: {}", self.name(), ended.said);
        ended.said
    }

    fn cut_power(&mut self) {
        let Some(supervisor) = self.supervisor.take() else { return };
        // First of all what would start the system again.
        let container = self.child(supervisor);
        let leader = container.and_then(|pid| self.child(pid));
        for pid in [Some(supervisor), container, leader].into_iter().flatten() {
            self.host.run(&["kill", "-KILL", &pid.to_string()]);
        }
    }

    fn is_on(&self) -> bool {
        self.supervisor.is_some_and(|pid| self.host.run(&["test", "-e", &format!("/proc/{pid}/exe")]).status == 0)
    }

    /// The first process of its system, by its number on the host.
    fn leader(&self) -> Option<i32> {
        self.child(self.child(self.supervisor?)?)
    }

    /// A process that `pid` has started.
    fn child(&self, pid: i32) -> Option<i32> {
        self.host.read(&format!("/proc/{pid}/task/{pid}/children")).split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.cut_power();
    }
}

/// A name that no other machine of this computer has.
fn group(name: &str) -> String {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    format!("talosendpoint-{}-{}-{name}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed))
}

/// Removes a machine's groups of processes when this value or this process has ended, however it did. They belong to the kernel and to no
/// namespace, so nothing else takes them away.
struct Sweeper(Child);

impl Sweeper {
    fn start(group: &str) -> Sweeper {
        let script = "mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 1\n\
                      cat > /dev/null\n\
                      for attempt in $(seq 100); do\n\
                          find \"/sys/fs/cgroup/$0\" -depth -type d -exec rmdir {} + 2> /dev/null\n\
                          [ -e \"/sys/fs/cgroup/$0\" ] || exit 0\n\
                          sleep 0.1\n\
                      done";
        let mut command = Command::new("unshare");
        // In a session of its own: Ctrl-C is for the test.
        command.args(["--mount", "setsid", "--wait", "sh", "-c", script, group]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Sweeper(child.unwrap_or_else(|error| panic!("unshare: {error}")))
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        // Its input ends, as it does when this process is killed.
        drop(self.0.stdin.take());
        let _swept = self.0.wait();
    }
}
