//! Whatever happens in a run: each host has the old or the new configuration live, never neither, and the next apply goes on.

use std::time::Duration;

use lab::need;
use lab::network::clock::poll;

use crate::configuration::{APPLY, Configuration, DESTROY};
use crate::early_end::pausing;
use crate::needed::needed;
use crate::rig::{Balancer, Rig, VIP};

/// A deployment with 8000 connections.
fn deployed(rig: &Rig) -> Configuration {
    let first = Configuration::new(rig);
    rig.workspace.main(&first.text());
    rig.workspace.apply().ok();
    rig.settled();
    rig.balancers.iter().for_each(|balancer| drop(balancer.calls()));
    first
}

pub fn a_file_that_one_host_refuses_is_used_on_none() {
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
    rig.assert_converges("9000");
}

pub fn a_lost_or_damaged_record_is_seen_and_never_an_end_in_silence() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let host = &rig.balancers[0].host;
    let record = "/var/lib/talosendpoint/192.0.2.30.json";
    let text = host.read(record);
    host.write(record, "{", 0o644);
    rig.workspace.main(&first.clone().maxconn(9000).text());
    for run in [APPLY, DESTROY] {
        let said = rig.workspace.run(run).with_status(1).flat();
        assert!(said.contains("Record damaged") && said.contains(record), "{said}");
    }
    host.write(record, &text, 0o644);
    rig.assert_converges("9000");

    // Lost, it is drift, and what is ours is no original.
    host.check(&["rm", "-rf", "/var/lib/talosendpoint"]);
    let planned = rig.workspace.plan();
    assert!(planned.said().contains("- # The record of this deployment is missing on the host."), "{}", planned.said());
    rig.workspace.apply().ok();
    rig.workspace.assert_settled();
    assert!(!host.read(record).contains("\"originals\": [\n"), "{}", host.read(record));

    host.check(&["rm", "-rf", "/var/lib/talosendpoint"]);
    let said = rig.workspace.destroy().ok().flat();
    assert!(said.contains("Record missing") && said.contains("lb-01: the record of this deployment is gone"), "{said}");
    assert_eq!((host.count("haproxy"), host.count("keepalived"), rig.holders()), (0, 0, Vec::new()));
    for path in ["/etc/haproxy/haproxy.cfg", "/etc/keepalived/keepalived.conf"] {
        assert!(!host.exists(path), "{path}");
    }
}

pub fn a_run_folder_that_is_full_is_told() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let host = &rig.balancers[1].host;
    rig.workspace.main(&first.clone().maxconn(9000).text());
    let words = [
        "File not written",
        "lb-02: `/run/talosendpoint` can't be written. No service was touched. The file system is full. Make room",
        "No space left on device",
    ];
    // The second has room for the lock, and for nothing else.
    for size in [4, 8] {
        let fill = format!(
            "mount -t tmpfs -o size={size}k,mode=700 tmpfs /run/talosendpoint && head -c 4096 /dev/zero > /run/talosendpoint/x"
        );
        host.check(&["sh", "-c", &fill]);
        let said = [APPLY.as_slice(), &DESTROY].map(|run| rig.workspace.run(run).with_status(1).flat());
        for (said, word) in said.iter().flat_map(|said| words.map(|word| (said, word))) {
            assert!(said.contains(word), "{size}: {word}: {said}");
        }
        // Without the lock of all hosts a destroy touches none; one that fails later names the hosts that are done.
        let is_done = size == 8;
        assert_eq!(said[1].contains("Destroy not complete lb-01 no longer has anything"), is_done, "{}", said[1]);
        assert_eq!(rig.balancers[0].host.count("keepalived") == 0, is_done);
        rig.assert_live();
        assert_eq!((host.count("keepalived") > 0, rig.balancers[1].maxconn()), (true, "8000".to_owned()));
        host.check(&["umount", "/run/talosendpoint"]);
    }
    rig.assert_converges("9000");

    // One that fills up in the middle is no matter: what there is to say has its room by then.
    rig.workspace.main(&first.maxconn(9001).text());
    for (step, run) in [("reload-haproxy", APPLY.as_slice()), ("stop-keepalived", &DESTROY)] {
        host.check(&["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", "/run/talosendpoint"]);
        let fill = "head -c 99999 /dev/zero > /run/talosendpoint/x; [ $(stat -c %s /run/talosendpoint/x) -lt 99999 ] && : > /run/filled";
        host.write(&format!("/run/at-{step}"), fill, 0o644);
        rig.workspace.run(run).ok();
        host.check(&["rm", "/run/filled", &format!("/run/at-{step}")]);
        host.check(&["umount", "/run/talosendpoint"]);
    }
}

pub fn a_reload_that_fails_is_taken_back_on_that_host() {
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
    rig.assert_live();
    assert_eq!((rig.balancers[last].maxconn(), rig.balancers[other].maxconn()), ("8000".into(), "9000".into()));
    assert_eq!(rig.settled(), holder);
    // The plan shows what is still to be done, on that host alone.
    let planned = rig.workspace.plan();
    assert_eq!(planned.status, 2);
    rig.balancers[last].host.check(&["rm", "/run/fail-reload-haproxy"]);
    rig.assert_converges("9000");
    moved_meanwhile(&rig, &first, [last, other]);
    taken_back_meanwhile(&rig, &first);
    at_another_machine(&rig, &first);
}

/// Hosts whose time is over before the election is take their Keepalived's change back, and none is left with the new file.
fn taken_back_meanwhile(rig: &Rig, first: &Configuration) {
    let files = || -> Vec<String> {
        rig.balancers.iter().map(|balancer| balancer.host.read("/etc/keepalived/keepalived.conf")).collect()
    };
    let before = files();
    rig.workspace.main(&first.clone().maxconn(9001).ready_weight(-60).text());
    let said = rig.workspace.run_with(&[("TALOSENDPOINT_CONFIRM_LIMIT", "2")], &APPLY).with_status(1).flat();
    assert!(said.contains("Change taken back") && said.contains("nobody confirmed the change in time"), "{said}");
    assert_eq!(files(), before);
    rig.settled();
}

/// A machine that no host knows of has the virtual IP as well, such as a load balancer of another state.
fn at_another_machine(rig: &Rig, first: &Configuration) {
    let before: Vec<String> =
        rig.balancers.iter().map(|one| one.host.read("/etc/keepalived/keepalived.conf")).collect();
    rig.admin.ip(&format!("address add {VIP}/32 dev eth0"));
    rig.workspace.main(&first.clone().maxconn(9001).ready_weight(-60).text());
    let said = rig.workspace.apply().with_status(1).flat();
    assert!(
        said.contains("Virtual IP at another machine") && said.contains(&format!("{VIP} is with one of")),
        "{said}"
    );
    rig.assert_live();
    let after: Vec<String> = rig.balancers.iter().map(|one| one.host.read("/etc/keepalived/keepalived.conf")).collect();
    assert_eq!(after, before, "Keepalived has its former file");
    rig.admin.ip(&format!("address delete {VIP}/32 dev eth0"));
    rig.assert_converges("9001");
}

/// The virtual IP moves while the new files are checked: who has it then comes last.
fn moved_meanwhile(rig: &Rig, first: &Configuration, [before, after]: [usize; 2]) {
    let host = &rig.balancers[before].host;
    pausing(&rig.balancers[before]);
    host.write("/run/pause-check", "", 0o644);
    rig.balancers[after].host.write("/run/fail-reload-haproxy", "", 0o644);
    rig.workspace.main(&first.clone().maxconn(9001).text());
    let mut run = rig.workspace.start_apply();
    let paused = || host.exists("/run/paused").then_some(());
    assert!(poll(Duration::from_secs(60), paused).is_some());
    host.check(&["systemctl", "stop", "keepalived"]);
    assert_eq!(rig.settled(), rig.balancers[after].host.name);
    host.check(&["rm", "/run/pause-check"]);
    let ended = run.wait(Duration::from_secs(60)).unwrap().with_status(1).flat();
    assert!(ended.contains("Change taken back"), "{ended}");
    assert_eq!([before, after].map(|place| rig.balancers[place].maxconn()), ["9001", "9000"]);
    rig.balancers[after].host.check(&["rm", "/run/fail-reload-haproxy"]);
    rig.assert_converges("9001");
}

pub fn a_host_that_is_down_stops_the_run_unless_it_may_be_missing() {
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
    assert_eq!((rig.balancers[0].maxconn(), down.maxconn()), ("9000".into(), "8000".into()));
    down.boot_sshd();
    rig.assert_converges("9000");

    // A destroy says what is in its way, and how to get around it.
    rig.workspace.main(&second.text());
    rig.workspace.apply().ok();
    down.host.signal_all("sshd", "KILL");
    let said = rig.workspace.destroy().with_status(1).flat();
    assert!(said.contains("Nothing was removed") && said.contains("allow_missing_hosts = 1"), "{said}");
    rig.assert_live();
    down.boot_sshd();
    rig.workspace.destroy().ok();
}

pub fn a_connection_that_ends_is_made_again_to_confirm() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let second = first.clone().maxconn(9000).ready_weight(-60);
    // After the swap, at a reload, and with Keepalived of both hosts waiting for the confirmation.
    let steps = ["daemon-reload-", "reload-haproxy", "reload-keepalived"];
    let dropping = |balancer: &Balancer| {
        steps.iter().for_each(|step| balancer.host.write(&format!("/run/drop-{step}"), "", 0o644));
    };
    dropping(&rig.balancers[0]);
    rig.workspace.main(&second.text());
    let log = rig.file("info.log");
    rig.workspace.run_with(&[("TF_LOG", "INFO"), ("TF_LOG_PATH", &log.display().to_string())], &APPLY).ok();
    let log = std::fs::read_to_string(log).unwrap();
    let again = log.matches("the connection was lost, connecting again").count();
    // What comes right after another that ended a connection ends that of nobody.
    assert!(again >= 2, "{again} times");
    steps.iter().for_each(|step| rig.balancers[0].host.check(&["rm", &format!("/run/drop-{step}")]));
    rig.assert_live();
    let maxconn: Vec<String> = rig.balancers.iter().map(Balancer::maxconn).collect();
    assert_eq!(maxconn, ["9000", "9000"]);
    rig.settled();
    rig.workspace.assert_settled();

    // A host that restarts meanwhile has forgotten the change, and has its files.
    let host = &rig.balancers[0].host;
    host.write("/run/at-reload-haproxy", RESTART, 0o644);
    rig.workspace.main(&second.maxconn(9001).text());
    let said = rig.workspace.apply().with_status(1).flat();
    let words = "lb-01: The host restarted before the change of haproxy was confirmed. It has the new files";
    assert!(said.contains("Host restarted") && said.contains(words), "{said}");
    assert_eq!(rig.balancers[0].maxconn(), "9001");
    rig.assert_converges("9001");

    // A destroy goes on the same way.
    let once = "rm /run/at-stop-keepalived; kill -KILL $(pidof -o \"$(cat /run/sshd.pid)\" sshd sshd-session)\n";
    host.write("/run/at-stop-keepalived", once, 0o644);
    rig.workspace.destroy().ok();
    assert_eq!((host.count("keepalived"), rig.holders()), (0, Vec::new()));
}

/// What a restart is to a run, as far as it goes without one: another boot, nothing in `/run`, and no process of before.
const RESTART: &str = "rm /run/at-reload-haproxy
echo 00000000-0000-4000-8000-000000000000 > /run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
rm -r /run/talosendpoint
kill -KILL $(sed -n 's/^PPid:[[:space:]]*//p' \"/proc/$PPID/status\") $(pidof -o \"$(cat /run/sshd.pid)\" sshd sshd-session)
";

pub fn a_host_that_is_lost_in_the_middle_takes_its_change_back() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let cut = &rig.balancers[1];
    // After the upload (the check is the first thing then), and after the rename.
    let cutting =
        "#!/bin/sh\ncase \" $* \" in *' -c '*) kill -KILL $(pidof sshd) ;; esac\nexec /usr/sbin/haproxy \"$@\"\n";
    for (maxconn, path, text) in [(8001, "/usr/local/sbin/haproxy", cutting), (8002, "/run/cut-daemon-reload-", "")] {
        cut.host.write(path, text, 0o755);
        rig.workspace.main(&first.clone().maxconn(maxconn).text());
        let said = rig.workspace.run_with(&[("TALOSENDPOINT_CONFIRM_LIMIT", "6")], &APPLY).with_status(1).flat();
        assert!(said.contains("SSH connection lost"), "{path}: {said}");
        // A change that waits is what a connection is made again for.
        let is_tried = text.is_empty();
        assert_eq!(said.contains("couldn't be made again: 192.0.2.22:22 can't be reached"), is_tried, "{path}: {said}");
        cut.idle();
        rig.assert_live();
        assert_eq!(cut.maxconn(), (maxconn - 1).to_string(), "nobody confirmed it");
        rig.settled();
        cut.host.check(&["rm", path]);
        cut.boot_sshd();
        rig.assert_converges(&maxconn.to_string());
    }
}

pub fn a_run_whose_lock_fell_changes_nothing() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    rig.balancers.iter().for_each(pausing);
    let host = &rig.balancers[0].host;
    let before = rig.balancers[0].files();
    host.write("/run/pause-check", "", 0o644);
    rig.workspace.main(&first.maxconn(9000).text());
    let mut run = rig.workspace.start_apply();
    let paused = || host.exists("/run/paused").then_some(());
    assert!(poll(Duration::from_secs(60), paused).is_some());
    // Another one had the lock in the meantime.
    host.write("/run/talosendpoint/run", "another\n", 0o600);
    host.check(&["rm", "/run/pause-check"]);
    let ended = run.wait(Duration::from_secs(60)).unwrap().with_status(1).flat();
    assert!(ended.contains("Another run came in between") && ended.contains("lb-01: "), "{ended}");
    assert_eq!((rig.balancers[0].files(), rig.balancers[0].leftovers()), (before, String::new()));
    rig.assert_live();
    rig.assert_converges("9000");
}

pub fn two_runs_at_once_leave_one_configuration() {
    let rig = Rig::start(&need!(needed()));
    let first = deployed(&rig);
    let other = rig.another_workspace();
    rig.workspace.main(&first.clone().maxconn(9001).text());
    other.main(&first.clone().maxconn(9002).text());
    let (mut one, mut two) = (rig.workspace.start_apply(), other.start_apply());
    let limit = Duration::from_secs(120);
    let (one, two) = (one.wait(limit).unwrap(), two.wait(limit).unwrap());
    assert!(one.status == 0 || two.status == 0, "{} {}", one.said(), two.said());
    rig.assert_live();
    assert_eq!(rig.balancers[0].maxconn(), rig.balancers[1].maxconn());
    // The other one may have taken it over.
    rig.workspace.main(&first.maxconn(9001).deployment("adopt_existing = true\n").text());
    rig.assert_converges("9001");
}

pub fn a_disk_that_is_full_or_read_only_is_told_and_changes_nothing() {
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
        rig.assert_live();
        host.check(&["umount", "/etc/haproxy"]);
    }
    rig.assert_converges("9000");
}
