//! Every golden case of `talosendpoint_vip`, before every Talos that may read it: the minor it is made for, and the later ones, to which
//! a node is upgraded with its configuration. And before the earlier ones whose patches have the same form, with their own base.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value as Json;

use lab::need;

use crate::answer::{Answer, texts};
use crate::case::{Case, minor};
use crate::expected::{expected, special};
use crate::golden::{self, Answers};
use crate::oracle::{self, MINORS};
use crate::truth::ExpectedPatch;

/// The warnings of an alias that several devices may match.
const SEVERAL: [&str; 2] =
    [": The selector may match several devices", ": The selector matches every member of a bond"];

/// One node of a golden case.
struct Node {
    case: String,
    name: String,
    asked: Case,
    wanted: ExpectedPatch,
}

/// The nodes of a golden case; none where the case is an error of ours.
fn nodes(name: &str, case: &Json) -> Vec<Node> {
    if !texts(&case["errors"]).is_empty() {
        return Vec::new();
    }
    let outputs = &case["outputs"];
    let patches = case["patches"].as_object().unwrap_or_else(|| panic!("{name}: no patches"));
    let node = |(number, (node, patches)): (usize, (&String, &Json))| Node {
        case: name.to_owned(),
        name: node.clone(),
        asked: Case {
            name: format!("{name}, {node}"),
            contract: case["talos_version"].as_str().unwrap().to_owned(),
            worker: false,
            endpoint: outputs["kubernetes_api_endpoint"].as_str().unwrap().to_owned(),
            base: Vec::new(),
            patches: texts(patches),
        },
        wanted: {
            let own = expected(name, node, number).in_form_of(case["talos_version"].as_str().unwrap());
            let warnings = texts(&case["warnings"]);
            ExpectedPatch {
                may_find_several: warnings.iter().any(|warning| SEVERAL.iter().any(|title| warning.ends_with(title))),
                machine_cert_sans: [own.machine_cert_sans.clone(), texts(&outputs["machine_cert_sans"])].concat(),
                api_server_cert_sans: texts(&outputs["api_server_cert_sans"]),
                ..own
            }
        },
    };
    (1..).zip(patches).map(node).collect()
}

/// The contract under which the library `number` is asked about patches that were made for `contract`; none where its own patches would
/// have another form (documents of the network from 1.12 on, of Kubernetes from 1.14 on).
fn asked_under(contract: &str, number: u32) -> Option<String> {
    let same_form = |from: u32| (minor(contract) < from) == (number < from);
    match minor(contract) <= number {
        true => Some(contract.to_owned()),
        false => (same_form(12) && same_form(14)).then(|| format!("v1.{number}")),
    }
}

/// The table of cases and minors, written past the capture: one wants to see it of a good run too.
fn show(cases: &BTreeMap<String, Json>, words: &BTreeMap<(String, u32), &str>) {
    let width = cases.keys().map(String::len).max().unwrap_or_default();
    let mut table = format!("\n{:width$}", "case");
    MINORS.iter().for_each(|minor| table.push_str(&format!("  {:7}", format!("v1.{minor}"))));
    for (name, case) in cases {
        table.push_str(&format!("\n{name:width$}"));
        let refused = !texts(&case["errors"]).is_empty();
        for minor in MINORS {
            let word = words.get(&(name.clone(), minor)).unwrap_or(if refused { &"refused" } else { &"-" });
            table.push_str(&format!("  {word:7}"));
        }
    }
    std::io::stdout().lock().write_all(format!("{table}\n\n").as_bytes()).unwrap();
}

#[test]
fn talos_sees_what_every_case_of_the_vip_promises() {
    let oracles = need!(oracle::all());
    let cases = golden::cases();
    let all: Vec<Node> = cases.iter().flat_map(|(name, case)| nodes(name, case)).collect();
    assert!(all.len() > 100, "{} nodes in tests/golden/vip", all.len());
    let (mut words, mut problems) = (BTreeMap::new(), Vec::new());
    let mut answers: BTreeMap<String, Answers> = BTreeMap::new();
    for number in MINORS {
        let under = |node: &'_ Node| asked_under(&node.asked.contract, number);
        let (readable, asked): (Vec<&Node>, Vec<Case>) =
            all.iter().filter_map(|node| Some((node, Case { contract: under(node)?, ..node.asked.clone() }))).unzip();
        let Some(oracle) = oracles.get(&number) else {
            words.extend(readable.iter().map(|node| ((node.case.clone(), number), "skipped")));
            continue;
        };
        for (node, answer) in readable.into_iter().zip(oracle.ask(&asked)) {
            let found = node.wanted.problems(&answer);
            let word = words.entry((node.case.clone(), number)).or_insert("ok");
            if !found.is_empty() {
                *word = "WRONG";
            }
            problems.extend(found.iter().map(|problem| format!("{} read by v1.{number}: {problem}", node.asked.name)));
            let Answer { json, .. } = answer;
            answers.entry(node.case.clone()).or_default().entry(node.name.clone()).or_default().insert(number, json);
        }
    }
    show(&cases, &words);
    problems.extend(answers.iter().flat_map(|(case, answers)| golden::differences(case, answers)));
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn what_is_written_about_a_case_is_about_one_that_exists() {
    let cases = golden::cases();
    let meant = special().map(str::to_owned);
    let stale: Vec<String> =
        golden::answered().into_iter().chain(meant).filter(|name| !cases.contains_key(name)).collect();
    assert!(stale.is_empty(), "tests/golden/talos or tests/talos/expected.rs is about cases that are gone: {stale:?}");
}

#[test]
fn a_selector_that_the_plan_warns_of_does_find_several() {
    let oracles = need!(oracle::all());
    let case = &golden::cases()["link-several-document"];
    for (number, oracle) in oracles.iter().filter(|(number, _)| **number >= 12) {
        for node in nodes("link-several-document", case) {
            assert!(node.wanted.may_find_several);
            assert_eq!(oracle.ask_one(&node.asked).view.devices, [["eth0", "eth1"]], "v1.{number}");
        }
    }
}

#[test]
fn the_hardware_address_of_a_bond_matches_every_member_of_it() {
    let oracles = need!(oracle::all());
    let [of_bond, of_device] = ["link-hardware-document", "link-device-named-document"];
    for (number, oracle) in oracles.iter().filter(|(number, _)| **number >= 12) {
        let found = |case: &str| -> Vec<Vec<Vec<String>>> {
            let nodes = nodes(case, &golden::cases()[case]);
            nodes.iter().map(|node| oracle.ask_one(&node.asked).view.devices).collect()
        };
        assert_eq!(found(of_bond), [[vec!["eth0"]], [vec!["eth1"]], [vec!["eth2", "eth3"]]], "v1.{number}");
        assert_eq!(found(of_device), [[["eth0"]], [["eth1"]], [["eth2"]]], "v1.{number}: the address for good");
    }
}
