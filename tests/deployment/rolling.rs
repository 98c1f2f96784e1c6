//! A client that connects every 50 ms through the virtual IP while everything is changed.

use std::net::SocketAddr;
use std::time::Duration;

use lab::need;
use lab::network::authority::Authority;
use lab::network::clock::poll;
use lab::network::host::Host;
use lab::network::node::{ANSWER, CONFIG, Node};
use lab::network::requests::{Api, Sample};

use crate::configuration::Configuration;
use crate::needed::needed;
use crate::rig::{Rig, VIP, address};

/// Promised is one second without the virtual IP; tested with twice that.
const LONGEST_GAP: Duration = Duration::from_secs(2);

pub fn a_rolling_change_cuts_no_connection_and_keeps_the_vip() {
    let rig = Rig::start(&need!(needed()));
    let authority = Authority::new();
    let node = Host::start("cp-01");
    rig.switch.connect(&node, "eth0", &[address("192.0.2.31")]);
    let config = Node { name: "cp-01".into(), kubernetes: vec![6443], talos: vec![50000] };
    node.write(CONFIG, &config.to_json(&authority).to_string(), 0o600);
    node.write(ANSWER, "401", 0o644);
    node.spawn_node();
    let first = Configuration::new(&rig);
    rig.workspace.main(&first.text());
    rig.workspace.apply().ok();
    rig.settled();

    let to = SocketAddr::new(address(VIP), 6443);
    rig.admin.open_stream("idle", to, &authority);
    let opened = poll(Duration::from_secs(20), || rig.admin.stream("idle").opened);
    assert!(opened.is_some(), "no stream through the VIP");
    rig.admin.start_requests("steady", to, Api::Kubernetes, Duration::from_secs(2), &authority);
    // HAProxy's file changes, and Keepalived's with it.
    let second = first.maxconn(9000).ready_weight(-60);
    rig.workspace.main(&second.text());
    rig.workspace.apply().ok();
    let holder = rig.settled();
    std::thread::sleep(Duration::from_secs(2));
    let samples = end(&rig, "steady");
    let failed: Vec<_> = samples.iter().filter(|sample| sample.result.is_err()).collect();
    let gap = longest_gap(&samples);
    let stream = rig.admin.stream("idle");
    println!(
        "rolling change: {} requests, {} failed, longest time without an answer {:.2} s, idle stream {}",
        samples.len(),
        failed.len(),
        gap.as_secs_f32(),
        if stream.ended.is_none() { "open" } else { "cut" }
    );
    assert!(stream.ended.is_none(), "the idle stream was cut: {:?}", stream.ended);
    assert_eq!(failed, Vec::<&Sample>::new(), "a reload fails no request");
    assert!(gap <= LONGEST_GAP, "{gap:?} without an answer");
    assert!(samples.len() > 50, "{} requests", samples.len());
    restarts(&rig, &second, &holder, to, &authority);
}

/// A node by its DNS name is looked up when HAProxy starts, with what its unit gives it: that takes a restart, before which the virtual IP
/// goes to another host. And a timer keeps the addresses.
fn restarts(rig: &Rig, second: &Configuration, holder: &str, to: SocketAddr, authority: &Authority) {
    const TIMER: &str = "talosendpoint-server-state.timer";
    rig.balancers.iter().for_each(|balancer| {
        balancer.host.check(&["sh", "-c", "echo '192.0.2.31 cp-01.example.org' >> /etc/hosts"]);
        balancer.calls();
    });
    rig.admin.start_requests("restart", to, Api::Kubernetes, Duration::from_secs(2), authority);
    rig.workspace.main(&Configuration { node: "cp-01.example.org".into(), ..second.clone() }.text());
    rig.workspace.apply().ok();
    rig.settled();
    std::thread::sleep(Duration::from_secs(2));
    let samples = end(rig, "restart");
    let gap = longest_gap(&samples);
    let failed = samples.iter().filter(|sample| sample.result.is_err()).count();
    println!(
        "rolling restart: {} requests, {failed} failed, longest time without an answer {:.2} s",
        samples.len(),
        gap.as_secs_f32()
    );
    assert!(gap <= LONGEST_GAP, "{gap:?} without an answer");
    for balancer in &rig.balancers {
        let calls = balancer.calls();
        let at = |call: &str| calls.iter().position(|one| one == call);
        assert!(at("restart haproxy").is_some() && at(&format!("restart {TIMER}")).is_some(), "{calls:?}");
        // The other one gets the virtual IP while the holder restarts, and may have to give it back.
        if balancer.host.name == holder {
            assert!(at("stop keepalived").is_some() && at("stop keepalived") < at("restart haproxy"), "{calls:?}");
            assert!(at("restart haproxy") < at("start keepalived"), "{calls:?}");
        }
        assert_eq!(balancer.host.run(&["systemctl", "is-active", TIMER]).status, 0);
    }
    rig.workspace.assert_settled();
    rig.workspace.main(&second.text());
    rig.workspace.apply().ok();
    for balancer in &rig.balancers {
        assert!(balancer.calls().contains(&format!("stop {TIMER}")));
        assert_ne!(balancer.host.run(&["systemctl", "is-active", TIMER]).status, 0);
    }
    rig.assert_live();
}

/// Ends steady requests and waits for those under way.
fn end(rig: &Rig, id: &str) -> Vec<Sample> {
    let begun = rig.admin.stop_requests(id);
    poll(Duration::from_secs(5), || (rig.admin.samples(id, 0).len() >= begun).then_some(()));
    let mut samples = rig.admin.samples(id, 0);
    samples.sort_by_key(|sample| sample.start);
    samples
}

/// The longest time from one answer to the next.
fn longest_gap(samples: &[Sample]) -> Duration {
    let good: Vec<&Sample> = samples.iter().filter(|sample| sample.result.is_ok()).collect();
    good.windows(2).map(|two| two[1].end.saturating_sub(two[0].end)).max().unwrap_or(Duration::MAX)
}
