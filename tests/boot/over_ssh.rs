//! The example of a bare-metal cluster, from two machines that boot and three nodes to a VIP that serves, in one apply; its life, and its end.
//! What the machines are given at first is what the guide "Bare metal" gives them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use lab::need;
use lab::network::clock::{now, poll};
use lab::skip::say;
use lab::terraform::Workspace;

use crate::needed::needed;
use crate::pair::{BALANCERS, NODES, Pair, VIP};
use crate::steps::Steps;

/// What no client notices, on a machine that is busy with other things.
const NONE: Duration = Duration::from_secs(2);

/// The VIP moves in order, or after a failure that is noticed within 3 s.
const MOVE: Duration = Duration::from_secs(8);

/// As long as machines may take to boot and to be set up.
const BOOT: Duration = Duration::from_secs(180);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn keygen(folder: &Path, name: &str) -> (String, String) {
    let path = folder.join(name);
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&path).output();
    assert!(made.unwrap().status.success());
    let public = fs::read_to_string(path.with_extension("pub")).unwrap();
    (fs::read_to_string(path).unwrap(), public.trim().to_owned())
}

/// The user-data in the guide, with these keys in place of those in the text.
fn user_data(user_key: &str, host_private: &str, host_public: &str) -> String {
    let page = fs::read_to_string(root().join("docs/guides/bare-metal.md")).unwrap();
    let block = page.split("```yaml\n").nth(1).expect("the user-data").split("```").next().unwrap();
    let mut private = Some(host_private.lines().map(|line| format!("    {line}\n")).collect::<String>());
    let mut text = String::new();
    for line in block.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("- ssh-ed25519 ") {
            text.push_str(&line.replace(trimmed, &format!("- {user_key}")));
        } else if trimmed.starts_with("ed25519_public: ") {
            text.push_str(&line.replace(trimmed, &format!("ed25519_public: {host_public}")));
        } else if trimmed.starts_with("-----") || trimmed == "..." {
            text.push_str(private.take().unwrap_or_default().trim_end());
            continue;
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    assert!(private.is_none() && text.contains(user_key) && text.contains(host_public), "{text}");
    text
}

/// The example, for the machines of this pair; one host key is in a variable, the other one in `known_hosts`.
fn workspace(pair: &Pair, terraform: &Path, host_keys: &[String]) -> Workspace {
    let schemas = root().join("tests/pure/talos-provider-schemas.json");
    let workspace = pair.workspace(terraform).stand_in("siderolabs/talos", &schemas, "0.11.0");
    let example = root().join("examples/terraform/cluster/baremetal");
    for file in ["versions.tf", "main.tf", "talos.tf", "variables.tf", "outputs.tf"] {
        workspace.write(file, &fs::read_to_string(example.join(file)).unwrap());
    }
    let nodes = NODES.map(|(name, address)| format!("  {name} = \"{address}\"\n")).concat();
    let balancer = |(name, address)| format!("  {name} = {{ address = \"{address}/24\", interface = \"eth0\" }}\n");
    let balancers = BALANCERS.map(balancer).concat();
    workspace.write(
        "terraform.tfvars",
        &format!(
            "control_plane = {{\n{nodes}}}\nload_balancers = {{\n{balancers}}}\nvip = \"{VIP}\"\ntalos_version = \"v1.12\"\n\
             ssh_private_key_path = {:?}\nhost_keys = {{ {} = {:?} }}\n",
            pair.file("user"), BALANCERS[0].0, host_keys[0]
        ),
    );
    fs::create_dir(workspace.path().join(".ssh")).unwrap();
    workspace.write(".ssh/known_hosts", &format!("{} {}\n", BALANCERS[1].1, host_keys[1]));
    workspace
}

/// Another number of connections, in HAProxy's file and so in Keepalived's.
fn change(workspace: &Workspace, maxconn: u32) {
    let example = fs::read_to_string(root().join("examples/terraform/cluster/baremetal/main.tf")).unwrap();
    let line = "  vip            = var.vip\n";
    let changed = example.replace(line, &format!("{line}  haproxy        = {{ maxconn = {maxconn} }}\n"));
    assert_ne!(changed, example);
    workspace.write("main.tf", &changed);
}

#[test]
fn a_cluster_comes_from_nothing_in_one_apply_and_outlives_its_machines() {
    let (terraform, debian) = need!(needed());
    let mut pair = Pair::new(&debian);
    let (_, user_key) = keygen(pair.folder.path(), "user");
    let mut host_keys = Vec::new();
    for balancer in &pair.balancers {
        let (private, public) = keygen(pair.folder.path(), balancer.name());
        balancer.seed("first", &user_data(&user_key, &private, &public));
        host_keys.push(public);
    }
    pair.serve_packages();
    let workspace = workspace(&pair, &terraform, &host_keys);
    let begun = now();
    for balancer in &mut pair.balancers {
        balancer.power_on().unwrap_or_else(|console| panic!("{console}"));
    }
    // The machines still boot.
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
        let applying = workspace.start_apply();
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

    workspace.destroy().ok();
    let gone = || pair.holders().is_empty().then_some(());
    poll(MOVE, gone).unwrap_or_else(|| panic!("held by {:?}", pair.holders()));
    for balancer in &pair.balancers {
        let files = balancer.run("cat /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf; ls /var/lib/talosendpoint /etc/systemd/system");
        assert!(!files.said.contains("talosendpoint_haproxy") && !files.said.contains(".json"), "{}", files.said);
        assert_ne!(balancer.run("systemctl is-active keepalived").status, 0, "{}", balancer.name());
    }
}
