//! `talosendpoint_static` with the real CLI.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use lab::need;
use lab::programs;
use lab::terraform::Workspace;

use crate::stage::{errors_reported, header, workspace};

const THIS: &str = "talosendpoint_static.this";
const NODES: &str =
    r#"control_plane = { cp-01 = { address = "192.168.30.31/24" }, cp-02 = { address = "192.168.30.32/24" } }"#;
const NAME: &str = r#"host = "k8s.example.com""#;

fn resource(name: &str, arguments: &[&str]) -> String {
    format!("resource \"talosendpoint_static\" \"{name}\" {{\n  {}\n}}\n", arguments.join("\n  "))
}

/// Applies, expects no further change, and gives what is in the state.
#[track_caller]
fn apply(workspace: &Workspace, arguments: &[&str]) -> Json {
    workspace.main(&(header() + &resource("this", arguments)));
    workspace.apply().ok();
    assert_eq!(workspace.plan().status, 0, "no changes");
    workspace.attributes(THIS).expect("the resource in the state")
}

#[test]
fn each_kind_is_known_at_plan_settles_and_becomes_the_next() {
    let workspace = workspace(&need!(programs::terraform()));
    let single = r#"control_plane = { cp-01 = { address = "192.168.30.31/24" } }"#;
    workspace.main(&(header() + &resource("this", &[single])));
    let planned = workspace.plan_json()["resource_changes"][0]["change"].clone();
    assert!(!planned["after_unknown"].to_string().contains("true"), "{}", planned["after_unknown"]);
    let state = apply(&workspace, &[single]);
    assert_eq!(state, planned["after"], "what is applied is what was planned");
    assert_eq!(state["kubernetes_api_endpoint"], "https://192.168.30.31:6443");
    assert_eq!(state["control_plane_config_patches"], json!([]));

    let state = apply(&workspace, &[NAME, NODES]);
    assert_eq!(state["talosctl_endpoints"], json!(["192.168.30.31", "192.168.30.32"]));
    assert_eq!(state["dns_record_sets"]["A"]["records"], json!(["192.168.30.31", "192.168.30.32"]));
    assert_eq!(state["patches"]["cp-02"], json!([r#"{"machine":{"certSANs":["k8s.example.com"]}}"#]));

    let state = apply(&workspace, &[NAME, NODES, "external = true", "kubernetes_api = { port = 443 }"]);
    assert_eq!(state["talosctl_endpoints"], json!(["k8s.example.com"]));
    assert_eq!(state["kubernetes_api_endpoint"], "https://k8s.example.com:443");
    assert_eq!(state["dns_record_sets"], json!({}));

    // Arguments that are removed return to their defaults.
    let state = apply(&workspace, &[single]);
    assert_eq!(state["kubernetes_api_endpoint"], "https://192.168.30.31:6443");
    workspace.destroy().ok();
    assert_eq!(workspace.attributes(THIS), None);
}

#[test]
fn a_warning_comes_with_its_cause_and_not_again() {
    let workspace = workspace(&need!(programs::terraform()));
    workspace.main(&(header() + &resource("this", &[NAME, NODES])));
    assert!(workspace.plan().said().contains("No health checks"));
    apply(&workspace, &[NAME, NODES]);
    assert!(!workspace.plan().ok().said().contains("Nothing checks"));
}

/// Records as a DNS provider's resource would make them.
const RECORDS: &str = "resource \"terraform_data\" \"record\" \
                       {\n  for_each = talosendpoint_static.this.dns_record_sets\n  input = each.value\n}\n";

#[test]
fn for_each_over_the_records_works_before_the_addresses_are_known() {
    let workspace = workspace(&need!(programs::terraform()));
    let later = "resource \"terraform_data\" \"later\" {\n  input = \"192.168.30.31\"\n}\n";
    let nodes = "control_plane = \
                 { cp-01 = { address = terraform_data.later.output }, cp-02 = { address = \"192.168.30.32\" } }";
    workspace.main(&(header() + later + &resource("this", &[NAME, nodes]) + RECORDS));
    let said = workspace.plan().with_status(1).flat();
    assert!(said.contains("Invalid for_each argument"), "{said}");
    assert!(said.contains("The types of the DNS records are not known yet"), "{said}");
    assert!(said.contains("Set `record_types`"), "{said}");

    let types = "record_types = [\"A\"]";
    workspace.main(&(header() + later + &resource("this", &[NAME, nodes, types]) + RECORDS));
    workspace.apply().ok();
    assert_eq!(workspace.plan().status, 0);
    let record = workspace.attributes("terraform_data.record[\"A\"]").expect("the record");
    let expected =
        json!({"name": "k8s.example.com", "type": "A", "ttl": 60, "records": ["192.168.30.31", "192.168.30.32"]});
    assert_eq!(record["output"], expected);
}

#[test]
fn what_becomes_known_and_is_wrong_makes_nothing() {
    let workspace = workspace(&need!(programs::terraform()));
    let later = "resource \"terraform_data\" \"later\" {\n  input = \"2001:db8::31\"\n}\n";
    let nodes = "control_plane = \
                 { cp-01 = { address = terraform_data.later.output }, cp-02 = { address = \"192.168.30.32\" } }";
    workspace.main(&(header() + later + &resource("this", &[NAME, nodes, "record_types = [\"A\"]"])));
    let said = workspace.apply().with_status(1).flat();
    assert!(said.contains("Node without a record"), "{said}");
    assert_eq!(workspace.attributes(THIS), None);
}

/// Arguments, and the titles of the errors that they are.
const BAD: &[(&str, &[&str], &[&str])] = &[
    ("nothing", &[], &["Missing host"]),
    ("several_without_host", &[NODES], &["Missing host"]),
    ("external_without_host", &[NODES, "external = true"], &["Missing host"]),
    ("nodes_wanted", &[NAME, "external = false"], &["Missing nodes"]),
    ("host_with_port", &[r#"host = "k8s.example.com:6443""#], &["Invalid value"]),
    ("address_of_several", &[r#"host = "192.168.30.5""#, NODES], &["The host is an address"]),
    ("loopback", &[r#"control_plane = { a = { address = "127.0.0.1" } }"#], &["Unusable address"]),
    (
        "twice",
        &[NAME, r#"control_plane = { a = { address = "fd00::1" }, b = { address = "fd00:0::1/64" } }"#],
        &["Address used twice"],
    ),
    ("network", &[r#"control_plane = { a = { address = "192.168.30.0/24" } }"#], &["Unusable address"]),
    ("names_without_version", &[NAME, r#"additional_names = ["vpn.example.com"]"#], &["No Talos version"]),
    (
        "entry_of_several",
        &[NAME, NODES, "host_entry = true", r#"talos_version = "v1.12""#],
        &["Host entry not possible"],
    ),
    ("translated", &[NAME, NODES, "talos_api = { port = 50010 }"], &["Port not translated"]),
    ("same_port", &[NAME, "kubernetes_api = { port = 50000 }"], &["Port used twice"]),
    ("ttl", &[NAME, NODES, "ttl = -1"], &["Invalid value"]),
    ("record_type", &[NAME, NODES, r#"record_types = ["CNAME"]"#], &["Invalid value"]),
    (
        "other_family",
        &[NAME, NODES, r#"record_types = ["AAAA"]"#],
        &["Record type without addresses", "Node without a record", "Node without a record"],
    ),
    ("no_records", &[NAME, r#"record_types = ["A"]"#], &["No DNS records needed"]),
];

#[test]
fn every_error_is_told_at_plan_in_one_run() {
    let workspace = workspace(&need!(programs::terraform()));
    let blocks: Vec<String> = BAD.iter().map(|(name, arguments, _)| resource(name, arguments)).collect();
    workspace.main(&(header() + &blocks.concat()));
    let titles = |found: Vec<(String, String)>| found.into_iter().map(|(title, _)| title).collect();
    let found: BTreeMap<String, Vec<String>> =
        errors_reported(&workspace).into_iter().map(|(address, found)| (address, titles(found))).collect();
    let expected: BTreeMap<String, Vec<String>> = BAD
        .iter()
        .map(|(name, _, titles)| {
            (format!("talosendpoint_static.{name}"), titles.iter().map(|title| (*title).to_owned()).collect())
        })
        .collect();
    assert_eq!(found, expected);
}
