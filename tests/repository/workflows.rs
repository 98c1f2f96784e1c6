//! The workflows do what the Makefile does, for the platforms that a release has, and are valid.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use lab::need;
use regex::Regex;
use yaml_rust2::{Yaml, YamlLoader};

use crate::{assert_none, go_program, read, root};

const CI: &str = ".github/workflows/ci.yml";
const RELEASE: &str = ".github/workflows/release.yml";

/// The linter, and the version that is known to take these files.
const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/// Every `run` of a workflow.
fn commands(workflow: &Yaml) -> Vec<String> {
    match workflow {
        Yaml::Hash(fields) => fields
            .iter()
            .flat_map(|(name, value)| match (name.as_str(), value.as_str()) {
                (Some("run"), Some(command)) => vec![command.to_owned()],
                _ => commands(value),
            })
            .collect(),
        Yaml::Array(elements) => elements.iter().flat_map(commands).collect(),
        _ => Vec::new(),
    }
}

fn parse(text: &str) -> Yaml {
    YamlLoader::load_from_str(text).unwrap().remove(0)
}

/// Commands that neither the Makefile nor `scripts/` nor `.ci/` has, and values of an expression that a shell would read as code.
fn problems(path: &str, text: &str, makefile: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for command in commands(&parse(text)) {
        if command.contains("${{") {
            problems.push(format!(
                "{path}: `{command}` has an expression in it. Hand it over in `env`, where no shell reads it."
            ));
        }
        let words: Vec<&str> = command.split_whitespace().collect();
        for pair in words.windows(2).filter(|pair| pair[0] == "make") {
            if !makefile.contains(&format!("\n{}:", pair[1])) {
                problems.push(format!("{path}: there is no `make {}`.", pair[1]));
            }
        }
        for word in words.iter().filter(|word| word.starts_with("scripts/") || word.starts_with(".ci/")) {
            if !root().join(word).is_file() {
                problems.push(format!("{path}: there is no {word}."));
            }
        }
        if words.contains(&"cargo") {
            problems.push(format!(
                "{path}: `{command}` calls cargo. Give it a name in the Makefile, so that anybody can run it."
            ));
        }
    }
    problems
}

#[test]
fn workflows_run_what_the_repository_has() {
    let makefile = read("Makefile");
    let found: Vec<String> = [CI, RELEASE].iter().flat_map(|path| problems(path, &read(path), &makefile)).collect();
    assert_none(&found);
    let [ci, release] = [CI, RELEASE].map(|path| commands(&parse(&read(path))).join("\n"));
    for command in [".ci/run", "scripts/test-clis", "make build", "make check-dependencies"] {
        assert!(ci.contains(command), "{CI} doesn't run {command}");
    }
    for command in ["make dist-zip", "make dist-sums", "scripts/release-notes", "GPG_FINGERPRINT"] {
        assert!(release.contains(command), "{RELEASE} doesn't run {command}");
    }
}

#[test]
fn a_command_that_the_repository_does_not_have_is_found() {
    let count = |run: &str| {
        let text = format!("jobs:\n  a:\n    steps:\n      - run: |\n          {run}\n");
        problems("x.yml", &text, "x\nbuild:\n").len()
    };
    assert_eq!(count("make build"), 0);
    assert_eq!(count("make biuld"), 1);
    assert_eq!(count("scripts/none"), 1);
    assert_eq!(count("cargo build"), 1);
    assert_eq!(count("echo ${{ github.head_ref }}"), 1);
}

/// Actions that anybody who may move a tag could exchange, and actions of which two versions are named.
fn unpinned(path: &str, text: &str) -> Vec<String> {
    let pinned = Regex::new(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$").unwrap();
    let uses =
        text.lines().filter_map(|line| Some(line.split_once("uses: ")?.1)).filter(|used| !used.starts_with("./"));
    let mut versions = BTreeMap::new();
    let wrong = uses.filter(|used| {
        let (name, version) = used.split_once('@').unwrap_or_default();
        !pinned.is_match(used) || *versions.entry(name).or_insert(version) != version
    });
    wrong.map(|used| format!("{path}: write {used} as OWNER/NAME@COMMIT # vX.Y.Z, the same everywhere.")).collect()
}

#[test]
fn actions_are_pinned_to_a_commit() {
    assert_none(&unpinned("the workflows", &[CI, RELEASE].map(read).concat()));
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let count = |text: &str| unpinned("x.yml", text).len();
    assert_eq!(count(&format!("- uses: a/b@{commit} # v1.2.3\n  uses: ./.github/workflows/ci.yml\n")), 0);
    assert_eq!(count("- uses: a/b@v1\n"), 1);
    assert_eq!(count(&format!("- uses: a/b@{commit}\n")), 1, "nobody knows which version that is");
    assert_eq!(count(&format!("- uses: a/b@{commit} # v1.2.3\n- uses: a/b@{commit} # v1.2.4\n")), 1);
}

/// The platforms that the release workflow builds, in order.
fn platforms(release: &Yaml) -> BTreeSet<String> {
    let include = &release["jobs"]["build"]["strategy"]["matrix"]["include"];
    include.as_vec().unwrap().iter().map(|one| one["platform"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_release_has_every_platform_and_the_readme_says_which_are_tested() {
    let built = platforms(&parse(&read(RELEASE)));
    let wanted = ["darwin", "linux", "windows"]
        .iter()
        .flat_map(|system| ["amd64", "arm64"].map(|processor| format!("{system}_{processor}")));
    assert_eq!(built, wanted.collect());
    let readme = read("README.md");
    assert!(
        readme.contains("| Linux, amd64 | tested") && readme.contains("| Linux, arm64; macOS; Windows | built"),
        "{readme}"
    );
}

/// What a release is built on has been compiled before.
#[test]
fn every_machine_of_a_release_is_one_of_the_checks() {
    let (ci, release) = (parse(&read(CI)), parse(&read(RELEASE)));
    let mut machines: BTreeSet<&str> =
        ci["jobs"]["build"]["strategy"]["matrix"]["runner"].as_vec().unwrap().iter().filter_map(Yaml::as_str).collect();
    machines.extend(ci["jobs"]["test"]["runs-on"].as_str());
    let include = release["jobs"]["build"]["strategy"]["matrix"]["include"].as_vec().unwrap();
    let missing = include.iter().filter_map(|one| one["runner"].as_str()).filter(|runner| !machines.contains(runner));
    assert_none(
        &missing.map(|runner| format!("{CI}: nothing is built on {runner} before a tag is.")).collect::<Vec<_>>(),
    );
}

#[test]
fn the_readme_names_every_cli_that_is_tested() {
    let ci = parse(&read(CI));
    let readme = read("README.md");
    let include = ci["jobs"]["clis"]["strategy"]["matrix"]["include"].as_vec().unwrap();
    let versions = include.iter().filter_map(|one| one["version"].as_str()).filter(|version| *version != "latest");
    let missing = versions.filter(|version| !readme.contains(*version));
    assert_none(
        &missing.map(|version| format!("README.md doesn't name the CLI {version} of {CI}.")).collect::<Vec<_>>(),
    );
}

#[test]
fn the_oldest_rust_is_the_same_everywhere() {
    let manifest = read("Cargo.toml");
    let oldest = manifest.split_once("rust-version = \"").unwrap().1.split('"').next().unwrap();
    let job = commands(&parse(&read(CI))["jobs"]["msrv"]).join("\n");
    assert!(job.contains(&format!("install {oldest} ")) && job.contains(&format!("default {oldest}")), "{job}");
    assert!(
        read("README.md").contains(&format!("Rust {oldest} or newer")),
        "README.md names another Rust than {oldest}"
    );
}

#[test]
fn actionlint_takes_the_workflows() {
    let actionlint = need!(go_program::installed(ACTIONLINT));
    let check = |paths: &[PathBuf]| {
        let output = Command::new(&actionlint).args(["-no-color", "-shellcheck="]).args(paths).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (valid, said) = check(&[root().join(CI), root().join(RELEASE)]);
    assert!(valid, "{said}");
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.yml");
    std::fs::write(&broken, read(CI).replace("runs-on: ubuntu-24.04\n", "runs-on: ubuntu-1.04\n")).unwrap();
    let (valid, said) = check(&[broken]);
    assert!(!valid && said.contains("ubuntu-1.04"), "{said}");
}
