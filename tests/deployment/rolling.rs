//! A client that connects every 50 ms through the virtual IP while everything is changed.

use std::net::SocketAddr;
use std::time::Duration;

use lab::need;
use lab::network::authority::Authority;
use lab::network::clock::poll;
use lab::network::host::Host;
use lab::network::node::{ANSWER, CONFIG, Node};
use lab::network::requests::Api;

use crate::configuration::Configuration;
use crate::needed::needed;
use crate::rig::{Rig, VIP, address};

/// Promised is one second without the virtual IP; tested with twice that.
const LONGEST_GAP: Duration = Duration::from_secs(2);

#[test]
fn a_rolling_change_cuts_no_connection_and_keeps_the_vip() {
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
    let second = Configuration {
        haproxy: "haproxy = { maxconn = 9000 }\nkeepalived = { ready_weight = -60 }\n".into(),
        ..first
    };
    rig.workspace.main(&second.text());
    rig.workspace.apply().ok();
    rig.settled();
    std::thread::sleep(Duration::from_secs(2));
    let begun = rig.admin.stop_requests("steady");
    poll(Duration::from_secs(5), || (rig.admin.samples("steady", 0).len() >= begun).then_some(()));
    let mut samples = rig.admin.samples("steady", 0);
    samples.sort_by_key(|sample| sample.start);
    let failed: Vec<_> = samples.iter().filter(|sample| sample.result.is_err()).collect();
    let good: Vec<_> = samples.iter().filter(|sample| sample.result.is_ok()).collect();
    let gap = good.windows(2).map(|two| two[1].end.saturating_sub(two[0].end)).max().unwrap_or_default();
    let stream = rig.admin.stream("idle");
    println!(
        "rolling change: {} requests, {} failed, longest time without an answer {:.2} s, idle stream {}",
        samples.len(),
        failed.len(),
        gap.as_secs_f32(),
        if stream.ended.is_none() { "open" } else { "cut" }
    );
    assert!(stream.ended.is_none(), "the idle stream was cut: {:?}", stream.ended);
    assert!(gap <= LONGEST_GAP, "{gap:?} without an answer: {failed:?}");
    assert!(good.len() > 50, "{} answers", good.len());
}
