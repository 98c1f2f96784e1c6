//! The pair of files that a well-known guide gives, and why its VIP never moves: three faults, each enough by itself.
//!
//! 1. The check stands after the instance that uses it: Keepalived doesn't know it yet, and ignores it.
//! 2. `pidof` is a link to `killall5`; Keepalived 2.0.6 to 2.2.8 resolves the link and runs `killall5 haproxy`, which always fails.
//! 3. Weight 2 doesn't bridge priorities of 100 and 90.

use std::fs;
use std::process::Command;
use std::thread;

use tempfile::TempDir;

use lab::need;
use lab::network::agent::PATH;
use lab::programs::find_on;
use lab::skip;

use crate::failover::{Fault, Limits, fail_over};
use crate::laboratory::Laboratory;
use crate::needed::needed;
use crate::report::Report;
use crate::setup::Setup;
use crate::table::{Row, Verdict};

/// Which of the three faults are mended.
#[derive(Debug, Clone, Copy)]
struct Mended {
    order: bool,
    pidof: bool,
    weight: bool,
}

const ALL: Mended = Mended { order: true, pidof: true, weight: true };

fn haproxy_cfg() -> String {
    let mut text = "global\n  log /dev/log local0\n  maxconn 4096\ndefaults\n  mode tcp\n  timeout connect 10s\n  timeout client 30s\n  \
                    timeout server 30s\n  option tcp-check\n"
        .to_owned();
    for (name, port) in [("kubernetes_api", 6443), ("talos_api", 50000)] {
        text.push_str(&format!("frontend {name}\n  bind *:{port}\n  default_backend {name}_backend\n"));
        text.push_str(&format!("backend {name}_backend\n  balance roundrobin\n  option tcp-check\n"));
        for node in 1..=3 {
            text.push_str(&format!("  server cp-0{node} 192.168.30.3{node}:{port} check\n"));
        }
    }
    text
}

fn keepalived_conf(state: &str, priority: u8, mended: Mended) -> String {
    let command = if mended.pidof { "/bin/sh -c 'pidof haproxy'" } else { "pidof haproxy" };
    let weight = if mended.weight { 20 } else { 2 };
    let check = format!("vrrp_script chk_haproxy {{\n  script \"{command}\"\n  interval 2\n  weight {weight}\n}}\n");
    let instance = format!(
        "vrrp_instance VI_1 {{\n  state {state}\n  interface eth0\n  virtual_router_id 51\n  priority {priority}\n  advert_int 1\n  \
         virtual_ipaddress {{\n    192.168.30.30/24\n  }}\n  track_script {{\n    chk_haproxy\n  }}\n}}\n"
    );
    if mended.order { check + &instance } else { instance + &check }
}

/// The guide's files in a folder.
fn files(mended: Mended) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("haproxy.cfg"), haproxy_cfg()).unwrap();
    for (host, state, priority) in [("lb-01", "MASTER", 100), ("lb-02", "BACKUP", 90)] {
        let host = folder.path().join(host);
        fs::create_dir(&host).unwrap();
        fs::write(host.join("keepalived.conf"), keepalived_conf(state, priority, mended)).unwrap();
    }
    folder
}

/// Kills HAProxy on the host with the VIP.
fn drill(mended: Mended) -> Result<Row, String> {
    let lab = Laboratory::start(&Setup::read(files(mended).path()).unwrap())?;
    lab.settle()?;
    // The check runs every 2 s, and then the VIP moves in 4 s: 12 s are never.
    let limits = Limits { goal: std::time::Duration::from_secs(9), never: std::time::Duration::from_secs(12) };
    fail_over(&lab, Fault::Killed, limits).map(|[row, _]| row)
}

/// `2.2.7` of `Keepalived v2.2.7 (01/16,2022)`.
fn keepalived_version() -> (u32, u32) {
    let program = find_on("keepalived", PATH.as_ref()).unwrap();
    let output = Command::new(program).arg("--version").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let version = said.split_once("Keepalived v").unwrap().1.split_whitespace().next().unwrap().to_owned();
    let mut numbers = version.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[test]
fn each_of_the_guides_three_faults_alone_keeps_the_vip_from_moving() {
    let _turn = need!(needed());
    let mut report = Report::of("the guide's files, HAProxy killed");
    let mut runs = vec![
        ("check after the instance", Mended { order: false, ..ALL }, Verdict::Stuck),
        ("bare pidof", Mended { pidof: false, ..ALL }, Verdict::Stuck),
        ("weight 2", Mended { weight: false, ..ALL }, Verdict::Stuck),
        ("all three mended", ALL, Verdict::Met),
    ];
    if keepalived_version() >= (2, 3) {
        skip::case("the guide's pidof", "Keepalived runs it rightly from 2.3 on");
        runs.remove(1);
    }
    let rows: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = runs.iter().map(|(_, mended, _)| scope.spawn(|| drill(*mended))).collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let mut wrong = Vec::new();
    for ((what, _, wanted), row) in runs.into_iter().zip(rows) {
        let row = row.unwrap_or_else(|problem| panic!("{what}: {problem}"));
        if row.verdict != wanted {
            wrong.push(format!("{what}: {row:?}"));
        }
        let goal = if wanted == Verdict::Met { "moves" } else { "doesn't move" };
        report.add(Row::judged(what, row.happened, goal, row.verdict == wanted));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_guides_files_are_understood_without_addresses_of_hosts() {
    let setup = Setup::read(files(ALL).path()).unwrap();
    let names: Vec<&str> = setup.balancers.iter().map(|balancer| balancer.name.as_str()).collect();
    assert_eq!(names, ["lb-01", "lb-02"]);
    let own: Vec<_> = setup.balancers.iter().flat_map(|balancer| balancer.addresses.clone()).collect();
    assert_eq!(own.len(), 2);
    let taken = |address: &std::net::IpAddr| {
        setup.vips.contains(address) || setup.nodes.iter().any(|node| node.address == *address)
    };
    assert!(own[0] != own[1] && !own.iter().any(taken), "{own:?}");
    assert_eq!(setup.nodes.len(), 3);
    assert_eq!(setup.kubernetes_endpoints(), ["192.168.30.30:6443".parse().unwrap()]);
}
