//! Sizes and names: whoever has read one part finds the way in the next.

use std::collections::BTreeSet;
use std::process::Command;

use lab::need;
use lab::programs;
use lab::skip::{self, Missing};

use crate::source::Source;
use crate::{assert_none, read, root};

/// A file is read in one sitting.
const LONGEST: usize = 400;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "misc", "shared", "manager"];

/// What stands beside the rooms of an endpoint.
/// `cloud_init` is a function of the provider, and uses the rooms as the resource does.
const BESIDE: [&str; 6] = ["mod", "resource", "data_source", "list_resource", "cloud_init", "sample"];

/// The names that a file of each room may have: the same thing has the same name in every endpoint.
const NAMES: [(&str, &[&str]); 5] = [
    (
        "model",
        &[
            "mod",
            "role",
            "timer",
            "link",
            "link_name",
            "selector",
            "parse",
            "routes",
            "placement",
            "health",
            "registration",
            "decision",
            "schema",
            "filters",
            "settings",
            "inputs",
            "spec",
            "desired",
            "inventory",
            "marker",
            "health_check",
            "memory",
            "record",
            "owner",
            "firewall",
        ],
    ),
    (
        "plan",
        &[
            "mod",
            "defaults",
            "devices",
            "links",
            "base",
            "rules",
            "warnings",
            "render",
            "user_data",
            "step",
            "diff",
            "outputs",
            "replacement",
            "group_replacement",
            "registrations",
            "import",
            "known",
            "subnets",
            "unfinished",
            "change",
            "checks",
            "firewall",
            "ownership",
            "order",
            "standing",
            "shown",
        ],
    ),
    (
        "read",
        &[
            "mod",
            "clients",
            "current",
            "load_balancer",
            "refresh",
            "importable",
            "listing",
            "other_states",
            "other_resources",
            "stored",
            "taken",
            "shell",
            "login",
        ],
    ),
    (
        "migration",
        &[
            "mod",
            "aws_attributes",
            "described",
            "layout",
            "blocks",
            "staying",
            "removal",
            "attachments",
            "references",
            "file",
            "notes",
        ],
    ),
    (
        "apply",
        &[
            "mod",
            "failure",
            "advice",
            "election",
            "elsewhere",
            "ledger",
            "marker",
            "context",
            "session",
            "ownership",
            "removable",
            "create",
            "set_subnets",
            "group_replacement",
            "drain",
            "polling",
            "driver",
            "reconnect",
            "script",
            "warnings",
            "recovery",
            "orphans",
            "permission",
            "remove",
            "answer",
            "start",
            "run",
        ],
    ),
];

/// Without these there is no endpoint; of those in one line any will do.
const NEEDED: [&[&str]; 3] = [&["mod"], &["schema"], &["resource", "data_source"]];

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

/// The same thing is in the same room, in a file of the same name, in every endpoint.
fn endpoint_files(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    let kinds: BTreeSet<&str> = sources.iter().filter_map(|source| Some(source.endpoint()?.0)).collect();
    for kind in kinds {
        let of_kind = sources.iter().filter_map(Source::endpoint).filter(|(other, ..)| *other == kind);
        let files: BTreeSet<(Option<&str>, &str)> =
            of_kind.map(|(_, room, file)| (room, file)).filter(|(_, file)| *file != "tests").collect();
        for (room, file) in files.iter().filter(|(room, file)| !may_be_there(*room, file)) {
            let place = room.map_or(kind.to_owned(), |room| format!("{kind}/{room}"));
            problems.push(format!(
                "src/endpoint/{place}/{file}.rs: no endpoint has a file of that name there. Use the name that the others have for the same \
                 thing, or add it to NAMES (tests/repository/shape.rs) and to ARCHITECTURE.md."
            ));
        }
        for names in NEEDED.iter().filter(|names| !files.iter().any(|(_, file)| names.contains(file))) {
            let names = names.join(".rs or a ");
            problems.push(format!(
                "src/endpoint/{kind}: an endpoint has a {names}.rs. See src/endpoint/nlb for its shape."
            ));
        }
    }
    problems
}

fn may_be_there(room: Option<&str>, file: &str) -> bool {
    match room {
        Some(room) => NAMES.iter().any(|(name, files)| room == *name && files.contains(&file)),
        None => BESIDE.contains(&file),
    }
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
        let files = ["mod.rs", "model/mod.rs", "model/schema.rs", "resource.rs", extra];
        files.map(|file| Source::new(&format!("endpoint/new/{file}"), if file == extra { text } else { "" })).to_vec()
    };
    assert_none(&problems(&endpoint("plan/render.rs", "")));
    assert_none(&problems(&endpoint("plan/render/tests.rs", "")));
    for misplaced in ["plan/renderer.rs", "model/render.rs", "render.rs", "other/render.rs"] {
        assert_eq!(problems(&endpoint(misplaced, "")).len(), 1, "{misplaced}");
    }
    assert_eq!(problems(&endpoint("plan/render.rs", &"\n".repeat(401))).len(), 1);
    assert_eq!(problems(&endpoint("plan/render.rs", "")[..3]).len(), 1, "no resource.rs");
    let source = Source::new("endpoint/new/data_source.rs", "");
    assert_none(&problems(&[&endpoint("plan/render.rs", "")[..3], &[source]].concat()));
    assert_eq!(problems(&[Source::new("framework/util.rs", "")]).len(), 1);
    assert_eq!(problems(&[Source::new("remote/helpers/mod.rs", "")]).len(), 1);
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    let git = need!(programs::find("git"));
    let listed = Command::new(git).args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    if !listed.status.success() {
        // An unpacked archive: nothing says which files belong to it.
        return skip::report(&Missing("git repository".to_owned()));
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
