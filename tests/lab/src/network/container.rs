//! A machine that boots: Debian under its own systemd (systemd-nspawn), in the network of a host of this lab. Its disk is kept while it is
//! off; power can be cut, and its user-data changed between two boots.

use std::net::IpAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::clock::poll;
use super::debian::Debian;
use super::host::{Ended, Host, SEEN};
use super::wiring::{Cable, Switch};

/// Where the machine's files are, on its host.
const ROOT: &str = "/run/machine";

/// Its console, on its host.
const CONSOLE: &str = "/run/console.log";

/// As long as a boot or the end of a system may take where the machine under it is busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A machine. Dropping it ends everything on it and leaves nothing.
pub struct Container {
    /// Its network, and what is around it.
    pub host: Host,
    cable: Cable,
    group: String,
    supervisor: Option<i32>,
    sweeper: Child,
}

impl Container {
    /// A machine that is off, with this address on `eth0`.
    pub fn new(name: &str, address: IpAddr, debian: &Debian, switch: &Switch) -> Container {
        let group = format!("talosendpoint-{}-{name}", std::process::id());
        let sweeper = sweeper(&group);
        let host = Host::start_seeing(name, &debian.root());
        let cable = switch.connect(&host, "eth0", &[]);
        let container = Container { host, cable, group, supervisor: None, sweeper };
        let disk = format!("lowerdir={SEEN},upperdir=/run/disk/upper,workdir=/run/disk/work");
        container.host.check(&["mkdir", "-p", "/run/disk/upper", "/run/disk/work", ROOT]);
        container.host.check(&["mount", "-t", "overlay", "overlay", "-o", &disk, ROOT]);
        // What this network's and this machine's groups of processes look like: the ones that are mounted are another network's.
        container.host.check(&["mount", "-t", "sysfs", "sysfs", "/sys"]);
        container.host.check(&["mount", "-t", "cgroup2", "cgroup2", "/sys/fs/cgroup"]);
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
        let script = format!(
            "echo $$ > /sys/fs/cgroup/{}/cgroup.procs\n\
             exec systemd-nspawn --quiet --directory={ROOT} --register=no --keep-unit --network-namespace-path=/proc/self/ns/net \
             --capability=all --resolv-conf=off --timezone=off --link-journal=no --console=pipe --boot",
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
        let supervisor = self.supervisor.take().expect("a machine that is on");
        self.host.signal(supervisor, "KILL");
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

    fn is_on(&self) -> bool {
        self.supervisor.is_some_and(|pid| self.host.run(&["test", "-e", &format!("/proc/{pid}/exe")]).status == 0)
    }

    /// The first process of its system, by its number on the host.
    fn leader(&self) -> Option<i32> {
        let pid = self.supervisor?;
        self.host.read(&format!("/proc/{pid}/task/{pid}/children")).split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if let Some(supervisor) = self.supervisor.take() {
            self.host.run(&["kill", "-KILL", &supervisor.to_string()]);
        }
        // Its input ends, as it does when this process is killed.
        drop(self.sweeper.stdin.take());
        let _swept = self.sweeper.wait();
    }
}

/// Removes a machine's groups of processes when this process has ended, however it did. They belong to the kernel and to no namespace, so
/// nothing else takes them away.
fn sweeper(group: &str) -> Child {
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
    child.unwrap_or_else(|error| panic!("unshare: {error}"))
}
