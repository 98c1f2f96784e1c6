//! What every test here begins with: a workspace, and the guide's layout with changes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use lab::terraform::{REQUIRED, Workspace, provider};

/// The address of the resource under test.
pub const THIS: &str = "talosendpoint_haproxy.this";

/// Arguments that replace those of the guide's layout, or come to them; the empty text removes one.
pub type Arguments<'a> = &'a [(&'a str, &'a str)];

const GUIDE: [(&str, &str); 3] = [
    (
        "control_plane",
        r#"{ cp-01 = { address = "192.168.30.31" }, cp-02 = { address = "192.168.30.32" }, cp-03 = { address = "192.168.30.33" } }"#,
    ),
    (
        "load_balancers",
        r#"{ lb-01 = { address = "192.168.30.21/24", interface = "eth0" }, lb-02 = { address = "192.168.30.22/24", interface = "eth0" } }"#,
    ),
    ("vip", r#""192.168.30.30""#),
];

/// An empty workspace without any AWS credentials or region: nothing here may ask for them.
pub fn workspace(program: &std::path::Path) -> Workspace {
    let bare = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];
    bare.into_iter().fold(Workspace::new(program, &provider()), |workspace, name| workspace.without_env(name))
}

/// The beginning of a configuration.
pub fn header() -> String {
    REQUIRED.to_owned()
}

/// A resource block of the guide's layout with changes.
pub fn resource(name: &str, arguments: Arguments) -> String {
    let mut all: BTreeMap<&str, &str> = GUIDE.into();
    all.extend(arguments.iter().copied());
    let lines = all.into_iter().filter(|(_, value)| !value.is_empty());
    let lines: Vec<String> = lines.map(|(name, value)| format!("  {name} = {value}\n")).collect();
    format!("resource \"talosendpoint_haproxy\" \"{name}\" {{\n{}}}\n", lines.concat())
}

/// Writes a configuration of one resource and applies it.
#[track_caller]
pub fn apply(workspace: &Workspace, arguments: Arguments) -> Json {
    workspace.main(&(header() + &resource("this", arguments)));
    workspace.apply().ok();
    workspace.plan().ok();
    workspace.attributes(THIS).expect("the resource in the state")
}

/// The planned change of the resource under test.
#[track_caller]
pub fn change(workspace: &Workspace) -> Json {
    let plan = workspace.plan_json();
    let changes = plan["resource_changes"].as_array().expect("changes");
    changes.iter().find(|change| change["address"] == THIS).expect("a change of the resource")["change"].clone()
}

/// The errors of one plan by the address of the resource, in their order: title and detail. Each has a place in the configuration.
#[track_caller]
pub fn errors_reported(workspace: &Workspace) -> BTreeMap<String, Vec<(String, String)>> {
    let planned = workspace.run(["plan", "-json", "-input=false"]).with_status(1);
    let mut reported: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for line in planned.stdout.lines() {
        let line: Json = serde_json::from_str(line).expect("one JSON object per line");
        let diagnostic = &line["diagnostic"];
        if diagnostic["severity"] == "error" {
            let text = |name: &str| diagnostic[name].as_str().unwrap_or_default().to_owned();
            assert!(diagnostic["snippet"].is_object(), "a place in the configuration: {diagnostic}");
            reported.entry(text("address")).or_default().push((text("summary"), text("detail")));
        }
    }
    reported
}

/// Arguments of a resource of that name, and the errors that they are: the title, and a part of the detail.
pub type Case = (&'static str, Arguments<'static>, &'static [(&'static str, &'static str)]);

/// All cases in one plan: each gives its errors and no others. `kind` is the resource's type, `resource` its block.
#[track_caller]
pub fn assert_all_told(workspace: &Workspace, kind: &str, cases: &[Case], resource: fn(&str, Arguments) -> String) {
    let blocks: Vec<String> = cases.iter().map(|(name, arguments, _)| resource(name, arguments)).collect();
    workspace.main(&(header() + &blocks.concat()));
    let mut reported = errors_reported(workspace);
    let mut problems = Vec::new();
    for (name, _, expected) in cases {
        let mut open = reported.remove(&format!("{kind}.{name}")).unwrap_or_default();
        for (title, detail) in *expected {
            match open.iter().position(|reported| reported.0 == *title && reported.1.contains(detail)) {
                Some(place) => drop(open.remove(place)),
                None => problems.push(format!("{name}: missing: {title}: {detail}")),
            }
        }
        problems.extend(open.iter().map(|reported| format!("{name}: not expected: {reported:?}")));
    }
    problems.extend(reported.into_iter().map(|reported| format!("of nobody: {reported:?}")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A golden file of the resource.
pub fn golden(file: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/haproxy").join(file);
    std::fs::read_to_string(path).expect("a golden file")
}
