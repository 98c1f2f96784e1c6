//! Every error and warning is explained: the page for troubleshooting has an entry for each title that the code gives, and for no other.

use std::collections::BTreeSet;

use regex::Regex;

use crate::source::Source;
use crate::{assert_none, read};

/// The page whose entries begin with `- **TITLE**`.
const PAGE: &str = "docs/guides/troubleshooting.md";

/// Where diagnostics come from.
const LAYERS: [&str; 4] = ["protocol", "framework", "provider", "endpoint"];

/// Texts that look like titles and are parts of other texts.
const NO_TITLES: [&str; 32] = [
    "AWS gave no reason",
    "An IPv6 address stands in brackets, and the port after them, such as",
    "Another program",
    "ELB …",
    "It doesn't begin with the kind of the key",
    "HAProxy would see the whole file system",
    "HAProxy would stay in root's group",
    "HAProxy would stay root",
    "Kubernetes API",
    "Load balancer",
    "No space left",
    "PRIVATE KEY",
    "Route priority",
    "Read-only file system",
    "Talos API",
    "Target group",
    "Terraform uses this name itself",
    "The URL of a Kubernetes API",
    "The data source",
    "The order",
    "The order that keeps clients connected",
    "The owner of the resource",
    "The resource's own default",
    "The resource's plan",
    "There are no profiles in them at all",
    "This is account …",
    "User-data that sets up a load balancer",
    "VLAN … of the selected device",
    "Whoever administers the AWS organization",
    "Whoever administers the role or user in IAM",
    "Whoever runs the VPC endpoint",
    "Whoever sets the boundary of the role or user",
];

/// The titles in `source`, with `…` for what is filled in.
///
/// A title is a short text that begins with a capital letter, ends without a full stop, and is an argument or a member that others follow.
fn titles(source: &Source) -> Vec<String> {
    if !LAYERS.contains(&source.layer()) || source.is_test() {
        return Vec::new();
    }
    let literals = source.literals().into_iter().filter(|(at, literal)| {
        let after = source.text[at + literal.len()..].trim_start();
        let before = source.text[..*at].trim_end();
        let of_words =
            literal.contains(' ') && (after.starts_with([',', ';', ')', '}']) || after.starts_with(".to_owned(),"));
        let alone = ["Diagnostic::failed(", "Diagnostic::bug("].iter().any(|call| before.ends_with(call));
        let expected = ["expect(", "panic!(", "unreachable!(", "Err("].iter().any(|call| before.ends_with(call));
        (of_words || alone) && !expected
    });
    let texts = literals.map(|(_, literal)| filled(literal.trim_matches('"')));
    texts.filter(|text| is_title(text) && !NO_TITLES.contains(&text.as_str())).collect()
}

/// The text with `…` in place of `{…}`.
fn filled(text: &str) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        filled += "…";
        filled += part.split_once('}').map_or("", |(_, rest)| rest);
    }
    filled
}

fn is_title(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_uppercase())
        || text.starts_with("talosctl would")
        || text.starts_with("… without");
    let plain = text.chars().all(|c| c.is_alphanumeric() || " ,'…-_".contains(c));
    begins && plain && !text.ends_with(' ') && (4..=80).contains(&text.chars().count())
}

/// The titles that the page explains.
fn explained(page: &str) -> Vec<String> {
    let entries = page.lines().filter_map(|line| line.strip_prefix("- **")?.split_once("**"));
    entries.map(|(title, _)| title.to_owned()).collect()
}

/// What an entry can tell a reader to do.
const DOING: &str = "set|run|remove|correct|choose|use|add|give|put|make|import|check|wait|apply|write|leave|revert|change|keep|allow|restore|\
                     install|compare|raise|lower|switch|shorten|renew|admit|dial|stop|free|sign|restrict|rename|select|load|let|delete|bring|\
                     have|update|start|follow|see|search|create|generate|no action is needed";

/// Faults of the provider have one remedy, at the head of their section.
const FAULTS: &str = "\n## Faults of the provider";

/// The entries that explain and don't help: none of their sentences, or parts of sentences, begins with something to do.
fn without_remedy(page: &str) -> Vec<String> {
    let page = page.split(FAULTS).next().unwrap_or_default();
    let doing = Regex::new(&format!("(?i)(?:[.;:,)] |\\bthen |\\band |\\bor )(?:{DOING})\\b")).unwrap();
    let entries =
        page.split("\n- **").skip(1).map(|entry| entry.split("\n\n").next().unwrap_or_default().replace("\n ", ""));
    let helpless = entries.filter(|entry| !doing.is_match(entry));
    helpless
        .map(|entry| {
            let title = entry.split("**").next().unwrap_or_default().to_owned();
            format!("{PAGE}: {title:?} has a reason and no remedy. Tell what to do, or write that no action is needed.")
        })
        .collect()
}

fn problems(sources: &[Source], page: &str) -> Vec<String> {
    let given: BTreeSet<String> = sources.iter().flat_map(titles).collect();
    let mut explained = explained(page);
    explained.sort();
    let twice = explained
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| format!("{PAGE}: {:?} is there twice.", pair[0]));
    let missing = given.iter().filter(|title| !explained.contains(title)).map(|title| {
        format!("{PAGE}: {title:?} has no entry. Write `- **{title}**: why, and what to do`, or put it into NO_TITLES if it is no title.")
    });
    let gone = explained.iter().filter(|title| !given.contains(*title));
    twice.chain(missing).chain(gone.map(|title| format!("{PAGE}: nothing gives {title:?}. Remove it."))).collect()
}

#[test]
fn every_title_is_explained() {
    assert_none(&problems(&Source::all(), &read(PAGE)));
}

#[test]
fn every_entry_has_a_remedy() {
    assert_none(&without_remedy(&read(PAGE)));
    let page = format!(
        "x\n- **A**: it is wrong.\n- **B**: it is wrong. Correct\n  it.\n\n## C\n{FAULTS}\n- **D**: it is ours.\n"
    );
    assert_eq!(without_remedy(&page).len(), 1);
}

#[test]
fn a_title_that_is_not_explained_or_gone_is_found() {
    let source = Source::new(
        "endpoint/x/plan/rules.rs",
        "const TITLE: &str = \"A constant title\";\n\
         Diagnostic::failed(\"Interrupted\", \"On your request.\");\n\
         warn(\"port\", \"The port of {name}\", format!(\"Port {port} is taken. Choose another one.\"));\n\
         (\"AWS does not accept it\", \"Correct it.\")\n",
    );
    let page =
        "- **A constant title**: x\n- **Interrupted**: x\n- **The port of …**: x\n- **AWS does not accept it**: x\n";
    assert_none(&problems(std::slice::from_ref(&source), page));
    assert_eq!(problems(std::slice::from_ref(&source), "").len(), 4);
    assert_eq!(problems(std::slice::from_ref(&source), &format!("{page}- **Gone**: x\n")).len(), 1);
    assert_eq!(problems(&[source], &format!("{page}- **Interrupted**: x\n")).len(), 1);
}
