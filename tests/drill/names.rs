//! Nodes by DNS name while DNS doesn't answer.

use std::collections::BTreeSet;
use std::time::Duration;

use lab::need;
use lab::network::clock::{now, poll};
use lab::network::host::Host;
use lab::network::requests::Api;

use crate::cases;
use crate::haproxy_file::{NO_STATE, state_file};
use crate::laboratory::Laboratory;
use crate::needed::needed;
use crate::report::Report;
use crate::table::{Row, seconds};

/// What `cloud_init` runs every minute.
const KEEPER: &str = include_str!("../../src/endpoint/host_files/server-state.sh");
const KEEPER_PATH: &str = "/run/talosendpoint-server-state";

/// The DNS server, in the network of the load balancers.
const DNS: &str = "192.168.30.99";

/// Kills HAProxy on every load balancer and starts it again. How long the slowest start took.
fn restart(lab: &Laboratory) -> Result<Duration, String> {
    let mut slowest = Duration::ZERO;
    for balancer in &lab.balancers {
        balancer.host.signal_all("haproxy", "KILL");
        poll(Duration::from_secs(5), || (balancer.host.count("haproxy") == 0).then_some(()))
            .ok_or("HAProxy lives on")?;
        let start = now();
        balancer.start_haproxy()?;
        slowest = slowest.max(now().saturating_sub(start));
    }
    lab.steady(Duration::from_secs(20))?;
    Ok(slowest)
}

/// Which nodes answer within a few seconds; it ends as soon as `all` do.
fn answering(lab: &Laboratory, all: &BTreeSet<String>) -> BTreeSet<String> {
    let endpoint = lab.setup.kubernetes_endpoints()[0];
    let watch = lab.watch(endpoint, Api::Kubernetes, Duration::from_secs(5));
    let nodes = || watch.samples().into_iter().filter_map(|sample| sample.result.ok()).collect::<BTreeSet<String>>();
    poll(Duration::from_secs(8), || nodes().is_superset(all).then_some(()));
    watch.finish().into_iter().filter_map(|sample| sample.result.ok()).collect()
}

/// One load balancer's copy of HAProxy's state file.
fn state(lab: &Laboratory, of: &Host) -> (String, String) {
    let (_, text, _) = lab.setup.balancers[0].files.iter().find(|(path, ..)| path.ends_with("/haproxy.cfg")).unwrap();
    let path = state_file(text).unwrap().to_owned();
    let content = of.read(&path);
    (path, content)
}

#[test]
fn nodes_by_name_serve_after_a_restart_while_dns_is_down() {
    let _turn = need!(needed());
    let mut report = Report::of("nodes by DNS name");
    let setup = cases::setup("dns-backends", &[]);
    let lab = Laboratory::build(&setup);
    let dns = Host::start("dns");
    let cable = lab.switch.connect(&dns, "eth0", &[DNS.parse().unwrap()]);
    dns.spawn_dns(&setup.names);
    for balancer in &lab.balancers {
        balancer.host.write("/etc/hosts", "127.0.0.1 localhost\n", 0o644);
        balancer.host.write("/etc/resolv.conf", &format!("nameserver {DNS}\n"), 0o644);
        balancer.host.write(KEEPER_PATH, KEEPER, 0o755);
        balancer.start_haproxy().unwrap_or_else(|problem| panic!("{problem}"));
    }
    lab.go().unwrap_or_else(|problem| panic!("{problem}"));
    let all: BTreeSet<String> = setup.nodes.iter().map(|node| node.name.clone()).collect();
    assert_eq!(answering(&lab, &all), all, "while DNS answers");
    for balancer in &lab.balancers {
        balancer.host.check(&["sh", KEEPER_PATH]);
        let (path, content) = state(&lab, &balancer.host);
        assert_eq!(content.lines().count(), 5, "two names in two backends: {path}: {content}");
    }

    // Silence: whoever asks waits for an answer in vain.
    lab.switch.cut(&cable);
    let slowest = restart(&lab).unwrap_or_else(|problem| panic!("{problem}"));
    let serving = answering(&lab, &all);
    let happened = format!("HAProxy started in {}; {} of {} nodes serve", seconds(slowest), serving.len(), all.len());
    report.add(Row::judged(
        "restart while DNS is silent",
        happened,
        "< 5 s, all serve",
        serving == all && slowest < Duration::from_secs(5),
    ));
    let first = &lab.balancers[0].host;
    let (_, before) = state(&lab, first);
    first.check(&["sh", KEEPER_PATH]);
    assert_eq!(state(&lab, first).1, before, "what isn't found now is remembered");

    // The same without the file: only the node by address is left. (The C library gives up early, or the start would take minutes.)
    for balancer in &lab.balancers {
        let options = format!("nameserver {DNS}\noptions timeout:1 attempts:1\n");
        balancer.host.write("/etc/resolv.conf", &options, 0o644);
        balancer.host.write(&state(&lab, &balancer.host).0, NO_STATE, 0o644);
    }
    restart(&lab).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(answering(&lab, &all), BTreeSet::from(["cp-03".to_owned()]), "nothing else made them serve");
    report.assert_good(&lab);
}
