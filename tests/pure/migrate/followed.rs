//! What is printed, put where the file says, is a configuration that Terraform takes: a configuration made of nothing else is validated.
//! hashicorp/aws is a stand-in, because of it only resources that stay and their references are there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use lab::need;
use lab::programs::{Feature, terraform_with};
use lab::terraform::{Workspace, migrate};
use serde_json::{Value as Json, json};

use super::{keyed_modules, marked, shown_by, state};
use crate::stage::workspace;

/// Of hashicorp/aws: what references name, all of it computed.
fn schemas() -> Json {
    let text = ["arn", "id", "arn_suffix", "dns_name", "zone_id", "vpc_id", "name"].map(|name| (name, json!("string")));
    let others = [("port", json!("number")), ("subnets", json!(["set", "string"]))];
    let attributes: BTreeMap<&str, Json> =
        text.into_iter().chain(others).map(|(name, ty)| (name, json!({"type": ty, "computed": true}))).collect();
    let types = ["", "_target_group", "_listener", "_target_group_attachment"]
        .into_iter()
        .flat_map(|kind| ["aws_lb", "aws_alb"].map(|prefix| format!("{prefix}{kind}")));
    let resources: BTreeMap<String, Json> =
        types.map(|name| (name, json!({"version": 0, "block": {"attributes": attributes}}))).collect();
    json!({"5.100.0": {
        "provider": {"version": 0, "block": {}},
        "resource_schemas": resources,
        "data_source_schemas": {},
    }})
}

/// The lines below `title` in the comment, which are in columns.
fn listed<'a>(printed: &'a str, title: &str) -> Vec<(&'a str, &'a str, &'a str)> {
    let mut found = Vec::new();
    for part in printed.split(title).skip(1) {
        let (place, rest) = part.split_once("\n#\n").unwrap();
        let lines = rest.lines().map_while(|line| line.strip_prefix("#  ")).map(str::trim);
        let columns = lines.filter_map(|line| line.split_once(" -> ").or_else(|| line.split_once(": ")));
        found.extend(columns.map(|(left, right)| (place, left.trim(), right.trim())));
    }
    found
}

/// The module of an address without keys, as a folder; empty for the root module.
fn folder(address: &str) -> String {
    let bare = address.split('[').next().unwrap();
    bare.strip_prefix("module.").map_or("", |rest| rest.split('.').next().unwrap()).to_owned()
}

/// Follows the file: every text where it belongs.
fn follow(printed: &str, workspace: &Workspace) {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    files.insert(String::new(), printed.to_owned());
    // Calls of one module have one block, and one variable.
    let mut begun = BTreeSet::new();
    for (module, code) in marked(printed) {
        if begun.insert((folder(&module), code.contains("talosendpoint_nlb_attachment"))) {
            let code = code.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
            *files.entry(folder(&module)).or_default() += &format!("{code}\n");
        }
    }
    for (_, old, line) in listed(printed, "Keep these blocks") {
        let [.., kind, name] = old.split('.').collect::<Vec<_>>()[..] else { panic!("{old}") };
        let line = line.replace("OLD", if line.starts_with("count") { "2" } else { "toset([\"eu\"])" });
        let file = files.entry(folder(old)).or_default();
        writeln!(file, "resource {kind:?} {name:?} {{\n  {line}\n}}").unwrap();
    }
    for (number, (place, _, new)) in listed(printed, "takes the place of references in ").into_iter().enumerate() {
        if !new.contains(", by an output of") {
            let file = files.entry(folder(place.trim_end_matches(':'))).or_default();
            writeln!(file, "output \"o{number}\" {{\n  value = {new}\n}}").unwrap();
        }
    }
    let arguments = listed(printed, "which of its calls come over");
    for module in files.keys().filter(|module| !module.is_empty()).cloned().collect::<Vec<_>>() {
        let argument = arguments.iter().find(|(_, called, _)| folder(called) == module);
        let keys =
            argument.map_or(String::new(), |(_, _, line)| format!("  for_each = toset([\"a\", \"b\"])\n  {line}\n"));
        let call = format!("module {module:?} {{\n  source = \"./{module}\"\n{keys}}}\n");
        files.get_mut("").unwrap().push_str(&call);
    }
    let providers = "terraform {\n  required_providers {\n    talosendpoint = { source = \"talosendpoint/talosendpoint\" }\n    \
                     aws           = { source = \"hashicorp/aws\" }\n  }\n}\n";
    for (module, text) in files {
        fs::create_dir_all(workspace.path().join(&module)).unwrap();
        fs::write(workspace.path().join(&module).join("main.tf"), format!("{providers}{text}")).unwrap();
    }
}

#[test]
fn what_is_printed_is_valid_where_it_belongs() {
    let program = need!(terraform_with(Feature::Examples));
    // For the oldest version nothing but `import` and resource blocks is printed, which every CLI takes.
    let old = |state: Json| shown_by(state, "registry.terraform.io", "1.6.6");
    for state in [state("guide.json"), state("many.json"), keyed_modules(), old(state("guide.json"))] {
        let workspace = workspace(&program);
        let file = workspace.path().join("schemas.json");
        fs::write(&file, schemas().to_string()).unwrap();
        let workspace = workspace.stand_in("hashicorp/aws", &file, "5.100.0");
        let printed = migrate(state.to_string().as_bytes()).ok().stdout;
        follow(&printed, &workspace);
        // A local module must be known to the CLI; there is nothing else to install.
        workspace.run(["get", "-no-color"]).ok();
        let validated = workspace.run(["validate", "-no-color"]);
        assert_eq!(validated.status, 0, "{}\n{printed}", validated.said());
    }
}
