//! `talosendpoint_ready` under the real CLI.

use std::time::{Duration, Instant};

use lab::need;
use lab::programs;
use serde_json::json;

use crate::cluster::{CHECK, NESTED_CHECK, Ports, READY, configuration, ready, workspace};
use crate::server::Then;

/// What Terraform says of a check that failed.
const FAILED: &str = "Check block assertion failed";

/// The bootstrap, which takes a moment to have an effect.
const BOOTSTRAP: &str = r#"resource "terraform_data" "bootstrap" {
  provisioner "local-exec" {
    command = "touch bootstrapped"
  }
}
"#;

#[test]
fn a_first_apply_from_nothing_waits_and_shows_no_failed_check_and_a_dead_cluster_stops_no_plan() {
    let (workspace, ports) = (workspace(&need!(programs::terraform())), Ports::free());
    let wait = ready("depends_on = [terraform_data.bootstrap]\n  timeouts = { create = \"90s\" }");
    // A node that is still joining, or is down: nobody listens there.
    let joining = "    nodes = { cp-02 = { address = \"127.0.0.2\" } }\n  }\n}\n";
    let local = ports.local().replace("  }\n}\n", joining);
    let parts = [&local, BOOTSTRAP, &wait, CHECK];
    let nested = configuration(&[parts.as_slice(), &[NESTED_CHECK]].concat());
    workspace.main(&nested);
    let planned = workspace.plan().with_status(2);
    assert!(!planned.said().contains(FAILED), "{}", planned.said());

    let apply = workspace.start_apply();
    until("bootstrap", || workspace.path().join("bootstrapped").exists());
    std::thread::sleep(Duration::from_millis(2500));
    let cluster = ports.serve();
    let applied = apply.finish(Duration::from_secs(90)).ok();
    assert!(!applied.said().contains(FAILED) && !applied.said().contains("Warning: Check"), "{}", applied.said());
    workspace.main(&configuration(&parts));
    assert!(!workspace.plan().with_status(0).said().contains(FAILED));
    let state = workspace.attributes(READY).unwrap();
    assert_eq!((&state["host"], &state["wait_for"]), (&json!("localhost"), &json!(["kubernetes_api", "talos_api"])));
    assert_eq!(state["kubernetes_api_endpoint"], state["endpoint"]["kubernetes_api_endpoint"]);

    drop(cluster);
    workspace.main(&nested);
    let dead = workspace.plan().with_status(2);
    assert_eq!(dead.said().matches(FAILED).count(), 2, "{}", dead.said());
    assert!(dead.said().contains("0 to add, 0 to change, 0 to destroy"), "{}", dead.said());
    workspace.main(&configuration(&parts));
    let dead = workspace.plan().with_status(0);
    for part in [FAILED, "kubernetes_api: port closed: not bootstrapped yet", "talos_api: port closed"] {
        assert!(dead.flat().contains(part), "{part}: {}", dead.said());
    }
    workspace.destroy().ok();
}

#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "no {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_wait_in_vain_says_every_ten_seconds_how_far_it_is_and_ends_with_the_same_table() {
    let (workspace, ports) = (workspace(&need!(programs::terraform())), Ports::free());
    let workspace = workspace.env("TF_LOG_PROVIDER", "INFO").env("TF_LOG_PATH", "provider.log");
    // A round lasts as long as the server that hangs, and the log must not wait for that.
    let _servers = [ports.kubernetes("other.example.com", Then::Answer(401, "")), ports.hanging_talos()];
    workspace.main(&configuration(&[&ports.local(), &ready("timeouts = { create = \"20s\" }")]));
    let begun = Instant::now();
    let ended = workspace.apply().with_status(1);
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    let said = ended.flat();
    for part in [
        "Error: Timed out",
        "timeouts = { create",
        "tls certificate lacks localhost: make `kubernetes_api_endpoint` the cluster endpoint",
        "tls accepts the connection and says nothing within",
        "Seen from ",
        "What is at fault at kubernetes_api may not go away by itself",
    ] {
        assert!(said.contains(part) || ended.said().contains(part), "{part}: {}", ended.said());
    }
    let log = workspace.read("provider.log");
    let told = log.lines().filter(|line| line.contains("waiting until the endpoint serves") && line.contains("[INFO]"));
    let told: Vec<&str> = told.collect();
    assert_eq!(told.len(), 2, "{log}");
    assert!(told.iter().all(|line| line.contains("kubernetes_api: tls, talos_api: tls")), "{told:#?}");
    let warned =
        log.lines().filter(|line| line.contains("[WARN]") && line.contains("as things are, the wait can't succeed"));
    assert_eq!(warned.count(), 1, "{log}");
    assert_eq!(workspace.attributes(READY), None, "a failed create leaves nothing to be destroyed");
}

#[test]
fn the_user_s_wish_to_stop_ends_it_at_once() {
    let (workspace, ports) = (workspace(&need!(programs::terraform())), Ports::free());
    let servers = ports.hang();
    workspace.main(&configuration(&[&ports.local(), &ready("")]));
    let apply = workspace.start_apply();
    until("connection", || servers.iter().any(|server| server.accepted() > 0));
    apply.interrupt();
    let begun = Instant::now();
    let ended = apply.finish(Duration::from_secs(60)).with_status(1);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}: {}", begun.elapsed(), ended.said());
    // There is no table before the first round is over, and that lasts 5 s.
    assert!(!ended.said().contains("How far each server was reached"), "the round went on: {}", ended.said());
    assert!(
        ended.flat().contains("Interrupted on your request while waiting until the endpoint serves"),
        "{}",
        ended.said()
    );
}

#[test]
fn what_is_waited_for_in_addition_is_waited_for() {
    let (workspace, ports) = (workspace(&need!(programs::terraform())), Ports::free());
    let write = |apis: &str| {
        let lines = format!("wait_for = [{apis}]\n  timeouts = {{ update = \"3s\" }}");
        workspace.main(&configuration(&[&ports.local(), &ready(&lines)]));
    };
    let _kubernetes = ports.kubernetes("localhost", Then::Answer(401, ""));
    write("\"kubernetes_api\"");
    workspace.apply().ok();
    write("\"kubernetes_api\", \"talos_api\"");
    let failed = workspace.apply().with_status(1);
    assert!(failed.said().contains("Error: Timed out"), "{}", failed.said());
}

#[test]
fn it_waits_again_only_where_the_endpoint_or_a_trigger_changes() {
    let (workspace, ports) = (workspace(&need!(programs::terraform())), Ports::free());
    let write = |version: &str, update: &str| {
        let lines = format!("triggers = {{ talos = \"{version}\" }}\n  timeouts = {{ update = \"{update}\" }}");
        workspace.main(&configuration(&[&ports.local(), &ready(&lines)]));
    };
    let cluster = ports.serve();
    write("v1.12", "1m");
    workspace.apply().ok();
    drop(cluster);
    workspace.assert_settled();
    write("v1.12", "3s");
    workspace.apply().ok();
    write("v1.13", "3s");
    let failed = workspace.apply().with_status(1);
    assert!(failed.said().contains("Error: Timed out") && failed.said().contains("port closed"), "{}", failed.said());
    let state = workspace.attributes(READY).unwrap();
    assert_eq!(state["triggers"]["talos"], "v1.12", "the wait is still to be done");
    let _cluster = ports.serve();
    write("v1.13", "1m");
    workspace.apply().ok();
    workspace.assert_settled();
    assert_eq!(workspace.attributes(READY).unwrap()["triggers"]["talos"], "v1.13");
}

#[test]
fn any_endpoint_is_taken_as_a_whole_and_known_at_plan() {
    let workspace = workspace(&need!(programs::terraform()));
    let endpoints = r#"
resource "talosendpoint_vip" "this" {
  vip           = "192.168.30.30"
  talos_version = "v1.12"
  interface     = "eth0"
  control_plane = { cp-01 = { address = "192.168.30.31/24" } }
}
resource "talosendpoint_haproxy" "this" {
  control_plane  = { cp-01 = { address = "192.168.30.31" } }
  load_balancers = { lb-01 = { address = "192.168.30.21/24", interface = "eth0" } }
}
resource "talosendpoint_static" "this" {
  host     = "k8s.example.com"
  external = true
}
locals {
  endpoints = { vip = talosendpoint_vip.this, haproxy = talosendpoint_haproxy.this, static = talosendpoint_static.this }
}
resource "talosendpoint_ready" "this" {
  for_each = { for name in ["vip", "haproxy", "static"] : name => name }
  endpoint = local.endpoints[each.key]
}
"#;
    workspace.main(&configuration(&[endpoints]));
    let plan = workspace.plan_json();
    let changes = plan["resource_changes"].as_array().unwrap();
    let of = |key: &str| {
        let found = changes.iter().find(|change| change["address"] == format!("{READY}[\"{key}\"]")).unwrap();
        assert!(!found["change"]["after_unknown"].to_string().contains("true"), "{found}");
        found["change"]["after"].clone()
    };
    assert_eq!(of("vip")["kubernetes_api_endpoint"], "https://192.168.30.30:6443");
    assert_eq!(of("vip")["nodes"]["cp-01"]["address"], "192.168.30.31");
    assert_eq!(of("haproxy")["host"], "192.168.30.21");
    assert_eq!(of("static")["talos_api_endpoint"], "k8s.example.com:50000");
}

#[test]
fn what_can_never_be_is_an_error_at_plan() {
    let workspace = workspace(&need!(programs::terraform()));
    for (endpoint, lines, title) in [
        (r#"{ host = "a.example" }"#, "", "Nothing to wait for"),
        (
            r#"{ host = "a.example", kubernetes_api_endpoint = "https://a.example:6443" }"#,
            r#"wait_for = ["talos_api"]"#,
            "Nothing to wait for",
        ),
        (
            r#"{ host = "a.example", kubernetes_api_endpoint = "https://a.example:6443" }"#,
            r#"wait_for = ["etcd"]"#,
            "must be one of `kubernetes_api`, `talos_api`",
        ),
        (r#"{ host = "a.example", kubernetes_api_endpoint = "a.example:6443" }"#, "", "must be `https://HOST:PORT`"),
    ] {
        let local = format!("locals {{\n  endpoint = {endpoint}\n}}\n");
        workspace.main(&configuration(&[&local, &ready(lines)]));
        let refused = workspace.plan().with_status(1);
        assert!(refused.flat().contains(title), "{title}: {}", refused.said());
    }
}
