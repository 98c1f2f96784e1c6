//! A run that is killed or interrupted at any step of a host: what is live then, the next run, and the end.

use std::time::Duration;

use lab::matrix;
use lab::need;
use lab::network::clock::poll;

use crate::configuration::{APPLY, Configuration, DESTROY};
use crate::needed::needed;
use crate::rig::{Balancer, Rig};

/// How a run ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Killed,
    Interrupted,
}

/// The check of the new HAProxy file, which is no call of `systemctl`.
const CHECK: &str = "check";

/// Begins a run, and ends it early once a host is at `step`, `VERB-UNIT` of `systemctl` or [`CHECK`].
#[track_caller]
fn ends_at(rig: &Rig, run: &[&str], step: &str, end: End) {
    let pause = format!("/run/pause-{step}");
    let hosts = || rig.balancers.iter().map(|balancer| &balancer.host);
    hosts().for_each(|host| host.write(&pause, "", 0o644));
    // What nobody confirms is taken back sooner than otherwise.
    let mut run = rig.workspace.start_with(&[("TALOSENDPOINT_CONFIRM_LIMIT", "4")], run);
    let paused = || hosts().any(|host| host.run(&["test", "-e", "/run/paused"]).status == 0).then_some(());
    assert!(
        poll(Duration::from_secs(90), paused).is_some(),
        "{step} never came: {}",
        run.wait(Duration::ZERO).map_or_else(String::new, |ended| ended.said())
    );
    match end {
        End::Killed => assert_eq!(run.kill_provider(), 1),
        End::Interrupted => run.interrupt(),
    }
    let ended = run.wait(Duration::from_secs(60)).unwrap_or_else(|| panic!("{step} {end:?}: it goes on"));
    assert_ne!(ended.status, 0, "{step} {end:?}");
    if end == End::Interrupted {
        assert!(ended.said().contains("Interrupted"), "{step}: {}", ended.said());
    }
    hosts().for_each(|host| host.check(&["rm", "-f", &pause, "/run/paused"]));
    rig.balancers.iter().for_each(Balancer::idle);
}

/// A create, an update and a destroy, each ended early at a step of its own, and each done then.
fn cycle(create: (&str, End), update: (&str, End), destroy: (&str, End)) {
    let rig = Rig::start(&need!(needed()));
    let checking = "#!/bin/sh\ncase \" $* \" in *' -c -q -f /etc/haproxy/.'*) while [ -e /run/pause-check ]; do : > /run/paused; sleep 0.05; done ;; esac\nexec /usr/sbin/haproxy \"$@\"\n";
    rig.balancers.iter().for_each(|balancer| balancer.host.write("/usr/local/sbin/haproxy", checking, 0o755));
    let shipped = rig.balancers[0].host.read("/etc/haproxy/haproxy.cfg");
    let first = Configuration::new(&rig);
    rig.workspace.main(&first.text());
    ends_at(&rig, &APPLY, create.0, create.1);
    // HAProxy serves on both, with whatever file; the package's own reports no fingerprint.
    rig.assert_live();
    rig.assert_converges("8000");

    rig.workspace.main(&first.clone().maxconn(9000).ready_weight(-60).text());
    ends_at(&rig, &APPLY, update.0, update.1);
    rig.assert_live();
    rig.settled();
    rig.assert_converges("9000");
    rig.workspace.assert_settled();

    ends_at(&rig, &DESTROY, destroy.0, destroy.1);
    rig.assert_live();
    rig.workspace.destroy().ok();
    for balancer in &rig.balancers {
        let name = &balancer.host.name;
        assert_eq!(balancer.host.read("/etc/haproxy/haproxy.cfg"), shipped, "{name}");
        assert_eq!((balancer.host.count("keepalived"), balancer.leftovers()), (0, String::new()), "{name}");
        assert!(balancer.host.count("haproxy") > 0, "{name}: it ran before");
        assert_eq!(balancer.host.run(&["ls", "-A", "/var/lib/talosendpoint"]).status, 2, "{name}: its folder is gone");
    }
}

/// With the other end of each run too, where the whole matrix is wanted.
fn cycles(create: (&str, End), update: (&str, End), destroy: (&str, End)) {
    cycle(create, update, destroy);
    if matrix::is_whole() {
        let other = |(step, end)| (step, if end == End::Killed { End::Interrupted } else { End::Killed });
        cycle(other(create), other(update), other(destroy));
    }
}

#[test]
fn at_the_check_of_a_file_and_the_end_of_keepalived() {
    cycles((CHECK, End::Killed), (CHECK, End::Interrupted), ("stop-keepalived", End::Killed));
}

#[test]
fn after_the_rename() {
    cycles(("daemon-reload-", End::Interrupted), ("daemon-reload-", End::Killed), ("daemon-reload-", End::Killed));
}

#[test]
fn at_the_reload_of_haproxy() {
    cycles(
        ("reload-haproxy", End::Killed),
        ("reload-haproxy", End::Interrupted),
        ("disable-keepalived", End::Interrupted),
    );
}

#[test]
fn at_the_start_and_the_reload_of_keepalived() {
    cycles(
        ("start-keepalived", End::Killed),
        ("reload-keepalived", End::Killed),
        ("restart-haproxy", End::Interrupted),
    );
}
