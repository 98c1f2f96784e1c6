//! `provider::talosendpoint::cloud_init` with the real CLI.

use std::process::Command;

use lab::need;
use lab::programs::{self, Feature, terraform_with};

use crate::stage::{apply, golden, header, resource, workspace};

fn output(host: &str) -> String {
    format!(
        "output \"user_data\" {{\n  value = provider::talosendpoint::cloud_init(talosendpoint_haproxy.this, {host:?})\n}}\n"
    )
}

#[test]
fn it_takes_the_resource_itself() {
    let workspace = workspace(&need!(terraform_with(Feature::Functions)));
    workspace.main(&(header() + &resource("this", &[]) + &output("lb-02")));
    workspace.apply().ok();
    assert_eq!(workspace.output("user_data"), golden("guide/lb-02/user-data.yaml"));
}

#[test]
fn a_wrong_name_is_an_error_that_tells_the_right_ones() {
    let workspace = workspace(&need!(terraform_with(Feature::Functions)));
    apply(&workspace, &[]);
    workspace.main(&(header() + &resource("this", &[]) + &output("lb-03")));
    let said = workspace.plan().with_status(1).flat();
    assert!(said.contains("there is no load balancer \"lb-03\"; there are lb-01, lb-02"), "{said}");
}

#[test]
fn cloud_init_itself_takes_it() {
    let program = need!(programs::find("cloud-init"));
    for file in ["guide/lb-01/user-data.yaml", "single/user-data.yaml", "dns-backends/lb-01/user-data.yaml"] {
        let check = |text: &str| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("user-data.yaml");
            std::fs::write(&path, text).unwrap();
            Command::new(&program).args(["schema", "--config-file"]).arg(path).output().unwrap().status.success()
        };
        assert!(check(&golden(file)), "{file}");
        assert!(!check(&golden(file).replace("  - path:", "  - pfad:")), "{file}: a wrong one is refused");
    }
}
/// The script of the user-data on a machine of its own: programs that only write down how they are called.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new(programs: &[&str]) -> Machine {
        let machine = Machine { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(machine.folder.path().join("bin")).unwrap();
        programs.iter().for_each(|program| machine.has(program));
        machine.sets_up("guide/lb-01/user-data.yaml", |text| text);
        machine.writes("haproxy.cfg", &golden("guide/haproxy.cfg"));
        machine
    }

    /// The script of this user-data, with a `haproxy.cfg` in the machine's own folder.
    fn sets_up(&self, file: &str, change: impl FnOnce(String) -> String) {
        let config = self.folder.path().join("haproxy.cfg").display().to_string();
        let text = script(file, "talosendpoint-setup").replace("=/etc/haproxy/haproxy.cfg", &format!("={config}"));
        self.writes("setup", &change(text));
    }

    fn writes(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
    }

    /// A program that writes down its call, fails where a file `fail-PROGRAM-FIRST` is there, and calls no service active that no file
    /// `active-SERVICE` is there for.
    fn has(&self, program: &str) {
        let here = self.folder.path().display();
        let text = format!(
            "#!/bin/sh\necho \"{program} $*\" >> {here}/calls\nfor word in \"$@\"; do [ -e {here}/fail-{program}-$word ] && exit 1; done\n\
             case \"$*\" in *is-active*) [ -e {here}/active-$3 ] ;; start*) : > {here}/active-$2 ;; esac\n"
        );
        let path = self.folder.path().join("bin").join(program);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Runs the script as its service does: whether it succeeded, and the calls, of which those that only ask are left out.
    fn run(&self) -> (bool, Vec<String>) {
        self.writes("calls", "");
        let mut command = Command::new("/bin/sh");
        command.arg(self.folder.path().join("setup")).args(["haproxy", "keepalived"]).env_clear();
        let ended = command.env("PATH", self.folder.path().join("bin")).output().unwrap();
        let calls = std::fs::read_to_string(self.folder.path().join("calls")).unwrap();
        let changes = calls.lines().filter(|call| !call.contains("is-active") && !call.starts_with("getsebool"));
        (ended.status.success(), changes.map(str::to_owned).collect())
    }
}

/// A script in a golden user-data.
pub fn script(file: &str, name: &str) -> String {
    let text = golden(file);
    let (_, rest) = text.split_once(&format!("  - path: /usr/local/sbin/{name}\n")).unwrap();
    let (_, rest) = rest.split_once("content: |\n").unwrap();
    let lines = rest.lines().take_while(|line| line.is_empty() || line.starts_with("      "));
    lines.map(|line| format!("{}\n", line.trim_start_matches("      "))).collect()
}

const DEBIAN: [&str; 4] = ["systemctl", "systemd-tmpfiles", "dpkg", "apt-get"];

#[test]
fn a_repository_that_fails_is_tried_again_until_everything_runs() {
    let machine = Machine::new(&DEBIAN);
    machine.writes("fail-apt-get-update", "");
    let (good, calls) = machine.run();
    assert!(!good && calls.iter().all(|call| !call.contains("disable") && !call.contains("start")), "{calls:?}");
    std::fs::remove_file(machine.folder.path().join("fail-apt-get-update")).unwrap();
    let (good, calls) = machine.run();
    let install =
        "apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold install haproxy keepalived curl";
    assert!(good);
    assert_eq!(
        calls,
        [
            "systemd-tmpfiles --create /etc/tmpfiles.d/talosendpoint.conf",
            "dpkg --force-confold --configure -a",
            "apt-get -q -o DPkg::Lock::Timeout=300 update",
            install,
            "systemctl daemon-reload",
            "systemctl --quiet enable haproxy",
            "systemctl --quiet reset-failed haproxy",
            "systemctl start haproxy",
            "systemctl --quiet enable keepalived",
            "systemctl --quiet reset-failed keepalived",
            "systemctl start keepalived",
            "systemctl --quiet disable talosendpoint-setup.service",
        ]
    );
}

/// What keeps the addresses of servers by DNS name, where there are any.
#[test]
fn a_timer_that_is_there_is_started() {
    let machine = Machine::new(&[&DEBIAN[..], &["haproxy", "keepalived", "curl"]].concat());
    let units = machine.folder.path().display().to_string();
    machine.sets_up("dns-backends/lb-01/user-data.yaml", |text| text.replace("/etc/systemd/system", &units));
    let (_, without) = machine.run();
    assert!(without.iter().all(|call| !call.contains("timer")), "{without:?}");
    machine.writes("talosendpoint-server-state.timer", "");
    let (good, calls) = machine.run();
    assert!(good && calls.contains(&"systemctl start talosendpoint-server-state.timer".to_owned()), "{calls:?}");
    assert!(calls.contains(&"systemctl --quiet enable talosendpoint-server-state.timer".to_owned()), "{calls:?}");
}

#[test]
fn a_machine_that_has_the_programs_needs_no_repository_and_what_runs_is_reloaded() {
    let machine = Machine::new(&[&DEBIAN[..], &["haproxy", "keepalived", "curl"]].concat());
    machine.writes("active-haproxy", "");
    machine.writes("active-keepalived", "");
    let (good, calls) = machine.run();
    assert!(good && calls.iter().all(|call| !call.starts_with("apt-get")), "{calls:?}");
    assert!(calls.contains(&"systemctl reload-or-restart keepalived".to_owned()), "{calls:?}");
    assert!(!calls.iter().any(|call| call.starts_with("systemctl start") || call.starts_with("systemctl restart")));
}

/// HAProxy doesn't start with a user that the machine doesn't have, and packages make theirs alone.
#[test]
fn another_user_is_made_where_it_is_missing() {
    let programs = [&DEBIAN[..], &["haproxy", "keepalived", "curl", "getent", "groupadd", "useradd"]].concat();
    let machine = Machine::new(&programs);
    let other = golden("guide/haproxy.cfg").replace("user haproxy", "user proxy").replace("group haproxy", "group web");
    machine.writes("haproxy.cfg", &other);
    let (_, there) = machine.run();
    assert!(!there.iter().any(|call| call.starts_with("useradd") || call.starts_with("groupadd")), "{there:?}");
    machine.writes("fail-getent-passwd", "");
    machine.writes("fail-getent-group", "");
    let (good, calls) = machine.run();
    assert!(good && calls.contains(&"groupadd --system web".to_owned()), "{calls:?}");
    let user = "useradd --system --gid web --no-create-home --home-dir / --shell /bin/false proxy";
    assert!(calls.contains(&user.to_owned()), "{calls:?}");
    let package = Machine::new(&programs);
    package.writes("fail-getent-passwd", "");
    let (_, calls) = package.run();
    assert!(!calls.iter().any(|call| call.starts_with("getent") || call.starts_with("useradd")), "{calls:?}");
}

/// Where `curl-minimal` provides curl, asking for the package `curl` would be a conflict, and nothing would be installed.
#[test]
fn only_what_is_missing_is_installed() {
    let machine = Machine::new(&["systemctl", "systemd-tmpfiles", "dnf", "haproxy", "curl"]);
    let (good, calls) = machine.run();
    assert!(good && calls.contains(&"dnf -q -y install keepalived".to_owned()), "{calls:?}");
}

#[test]
fn selinux_and_other_package_managers() {
    for (manager, install) in [
        ("dnf", "dnf -q -y install haproxy keepalived curl"),
        ("zypper", "zypper -q --non-interactive install haproxy keepalived curl"),
    ] {
        let programs = ["systemctl", "systemd-tmpfiles", "selinuxenabled", "getsebool", "setsebool", manager];
        let machine = Machine::new(&programs);
        machine.writes("fail-getsebool-keepalived_connect_any", "");
        let (good, calls) = machine.run();
        assert!(good && calls.contains(&install.to_owned()), "{calls:?}");
        assert!(calls.contains(&"setsebool -P haproxy_connect_any 1".to_owned()), "{calls:?}");
        assert!(!calls.contains(&"setsebool -P keepalived_connect_any 1".to_owned()), "a policy without it");
    }
    let (good, _) = Machine::new(&["systemctl", "systemd-tmpfiles"]).run();
    assert!(!good, "nothing to install with");
}
