//! Two load balancers that nothing was deployed to yet, and where the CLI runs.

use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use lab::network::clock::poll;
use lab::network::host::Host;
use lab::network::wiring::Switch;
use lab::terraform::{Workspace, provider};

/// The virtual IP.
pub const VIP: &str = "192.0.2.30";

/// The load balancers.
pub const BALANCERS: [(&str, &str); 2] = [("lb-01", "192.0.2.21"), ("lb-02", "192.0.2.22")];

/// Everything.
pub struct Rig {
    /// Where the CLI runs, and clients are.
    pub admin: Host,
    /// In the order of [`BALANCERS`].
    pub balancers: Vec<Balancer>,
    /// What joins them.
    pub switch: Switch,
    /// Keys, `known_hosts` and the CLI's wrapper.
    pub folder: tempfile::TempDir,
    /// The CLI's folder.
    pub workspace: Workspace,
}

/// A load balancer.
pub struct Balancer {
    /// The host.
    pub host: Host,
}

impl Rig {
    /// Makes everything, with HAProxy as its package brings it.
    pub fn start(terraform: &Path) -> Rig {
        let switch = Switch::new();
        let admin = Host::start("admin");
        switch.connect(&admin, "eth0", &[address("192.0.2.5")]);
        let folder = tempfile::tempdir().unwrap();
        keygen(folder.path(), "id", &["-t", "ed25519", "-N", ""]);
        let balancers = BALANCERS.map(|(name, ip)| Balancer::start(name, ip, &switch, folder.path()));
        let known: Vec<String> = BALANCERS.iter().map(|(name, ip)| known_hosts_line(folder.path(), name, ip)).collect();
        std::fs::write(folder.path().join("known_hosts"), known.concat()).unwrap();
        let wrapper = folder.path().join("terraform");
        let text = format!("#!/bin/sh\nexec nsenter --net --target {} {} \"$@\"\n", admin.pid(), terraform.display());
        std::fs::write(&wrapper, text).unwrap();
        std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
        let workspace = workspace(&wrapper);
        Rig { admin, balancers: balancers.into(), switch, folder, workspace }
    }

    /// Another folder for the CLI, with a state of its own.
    pub fn another_workspace(&self) -> Workspace {
        workspace(&self.file("terraform"))
    }

    /// A file of the rig's own folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The load balancers that hold the virtual IP.
    pub fn holders(&self) -> Vec<String> {
        let holds = |balancer: &&Balancer| !balancer.host.holds(&[address(VIP)]).is_empty();
        self.balancers.iter().filter(holds).map(|balancer| balancer.host.name.clone()).collect()
    }

    /// Every host runs what is on its disk.
    #[track_caller]
    pub fn assert_live(&self) {
        for balancer in &self.balancers {
            let same = || (balancer.live() == balancer.on_disk() && balancer.host.count("haproxy") > 0).then_some(());
            if poll(Duration::from_secs(20), same).is_none() {
                panic!("{}: {:?} runs, {:?} is there", balancer.host.name, balancer.live(), balancer.on_disk());
            }
        }
    }

    /// The next apply goes on from whatever there is, to this number of connections. What it said.
    #[track_caller]
    pub fn assert_converges(&self, maxconn: &str) -> String {
        let said = self.workspace.apply().ok().flat();
        self.assert_live();
        for balancer in &self.balancers {
            let found = (balancer.maxconn(), balancer.leftovers());
            assert_eq!(found, (maxconn.to_owned(), String::new()), "{}", balancer.host.name);
        }
        self.settled();
        said
    }

    /// Waits until exactly one host holds the virtual IP, and stays the one.
    #[track_caller]
    pub fn settled(&self) -> String {
        let one = || <[String; 1]>::try_from(self.holders()).ok();
        let [holder] = poll(Duration::from_secs(20), one).unwrap_or_else(|| panic!("held by {:?}", self.holders()));
        holder
    }
}

/// A folder for the CLI, which runs where `wrapper` leads it.
fn workspace(wrapper: &Path) -> Workspace {
    let workspace = Workspace::new(wrapper, &provider());
    let bare = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];
    bare.into_iter().fold(workspace, |workspace, name| workspace.without_env(name))
}

/// A host with files of its own and an SSH server, where the key `id` lets root and `admin` in.
pub fn machine(name: &str, ip: &str, switch: &Switch, folder: &Path) -> Host {
    let host = Host::start(name);
    switch.connect(&host, "eth0", &[address(ip)]);
    for own in ["usr", "etc", "var"] {
        host.check(&["mkdir", "-p", &format!("/run/{own}/upper"), &format!("/run/{own}/work")]);
        let layers = format!("lowerdir=/{own},upperdir=/run/{own}/upper,workdir=/run/{own}/work");
        host.check(&["mount", "-t", "overlay", "overlay", "-o", &layers, &format!("/{own}")]);
    }
    // They trust nobody: HAProxy reads all of the machine's certificates at each start and each check of a file, which takes longer than it.
    host.check(&["mount", "-t", "tmpfs", "tmpfs", "/etc/ssl/certs"]);
    // Root's own login files may start anything, such as a version manager that waits a minute for the lock of a login that was killed.
    let hide = "for file in .bashrc .bash_profile .bash_login .profile; do \
                [ ! -f ~root/$file ] || mount --bind /dev/null ~root/$file || exit 1; done";
    host.check(&["sh", "-c", hide]);
    host.check(&["mkdir", "-p", "/run/sshd"]);
    keygen(folder, name, &["-t", "ed25519", "-N", ""]);
    let read = |file: String| std::fs::read_to_string(folder.join(file)).unwrap();
    host.write("/etc/ssh/host_key", &read(name.to_owned()), 0o600);
    host.write("/etc/ssh/authorized_root", &read("id.pub".to_owned()), 0o644);
    host.write("/etc/ssh/authorized_admin", &read("id.pub".to_owned()), 0o644);
    host.write("/etc/ssh/sshd_test", SSHD, 0o644);
    boot_sshd(&host);
    host
}

/// Starts the SSH server.
fn boot_sshd(host: &Host) {
    host.run(&["rm", "-f", "/run/sshd.log"]);
    host.spawn(&["/usr/sbin/sshd", "-D", "-e", "-f", "/etc/ssh/sshd_test"], "/run/sshd.log");
    let listens = || host.read("/run/sshd.log").contains("Server listening on").then_some(());
    poll(Duration::from_secs(10), listens).unwrap_or_else(|| panic!("{}", host.read("/run/sshd.log")));
}

impl Balancer {
    fn start(name: &str, ip: &str, switch: &Switch, folder: &Path) -> Balancer {
        let host = machine(name, ip, switch, folder);
        host.write("/usr/local/sbin/systemctl", include_str!("systemctl.sh"), 0o755);
        host.check(&["mkdir", "-p", "/run/haproxy", "/run/cloud-init"]);
        host.write("/usr/local/bin/cloud-init", "#!/bin/sh\necho \"$*\" >> /run/cloud-init/asked\n", 0o755);
        host.check(&[
            "useradd",
            "--create-home",
            "--home-dir",
            "/var/lib/admin",
            "--shell",
            "/bin/sh",
            "--password",
            "*",
            "admin",
        ]);
        host.write("/etc/sudoers.d/admin", "admin ALL=(root) NOPASSWD: /usr/bin/sh -s\n", 0o440);
        host.check(&["systemctl", "enable", "haproxy"]);
        host.check(&["systemctl", "start", "haproxy"]);
        host.check(&["rm", "/run/calls"]);
        Balancer { host }
    }

    /// Starts the SSH server again.
    pub fn boot_sshd(&self) {
        boot_sshd(&self.host);
    }

    /// Waits until no change is under way: one that nobody confirmed has been taken back.
    pub fn idle(&self) {
        let idle = || (!self.host.is_locked("/run/talosendpoint/change.lock")).then_some(());
        assert!(poll(Duration::from_secs(40), idle).is_some(), "{} is still being changed", self.host.name);
    }

    /// The number of connections that the file allows, by which versions of it are told apart.
    pub fn maxconn(&self) -> String {
        let text = self.host.read("/etc/haproxy/haproxy.cfg");
        text.lines().find_map(|line| line.trim().strip_prefix("maxconn ")).unwrap_or_default().to_owned()
    }

    /// The calls that changed something since the last time.
    pub fn calls(&self) -> Vec<String> {
        let calls = self.host.read("/run/calls");
        self.host.run(&["rm", "-f", "/run/calls"]);
        calls.lines().map(str::to_owned).collect()
    }

    /// When files were last written, and where.
    pub fn files(&self) -> String {
        let folders = "/etc/haproxy /etc/keepalived /etc/systemd/system /etc/tmpfiles.d /var/lib/talosendpoint";
        let find = format!("find {folders} -type f -printf '%p %T@ %i\\n' 2> /dev/null | sort");
        self.host.run(&["sh", "-c", &find]).said
    }

    /// The fingerprint that the running HAProxy reports; empty where it reports none.
    pub fn live(&self) -> String {
        let answer = self.host.ask_socket("/run/haproxy/admin.sock", "show info");
        let line = answer.lines().find(|line| line.to_ascii_lowercase().starts_with("description:"));
        line.and_then(|line| line.split_once("sha256:")).map_or_else(String::new, |(_, hash)| hash.trim().to_owned())
    }

    /// The fingerprint in the file on the disk; empty where it has none.
    pub fn on_disk(&self) -> String {
        let text = self.host.read("/etc/haproxy/haproxy.cfg");
        let line = text.lines().find_map(|line| line.split_once("talosendpoint sha256:"));
        line.map_or_else(String::new, |(_, rest)| rest.trim_end_matches('"').to_owned())
    }

    /// What is staged, backed up or locked beside the files of ours.
    pub fn leftovers(&self) -> String {
        self.host.run(&["sh", "-c", "find /etc /var/lib/talosendpoint -name '.*talosendpoint-*' 2> /dev/null"]).said
    }
}

const SSHD: &str = "Port 22
HostKey /etc/ssh/host_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile /etc/ssh/authorized_%u
StrictModes no
UsePAM no
PidFile /run/sshd.pid
";

/// An address.
pub fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Makes a key.
pub fn keygen(folder: &Path, name: &str, arguments: &[&str]) {
    let mut command = Command::new("ssh-keygen");
    let output = command.args(["-q", "-C", name, "-f"]).arg(folder.join(name)).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A line of a file of known hosts.
pub fn known_hosts_line(folder: &Path, name: &str, host: &str) -> String {
    format!("{host} {}", std::fs::read_to_string(folder.join(format!("{name}.pub"))).unwrap())
}
