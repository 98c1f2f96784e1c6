//! Whatever happens in a run: each host has the old or the new configuration live, never neither, and the next apply goes on.

use std::time::Duration;

use lab::matrix;
use lab::need;
use lab::network::clock::poll;

use crate::configuration::Configuration;
use crate::needed::needed;
use crate::rig::{Balancer, Rig};

/// A deployment with 8000 connections.
fn deployed(rig: &Rig) -> Configuration {
    let first = Configuration::new(rig);
    rig.workspace.main(&first.text());
    rig.workspace.apply().ok();
    rig.settled();
    rig.balancers.iter().for_each(|balancer| drop(balancer.calls()));
    first
}

/// The number of connections that a host's file allows.
fn maxconn(balancer: &Balancer) -> String {
    let text = balancer.host.read("/etc/haproxy/haproxy.cfg");
    text.lines().find_map(|line| line.trim().strip_prefix("maxconn ")).unwrap_or_default().to_owned()
}

/// Every host runs what is on its disk.
#[track_caller]
fn assert_live(rig: &Rig) {
    for balancer in &rig.balancers {
        let same = || (balancer.live() == balancer.on_disk() && !balancer.live().is_empty()).then_some(());
        let waited = poll(Duration::from_secs(20), same);
        assert!(waited.is_some(), "{}: {} runs, {} is there", balancer.host.name, balancer.live(), balancer.on_disk());
    }
}

/// The next apply goes on.
#[track_caller]
fn assert_converges(rig: &Rig, expected: &str) {
    rig.workspace.apply().ok();
    assert_live(rig);
    for balancer in &rig.balancers {
        assert_eq!(
            (maxconn(balancer).as_str(), balancer.leftovers().as_str()),
            (expected, ""),
            "{}",
            balancer.host.name
        );
    }
    rig.settled();
    rig.workspace.assert_settled();
}

#[test]
fn a_file_that_one_host_refuses_is_used_on_none() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let before: Vec<String> = rig.balancers.iter().map(Balancer::files).collect();
    let refusing = "#!/bin/sh\ncase \" $* \" in *' -c '*) echo '[ALERT] not this one' >&2; exit 1 ;; esac\nexec /usr/sbin/haproxy \"$@\"\n";
    rig.balancers[1].host.write("/usr/local/sbin/haproxy", refusing, 0o755);
    rig.workspace.main(&first.clone().maxconn(9000).text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(said.contains("Configuration refused") && said.contains("lb-02: haproxy itself refuses"), "{said}");
    assert!(said.contains("[ALERT] not this one"), "{said}");
    for (balancer, before) in rig.balancers.iter().zip(before) {
        assert_eq!((balancer.files(), balancer.calls(), balancer.leftovers()), (before, Vec::new(), String::new()));
    }
    rig.balancers[1].host.check(&["rm", "/usr/local/sbin/haproxy"]);
    assert_converges(&rig, "9000");
}

#[test]
fn a_reload_that_fails_is_taken_back_on_that_host() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    // The holder comes last, so the other one has the new file by then.
    let holder = rig.settled();
    let (last, other) = if holder == "lb-01" { (0, 1) } else { (1, 0) };
    rig.balancers[last].host.write("/run/fail-reload-haproxy", "", 0o644);
    rig.workspace.main(&first.clone().maxconn(9000).text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(
        said.contains("Change taken back") && said.contains(&format!("{holder}: the reload of haproxy failed")),
        "{said}"
    );
    assert_live(&rig);
    assert_eq!((maxconn(&rig.balancers[last]), maxconn(&rig.balancers[other])), ("8000".into(), "9000".into()));
    assert_eq!(rig.settled(), holder);
    // The plan shows what is still to be done, on that host alone.
    let planned = rig.workspace.plan();
    assert_eq!(planned.status, 2);
    rig.balancers[last].host.check(&["rm", "/run/fail-reload-haproxy"]);
    assert_converges(&rig, "9000");
}

#[test]
fn a_host_that_is_down_stops_the_run_unless_it_may_be_missing() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let down = &rig.balancers[1];
    let before = rig.balancers[0].files();
    down.host.signal_all("sshd", "KILL");
    let second = first.clone().maxconn(9000);
    rig.workspace.main(&second.text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(said.contains("Host not reachable") && said.contains("lb-02: 192.0.2.22:22 can't be reached"), "{said}");
    assert!(said.contains("State not refreshed"), "{said}");
    assert_eq!((rig.balancers[0].files(), rig.balancers[0].calls()), (before, Vec::new()));

    rig.workspace.main(&second.clone().deployment("allow_missing_hosts = 1\n").text());
    let said = rig.workspace.apply().ok().flat();
    assert!(said.contains("Host left as it is"), "{said}");
    assert_eq!((maxconn(&rig.balancers[0]), maxconn(down)), ("9000".into(), "8000".into()));
    down.boot_sshd();
    assert_converges(&rig, "9000");

    // A destroy says what is in its way, and how to get around it.
    rig.workspace.main(&second.text());
    rig.workspace.apply().ok();
    down.host.signal_all("sshd", "KILL");
    let said = rig.workspace.destroy().with_status(1).flat();
    assert!(said.contains("Nothing was removed") && said.contains("allow_missing_hosts = 1"), "{said}");
    assert_live(&rig);
    down.boot_sshd();
    rig.workspace.destroy().ok();
}

#[test]
fn a_connection_that_is_cut_leaves_the_old_or_the_new() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let mut maxconn = 8000;
    // After the upload (the check is the first thing then), after the swap, and at the reload.
    let cutting =
        "#!/bin/sh\ncase \" $* \" in *' -c '*) kill -KILL $(pidof sshd) ;; esac\nexec /usr/sbin/haproxy \"$@\"\n";
    let faults =
        [("/usr/local/sbin/haproxy", cutting), ("/run/cut-daemon-reload-", ""), ("/run/cut-reload-haproxy", "")];
    for (path, text) in faults {
        maxconn += 1;
        let cut = &rig.balancers[1];
        cut.host.write(path, text, 0o755);
        rig.workspace.main(&first.clone().maxconn(maxconn).text());
        let said = rig.workspace.apply().with_status(1).flat();
        assert!(said.contains("SSH connection lost"), "{path}: {said}");
        // Nobody confirms: it is taken back by itself.
        let back =
            || (cut.host.run(&["sh", "-c", "flock -n /run/talosendpoint/change.lock true"]).status == 0).then_some(());
        assert!(poll(Duration::from_secs(30), back).is_some(), "{path}");
        assert_live(&rig);
        rig.settled();
        cut.host.check(&["rm", path]);
        cut.boot_sshd();
        assert_converges(&rig, &maxconn.to_string());
    }
}

#[test]
fn a_run_that_is_killed_or_interrupted_at_any_step_leaves_the_old_or_the_new() {
    let rig = Rig::start(&need!(needed()));
    let first = Configuration::new(&rig);
    let mut maxconn = 8000;
    // A first deployment has all steps: what is killed is a create.
    let steps = ["daemon-reload-", "reload-haproxy", "enable-keepalived", "start-keepalived"];
    for step in steps {
        // An interrupted run is a killed one that says goodbye: one step shows that.
        let interrupted = matrix::is_whole() || step == "reload-haproxy";
        for (how, kill) in
            [("killed", true), ("interrupted", false)].into_iter().filter(|(_, kill)| *kill || interrupted)
        {
            maxconn += 1;
            let at = rig.balancers.iter().map(|one| &one.host);
            let pause = format!("/run/pause-{step}");
            at.clone().for_each(|host| host.write(&pause, "", 0o644));
            rig.workspace.main(&first.clone().maxconn(maxconn).text());
            let mut run = rig.workspace.start_apply();
            let paused = || at.clone().any(|host| host.run(&["test", "-e", "/run/paused"]).status == 0).then_some(());
            assert!(poll(Duration::from_secs(60), paused).is_some(), "{step}");
            if kill {
                assert_eq!(run.kill_provider(), 1);
            } else {
                run.interrupt();
            }
            assert!(run.wait(Duration::from_secs(60)).is_some(), "{step} {how}");
            at.clone().for_each(|host| host.check(&["rm", "-f", &pause, "/run/paused"]));
            let idle = || {
                let free = |host: &lab::network::host::Host| {
                    host.run(&["sh", "-c", "flock -n /run/talosendpoint/change.lock true"]).status == 0
                };
                at.clone().all(free).then_some(())
            };
            assert!(poll(Duration::from_secs(30), idle).is_some(), "{step} {how}");
            // HAProxy serves on both, with whatever file; the package's own reports no fingerprint.
            for balancer in &rig.balancers {
                let serves =
                    || (balancer.host.count("haproxy") > 0 && balancer.live() == balancer.on_disk()).then_some(());
                let (name, live, there) = (&balancer.host.name, balancer.live(), balancer.on_disk());
                assert!(poll(Duration::from_secs(10), serves).is_some(), "{step} {how}: {name}: {live} {there}");
            }
            assert_converges(&rig, &maxconn.to_string());
            if rig.workspace.destroy().status != 0 {
                panic!("{step} {how}: not destroyed");
            }
        }
    }
}

#[test]
fn two_runs_at_once_leave_one_configuration() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let other = rig.another_workspace();
    rig.workspace.main(&first.clone().maxconn(9001).text());
    other.main(&first.clone().maxconn(9002).text());
    let (mut one, mut two) = (rig.workspace.start_apply(), other.start_apply());
    let limit = Duration::from_secs(120);
    let (one, two) = (one.wait(limit).unwrap(), two.wait(limit).unwrap());
    assert!(one.status == 0 || two.status == 0, "{} {}", one.said(), two.said());
    assert_live(&rig);
    assert_eq!(maxconn(&rig.balancers[0]), maxconn(&rig.balancers[1]));
    assert_converges(&rig, "9001");
}

#[test]
fn a_disk_that_is_full_or_read_only_is_told_and_changes_nothing() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let host = &rig.balancers[1].host;
    rig.workspace.main(&first.clone().maxconn(9000).text());
    let own = "cp -a /etc/haproxy /run/own && mount -t tmpfs -o size=64k,mode=755 tmpfs /etc/haproxy && cp -a /run/own/. /etc/haproxy/";
    for (fault, words) in [
        ("head -c 100000 /dev/zero > /etc/haproxy/full; true", "full"),
        ("mount -o remount,ro /etc/haproxy", "read-only"),
    ] {
        host.check(&["sh", "-c", &format!("rm -rf /run/own; {own}; {fault}")]);
        let before = rig.balancers[0].files();
        let said = rig.workspace.apply().with_status(1).flat();
        assert!(said.contains("File not written") && said.contains(words), "{said}");
        assert_eq!(rig.balancers[0].files(), before, "nothing is changed on the other host");
        assert_live(&rig);
        host.check(&["umount", "/etc/haproxy"]);
    }
    assert_converges(&rig, "9000");
}
