//! The ways to log in that OpenSSH has, with its own programs on the other side: its agent, its certificates, a bastion.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lab::need;
use lab::network::clock::poll;
use lab::network::host::Host;

use crate::configuration::Configuration;
use crate::needed::needed;
use crate::rig::{BALANCERS, Rig, address, keygen, known_hosts_line, machine};

/// What a plan says, which asks every host that is deployed.
fn planned(rig: &Rig, configuration: &Configuration, environment: &[(&str, &str)]) -> (i32, String) {
    rig.workspace.main(&configuration.text());
    let plan = ["plan", "-input=false", "-no-color", "-detailed-exitcode"];
    let planned = rig.workspace.run_with(environment, &plan);
    (planned.status, planned.flat())
}

/// Both hosts are read.
#[track_caller]
fn assert_in(rig: &Rig, configuration: &Configuration, environment: &[(&str, &str)]) {
    let (status, said) = planned(rig, configuration, environment);
    assert!(status == 0 && !said.contains("State not refreshed"), "{said}");
}

/// Neither is, and the plan says why.
#[track_caller]
fn assert_out(rig: &Rig, configuration: &Configuration, environment: &[(&str, &str)], why: &str) {
    let (status, said) = planned(rig, configuration, environment);
    assert!(status == 0 && said.contains("State not refreshed") && said.contains(why), "{why}: {said}");
}

/// More lines for the SSH server of a host.
pub fn sshd(host: &Host, lines: &str) {
    let config = host.read("/etc/ssh/sshd_test");
    host.write("/etc/ssh/sshd_test", &format!("{config}{lines}\n"), 0o644);
    let listening = |host: &Host| host.read("/run/sshd.log").matches("Server listening on").count();
    let (pid, before) = (host.read("/run/sshd.pid"), listening(host));
    host.check(&["kill", "-HUP", pid.trim()]);
    let again = || (listening(host) > before).then_some(());
    assert!(poll(Duration::from_secs(10), again).is_some(), "{}", host.read("/run/sshd.log"));
}

fn deployed(terraform: &Path) -> (Rig, Configuration) {
    let rig = Rig::start(terraform);
    let good = Configuration::new(&rig);
    rig.workspace.main(&good.text());
    rig.workspace.apply().ok();
    (rig, good)
}

/// OpenSSH's agent, which ends with this value.
struct Agent {
    process: Child,
    socket: String,
}

impl Agent {
    fn start(folder: &Path) -> Agent {
        let socket = folder.join("agent.sock");
        let mut command = Command::new("ssh-agent");
        let process = command.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
        assert!(poll(Duration::from_secs(10), || socket.exists().then_some(())).is_some());
        Agent { process, socket: socket.display().to_string() }
    }

    fn add(&self, arguments: &[&str]) {
        let mut command = Command::new("ssh-add");
        let output = command.args(arguments).env("SSH_AUTH_SOCK", &self.socket).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

fn ssh_keygen(folder: &Path, arguments: &[&str]) {
    let output = Command::new("ssh-keygen").current_dir(folder).arg("-q").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

pub fn keys_of_the_agent_and_certificates_let_in() {
    let (rig, good) = deployed(&need!(needed()));
    let folder = rig.folder.path();
    let file = |name: &str| format!("{:?}", rig.file(name));
    let hosts = || rig.balancers.iter().map(|balancer| &balancer.host);

    // The agent is asked where no key is named.
    let agent = Agent::start(folder);
    let at_agent = [("SSH_AUTH_SOCK", agent.socket.as_str())];
    let keyless = good.clone().ssh("private_key_path", "");
    assert_out(&rig, &keyless, &at_agent, "lb-02: The agent can't be asked: it has no keys");
    assert_out(
        &rig,
        &keyless,
        &[("SSH_AUTH_SOCK", "/nowhere/agent.sock")],
        "lb-01 and lb-02: The agent can't be asked",
    );
    agent.add(&["-q", &rig.file("id").display().to_string()]);
    assert_in(&rig, &keyless, &at_agent);
    agent.add(&["-q", "-D"]);
    // RSA is for the agent only.
    keygen(folder, "rsa", &["-t", "rsa", "-b", "3072", "-N", ""]);
    let public = std::fs::read_to_string(rig.file("rsa.pub")).unwrap();
    let own = std::fs::read_to_string(rig.file("id.pub")).unwrap();
    hosts().for_each(|host| host.write("/etc/ssh/authorized_root", &format!("{own}{public}"), 0o644));
    agent.add(&["-q", &rig.file("rsa").display().to_string()]);
    assert_in(&rig, &keyless, &at_agent);
    agent.add(&["-q", "-D"]);

    // A user's certificate of an authority that the hosts trust; their `authorized_keys` doesn't have the key.
    for name in ["user_ca", "host_ca", "certified"] {
        keygen(folder, name, &["-t", "ed25519", "-N", ""]);
    }
    let trusted = std::fs::read_to_string(rig.file("user_ca.pub")).unwrap();
    for host in hosts() {
        host.write("/etc/ssh/user_ca.pub", &trusted, 0o644);
        sshd(host, "TrustedUserCAKeys /etc/ssh/user_ca.pub");
    }
    let certified = good.clone().ssh("private_key_path", &file("certified"));
    assert_out(&rig, &certified, &[], "doesn't let root in with ssh-ed25519 SHA256:");
    let certified = certified.ssh("certificate_path", &file("certified-cert.pub"));
    assert_out(&rig, &certified, &[], "certified-cert.pub can't be read");
    ssh_keygen(folder, &["-s", "user_ca", "-I", "old", "-n", "root", "-V", "-2h:-1h", "certified.pub"]);
    assert_out(&rig, &certified, &[], "certified-cert.pub can't be used: it expired on 20");
    ssh_keygen(
        folder,
        &["-s", "user_ca", "-I", "test", "-n", "nobody", "-O", "source-address=192.0.2.0/24", "certified.pub"],
    );
    assert_out(&rig, &certified, &[], "with a certificate for nobody, from 192.0.2.0/24 only");
    ssh_keygen(folder, &["-s", "user_ca", "-I", "test", "-n", "root", "-V", "-1m:+1h", "certified.pub"]);
    assert_in(&rig, &certified, &[]);
    agent.add(&["-q", &rig.file("certified").display().to_string()]);
    assert_in(&rig, &keyless, &at_agent);

    // Known hosts: hashed names, and an authority that signed the hosts' keys.
    std::fs::copy(rig.file("known_hosts"), rig.file("hashed")).unwrap();
    ssh_keygen(folder, &["-H", "-f", "hashed"]);
    assert!(!std::fs::read_to_string(rig.file("hashed")).unwrap().contains("192.0.2"));
    assert_in(&rig, &good.clone().ssh("known_hosts_path", &file("hashed")), &[]);
    let authority = std::fs::read_to_string(rig.file("host_ca.pub")).unwrap();
    std::fs::write(rig.file("authority"), format!("@cert-authority 192.0.2.* {authority}")).unwrap();
    let by_authority = good.clone().ssh("known_hosts_path", &file("authority"));
    assert_out(&rig, &by_authority, &[], "its host key is not known");
    for (host, (name, ip)) in hosts().zip(BALANCERS) {
        ssh_keygen(folder, &["-s", "host_ca", "-h", "-I", name, "-n", ip, &format!("{name}.pub")]);
        let certificate = std::fs::read_to_string(rig.file(&format!("{name}-cert.pub"))).unwrap();
        host.write("/etc/ssh/host_key-cert.pub", &certificate, 0o644);
        sshd(host, "HostCertificate /etc/ssh/host_key-cert.pub");
    }
    assert_in(&rig, &by_authority, &[]);

    // A host that asks for more than a key, and one with room for a single command.
    let first = &rig.balancers[0].host;
    sshd(first, "MaxSessions 1");
    rig.workspace.main(&good.clone().maxconn(9000).text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(said.contains("lb-01: 192.0.2.21:22 opens no further session") && said.contains("MaxSessions"), "{said}");
    // One that ends the connection at the first key that it refuses, instead of an answer.
    sshd(first, "MaxAuthTries 1");
    let (_, said) = planned(&rig, &good.clone().ssh("private_key_path", &file("certified")), &[]);
    assert!(said.contains("192.0.2.21:22 doesn't let root in"), "{said}");
    sshd(first, "AuthenticationMethods publickey,publickey");
    let (_, said) = planned(&rig, &good, &[]);
    assert!(said.contains("192.0.2.21:22 takes the key of root, and asks for more: publickey"), "{said}");
}

pub fn a_bastion_leads_to_hosts_that_are_reached_by_it_only() {
    let (rig, good) = deployed(&need!(needed()));
    let jump = machine("jump", "192.0.2.6", &rig.switch, rig.folder.path());
    let line = known_hosts_line(rig.folder.path(), "jump", "192.0.2.6");
    let known = std::fs::read_to_string(rig.file("known_hosts")).unwrap();
    rig.switch.refuse(&rig.admin, &BALANCERS.map(|(_, ip)| address(ip)));
    assert_out(&rig, &good, &[], "No route to host");
    let over = good.clone().ssh("bastion", "{ host = \"192.0.2.6\" }");
    assert_out(&rig, &over, &[], "The bastion 192.0.2.6:22: its host key is not known");
    std::fs::write(rig.file("known_hosts"), format!("{known}{line}")).unwrap();
    // One login leads to all hosts, where it may open a single session and what comes meanwhile is refused.
    sshd(&jump, "MaxStartups 1:100:1\nMaxSessions 1");
    let logins = || jump.read("/run/sshd.log").matches("Accepted publickey").count();
    let before = logins();
    assert_in(&rig, &over, &[]);
    assert_eq!(logins() - before, 1, "{}", jump.read("/run/sshd.log"));
    // Each host's own, in place of one that leads nowhere.
    let bastion = "bastion = { host = \"192.0.2.6\", port = 22, user = \"root\" }";
    let own = format!("hosts = {{ lb-01 = {{ {bastion} }}, lb-02 = {{ {bastion} }} }}\n");
    let each = good.clone().ssh("bastion", "{ host = \"192.0.2.7\" }").deployment(&own).maxconn(9000);
    rig.workspace.main(&over.clone().deployment(&own).maxconn(9000).text());
    // In the middle of the first change the bastion ends its connection, and with it those to both hosts.
    let end = "use IO::Socket::INET; IO::Socket::INET->new(LocalPort => 9, Listen => 1)->accept or die; \
               system('kill -KILL $(pidof -o \"$(cat /run/sshd.pid)\" sshd sshd-session)')";
    jump.spawn(&["perl", "-e", end], "/run/end.log");
    let ask = "rm /run/at-reload-haproxy\ncurl -q -s --max-time 2 http://192.0.2.6:9/ > /dev/null\n:\n";
    rig.balancers.iter().for_each(|balancer| balancer.host.write("/run/at-reload-haproxy", ask, 0o644));
    let before = logins();
    rig.workspace.apply().ok();
    assert_eq!(logins() - before, 3, "the plan, the apply, and once more: {}", jump.read("/run/sshd.log"));
    rig.assert_live();
    assert_in(&rig, &each, &[]);
    sshd(&jump, "AllowTcpForwarding no");
    let (_, said) = planned(&rig, &each, &[]);
    assert!(said.contains("The bastion's SSH must allow forwarding"), "{said}");
}
