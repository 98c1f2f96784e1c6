//! What a run makes ends with it, even where it is killed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use lab::need;
use lab::network::clock::poll;
use lab::network::host::Host;

use crate::needed::needed;

/// Says that the test below is the run that is killed.
const VICTIM: &str = "TALOSENDPOINT_TEST_VICTIM";

/// The processes in a network namespace.
fn in_namespace(namespace: &str) -> usize {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let links = entries.filter_map(|entry| fs::read_link(entry.path().join("ns/net")).ok());
    links.filter(|link| link.to_string_lossy() == namespace).count()
}

fn namespace(host: &Host) -> String {
    fs::read_link(format!("/proc/{}/ns/net", host.pid())).unwrap().to_string_lossy().into_owned()
}

#[test]
fn a_host_ends_with_its_value() {
    let _turn = need!(needed());
    let host = Host::start("short-lived");
    host.spawn(&["sleep", "1000"], "/tmp/sleep.log");
    let namespace = namespace(&host);
    assert!(in_namespace(&namespace) >= 2);
    drop(host);
    let gone = poll(Duration::from_secs(10), || (in_namespace(&namespace) == 0).then_some(()));
    assert!(gone.is_some(), "{} processes are left", in_namespace(&namespace));
}

#[test]
fn a_killed_run_leaves_nothing() {
    let _turn = need!(needed());
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["life::victim", "--exact", "--ignored", "--nocapture"]).env(VICTIM, "1").stdout(Stdio::piped());
    let mut victim = command.spawn().unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let namespace = lines.find_map(|line| Some(line.split_once("namespace=")?.1.to_owned())).unwrap();
    assert!(in_namespace(&namespace) >= 2);
    victim.kill().unwrap();
    victim.wait().unwrap();
    let gone = poll(Duration::from_secs(10), || (in_namespace(&namespace) == 0).then_some(()));
    assert!(gone.is_some(), "{} processes are left", in_namespace(&namespace));
}

#[test]
#[ignore = "the run that the test above kills"]
fn victim() {
    if std::env::var_os(VICTIM).is_none() {
        return;
    }
    let host = Host::start("left-behind");
    let pid = host.spawn(&["sleep", "1000"], "/tmp/sleep.log");
    // What is stopped must end too.
    host.signal(pid, "STOP");
    println!("namespace={}", namespace(&host));
    std::thread::sleep(Duration::from_secs(600));
}
