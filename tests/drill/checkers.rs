//! Every case before the programs that read it: `haproxy -c`, `keepalived -t`, and, because both accept files that can't work, a real
//! start with requests through it.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use lab::need;
use lab::network::host::Host;
use lab::skip;

use crate::cases;
use crate::laboratory::{Balancer, Laboratory};
use crate::needed::needed;
use crate::setup::Setup;

const HAPROXY_CFG: &str = "/etc/haproxy/haproxy.cfg";
const KEEPALIVED_CONF: &str = "/etc/keepalived/keepalived.conf";

/// What `haproxy -c` has against the host's file. All that it may say is that the file is valid.
fn haproxy_problems(host: &Host) -> Vec<String> {
    let ended = host.run(&["haproxy", "-c", "-f", HAPROXY_CFG]);
    let said = ended.said.replace("Configuration file is valid", "");
    problems(host, HAPROXY_CFG, ended.status, said.trim())
}

/// What `keepalived -t` has against the host's file. It may say nothing at all. (It takes empty and missing files too.)
fn keepalived_problems(host: &Host) -> Vec<String> {
    let ended = host.run(&["keepalived", "-t", "-f", KEEPALIVED_CONF]);
    problems(host, KEEPALIVED_CONF, ended.status, ended.said.trim())
}

fn problems(host: &Host, path: &str, status: i32, said: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if host.read(path).trim().is_empty() {
        problems.push(format!("{path} is empty"));
    }
    if status != 0 || !said.is_empty() {
        problems.push(format!("{path}: exit {status}: {said}"));
    }
    problems
}

/// All that both programs have against a case, and what doesn't work of it.
fn case_problems(folder: &Path) -> Vec<String> {
    let setup = match Setup::read(folder) {
        Ok(setup) => setup,
        Err(problems) => return problems,
    };
    let lab = Laboratory::build(&setup);
    let mut found = Vec::new();
    for (balancer, setup) in lab.balancers.iter().zip(&setup.balancers) {
        found.extend(haproxy_problems(&balancer.host));
        if setup.keepalived {
            found.extend(keepalived_problems(&balancer.host));
        }
    }
    match lab.balancers.iter().try_for_each(Balancer::start_haproxy) {
        Ok(()) => found.extend(lab.go().err()),
        Err(problem) if problem.contains("Cannot raise FD limit") && !may_open_many(&lab.balancers[0].host) => {
            let reason =
                format!("{} needs more than this machine allows", folder.file_name().unwrap_or_default().display());
            skip::case("a start with many open files", &reason);
        }
        Err(problem) => found.push(problem),
    }
    found
}

/// Can a program here have as many open files as a service of systemd?
fn may_open_many(host: &Host) -> bool {
    host.run(&["sh", "-c", "ulimit -H -n 524288"]).status == 0
}

#[test]
fn haproxy_and_keepalived_take_every_case_and_serve_it() {
    let _turn = need!(needed());
    let cases = Mutex::new(cases::all());
    let found = Mutex::new(Vec::new());
    // A few at a time: most of it is waiting for a VIP.
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let Some(case) = cases.lock().unwrap().pop() else { return };
                    let problems = case_problems(&case);
                    let name = case.file_name().unwrap().to_string_lossy().into_owned();
                    found.lock().unwrap().extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_spoilt_file_is_found() {
    let _turn = need!(needed());
    let lab = Laboratory::start(&Setup::read(&cases::by_hand()).unwrap()).unwrap();
    let host = &lab.balancers[0].host;
    let none: Vec<String> = Vec::new();
    assert_eq!((haproxy_problems(host), keepalived_problems(host)), (none.clone(), none));
    let good = |path: &str| fs::read_to_string(cases::by_hand().join(path)).unwrap();
    let haproxy = good("haproxy.cfg");
    for (what, text) in [
        ("a warning", haproxy.replace("    timeout client 1m\n", "")),
        ("an error", haproxy.replace("mode tcp", "mode tpc")),
        ("no line feed at the end", haproxy.trim_end().to_owned()),
        ("nothing", String::new()),
    ] {
        host.write(HAPROXY_CFG, &text, 0o644);
        assert_ne!(haproxy_problems(host), Vec::<String>::new(), "{what}");
    }
    let keepalived = good("lb-01/keepalived.conf");
    for (what, text) in [
        ("a priority too high", keepalived.replace("priority 100", "priority 256")),
        ("another interface", keepalived.replace("interface eth0", "interface eth7")),
        ("a check that nobody defined", keepalived.replace("vrrp_script haproxy_live", "vrrp_script haproxy_alive")),
        ("nothing", String::new()),
    ] {
        host.write(KEEPALIVED_CONF, &text, 0o644);
        assert_ne!(keepalived_problems(host), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn what_haproxy_finds_out_only_at_its_start_is_found() {
    let _turn = need!(needed());
    // Not an address of this host: `haproxy -c` has nothing against it.
    let folder = cases::changed(&cases::by_hand(), &[("bind *:6443", "bind 192.168.30.77:6443")]);
    let error = Laboratory::start(&Setup::read(folder.path()).unwrap()).map(|_| ()).unwrap_err();
    assert!(error.contains("192.168.30.77:6443"), "{error}");
}
