//! A deployment gets another name, by default with another VIP. A run that ends in between leaves hosts that the state knows by either name.

use lab::need;

use crate::configuration::Configuration;
use crate::needed::needed;
use crate::rig::{Balancer, Rig, VIP};

const OTHER_VIP: &str = "192.0.2.36";

/// Deployed, and then given another VIP, which fails on one host when HAProxy has changed on both.
fn half_renamed(rig: &Rig) -> (Configuration, Configuration) {
    let first = Configuration::new(rig);
    rig.workspace.main(&first.text());
    rig.workspace.apply().ok();
    let second = Configuration { vip: Some(OTHER_VIP.to_owned()), ..first.clone() }.maxconn(9000);
    rig.workspace.main(&second.text());
    let host = &rig.balancers[1].host;
    host.write("/run/fail-reload-keepalived", "", 0o644);
    let failed = rig.workspace.apply().with_status(1).flat();
    assert!(failed.contains("Change taken back"), "{failed}");
    host.check(&["rm", "/run/fail-reload-keepalived"]);
    for balancer in &rig.balancers {
        assert_eq!(balancer.maxconn(), "9000", "HAProxy's turn was over");
    }
    (first, second)
}

pub fn a_vip_whose_change_failed_can_be_taken_back_and_tried_again() {
    let rig = Rig::start(&need!(needed()));
    let (first, second) = half_renamed(&rig);
    rig.workspace.main(&first.text());
    rig.assert_converges("8000");
    rig.workspace.assert_settled();
    rig.workspace.main(&second.text());
    rig.workspace.apply().ok();
    rig.workspace.assert_settled();
    // A host that a change of the name does without is still known by its id.
    let away = &rig.balancers[1];
    away.host.signal_all("sshd", "KILL");
    let third = Configuration { vip: Some(VIP.to_owned()), ..second }.maxconn(9100);
    rig.workspace.main(&third.deployment("allow_missing_hosts = 1\n").text());
    rig.workspace.apply().ok();
    let records = |balancer: &Balancer| balancer.host.run(&["sh", "-c", "cd /var/lib/talosendpoint && ls *.json"]).said;
    assert_eq!(records(&rig.balancers[0]), format!("{VIP}.json\n"));
    assert_eq!((records(away), away.maxconn()), (format!("{OTHER_VIP}.json\n"), "9000".to_owned()));
    away.boot_sshd();
    rig.assert_converges("9100");
    rig.workspace.assert_settled();
    assert_eq!(records(away), format!("{VIP}.json\n"));
}

pub fn a_destroy_after_a_vip_whose_change_failed_leaves_nothing() {
    let rig = Rig::start(&need!(needed()));
    let shipped = rig.balancers[0].host.read("/etc/haproxy/haproxy.cfg");
    half_renamed(&rig);
    rig.workspace.destroy().ok();
    for balancer in &rig.balancers {
        let name = &balancer.host.name;
        assert_eq!(balancer.host.read("/etc/haproxy/haproxy.cfg"), shipped, "{name}");
        assert_eq!(balancer.host.count("keepalived"), 0, "{name}");
        assert_eq!(balancer.host.run(&["ls", "-A", "/var/lib/talosendpoint"]).status, 2, "{name}: its folder is gone");
    }
}
