//! The pieces of configuration on the pages are formatted and valid: whoever copies one gets no error of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lab::need;
use lab::programs;
use lab::terraform::{Workspace, provider};
use regex::Regex;

use crate::{assert_none, root};

/// The version of siderolabs/talos whose schemas the pieces must fit.
const TALOS: &str = "0.11.0";
const TALOS_SCHEMAS: &str = "tests/pure/talos-provider-schemas.json";

/// A piece of a page.
struct Piece {
    /// The page and the line on which it begins.
    place: String,
    text: String,
}

/// The pieces of a page that are configuration.
fn pieces(path: &str, page: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut line = 1;
    for (index, part) in page.split("```").enumerate() {
        let begins = if index % 2 == 1 { part.split_once('\n') } else { None };
        if let Some((_, text)) = begins.filter(|(language, _)| ["hcl", "terraform"].contains(language)) {
            found.push(Piece { place: format!("{path}:{line}"), text: text.to_owned() });
        }
        line += part.matches('\n').count();
    }
    found
}

/// A piece as a whole module. Where it names its providers itself, it must name all of them. What stands elsewhere is a variable of any type. None where it is a part of a block, or is about addresses of
/// a state, which need their resources.
fn module(text: &str) -> Option<String> {
    if text.starts_with(' ') || ["import ", "moved ", "removed "].iter().any(|block| text.starts_with(block)) {
        return None;
    }
    let mut text = text.to_owned();
    let declared: BTreeSet<String> = Regex::new("(?m)^(?:resource|data) \"(\\w+)\" \"(\\w+)\"")
        .unwrap()
        .captures_iter(&text)
        .map(|found| format!("{}.{}", &found[1], &found[2]))
        .collect();
    let others = Regex::new(r"(?:data\.)?\b((?:aws|talos|talosendpoint)_\w+\.\w+)\b").unwrap();
    let elsewhere: BTreeSet<String> = others
        .captures_iter(&text)
        .filter(|found| !declared.contains(&found[1]))
        .map(|found| found[0].to_owned())
        .collect();
    for address in &elsewhere {
        text = text.replace(address.as_str(), "var.elsewhere");
    }
    // What depends on something else depends on a resource, whichever.
    text = text.replace("depends_on = [var.elsewhere]", "depends_on = [terraform_data.elsewhere]");
    text += "resource \"terraform_data\" \"elsewhere\" {}\n";
    if text.contains("local.endpoint") && !text.contains("locals {") {
        text += "locals {\n  endpoint = var.elsewhere\n}\n";
    }
    let declared_variables: BTreeSet<String> =
        Regex::new("(?m)^variable \"(\\w+)\"").unwrap().captures_iter(&text).map(|found| found[1].to_owned()).collect();
    let variables: BTreeSet<String> =
        Regex::new(r"\bvar\.(\w+)").unwrap().captures_iter(&text).map(|found| found[1].to_owned()).collect();
    for name in variables.iter().filter(|name| !declared_variables.contains(*name)) {
        text += &format!("variable {name:?} {{}}\n");
    }
    let sources = [("talosendpoint", "talosendpoint/talosendpoint"), ("talos", "siderolabs/talos")];
    if !text.contains("required_providers") {
        let lines = sources.map(|(name, source)| format!("    {name} = {{ source = {source:?} }}\n"));
        text += &format!("terraform {{\n  required_providers {{\n{}  }}\n}}\n", lines.concat());
    }
    Some(text)
}

/// What the CLI has against the pieces.
fn problems(terraform: &Path, pieces: &[Piece]) -> Vec<String> {
    let workspace =
        Workspace::new(terraform, &provider()).stand_in("siderolabs/talos", &root().join(TALOS_SCHEMAS), TALOS);
    let mut problems = Vec::new();
    for piece in pieces {
        let block = match piece.text.strip_prefix("  ") {
            Some(_) => format!("locals {{\n{}}}\n", piece.text),
            None => piece.text.clone(),
        };
        workspace.main(&block);
        let format = workspace.run(["fmt", "-check", "-diff", "-no-color", "main.tf"]);
        if format.status != 0 {
            problems.push(format!("{}: {}", piece.place, format.said()));
        }
        if let Some(module) = module(&piece.text) {
            workspace.main(&module);
            let valid = workspace.run(["validate", "-no-color"]);
            if valid.status != 0 {
                problems.push(format!("{}: {}", piece.place, valid.said()));
            }
        }
    }
    problems
}

/// The pieces of the README and of every guide; those of the other pages are examples that are tested themselves.
fn all() -> Vec<Piece> {
    let guides = fs::read_dir(root().join("docs/guides")).unwrap().map(|entry| entry.unwrap().path());
    let pages = guides.chain([root().join("README.md")]);
    pages
        .flat_map(|path| {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            pieces(&name, &fs::read_to_string(&path).unwrap())
        })
        .collect()
}

#[test]
fn every_piece_of_configuration_on_a_page_is_valid() {
    let terraform = need!(programs::terraform());
    let pieces = all();
    assert!(pieces.len() >= 15, "only {} pieces: are they found?", pieces.len());
    assert!(pieces.iter().filter(|piece| module(&piece.text).is_some()).count() >= 12);
    assert_none(&problems(&terraform, &pieces));
}

#[test]
fn a_piece_that_is_not_valid_is_found() {
    let terraform = need!(programs::terraform());
    let count = |text: &str| problems(&terraform, &pieces("x.md", &format!("a\n```terraform\n{text}```\n"))).len();
    assert_eq!(count("resource \"talosendpoint_static\" \"this\" {\n  host = var.host\n}\n"), 0);
    assert_eq!(count("resource \"talosendpoint_static\" \"this\" {\n  hots = var.host\n}\n"), 1);
    assert_eq!(count("resource \"talosendpoint_static\" \"this\" {\n  host   = var.host\n}\n"), 1);
    let providers = "terraform {\n  required_providers {\n    talosendpoint = {\n      source = \"talosendpoint/talosendpoint\"\n    }\n  }\n}\n";
    assert_eq!(count(providers), 0);
    assert_eq!(
        count(&format!("{providers}\nresource \"talos_machine_secrets\" \"this\" {{}}\n")),
        1,
        "without its source"
    );
    assert_eq!(count("  for_each = { for i in var.x : i => i\n"), 1);
}
