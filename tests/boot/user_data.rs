//! `cloud_init`'s user-data on machines that boot for the first time.

use std::time::Duration;

use lab::need;
use lab::network::clock::poll;
use lab::terraform::{REQUIRED, Workspace};

use crate::needed::needed;
use crate::pair::{BALANCERS, NODES, Pair, VIP};
use crate::steps::Steps;

/// Nothing of it moves the VIP.
const NONE: Duration = Duration::from_secs(2);

/// The VIP moves in order, or after a failure that is noticed within 3 s. Twice what is promised: the machine may be busy.
const MOVE: Duration = Duration::from_secs(8);

/// As long as a first boot with packages may take.
const FIRST_BOOT: Duration = Duration::from_secs(180);

/// `talosendpoint_haproxy` for these machines, with further arguments.
pub fn haproxy(arguments: &str) -> String {
    let nodes = NODES.map(|(name, address)| format!("    {name} = {{ address = \"{address}\" }}\n")).concat();
    let balancer = |(name, address)| format!("    {name} = {{ address = \"{address}/24\", interface = \"eth0\" }}\n");
    let balancers = BALANCERS.map(balancer).concat();
    format!(
        "resource \"talosendpoint_haproxy\" \"this\" {{\n  vip = \"{VIP}\"\n  control_plane = {{\n{nodes}  }}\n  \
         load_balancers = {{\n{balancers}  }}\n{arguments}}}\n"
    )
}

/// The configuration, with folders that neither the packages nor the system make.
fn configuration(maxconn: u32) -> String {
    let settings = format!(
        "  haproxy = {{\n    maxconn = {maxconn}\n    stats_socket = \"/run/balancer/own/stats.sock\"\n    chroot = \"/srv/balancer/jail\"\n  }}\n"
    );
    format!(
        "{REQUIRED}\n{}output \"user_data\" {{\n  value = {{ for name in keys(talosendpoint_haproxy.this.load_balancers) : \
         name => provider::talosendpoint::cloud_init(talosendpoint_haproxy.this, name) }}\n}}\n",
        haproxy(&settings)
    )
}

/// Gives each machine what Terraform evaluates for it.
fn seed(pair: &Pair, workspace: &Workspace, maxconn: u32) {
    workspace.main(&configuration(maxconn));
    workspace.apply().ok();
    let user_data = workspace.output("user_data");
    for balancer in &pair.balancers {
        let text = user_data[balancer.name()].as_str().expect("user-data");
        balancer.seed(&format!("{}-{maxconn}", balancer.name()), text);
    }
}

#[test]
fn machines_that_boot_with_it_serve_and_fail_over() {
    let (terraform, debian) = need!(needed());
    let mut pair = Pair::new(&debian);
    let workspace = pair.workspace(&terraform);
    seed(&pair, &workspace, 8000);
    for balancer in &mut pair.balancers {
        balancer.power_on().unwrap_or_else(|console| panic!("{console}"));
    }
    // No packages at the first boot.
    for balancer in &pair.balancers {
        let failed = || {
            let setup = balancer.run("systemctl show --property Result --value talosendpoint-setup; cloud-init status");
            let over = !setup.said.contains("running") && !setup.said.contains("not run");
            (over && setup.said.contains("exit-code")).then_some(())
        };
        poll(FIRST_BOOT, failed).unwrap_or_else(|| panic!("no first try: {}", pair.said()));
    }
    // One tries again when it boots again, the other one by itself.
    pair.serve_packages();
    pair.balancers[1].reboot();
    (0..2).for_each(|place| pair.serves(place, FIRST_BOOT));
    for balancer in &pair.balancers {
        let enabled = || balancer.run("systemctl is-enabled haproxy keepalived talosendpoint-setup").said;
        let set_up = || (enabled() == "enabled\nenabled\ndisabled\n").then_some(());
        poll(FIRST_BOOT, set_up).unwrap_or_else(|| panic!("{}: {}", balancer.name(), enabled()));
    }
    pair.holder(FIRST_BOOT);

    let mut steps = Steps::new("user-data", &mut pair);
    steps.step("both machines serve", NONE, |_| {});
    steps.step("the other machine boots again", NONE, |pair| {
        let other = 1 - pair.holder(MOVE);
        pair.balancers[other].reboot();
        pair.serves(other, FIRST_BOOT);
    });
    steps.step("the VIP's holder boots again", MOVE, |pair| {
        let holder = pair.holder(MOVE);
        pair.balancers[holder].reboot();
        pair.serves(holder, FIRST_BOOT);
    });
    steps.step("HAProxy killed on the holder", MOVE, |pair| {
        let holder = pair.holder(MOVE);
        pair.balancers[holder].check("systemctl kill --signal KILL haproxy");
        pair.serves(holder, FIRST_BOOT);
    });
    steps.step("HAProxy stopped on the holder", MOVE, |pair| {
        let holder = pair.holder(MOVE);
        pair.balancers[holder].check("systemctl stop haproxy");
        let moved = || (pair.holder(MOVE) != holder).then_some(());
        poll(MOVE, moved).unwrap_or_else(|| panic!("the VIP stays; {}", pair.said()));
        pair.balancers[holder].check("systemctl start haproxy");
        pair.serves(holder, FIRST_BOOT);
    });
    steps.step("the holder's power cut", MOVE, |pair| {
        let holder = pair.holder(MOVE);
        pair.balancers[holder].power_off(&pair.switch);
        assert_ne!(pair.holder(FIRST_BOOT), holder);
        pair.balancers[holder].power_on().unwrap_or_else(|console| panic!("{console}"));
        pair.serves(holder, FIRST_BOOT);
    });
    // The same machines, to cloud-init new ones, one at a time.
    seed(steps.pair, &workspace, 9000);
    steps.step("new user-data, machine by machine", MOVE, |pair| {
        let holder = pair.holder(MOVE);
        for place in [1 - holder, holder] {
            pair.balancers[place].reboot();
            let live = "grep -q 'maxconn 9000' /etc/haproxy/haproxy.cfg && systemctl is-active haproxy keepalived && cloud-init status";
            let done = || pair.balancers[place].run(live).said.contains("status: done").then_some(());
            poll(FIRST_BOOT, done).unwrap_or_else(|| panic!("not set up again; {}", pair.said()));
            pair.serves(place, FIRST_BOOT);
        }
    });
    for balancer in &pair.balancers {
        assert_eq!(balancer.check("systemctl --failed --plain --no-legend"), "", "{}", balancer.name());
    }
}
