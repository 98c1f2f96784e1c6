//! A run that is killed or interrupted at any step of a host: what is live then, the next run, and the end.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lab::matrix;
use lab::need;
use lab::network::clock::poll;
use lab::programs::find_on;

use End::{Interrupted, Killed};

use crate::configuration::{APPLY, Configuration, DESTROY};
use crate::needed::needed;
use crate::rig::{Balancer, Rig};

/// How a run ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Killed,
    Interrupted,
}

/// Steps that are no call of `systemctl`: what it is called, the program that a script of ours runs there, and arguments that it has at no
/// other step, as a pattern of `sh`.
const PROGRAMS: [(&str, &str, &str); 9] = [
    ("lock", "flock", "'-w 90 8'"),
    ("install", "apt-get", "*' install '*"),
    ("upload", "base64", "-d"),
    ("check", "haproxy", "'-c -q -f /etc/haproxy/.'*"),
    ("backup", "cp", "*/previous/haproxy/*"),
    // The record and the files beside have been renamed by then.
    ("rename", "mv", "*' /etc/haproxy/haproxy.cfg'"),
    ("verify", "ss", "-Hltn"),
    ("confirm", "cat", "*-haproxy.log"),
    ("restore", "cp", "'-p /var/lib/talosendpoint/originals/'*"),
];

/// Puts a program in front of each of [`PROGRAMS`] that waits there for as long as it is told.
pub fn pausing(balancer: &Balancer) {
    let mut names: Vec<&str> = PROGRAMS.iter().map(|(_, name, _)| *name).collect();
    names.dedup();
    for name in names {
        let steps = PROGRAMS.iter().filter(|(_, program, _)| *program == name);
        let cases: String = steps.map(|(step, _, pattern)| format!("    {pattern}) step={step} ;;\n")).collect();
        let own = match name {
            // The test of packages has the real one.
            "apt-get" => "[ \"$step\" != install ] || mv /usr/bin/curl.away /usr/bin/curl",
            // A change that is verified waits for its confirmation.
            "cat" => "[ \"$step\" != confirm ] || grep -q verified \"${1%.log}.status\" || step=",
            _ => "",
        };
        let real = match name {
            "apt-get" => String::new(),
            _ => format!("exec {} \"$@\"\n", find_on(name, REAL.as_ref()).unwrap().display()),
        };
        let (before, after) = if name == "cat" { (own, "") } else { ("", own) };
        let text = format!(
            "#!/bin/sh\nstep=\ncase \"$*\" in\n{cases}esac\n{before}\nwhile [ -n \"$step\" ] && [ -e \"/run/pause-$step\" ]; do\n    : > \
             /run/paused\n    sleep 0.05\ndone\n{after}\n{real}"
        );
        balancer.host.write(&format!("/usr/local/sbin/{name}"), &text, 0o755);
    }
}

/// Where the programs themselves are.
const REAL: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// Begins a run, and ends it early once a host is at `step`, `VERB-UNIT` of `systemctl` or one of [`PROGRAMS`].
#[track_caller]
fn ends_at(rig: &Rig, run: &[&str], step: &str, end: End) {
    let pause = format!("/run/pause-{step}");
    let hosts = || rig.balancers.iter().map(|balancer| &balancer.host);
    hosts().for_each(|host| host.write(&pause, "", 0o644));
    // What nobody confirms is taken back sooner than otherwise.
    let mut run = rig.workspace.start_with(&[("TALOSENDPOINT_CONFIRM_LIMIT", "4")], run);
    let paused = || hosts().any(|host| host.exists("/run/paused")).then_some(());
    assert!(
        poll(Duration::from_secs(90), paused).is_some(),
        "{step} never came: {}",
        run.wait(Duration::ZERO).map_or_else(String::new, |ended| ended.said())
    );
    match end {
        Killed => assert_eq!(run.kill_provider(), 1),
        Interrupted => run.interrupt(),
    }
    let ended = run.wait(Duration::from_secs(60)).unwrap_or_else(|| panic!("{step} {end:?}: it goes on"));
    assert_ne!(ended.status, 0, "{step} {end:?}");
    if end == Interrupted {
        assert!(ended.said().contains("Interrupted"), "{step}: {}", ended.said());
    }
    hosts().for_each(|host| host.check(&["rm", "-f", &pause, "/run/paused"]));
    rig.balancers.iter().for_each(Balancer::idle);
}

/// A create, an update and a destroy, each ended early at a step of its own, and each done then.
fn cycle(terraform: &Path, [create, update, destroy]: Steps) {
    let rig = Rig::start(terraform);
    rig.balancers.iter().for_each(pausing);
    if create.0 == "install" {
        rig.balancers[1].host.check(&["mv", "/usr/bin/curl", "/usr/bin/curl.away"]);
    }
    let shipped = rig.balancers[0].host.read("/etc/haproxy/haproxy.cfg");
    let first = Configuration::new(&rig);
    rig.workspace.main(&first.text());
    ends_at(&rig, &APPLY, create.0, create.1);
    // HAProxy serves on both, with whatever file; the package's own reports no fingerprint.
    rig.assert_live();
    let said = rig.assert_converges("8000");
    assert!(!said.contains("Deployment taken over"), "it was never whole: {said}");

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

/// A step and how a run ends there, of a create, an update and a destroy.
type Steps = [(&'static str, End); 3];

/// Every step is in here, in the order of the scripts, and each kind of end at about half of them.
const STEPS: [Steps; 9] = [
    [("lock", Killed), ("lock", Interrupted), ("stop-keepalived", Killed)],
    [("install", Interrupted), ("reload-haproxy", Interrupted), ("restore", Interrupted)],
    [("upload", Interrupted), ("check", Interrupted), ("restore", Killed)],
    [("check", Killed), ("backup", Killed), ("lock", Killed)],
    [("rename", Killed), ("rename", Interrupted), ("daemon-reload-", Killed)],
    [("daemon-reload-", Interrupted), ("daemon-reload-", Killed), ("stop-keepalived", Interrupted)],
    [("reload-haproxy", Killed), ("verify", Killed), ("disable-keepalived", Interrupted)],
    [("verify", Interrupted), ("reload-keepalived", Killed), ("restart-haproxy", Interrupted)],
    [("start-keepalived", Killed), ("confirm", Killed), ("lock", Interrupted)],
];

/// As many as the machine takes: each has hosts of its own, which wait most of the time.
const AT_ONCE: usize = 4;

pub fn a_run_that_ends_early_at_any_step_leaves_the_old_or_the_new() {
    let terraform = need!(needed());
    let other = |steps: Steps| steps.map(|(step, end)| (step, if end == Killed { Interrupted } else { Killed }));
    let mut all = STEPS.to_vec();
    if matrix::is_whole() {
        all.extend(STEPS.map(other));
    }
    let next = Mutex::new(all.into_iter());
    let take = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(steps) = take() {
                    println!("{steps:?}");
                    cycle(&terraform, steps);
                }
            });
        }
    });
}
