//! There is one way to skip a test, and its list of what may be skipped has no dead entries.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lab::skip::ALLOWED;

use crate::{assert_none, root};

/// The one place that says it.
const SPEAKER: &str = "lab/src/skip.rs";

/// These two name what is listed, or what it sounds like, in order to prove something of it.
const WITNESSES: [&str; 2] = ["lab_selftest/skip.rs", "repository/skips.rs"];

fn problems(files: &BTreeMap<String, String>, allowed: &[(&str, &str)]) -> Vec<String> {
    let mut problems = Vec::new();
    let others = || files.iter().filter(|(path, _)| *path != SPEAKER && !WITNESSES.contains(&path.as_str()));
    for (path, text) in others() {
        for (number, line) in text.lines().enumerate() {
            if line.contains("\"skipped:") {
                problems.push(format!(
                    "tests/{path}:{}: says by itself that something is skipped, and TALOSENDPOINT_TEST_STRICT can't forbid it. \
                     Use lab::need!, skip::report or skip::case.",
                    number + 1
                ));
            }
        }
    }
    for (name, _) in allowed {
        let begins = format!("\"{name}");
        if !others().any(|(_, text)| text.contains(&begins)) {
            problems.push(format!("tests/{SPEAKER}: nothing skips for `{name}` any more. Take it off the list."));
        }
    }
    problems
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().display());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
        } else if name.ends_with(".rs") {
            found.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

#[test]
fn every_skip_goes_one_way_and_every_listed_one_exists() {
    let mut files = BTreeMap::new();
    collect(&root().join("tests"), "", &mut files);
    for file in WITNESSES.iter().chain([&SPEAKER]) {
        assert!(files.contains_key(*file), "{file}");
    }
    assert_none(&problems(&files, ALLOWED));
}

#[test]
fn another_way_and_a_dead_entry_are_found() {
    let files = |text: &str| BTreeMap::from([("pure/x.rs".to_owned(), text.to_owned())]);
    let find = "find(\"tofu\"); find(\"mirror (how)\")";
    assert_none(&problems(&files(find), &[("tofu", "why"), ("mirror", "why")]));
    assert_eq!(problems(&files(find), &[("terraform", "why")]).len(), 1);
    assert_eq!(problems(&files("println!(\"skipped: x\");"), &[]).len(), 1);
}
