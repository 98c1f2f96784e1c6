//! What users do wrong, each told with its cure, and nothing changed by it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lab::need;

use crate::configuration::{APPLY, Configuration, DESTROY};
use crate::needed::needed;
use crate::rig::{Balancer, Rig, address, keygen};

/// The wrong configuration, applied: what is said about it.
fn refused(rig: &Rig, configuration: &Configuration) -> String {
    rig.workspace.main(&configuration.text());
    rig.workspace.apply().with_status(1).flat()
}

pub fn each_error_is_told_with_its_cure_and_changes_nothing() {
    let rig = Rig::start(&need!(needed()));
    let good = Configuration::new(&rig);
    let before: Vec<String> = rig.balancers.iter().map(Balancer::files).collect();
    let folder = rig.folder.path();
    keygen(folder, "stranger", &["-t", "ed25519", "-N", ""]);
    keygen(folder, "locked", &["-t", "ed25519", "-N", "hunter2"]);
    keygen(folder, "rsa", &["-t", "rsa", "-b", "2048", "-N", ""]);
    keygen(folder, "rsa-locked", &["-t", "rsa", "-b", "2048", "-N", "hunter2"]);
    keygen(folder, "pem", &["-t", "rsa", "-b", "2048", "-N", "", "-m", "PEM"]);
    let known = std::fs::read_to_string(rig.file("known_hosts")).unwrap();
    std::fs::write(rig.file("empty"), "").unwrap();
    std::fs::write(rig.file("swapped"), known.replace(".21 ", ".x ").replace(".22 ", ".21 ").replace(".x ", ".22 "))
        .unwrap();
    std::fs::write(rig.file("revoked"), known.replace("192.0.2.21", "@revoked 192.0.2.21")).unwrap();
    let path = |name: &str| format!("{:?}", rig.file(name));
    let key = |name: &str| good.clone().ssh("private_key_path", &path(name));
    let hosts = |name: &str| good.clone().ssh("known_hosts_path", &path(name));
    let cases: [(&str, Configuration, &[&str]); 15] = [
        ("wrong key", key("stranger"), &["SSH authentication failed", "ssh-copy-id", "ssh-ed25519 SHA256:"]),
        ("no file", key("nowhere"), &["SSH key not usable", "nowhere can't be read"]),
        ("no passphrase", key("locked"), &["SSH key not usable", "is encrypted", "Set `passphrase`"]),
        ("wrong passphrase", key("locked").ssh("passphrase", "\"wrong\""), &["Correct `passphrase`"]),
        ("RSA", key("rsa"), &["is an RSA key", "ssh-keygen -t ed25519"]),
        ("RSA with a passphrase", key("rsa-locked"), &["is an RSA key"]),
        ("RSA in PEM", key("pem"), &["is an RSA key"]),
        ("public half", key("id.pub"), &["This is a public key", "without `.pub`"]),
        ("unknown host", hosts("empty"), &["Host key not known", "192.0.2.21 ssh-ed25519 AAAA", "host_key"]),
        ("other host", hosts("swapped"), &["Host key changed", "Nothing was sent to it"]),
        ("revoked", hosts("revoked"), &["Host key revoked"]),
        ("closed port", good.clone().ssh("port", "23").deployment("timeouts = { create = \"5s\" }\n"), &["Host not reachable", "refused"]),
        ("no user", good.clone().ssh("user", ""), &["No SSH user", "Set `user`"]),
        ("no sudo", good.clone().ssh("user", "\"admin\""), &["No rights on the host", "admin ALL=(root) NOPASSWD: /usr/bin/sh -s"]),
        (
            "pinned",
            good.clone().deployment(
                "hosts = { lb-01 = { host_key = \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ\" } }\n",
            ),
            &["Host key changed"],
        ),
    ];
    rig.balancers.iter().for_each(|balancer| balancer.host.check(&["rm", "/etc/sudoers.d/admin"]));
    for (name, configuration, words) in &cases {
        let said = refused(&rig, configuration);
        for word in *words {
            assert!(said.contains(word), "{name}: {word}: {said}");
        }
        assert!(!said.contains("hunter2"), "{name}: {said}");
    }
    for (balancer, before) in rig.balancers.iter().zip(&before) {
        assert_eq!((&balancer.files(), balancer.calls()), (before, Vec::new()));
    }
    at_plan(&rig, &good);
    on_the_host(&rig, &good);
}

/// What needs no host to be found is found by the plan: all of it at once, whatever the hosts would say.
fn at_plan(rig: &Rig, good: &Configuration) {
    let path = |name: &str| format!("{:?}", rig.file(name));
    let strangers = good.clone().ssh("known_hosts_path", &path("empty"));
    rig.workspace.main(&strangers.clone().ssh("private_key_path", &path("rsa")).ssh("user", "").text());
    let said = rig.workspace.plan().with_status(1).flat();
    for words in ["Error: No SSH user", "Error: SSH key not usable"] {
        assert_eq!(said.matches(words).count(), 1, "{words}: {said}");
    }
    rig.workspace.main(&strangers.ssh("private_key_path", "").ssh("private_key", "\"~/.ssh/id_ed25519\"").text());
    let said = rig.workspace.plan().with_status(1).flat();
    assert!(said.contains("Set `private_key_path` to it"), "{said}");
    // A file may come in time.
    rig.workspace.main(&good.clone().ssh("private_key_path", &path("nowhere")).text());
    let said = rig.workspace.plan().with_status(2).flat();
    assert!(said.contains("Warning: SSH key not usable") && said.contains("nowhere can't be read"), "{said}");
    let said = rig.workspace.apply().with_status(1).flat();
    assert_eq!(said.matches("Error: SSH key not usable").count(), 1, "{said}");
    assert!(!said.contains("lb-01: /"), "{said}");
    // The file of known hosts itself.
    rig.workspace.main(&good.clone().ssh("known_hosts_path", &path("nowhere")).text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(said.contains("there is no file") && said.contains("correct `known_hosts_path`"), "{said}");
    rig.workspace.main(&good.clone().ssh("known_hosts_path", "\"/\"").text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(said.contains("Host key not known") && said.contains("Is a directory"), "{said}");
}

/// What is in the way on a host.
fn on_the_host(rig: &Rig, good: &Configuration) {
    let host = &rig.balancers[1].host;
    let cases = [
        ("echo '# mine' >> /etc/haproxy/haproxy.cfg", "sed -i '$d' /etc/haproxy/haproxy.cfg", "File of somebody else"),
        (
            "printf '#!/bin/sh\\necho HA-Proxy version 2.2.9\\n' > /usr/local/sbin/haproxy; chmod 755 /usr/local/sbin/haproxy",
            "rm /usr/local/sbin/haproxy",
            "Program too old",
        ),
        (
            "chmod 0 /usr/bin/flock; mv /usr/bin/flock /usr/bin/flock.away",
            "mv /usr/bin/flock.away /usr/bin/flock; chmod 755 /usr/bin/flock",
            "Host not supported",
        ),
    ];
    // A first boot that writes a file while it is waited for.
    let booting = "#!/bin/sh\necho '# of user-data' >> /etc/haproxy/haproxy.cfg\n";
    host.write("/usr/local/bin/cloud-init", booting, 0o755);
    let said = refused(rig, good);
    assert!(said.contains("File of somebody else") && said.contains("lb-02: "), "{said}");
    host.check(&["sed", "-i", "$d", "/etc/haproxy/haproxy.cfg"]);
    // The machine of the test may have one of its own, which never ends here.
    host.write("/usr/local/bin/cloud-init", "#!/bin/sh\n", 0o755);
    for (fault, cure, title) in cases {
        host.check(&["sh", "-c", fault]);
        let said = refused(rig, good);
        assert!(said.contains(title) && said.contains("lb-02: "), "{fault}: {said}");
        host.check(&["sh", "-c", cure]);
    }
    // A listener that isn't HAProxy's.
    let listener = host.spawn(
        &[
            "perl",
            "-MIO::Socket::INET",
            "-e",
            "$s = IO::Socket::INET->new(LocalPort => 6443, Listen => 1) or die; sleep 600",
        ],
        "/run/listener.log",
    );
    let said = refused(rig, good);
    assert!(said.contains("Port in use") && said.contains("perl listens on port 6443"), "{said}");
    host.signal(listener, "KILL");
    // Another machine that has the VIP, found by a host without Python: its kernel asks.
    let away = "rm -f /usr/bin/python3* /usr/local/bin/python3* /usr/libexec/platform-python; ! command -v python3";
    rig.balancers[0].host.check(&["sh", "-c", away]);
    rig.admin.ip("address add 192.0.2.30/32 dev eth0");
    let said = refused(rig, good);
    assert!(said.contains("Virtual IP in use") && said.contains("192.0.2.30"), "{said}");
    rig.admin.ip("address del 192.0.2.30/32 dev eth0");
    // A host that no route leads to.
    rig.switch.refuse(&rig.admin, &[address("192.0.2.22")]);
    let said = refused(rig, &good.clone().deployment("timeouts = { create = \"5s\" }\n"));
    assert!(said.contains("Host not reachable") && said.contains("No route to host"), "{said}");
    rig.switch.accept(&rig.admin, &[address("192.0.2.22")]);
    // A package that is missing, and a repository that is out of reach; then one that isn't.
    host.check(&["mv", "/usr/bin/curl", "/usr/bin/curl.away"]);
    host.write("/usr/local/sbin/apt-get", "#!/bin/sh\necho 'Could not resolve deb.debian.org' >&2\nexit 100\n", 0o755);
    let may_not = good.clone().deployment("install_packages = false\n");
    let said = refused(rig, &may_not);
    assert!(said.contains("Packages missing") && said.contains("run `apt-get install curl` there"), "{said}");
    let said = refused(rig, good);
    assert!(said.contains("Host not prepared") && said.contains("Could not resolve deb.debian.org"), "{said}");
    rig.balancers.iter().for_each(|balancer| assert_eq!(balancer.calls(), Vec::<String>::new()));
    let installing = "#!/bin/sh\ncase \"$*\" in *install*) mv /usr/bin/curl.away /usr/bin/curl ;; esac\n";
    host.write("/usr/local/sbin/apt-get", installing, 0o755);
    // With a key that another resource of the same run writes.
    let copy = format!("cp {:?} {:?}", rig.file("id"), rig.file("written"));
    let writes = format!(
        "resource \"terraform_data\" \"key\" {{\n  provisioner \"local-exec\" {{\n    command = {copy:?}\n  }}\n}}\n"
    );
    let written = good.clone().ssh("private_key_path", &format!("{:?}", rig.file("written")));
    rig.workspace.main(&(written.deployment("depends_on = [terraform_data.key]\n").text() + &writes));
    rig.workspace.apply().ok();
    rig.settled();
}

pub fn keys_of_every_source_let_in_and_are_found_nowhere() {
    let rig = Rig::start(&need!(needed()));
    keygen(rig.folder.path(), "locked", &["-t", "ed25519", "-N", "correct-horse"]);
    for balancer in &rig.balancers {
        let key = std::fs::read_to_string(rig.file("locked.pub")).unwrap();
        balancer.host.write("/etc/ssh/authorized_admin", &key, 0o644);
    }
    // As another user with sudo, by a locked key in the configuration itself; what its shell prints has no line break at its end.
    for balancer in &rig.balancers {
        balancer.host.check(&["usermod", "--shell", "/bin/bash", "admin"]);
        let home = balancer.host.run(&["sh", "-c", "getent passwd admin | cut -d: -f6"]).said;
        balancer.host.write(
            &format!("{}/.bashrc", home.trim()),
            "printf 'welcome, no newline'\ntrap 'echo bye' EXIT\n",
            0o644,
        );
    }
    let key = std::fs::read_to_string(rig.file("locked")).unwrap();
    let configuration = Configuration::new(&rig)
        .ssh("user", "\"admin\"")
        .ssh("private_key_path", "")
        .ssh("private_key", &format!("file({:?})", rig.file("locked")))
        .ssh("passphrase", "\"correct-horse\"");
    let log = rig.file("trace.log");
    let path = log.display().to_string();
    let traced = |run: &[&str], status: i32| {
        let outcome = rig.workspace.run_with(&[("TF_LOG", "TRACE"), ("TF_LOG_PATH", &path)], run).with_status(status);
        (outcome.said(), std::fs::read_to_string(&log).unwrap())
    };
    let host = &rig.balancers[1].host;
    let refusing = "#!/bin/sh\ncase \" $* \" in *' -c '*) cat /etc/haproxy/haproxy.cfg; exit 1 ;; esac\nexec /usr/sbin/haproxy \"$@\"\n";
    let secret_line = key.lines().nth(2).unwrap();
    let mut words = Vec::new();
    // Created, planned, refused by a host, over a connection that ends, destroyed.
    let plan: &[&str] = &["plan", "-input=false", "-no-color", "-detailed-exitcode"];
    let runs: [(&[&str], u32, i32); 5] =
        [(&APPLY, 8000, 0), (plan, 8500, 2), (&APPLY, 8500, 1), (&APPLY, 9000, 0), (&DESTROY, 9000, 0)];
    for (run, maxconn, status) in runs {
        rig.workspace.main(&configuration.clone().maxconn(maxconn).text());
        host.run(&["rm", "-f", "/usr/local/sbin/haproxy", "/run/drop-reload-haproxy"]);
        match maxconn {
            8500 => host.write("/usr/local/sbin/haproxy", refusing, 0o755),
            _ => host.write("/run/drop-reload-haproxy", "", 0o644),
        }
        let (said, log) = traced(run, status);
        let state = rig.workspace.read("terraform.tfstate");
        for (name, text) in [("output", &said), ("log", &log), ("state", &state)] {
            assert!(!text.contains("correct-horse") && !text.contains(secret_line), "a secret is in the {name}");
        }
        // Of the files the log has no more than the CLI's own diff: neither their text nor what travels to the host.
        let own: Vec<&str> =
            log.lines().filter(|line| line.contains("provider.terraform-provider-talosendpoint")).collect();
        let haproxy_cfg = rig.balancers[0].host.read("/etc/haproxy/haproxy.cfg");
        let sent = STANDARD.encode(&haproxy_cfg);
        assert!(!own.is_empty());
        for line in own {
            assert!(!line.contains("hard-stop-after") && !line.contains(&sent[..40]), "{line}");
        }
        words.push(log);
    }
    let log = words.concat();
    for words in ["new files are checked", "haproxy: reloaded", "keepalived: started", "connecting again", "removed"] {
        assert!(log.contains(words), "{words} is not in the log");
    }
}
