//! Every dependency says why it is there.

use crate::{assert_none, read};

fn problems(file: &str, manifest: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut in_dependencies, mut before) = (false, "");
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies]");
        } else if in_dependencies && line.contains('=') && !line.starts_with('#') {
            let reason = before.starts_with("# ") && !before.starts_with("# ---");
            if !reason && !line.contains(" # ") {
                let name = line.split('=').next().unwrap_or_default().trim();
                problems.push(format!(
                    "{file}: `{name}` has no reason. Say beside or above it what it is for, or do without it."
                ));
            }
        }
        before = line;
    }
    problems
}

#[test]
fn every_dependency_has_a_reason() {
    for file in ["Cargo.toml", "tests/lab/Cargo.toml"] {
        assert_none(&problems(file, &read(file)));
    }
}

#[test]
fn a_dependency_without_a_reason_is_found() {
    let manifest = "[dependencies]\n# why\na = \"1\"\nb = { version = \"1\" } # why\n# --- part ---\nc = \"1\"\n[lints]\nd = 1\n\
                    [dev-dependencies]\ne = \"1\"\n";
    let problems = problems("Cargo.toml", manifest);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("`c`") && problems[1].contains("`e`"));
}
