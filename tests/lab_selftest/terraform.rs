use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use lab::moto::Moto;
use lab::need;
use lab::process::{Outcome, Running, processes};
use lab::programs;
use lab::proxy::Proxy;
use lab::terraform::{REQUIRED, RunningCli, Workspace, provider};
use lab::venv::Venv;

const LIMIT: Duration = Duration::from_secs(30);

const DATA: &str = r#"
resource "terraform_data" "one" { input = "first" }
output "one" { value = terraform_data.one.output }
"#;

#[test]
fn a_configuration_without_other_providers_needs_no_init() {
    let workspace = Workspace::new(&need!(programs::terraform()), &provider());
    round_trip(&workspace);
}

#[test]
fn opentofu_runs_the_same_way() {
    let workspace = Workspace::new(&need!(programs::tofu()), &provider());
    round_trip(&workspace);
}

fn round_trip(workspace: &Workspace) {
    workspace.main(DATA);
    let planned = workspace.plan_json();
    let change = &planned["resource_changes"][0];
    assert_eq!(change["address"], "terraform_data.one");
    assert_eq!(change["change"]["actions"][0], "create");
    assert_eq!(workspace.plan().status, 2);
    workspace.apply().ok();
    assert_eq!(workspace.plan().status, 0);
    assert_eq!(workspace.output("one"), "first");
    let attributes = workspace.attributes("terraform_data.one");
    assert_eq!(attributes.expect("in the state")["input"], "first");
    assert_eq!(workspace.attributes("terraform_data.two"), None);
    workspace.destroy().ok();
    workspace.import("terraform_data.one", "an-id").ok();
    let imported = workspace.attributes("terraform_data.one");
    assert_eq!(imported.expect("in the state")["id"], "an-id");
    workspace.main("nonsense");
    let refused = workspace.plan();
    assert_eq!(refused.status, 1);
    assert!(refused.flat().contains("Argument or block definition required"));
}

#[test]
fn the_environment_is_the_workspace_s_own() {
    let workspace = Workspace::new(&need!(programs::terraform()), &provider())
        .endpoint("http://127.0.0.1:1")
        .env("EXTRA", "yes")
        .without_env("AWS_REGION");
    workspace.main(&local_exec("env > seen"));
    workspace.apply().ok();
    let seen = workspace.read("seen");
    let home = format!("HOME={}", workspace.path().display());
    for expected in ["AWS_ENDPOINT_URL=http://127.0.0.1:1", "EXTRA=yes", &home] {
        assert!(seen.lines().any(|line| line == expected), "{seen}");
    }
    for absent in ["AWS_CA_BUNDLE=", "AWS_REGION=", "RUST_BACKTRACE=", "CARGO="] {
        assert!(!seen.contains(absent), "{seen}");
    }
}

/// Needs only that the binary is offered: `providers` reads the lock file that `init` wrote, and starts nothing.
#[test]
fn the_provider_can_be_installed_from_a_mirror() {
    let workspace = Workspace::installed(&need!(programs::terraform()), &provider());
    workspace.main(REQUIRED);
    let said = workspace.init().ok().flat();
    assert!(said.contains("Installed talosendpoint/talosendpoint v0.1.0"), "{said}");
}

#[test]
fn a_mark_of_a_local_exec_stands_in_the_proxy_s_log() {
    let terraform = need!(programs::terraform());
    need!(programs::find("curl"));
    let moto = Moto::start(&need!(Venv::get()));
    let proxy = Proxy::start(moto.url());
    let workspace = Workspace::new(&terraform, &provider());
    workspace.main(&local_exec(&format!("curl -sS {}/mark/instance-ended", proxy.url())));
    workspace.apply().ok();
    assert_eq!(proxy.sequence(), ["mark:instance-ended"]);
}

#[test]
fn terraform_can_be_interrupted() {
    let workspace = Workspace::new(&need!(programs::terraform()), &provider());
    let mut cli = start_waiting(&workspace);
    assert!(cli.group().len() >= 2, "{:?}", cli.group());
    cli.interrupt();
    let outcome = cli.wait(LIMIT).expect("it ends");
    assert_eq!(outcome.status, 1);
    assert!(outcome.said().contains("Interrupt received"), "{}", outcome.said());
}

/// As in a terminal, where a provider gets the signal too (not tried with Terraform: it kills a local-exec at once).
#[test]
fn ctrl_c_reaches_the_whole_group() {
    let python = need!(programs::python3());
    let folder = tempfile::tempdir().expect("a folder");
    // Both wait for a signal that is blocked from the start, so that there is no moment to lose it in. A shell has such moments: dash may
    // lose one while it starts something, or end without its trap.
    let inner = "import pathlib, signal\npathlib.Path('started').touch()\nsignal.sigwait([signal.SIGINT])\npathlib.Path('inner').touch()\n";
    let outer = "import pathlib, signal, subprocess, sys\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\n\
                 inner = subprocess.Popen([sys.executable, 'inner.py'])\nsignal.sigwait([signal.SIGINT])\n\
                 pathlib.Path('outer').touch()\ninner.wait()\nsys.exit(3)\n";
    for (name, text) in [("inner.py", inner), ("outer.py", outer)] {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let mut command = Command::new(python);
    command.arg("outer.py").current_dir(folder.path());
    let mut running = Running::start(command);
    wait_for(&folder.path().join("started"));
    assert!(running.wait(Duration::ZERO).is_none());
    running.interrupt();
    let outcome = running.wait(LIMIT).expect("it ends");
    assert_eq!(outcome.status, 3);
    for both in ["inner", "outer"] {
        assert!(folder.path().join(both).exists(), "{both}");
    }
}

#[test]
fn terraform_can_be_killed_alone() {
    let workspace = Workspace::new(&need!(programs::terraform()), &provider());
    let mut cli = start_waiting(&workspace);
    cli.kill_terraform();
    let outcome: Outcome = cli.wait(LIMIT).expect("it ends");
    assert_eq!(outcome.status, -9);
    assert!(cli.group().is_empty(), "{:?}", cli.group());
}

#[test]
fn the_provider_can_be_killed_alone() {
    let terraform = need!(programs::terraform());
    let sleep = need!(programs::find("sleep"));
    let workspace = Workspace::new(&terraform, &provider());
    let cli = start_waiting(&workspace);
    assert_eq!(cli.kill_provider(), 0, "no provider runs here");
    drop(cli);
    let workspace = Workspace::new(&terraform, &provider());
    // Something of a provider's name in a provider's place: a direct child of Terraform.
    let pretender = workspace.path().join("terraform-provider-pretender");
    fs::copy(sleep, &pretender).expect("copied");
    workspace.main(&local_exec("touch started; exec ./terraform-provider-pretender 60"));
    let cli = workspace.start_apply();
    let end = Instant::now() + LIMIT;
    while cli.kill_provider() == 0 {
        assert!(Instant::now() < end, "{:?}", cli.children());
        std::thread::sleep(Duration::from_millis(10));
    }
    let outcome = cli.finish(LIMIT);
    assert_eq!(outcome.status, 1, "{}", outcome.said());
    assert!(outcome.flat().contains("signal: killed"), "{}", outcome.said());
}

#[test]
fn nothing_outlives_a_dropped_run() {
    let workspace = Workspace::new(&need!(programs::terraform()), &provider());
    let cli = start_waiting(&workspace);
    let pids: Vec<_> = cli.group().into_iter().map(|process| process.pid).collect();
    assert!(pids.len() >= 2);
    drop(cli);
    let end = Instant::now() + LIMIT;
    while processes().iter().any(|process| pids.contains(&process.pid)) {
        assert!(Instant::now() < end, "something lives");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// An apply whose local-exec has said that it is there, and would stay for a minute.
fn start_waiting(workspace: &Workspace) -> RunningCli {
    let script = "touch started; i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done";
    workspace.main(&local_exec(script));
    let cli = workspace.start_apply();
    wait_for(&workspace.path().join("started"));
    cli
}

fn wait_for(file: &Path) {
    let end = Instant::now() + LIMIT;
    while !file.exists() {
        assert!(Instant::now() < end, "{} did not appear", file.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn local_exec(command: &str) -> String {
    format!(
        r#"resource "terraform_data" "run" {{
             provisioner "local-exec" {{ command = {command:?} }}
           }}"#
    )
}
