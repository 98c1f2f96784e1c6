//! The example of a bare-metal cluster, from two machines that boot and three nodes to a VIP that serves, in one apply; its life, and its end.

use std::fs;
use std::path::Path;
use std::time::Duration;

use lab::need;
use lab::network::clock::{now, poll};
use lab::programs::quoted;
use lab::skip::say;
use lab::terraform::{APPLY, REQUIRED, Workspace};

use crate::cluster::{USER_KEY, example, guide, prepare};
use crate::needed::needed;
use crate::pair::{BALANCERS, Pair};
use crate::steps::Steps;
use crate::user_data::haproxy;

/// What no client notices, on a machine that is busy with other things.
const NONE: Duration = Duration::from_secs(2);

/// The VIP moves in order, or after a failure that is noticed within 3 s.
const MOVE: Duration = Duration::from_secs(8);

/// As long as machines may take to boot and to be set up.
const BOOT: Duration = Duration::from_secs(180);

/// Another number of connections, in HAProxy's file.
fn change(workspace: &Workspace, maxconn: u32) {
    let example = example("main.tf");
    let line = "  vip            = var.vip\n";
    let changed = example.replace(line, &format!("{line}  haproxy        = {{ maxconn = {maxconn} }}\n"));
    assert_ne!(changed, example);
    workspace.write("main.tf", &changed);
}

#[test]
fn a_cluster_comes_from_nothing_in_one_apply_and_outlives_its_machines() {
    let (terraform, debian) = need!(needed());
    let mut pair = Pair::new(&debian);
    let workspace = prepare(&pair, &terraform);
    pair.serve_packages();
    let begun = now();
    for balancer in &mut pair.balancers {
        let late = "[Service]\nExecStartPre=/bin/sh -c 'until systemctl is-active ssh; do sleep 1; done; sleep 5'\n";
        balancer.write("/etc/systemd/system/systemd-user-sessions.service.d/late.conf", late, 0o644);
        balancer.power_on().unwrap_or_else(|console| panic!("{console}"));
    }
    // The machines still boot. Their SSH answers for some seconds before it lets anybody but root in.
    let applied = workspace.apply();
    assert_eq!(applied.status, 0, "{}; {}", applied.said(), pair.said());
    say(&format!("over SSH: from the power button to a VIP that serves: {:.0} s\n", (now() - begun).as_secs_f64()));
    pair.holder(MOVE);
    workspace.assert_settled();
    for balancer in &pair.balancers {
        assert_eq!(balancer.check("systemctl is-enabled haproxy keepalived"), "enabled\nenabled\n");
    }

    let mut steps = Steps::new("over SSH", &mut pair);
    change(&workspace, 9000);
    steps.step("a change whose session ends, and all that it began", NONE, |pair| cut_session(pair, &workspace));
    let changed = steps.step("a change", NONE, |_| {
        workspace.apply().ok();
    });
    assert!(changed.failed.is_empty(), "{:?}", changed.failed);
    for place in 0..2 {
        steps.step(["the first machine boots again", "the second machine boots again"][place], MOVE, |pair| {
            pair.balancers[place].reboot();
            pair.serves(place, BOOT);
        });
    }
    workspace.assert_settled();
    change(&workspace, 9100);
    steps.step("the holder's power cut during a change", MOVE, |pair| {
        let holder = pair.holder(MOVE);
        // Its turn takes so long that the power is gone before it ends; this part of the unit is gone with the power.
        let slow = "mkdir -p /run/systemd/system/haproxy.service.d && cd /run/systemd/system/haproxy.service.d && \
                    printf '[Service]\\nExecReload=/bin/sleep 60\\n' > slow.conf && systemctl daemon-reload";
        pair.balancers[holder].check(slow);
        // Shorter than a user's: it is waited for to its end.
        let limit = [("TALOSENDPOINT_CONFIRM_LIMIT", "8")];
        let applying = workspace.start_with(&limit, &APPLY);
        let other = &pair.balancers[1 - holder];
        let there = || other.read("/etc/haproxy/haproxy.cfg").contains("maxconn 9100").then_some(());
        poll(BOOT, there).unwrap_or_else(|| panic!("{} isn't changed", other.name()));
        pair.balancers[holder].power_off(&pair.switch);
        let ended = applying.finish(BOOT);
        assert_eq!(ended.status, 1, "{}", ended.said());
        assert!(ended.flat().contains(&format!("{}: ", pair.balancers[holder].name())), "{}", ended.said());
        assert_ne!(pair.holder(BOOT), holder);
        pair.balancers[holder].power_on().unwrap_or_else(|console| panic!("{console}"));
        pair.serves(holder, BOOT);
        workspace.apply().ok();
    });
    workspace.assert_settled();
    for balancer in &pair.balancers {
        assert_eq!(
            balancer.check("find /etc /var/lib/talosendpoint -name '.*talosendpoint-*'"),
            "",
            "{}",
            balancer.name()
        );
        assert_eq!(balancer.check("systemctl --failed --plain --no-legend"), "", "{}", balancer.name());
    }

    workspace.destroy().ok();
    let gone = || pair.holders().is_empty().then_some(());
    poll(MOVE, gone).unwrap_or_else(|| panic!("held by {:?}", pair.holders()));
    for balancer in &pair.balancers {
        let files = balancer.run("cat /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf; ls /var/lib/talosendpoint /etc/systemd/system");
        assert!(!files.said.contains("talosendpoint_haproxy") && !files.said.contains(".json"), "{}", files.said);
        assert_ne!(balancer.run("systemctl is-active keepalived").status, 0, "{}", balancer.name());
    }
    by_terraform_alone(&pair, &terraform);
}

/// A session that ends in the middle takes its processes along, where the administrator says so. The change is taken back all the same.
fn cut_session(pair: &Pair, workspace: &Workspace) {
    let machine = &pair.balancers[1 - pair.holder(MOVE)];
    for (file, text) in [
        ("logind.conf.d/test.conf", "[Login]\nKillUserProcesses=yes\n"),
        ("system.conf.d/test.conf", "[Manager]\nDefaultTimeoutStopSec=1s\n"),
        // The file is in its place by then.
        (
            "system/haproxy.service.d/test.conf",
            "[Service]\nExecReload=/bin/sh -c 'systemctl stop ssh; kill -KILL $(pidof sshd)'\n",
        ),
    ] {
        machine.check(&format!(
            "mkdir -p $(dirname /run/systemd/{file}) && printf %s {} > /run/systemd/{file}",
            quoted(text.as_ref())
        ));
    }
    machine.check("systemctl daemon-reexec && systemctl restart systemd-logind");
    let before = machine.read("/etc/haproxy/haproxy.cfg");
    let ended = workspace.run_with(&[("TALOSENDPOINT_CONFIRM_LIMIT", "5")], &APPLY).with_status(1).flat();
    assert!(ended.contains("SSH connection lost"), "{ended}");
    let taken_back = || (machine.read("/etc/haproxy/haproxy.cfg") == before).then_some(());
    poll(Duration::from_secs(30), taken_back).unwrap_or_else(|| panic!("{} isn't taken back", machine.name()));
    let over =
        || machine.check("systemctl list-units --all --plain --no-legend 'talosendpoint-*'").is_empty().then_some(());
    poll(Duration::from_secs(10), over).unwrap_or_else(|| panic!("{} still changes", machine.name()));
    machine.check(
        "cd /run/systemd && rm logind.conf.d/test.conf system.conf.d/test.conf system/haproxy.service.d/test.conf",
    );
    machine.check("systemctl daemon-reexec && systemctl restart systemd-logind && systemctl start ssh");
}

/// The guide's few lines without this resource, on the same machines, which keep the packages.
fn by_terraform_alone(pair: &Pair, terraform: &Path) {
    let page = guide();
    let lines = page.split("```terraform\n").last().unwrap().split("```").next().unwrap();
    let workspace = pair.workspace(terraform);
    // The user's own client, with the keys of this pair.
    let known: String = BALANCERS
        .iter()
        .map(|(name, at)| format!("{at} {}", fs::read_to_string(pair.file(&format!("{name}.pub"))).unwrap()))
        .collect();
    fs::write(pair.file("known_hosts"), known).unwrap();
    let files = [pair.file(USER_KEY), pair.file("known_hosts")].map(|path| quoted(&path));
    let options = format!("-i {} -o UserKnownHostsFile={}", files[0], files[1]);
    pair.program("bin/ssh", &format!("exec /usr/bin/ssh {options} \"$@\""));
    let search = format!("{}:{}", pair.file("bin").display(), std::env::var("PATH").unwrap());
    let workspace = workspace.env("PATH", &search);
    workspace.main(&format!("{REQUIRED}\n{}\n{lines}", haproxy("")));
    workspace.apply().ok();
    (0..2).for_each(|place| pair.serves(place, BOOT));
    pair.holder(BOOT);
    let before: Vec<String> =
        pair.balancers.iter().map(|balancer| balancer.check("systemctl show --property MainPID haproxy")).collect();
    workspace.assert_settled();
    let changed = workspace.read("main.tf").replace("  vip = ", "  haproxy = { maxconn = 9200 }\n  vip = ");
    workspace.main(&changed);
    workspace.apply().ok();
    for (balancer, before) in pair.balancers.iter().zip(&before) {
        assert!(balancer.read("/etc/haproxy/haproxy.cfg").contains("maxconn 9200"));
        assert_eq!(&balancer.check("systemctl show --property MainPID haproxy"), before, "a reload is no restart");
    }
    pair.holder(BOOT);
    // A file that the first machine refuses is on none.
    workspace.main(&changed.replace("base64encode(local.endpoint.haproxy_cfg)", "base64encode(\"nonsense\\n\")"));
    workspace.apply().with_status(1);
    for balancer in &pair.balancers {
        assert!(balancer.read("/etc/haproxy/haproxy.cfg").contains("maxconn 9200"));
    }
}
