//! Sizes and names: whoever has read one part finds the way in the next.

use std::collections::BTreeSet;
use std::process::Command;

use lab::need;
use lab::programs;

use crate::purity::PURE;
use crate::source::Source;
use crate::{assert_none, read, root};

/// A file is read in one sitting.
const LONGEST: usize = 400;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "misc", "shared", "manager"];

/// The files of an endpoint that look and act; together with the pure ones, all names that a file of an endpoint may have.
const ACTING: &[&str] = &[
    "mod",
    "failure",
    "marker",
    "driver",
    "drain",
    "exchange",
    "handover",
    "ownership",
    "observe",
    "leftovers",
    "remove",
    "run",
    "refresh",
    "resource",
    "sample", // what the unit tests share
];

/// Without these there is no endpoint.
const NEEDED: [&str; 3] = ["mod", "schema", "resource"];

fn problems(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for source in sources {
        let lines = source.text.lines().count();
        if lines > LONGEST {
            problems.push(format!(
                "src/{}: {lines} lines, {LONGEST} at most. Split it where its subject changes.",
                source.path
            ));
        }
        for part in source.module().iter().filter(|part| EMPTY_NAMES.contains(part)) {
            problems.push(format!("src/{}: `{part}` says nothing. Name the module after what it is for.", source.path));
        }
    }
    problems.extend(endpoint_files(sources));
    problems
}

/// The same thing has the same file name in every endpoint.
fn endpoint_files(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    let kinds: BTreeSet<&str> = sources.iter().filter_map(|source| Some(source.endpoint()?.0)).collect();
    for kind in kinds {
        let of_kind = sources.iter().filter_map(Source::endpoint).filter(|(other, _)| *other == kind);
        let files: BTreeSet<&str> = of_kind.map(|(_, file)| file).collect();
        for file in files.iter().filter(|file| !PURE.contains(file) && !ACTING.contains(file)) {
            problems.push(format!(
                "src/endpoint/{kind}/{file}.rs: no endpoint has a file of that name. Use the name that the others have for the same thing, \
                 or add it to PURE (tests/repository/purity.rs) or ACTING (shape.rs) and to ARCHITECTURE.md."
            ));
        }
        for file in NEEDED.iter().filter(|file| !files.contains(**file)) {
            problems
                .push(format!("src/endpoint/{kind}: an endpoint has a {file}.rs. See src/endpoint/nlb for its shape."));
        }
    }
    problems
}

/// Places that exist on one machine only, in a file that everybody gets.
fn machine_paths(file: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for folder in ["work", "root", "opt"] {
            let place = format!("/{folder}");
            for (start, _) in line.match_indices(&place) {
                let before = line[..start].chars().next_back();
                let after = line[start + place.len()..].chars().next();
                let begins = before.is_none_or(|c| c.is_whitespace() || "\"'`=(:,<".contains(c));
                let ends = after.is_none_or(|c| c.is_whitespace() || "/\"'`),;:>".contains(c));
                if begins && ends {
                    problems.push(format!(
                        "{file}:{}: {place} is a place on one machine. Take it from an environment variable, PATH or the target folder.",
                        number + 1
                    ));
                }
            }
        }
    }
    problems
}

#[test]
fn files_have_a_size_and_a_name() {
    assert_none(&problems(&Source::all()));
}

#[test]
fn a_file_too_long_or_misnamed_is_found() {
    let endpoint = |extra: &str, text: &str| {
        let files = ["mod", "schema", "resource", extra].map(|file| format!("endpoint/vip/{file}.rs"));
        files.map(|path| Source::new(&path, if path.contains(extra) { text } else { "" })).to_vec()
    };
    assert_none(&problems(&endpoint("render", "")));
    assert_eq!(problems(&endpoint("render", &"\n".repeat(401))).len(), 1);
    assert_eq!(problems(&endpoint("renderer", "")).len(), 1);
    assert_eq!(problems(&[Source::new("endpoint/vip/mod.rs", ""), Source::new("endpoint/vip/schema.rs", "")]).len(), 1);
    assert_eq!(problems(&[Source::new("framework/util.rs", "")]).len(), 1);
    assert_eq!(problems(&[Source::new("remote/helpers/mod.rs", "")]).len(), 1);
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    let git = need!(programs::find("git"));
    let listed = Command::new(git).args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    if !listed.status.success() {
        // An unpacked archive: nothing says which files belong to it.
        return programs::report_skipped(&programs::Missing("git repository".to_owned()));
    }
    let listed = String::from_utf8(listed.stdout).unwrap();
    let files: Vec<&str> = listed.split('\0').filter(|file| !file.is_empty()).collect();
    assert!(files.contains(&"Cargo.toml"), "{files:?}");
    let existing =
        files.iter().filter(|file| root().join(file).is_file() && std::fs::read_to_string(root().join(file)).is_ok());
    let problems: Vec<String> = existing.flat_map(|file| machine_paths(file, &read(file))).collect();
    assert_none(&problems);
}

#[test]
fn a_place_on_one_machine_is_found() {
    let place = |folder: &str| format!("/{folder}");
    for text in [place("work") + "/x", format!("a \"{}\"", place("root")), format!("X={}/wheels", place("opt"))] {
        assert_eq!(machine_paths("x", &text).len(), 1, "{text}");
    }
    for text in ["https://example.com/work/x", "target/root/x", "/working", "/optional/x"] {
        assert_none(&machine_paths("x", text));
    }
}
