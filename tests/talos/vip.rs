//! Every golden case of `talosendpoint_vip`, before every Talos that may read it: the minor it is made for, and the later ones, to which
//! a node is upgraded with its configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use serde_json::Value as Json;

use crate::answer::texts;
use crate::case::{Case, minor};
use crate::golden::{self, Answers};
use crate::lab::programs::Missing;
use crate::need;
use crate::oracle::{self, MINORS, Oracle};
use crate::truth::Wanted;

/// The nodes of a golden case; none where the case is an error of ours.
fn nodes(name: &str, case: &Json) -> Vec<(String, Case, Wanted)> {
    if !texts_of(&case["errors"]).is_empty() {
        return Vec::new();
    }
    let outputs = &case["outputs"];
    let patches = case["patches"].as_object().unwrap_or_else(|| panic!("{name}: no patches"));
    let nodes = patches.iter().enumerate().map(|(index, (node, patches))| {
        let mut wanted = Wanted::promised(outputs, index);
        let expected = &case["expected"][node];
        if let Some(vips) = expected["vips"].as_object() {
            wanted.vips = vips.iter().map(|(ip, link)| (ip.clone(), link.as_str().map(str::to_owned))).collect();
        }
        let asked = Case {
            name: format!("{name}, {node}"),
            contract: case["talos_version"].as_str().unwrap().to_owned(),
            worker: false,
            endpoint: outputs["kubernetes_api_endpoint"].as_str().unwrap().to_owned(),
            base: Vec::new(),
            patches: texts(patches),
        };
        (node.clone(), asked, wanted)
    });
    nodes.collect()
}

fn texts_of(json: &Json) -> Vec<String> {
    json.as_array().into_iter().flatten().map(Json::to_string).collect()
}

/// The row of a case: a word for each minor, the problems, and the answers.
fn row(name: &str, case: &Json, oracles: &BTreeMap<u32, Oracle>) -> (Vec<&'static str>, Vec<String>, Answers) {
    let nodes = nodes(name, case);
    let (mut words, mut problems, mut answers) = (Vec::new(), Vec::new(), Answers::new());
    for number in MINORS {
        let Some(oracle) = oracles.get(&number) else {
            words.push("skipped");
            continue;
        };
        let asked: Vec<Case> = nodes.iter().map(|(_, case, _)| case.clone()).collect();
        if nodes.is_empty() || minor(&asked[0].contract) > number {
            words.push(if nodes.is_empty() { "refused" } else { "-" });
            continue;
        }
        let before = problems.len();
        for ((node, case, wanted), answer) in nodes.iter().zip(oracle.ask(&asked)) {
            let found = wanted.problems(&answer).into_iter();
            problems.extend(found.map(|problem| format!("{} read by v1.{number}: {problem}", case.name)));
            answers.entry(node.clone()).or_default().insert(number, answer.json);
        }
        words.push(if problems.len() == before { "ok" } else { "WRONG" });
    }
    (words, problems, answers)
}

#[test]
fn talos_sees_what_every_case_of_the_vip_promises() {
    let oracles = need!(oracle::all());
    let cases = golden::cases();
    if cases.is_empty() {
        return crate::lab::programs::report_skipped(&Missing("tests/golden/vip".to_owned()));
    }
    let width = cases.keys().map(String::len).max().unwrap_or_default();
    let mut table = format!("\n{:width$}", "case");
    MINORS.iter().for_each(|minor| table.push_str(&format!("  {:7}", format!("v1.{minor}"))));
    let mut all = Vec::new();
    for (name, case) in &cases {
        let (words, problems, answers) = row(name, case, oracles);
        table.push_str(&format!("\n{name:width$}"));
        words.iter().for_each(|word| table.push_str(&format!("  {word:7}")));
        all.extend(problems);
        if !answers.is_empty() {
            all.extend(golden::differences(name, &answers));
        }
    }
    // Past the capture: the table is what one wants to see of a good run too.
    std::io::stdout().lock().write_all(format!("{table}\n\n").as_bytes()).unwrap();
    assert!(all.is_empty(), "\n{}\n", all.join("\n"));
}

#[test]
fn every_golden_answer_belongs_to_a_case() {
    let cases = golden::cases();
    let stale: BTreeSet<String> = golden::answered().into_iter().filter(|name| !cases.contains_key(name)).collect();
    assert!(stale.is_empty(), "tests/golden/talos has answers to cases that are gone: {stale:?}");
}
