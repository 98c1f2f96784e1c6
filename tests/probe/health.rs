//! `talosendpoint_health` under the real CLI.

use lab::need;
use lab::programs;
use serde_json::{Value, json};

use crate::cluster::{Ports, configuration, workspace};

const DATA: &str = r#"data "talosendpoint_health" "this" {
  endpoint = local.endpoint
}
output "this" {
  value = data.talosendpoint_health.this
}
"#;

#[test]
fn what_is_found_is_never_an_error() {
    let (workspace, ports) = (workspace(&need!(programs::terraform())), Ports::free());
    workspace.main(&configuration(&[&ports.local(), DATA]));
    workspace.apply().ok();
    let found = workspace.output("this");
    assert_eq!((&found["healthy"], &found["timeout"]), (&json!(false), &json!("5s")));
    assert_eq!(found["targets"]["talos_api"]["stage"], "tcp");
    assert_eq!(found["targets"]["talos_api"]["certificate"], Value::Null);
    assert_eq!(found["target_groups"], json!({}));
    assert!(found["looked_from"].as_str().unwrap().contains("127.0.0.1"), "{found}");

    let _cluster = ports.serve();
    workspace.apply().ok();
    let found = workspace.output("this");
    assert_eq!(found["healthy"], true, "{found}");
    let kubernetes = &found["targets"]["kubernetes_api"];
    assert_eq!((&kubernetes["stage"], &kubernetes["ok"]), (&json!("done"), &json!(true)));
    assert_eq!(kubernetes["certificate"]["names"], json!(["localhost"]));
    assert_eq!(kubernetes["certificate"]["issuer"], "O=kubernetes");
    assert!(kubernetes["latency_ms"].is_number() && kubernetes["certificate"]["not_after"].is_string(), "{found}");
}

#[test]
fn a_server_that_hangs_holds_nobody_for_longer_than_it_may() {
    let (workspace, ports) = (workspace(&need!(programs::terraform())), Ports::free());
    let _servers = ports.hang();
    let data = DATA.replace("endpoint = local", "timeout = \"2s\"\n  endpoint = local");
    workspace.main(&configuration(&[&ports.local(), &data]));
    workspace.apply().ok();
    let found = workspace.output("this");
    let message = found["targets"]["kubernetes_api"]["message"].as_str().unwrap();
    assert!(message.contains("says nothing within 1.") || message.contains("says nothing within 2 s"), "{message}");
    workspace.main(&configuration(&[&ports.local(), &data.replace("2s", "6s")]));
    assert!(workspace.plan().with_status(1).flat().contains("must be a duration from `100ms` to `5s`"));
}

#[test]
fn with_an_unknown_input_it_is_read_at_apply() {
    let (workspace, ports) = (workspace(&need!(programs::terraform())), Ports::free());
    let later = "resource \"terraform_data\" \"later\" {\n  input = \"localhost\"\n}\n";
    let local = ports
        .local()
        .replace("\"localhost\"", "terraform_data.later.output")
        .replace("https://localhost:", "https://${terraform_data.later.output}:");
    let _cluster = ports.serve();
    workspace.main(&configuration(&[later, &local, DATA]));
    let planned = workspace.plan().with_status(2);
    assert!(planned.said().contains("data.talosendpoint_health.this will be read during apply"), "{}", planned.said());
    workspace.apply().ok();
    assert_eq!(workspace.output("this")["healthy"], true);
}
