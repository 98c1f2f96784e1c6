//! What keeps the addresses of HAProxy's servers by DNS name on a load balancer, with a resolver that knows what the test writes down.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::cloud_init::script;
use crate::stage::golden;

struct LoadBalancer {
    folder: tempfile::TempDir,
}

impl LoadBalancer {
    fn new() -> LoadBalancer {
        let machine = LoadBalancer { folder: tempfile::tempdir().unwrap() };
        let here = machine.folder.path();
        fs::create_dir(here.join("bin")).unwrap();
        fs::create_dir(here.join("state")).unwrap();
        let getent = here.join("bin/getent");
        // `getent ahosts NAME`: the lines of that name.
        fs::write(&getent, format!("#!/bin/sh\ngrep \" $2$\" {}/dns || exit 2\n", here.display())).unwrap();
        fs::set_permissions(&getent, fs::Permissions::from_mode(0o755)).unwrap();
        machine.has("keeper", &script("dns-backends/lb-01/user-data.yaml", "talosendpoint-server-state"));
        machine.knows("");
        machine.runs_with("server-state-0123abcd", "6443");
        machine
    }

    fn has(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).unwrap();
    }

    /// What DNS answers from now on.
    fn knows(&self, lines: &str) {
        self.has("dns", lines);
    }

    /// The golden file with this state file, and this port of the API servers.
    fn runs_with(&self, state: &str, port: &str) {
        let path = self.folder.path().join("state").join(state);
        let golden = golden("dns-backends/haproxy.cfg").replace(":6443 resolvers", &format!(":{port} resolvers"));
        let line = |line: &str| match line.trim_start().starts_with("server-state-file ") {
            true => format!("    server-state-file {}\n", path.display()),
            false => format!("{line}\n"),
        };
        self.has("haproxy.cfg", &golden.lines().map(line).collect::<String>());
    }

    /// Runs the keeper. The state files by name, with their lines.
    fn keeps(&self) -> Vec<(String, Vec<String>)> {
        let here = self.folder.path();
        let path = format!("{}:{}", here.join("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("/bin/sh");
        let ended = command.arg(here.join("keeper")).arg(here.join("haproxy.cfg")).env("PATH", path).output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        let mut files: Vec<PathBuf> =
            fs::read_dir(here.join("state")).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        let read = |path: PathBuf| {
            let lines = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
            (path.file_name().unwrap().to_string_lossy().into_owned(), lines)
        };
        files.into_iter().map(read).collect()
    }
}

const BOTH: &str = "2001:db8::31 STREAM cp-01.example.org\n192.0.2.31 STREAM cp-01.example.org\n\
                    192.0.2.32 STREAM cp-02.example.org\n";

fn line(backend: &str, server: &str, address: &str, port: u16) -> String {
    format!("0 {backend} 0 {server} {address} 2 0 1 1 0 0 0 0 0 0 0 0 {server}.example.org {port} -")
}

fn both(port: u16, first: &str) -> Vec<String> {
    let line = |backend: &str, port| [line(backend, "cp-01", first, port), line(backend, "cp-02", "192.0.2.32", port)];
    let lines = [line("kubernetes_api_nodes", port), line("talos_api_nodes", 50000)].concat();
    ["1".to_owned()].into_iter().chain(lines).collect()
}

#[test]
fn what_dns_says_is_written_down_and_what_it_does_not_say_is_remembered() {
    let machine = LoadBalancer::new();
    assert_eq!(machine.keeps(), [("server-state-0123abcd".to_owned(), vec!["1".to_owned()])], "nothing is known yet");
    machine.knows(BOTH);
    let known = [("server-state-0123abcd".to_owned(), both(6443, "192.0.2.31"))];
    assert_eq!(machine.keeps(), known, "of both families the one that HAProxy prefers");
    machine.knows("");
    assert_eq!(machine.keeps(), known, "DNS is down");
    machine.knows("192.0.2.77 STREAM cp-01.example.org\n");
    assert_eq!(machine.keeps()[0].1, both(6443, "192.0.2.77"), "one has moved, the other isn't found");
}

/// HAProxy would take the port of an older file, so another configuration has another file: with the same addresses.
#[test]
fn another_configuration_gets_a_file_of_its_own() {
    let machine = LoadBalancer::new();
    machine.knows(BOTH);
    machine.keeps();
    machine.knows("");
    machine.runs_with("server-state-89abcdef", "7443");
    assert_eq!(machine.keeps(), [("server-state-89abcdef".to_owned(), both(7443, "192.0.2.31"))]);
}

#[test]
fn files_of_others_stay() {
    let machine = LoadBalancer::new();
    machine.knows(BOTH);
    for other in ["server-state-settings", "server-state-89abcde", "server-state-89ABCDEF", "server-state-00000000"] {
        machine.has(&format!("state/{other}"), "mine\n");
    }
    machine.has("state/server-state-89abcdef", "1\n");
    let names: Vec<String> = machine.keeps().into_iter().map(|(name, _)| name).collect();
    let stay = ["server-state-00000000", "server-state-0123abcd", "server-state-89ABCDEF", "server-state-89abcde"];
    assert_eq!(names, [&stay[..], &["server-state-settings"]].concat());
}

/// Whatever else its line says.
#[test]
fn the_family_is_read_by_its_word() {
    let machine = LoadBalancer::new();
    machine.knows(BOTH);
    let path = machine.folder.path().join("haproxy.cfg");
    let text = fs::read_to_string(&path).unwrap().replace("resolve-prefer ipv4", "resolve-prefer ipv6 weight 5");
    fs::write(&path, text).unwrap();
    assert_eq!(machine.keeps()[0].1, both(6443, "2001:db8::31"));
}

#[test]
fn without_servers_by_name_there_is_nothing_to_keep() {
    let machine = LoadBalancer::new();
    machine.has("haproxy.cfg", &golden("guide/haproxy.cfg"));
    assert_eq!(machine.keeps(), []);
}
