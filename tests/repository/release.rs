//! A release is one number in many places: Cargo.toml has it, and what users read and copy names it too.

use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::docs::links::FORGE;
use crate::{assert_none, read, root};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Configurations that name the provider without a version, or with another one than the newest of this crate's minor.
fn problems(path: &str, text: &str) -> Vec<String> {
    let minor = VERSION.rsplit_once('.').unwrap().0;
    let wanted = format!("version = \"~> {minor}\"");
    let mut lines = text.lines().map(str::trim).peekable();
    let mut problems = Vec::new();
    while let Some(line) = lines.next() {
        let names_it = line
            .split_once('=')
            .is_some_and(|(name, value)| name.trim() == "source" && value.trim() == "\"talosendpoint/talosendpoint\"");
        if names_it && lines.peek() != Some(&wanted.as_str()) {
            problems.push(format!("{path}: the source of the provider is not followed by `{wanted}`."));
        }
        let names_talos = line.starts_with("source") && line.ends_with("\"siderolabs/talos\"");
        if names_talos && !lines.peek().is_some_and(|next| next.starts_with("version = \"")) {
            problems.push(format!("{path}: the source of siderolabs/talos is not followed by a version."));
        }
        if line.starts_with("resource \"talos_machine_secrets\"")
            && lines.peek().is_some_and(|next| next.starts_with("talos_version"))
        {
            problems.push(format!(
                "{path}: `talos_machine_secrets` has `talos_version`: lowered, it makes new secrets. Leave it out."
            ));
        }
    }
    problems
}

/// Every file that users copy from.
fn files() -> Vec<(String, String)> {
    fn collect(path: &Path, found: &mut Vec<(String, String)>) {
        if path.is_dir() {
            fs::read_dir(path).unwrap().for_each(|entry| collect(&entry.unwrap().path(), found));
        } else {
            found.push((path.strip_prefix(root()).unwrap().display().to_string(), fs::read_to_string(path).unwrap()));
        }
    }
    let mut found = Vec::new();
    ["README.md", "docs", "examples"].iter().for_each(|top| collect(&root().join(top), &mut found));
    found
}

#[test]
fn every_configuration_names_the_version() {
    let files = files();
    assert!(files.iter().filter(|(_, text)| text.contains("\"talosendpoint/talosendpoint\"")).count() >= 20);
    assert_none(&files.iter().flat_map(|(path, text)| problems(path, text)).collect::<Vec<_>>());
}

#[test]
fn a_configuration_without_the_version_is_found() {
    let minor = VERSION.rsplit_once('.').unwrap().0;
    let with = |rest: &str| problems("x.tf", &format!("  source  = \"talosendpoint/talosendpoint\"\n{rest}")).len();
    assert_eq!(with(&format!("  version = \"~> {minor}\"\n")), 0);
    assert_eq!(with("  version = \"~> 99.0\"\n"), 1);
    assert_eq!(with("}\n"), 1);
    assert_eq!(problems("x.tf", "source = \"siderolabs/talos\"\n").len(), 1);
    assert_eq!(problems("x.tf", "source  = \"siderolabs/talos\"\nversion = \">= 0.11\"\n").len(), 0);
    assert_eq!(problems("x.tf", "resource \"talos_machine_secrets\" \"a\" {\n  talos_version = \"v1.12\"\n").len(), 1);
}

/// What `.github/workflows/release.yml` takes for the text of the release.
#[test]
fn the_changelog_has_a_section_for_the_version_and_for_no_other_that_is_asked_for() {
    let notes = |version: &str| Command::new(root().join("scripts/release-notes")).arg(version).output().unwrap();
    let ours = notes(VERSION);
    assert!(ours.status.success(), "{}", String::from_utf8_lossy(&ours.stderr));
    let text = String::from_utf8(ours.stdout).unwrap();
    assert!(text.contains("### Added") && !text.contains("\n## "), "{text}");
    assert_eq!(notes("9.9.9").status.code(), Some(1));
    // The form of Keep a Changelog: the newest version has its date, and both headings have their links.
    let changelog = read("CHANGELOG.md");
    let headings: Vec<&str> = changelog.lines().filter(|line| line.starts_with("## ")).take(2).collect();
    let dated = Regex::new(&format!(r"^## \[{}\] - 20\d\d-[01]\d-[0-3]\d$", regex::escape(VERSION))).unwrap();
    assert!(headings[0] == "## [Unreleased]" && dated.is_match(headings[1]), "{headings:?}");
    let of_head = format!("\n[Unreleased]: {FORGE}/compare/v{VERSION}...HEAD");
    let of_version = format!("\n[{VERSION}]: {FORGE}/releases/tag/v{VERSION}");
    assert!(changelog.contains(&of_head) && changelog.contains(&of_version), "{of_head}{of_version}");
    assert!(read("SECURITY.md").contains("Report a vulnerability"));
}
