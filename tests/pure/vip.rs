//! `talosendpoint_vip` under the real CLI.

mod bad_input;
mod lifecycle;
mod moves;
mod proxmox;
mod snippets;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use lab::terraform::Workspace;

use crate::stage::{Arguments, header};

/// The address of the resource under test.
const THIS: &str = "talosendpoint_vip.this";

const GUIDE: [(&str, &str); 4] = [
    ("vip", r#""192.168.30.30""#),
    ("talos_version", r#""v1.12""#),
    ("interface", r#""eth0""#),
    ("control_plane", NODES),
];

const NODES: &str = r#"{ cp-01 = { address = "192.168.30.31/24" }, cp-02 = { address = "192.168.30.32/24" }, cp-03 = { address = "192.168.30.33/24" } }"#;

/// A resource block of the guide's layout with changes; the empty text removes an argument.
fn resource(name: &str, arguments: Arguments) -> String {
    let mut all: BTreeMap<&str, &str> = GUIDE.into();
    all.extend(arguments.iter().copied());
    let lines = all.into_iter().filter(|(_, value)| !value.is_empty());
    let lines: Vec<String> = lines.map(|(name, value)| format!("  {name} = {value}\n")).collect();
    format!("resource \"talosendpoint_vip\" \"{name}\" {{\n{}}}\n", lines.concat())
}

/// Writes a configuration of one resource.
fn configure(workspace: &Workspace, arguments: Arguments) {
    workspace.main(&(header() + &resource("this", arguments)));
}

/// Applies a configuration of one resource, after which a plan is empty and says nothing.
#[track_caller]
fn apply(workspace: &Workspace, arguments: Arguments) -> Json {
    configure(workspace, arguments);
    workspace.apply().ok();
    assert!(warned(&workspace.plan().ok().stdout).is_empty(), "warned for ever");
    workspace.attributes(THIS).expect("the resource in the state")
}

/// The titles of the warnings that are ours.
fn warned(said: &str) -> Vec<&str> {
    let titles = said.lines().filter_map(|line| line.trim_start_matches(['│', ' ']).strip_prefix("Warning: "));
    titles.filter(|title| *title != "Provider development overrides are in effect").collect()
}

/// The planned change of the resource under test.
#[track_caller]
fn change(workspace: &Workspace) -> Json {
    let plan = workspace.plan_json();
    let changes = plan["resource_changes"].as_array().expect("changes");
    changes.iter().find(|change| change["address"] == THIS).expect("a change of the resource")["change"].clone()
}

/// The document of a virtual IP on a link.
fn document(ip: &str, link: &str) -> String {
    format!(r#"{{"apiVersion":"v1alpha1","kind":"Layer2VIPConfig","link":"{link}","name":"{ip}"}}"#)
}
