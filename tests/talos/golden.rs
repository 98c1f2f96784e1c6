//! Golden files: the patches of the unit tests under `tests/golden/vip/`, and under `tests/golden/talos/` what Talos makes of them, to be
//! read as a diff. `TALOSENDPOINT_GOLDEN=write cargo test --test talos` writes the answers anew.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value as Json};

/// Answers by node and minor.
pub type Answers = BTreeMap<String, BTreeMap<u32, Json>>;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// The cases that the vip's unit tests have written, by name.
pub fn cases() -> BTreeMap<String, Json> {
    let mut cases = BTreeMap::new();
    for entry in std::fs::read_dir(folder("vip")).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = std::fs::read_to_string(&path).unwrap();
            let case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            cases.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), case);
        }
    }
    cases
}

/// The cases that have golden answers.
pub fn answered() -> Vec<String> {
    let files = std::fs::read_dir(folder("talos")).into_iter().flatten().map(|entry| entry.unwrap().path());
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Compares `answers` with the golden file of `case`, or writes it; what differs. A minor that wasn't asked is not compared.
pub fn differences(case: &str, answers: &Answers) -> Vec<String> {
    let path = folder("talos").join(format!("{case}.json"));
    if std::env::var("TALOSENDPOINT_GOLDEN").is_ok_and(|word| word == "write") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, serde_json::to_string_pretty(&folded(answers)).unwrap() + "\n").unwrap();
        return Vec::new();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
    let stored = unfolded(&serde_json::from_str(&stored).unwrap());
    let mut problems = Vec::new();
    for (node, by_minor) in answers {
        for (minor, answer) in by_minor {
            if stored.get(node).and_then(|stored| stored.get(minor)) != Some(answer) {
                problems
                    .push(format!("tests/golden/talos/{case}.json differs for {node} read by v1.{minor}: {answer}"));
            }
        }
    }
    problems
}

/// Minors that give one answer stand together: `"v1.12 v1.13": …`.
fn folded(answers: &Answers) -> Json {
    let node = |by_minor: &BTreeMap<u32, Json>| {
        let mut groups: Vec<(String, &Json)> = Vec::new();
        for (minor, answer) in by_minor {
            match groups.iter_mut().find(|(_, other)| *other == answer) {
                Some((minors, _)) => minors.push_str(&format!(" v1.{minor}")),
                None => groups.push((format!("v1.{minor}"), answer)),
            }
        }
        Json::Object(groups.into_iter().map(|(minors, answer)| (minors, answer.clone())).collect::<Map<_, _>>())
    };
    Json::Object(answers.iter().map(|(name, by_minor)| (name.clone(), node(by_minor))).collect())
}

fn unfolded(stored: &Json) -> Answers {
    let minors = |text: &str| -> Vec<u32> { text.split(' ').map(crate::case::minor).collect() };
    let node = |groups: &Json| {
        let groups = groups.as_object().unwrap().iter();
        groups.flat_map(|(key, answer)| minors(key).into_iter().map(|minor| (minor, answer.clone()))).collect()
    };
    stored.as_object().unwrap().iter().map(|(name, groups)| (name.clone(), node(groups))).collect()
}

#[test]
fn what_is_folded_is_unfolded() {
    let answer = |text: &str| Json::String(text.to_owned());
    let by_minor = BTreeMap::from([(9, answer("a")), (10, answer("a")), (14, answer("b"))]);
    let answers = Answers::from([("cp-01".to_owned(), by_minor)]);
    let folded = folded(&answers);
    assert_eq!(folded["cp-01"]["v1.9 v1.10"], "a");
    assert_eq!(unfolded(&folded), answers);
}
