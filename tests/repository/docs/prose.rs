//! Pages that are written by hand read well: no line of prose is too wide, no symptom is there twice, and a number that two pages give is one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::{assert_none, read, root};

/// What fits beside another window.
const WIDTH: usize = 150;

/// Where the numbers of `make bench` stand.
const BENCHMARKS: [&str; 2] = ["README.md", "docs/guides/failover.md"];

fn pages() -> Vec<String> {
    let guides = fs::read_dir(root().join("docs/guides")).unwrap();
    let guides = guides.map(|entry| format!("docs/guides/{}", entry.unwrap().file_name().to_str().unwrap()));
    ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md"]
        .map(str::to_owned)
        .into_iter()
        .chain(guides)
        .collect()
}

/// Lines that could be broken and are not. Tables, code and the head of a page can't; nor can an address.
fn too_wide(page: &str, text: &str) -> Vec<String> {
    let body = text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n")).map_or(text, |(_, body)| body);
    let mut is_code = false;
    let prose = body.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !(is_code || is_fence || line.starts_with('|') || line.starts_with("    "))
    });
    let wide = prose.filter(|line| line.chars().count() > WIDTH && line.trim().contains(' '));
    wide.map(|line| format!("{page}: break this line before character {WIDTH}: {line}")).collect()
}

/// Symptoms and entries in bold letters that begin twice.
fn doubled(page: &str, text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let begins = text.lines().filter_map(|line| line.strip_prefix("**")?.split_once("**"));
    let twice = begins.filter(|(symptom, _)| !seen.insert(*symptom));
    twice.map(|(symptom, _)| format!("{page}: \"{symptom}\" is there twice. Make one of both.")).collect()
}

/// The rows of the table of numbers, by what was measured.
fn numbers(text: &str) -> BTreeMap<String, Vec<String>> {
    let table = text.split("hashicorp/aws").skip(1).find_map(|rest| rest.split_once("|\n|---|---|---|\n"));
    let rows = table.map_or("", |(_, rows)| rows.split("\n\n").next().unwrap_or_default());
    let cells = rows.lines().map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()));
    cells.filter_map(|mut cells| Some((cells.next()?, cells.collect()))).collect()
}

/// What two tables have both, and not alike. A parenthesis is said on one page only.
fn contradictions(one: &str, other: &str) -> Vec<String> {
    let bare = |cells: &Vec<String>| -> Vec<String> {
        cells.iter().map(|cell| cell.split(" (").next().unwrap_or_default().to_owned()).collect()
    };
    let (one, other) = (numbers(one), numbers(other));
    if one.is_empty() || other.is_empty() {
        return vec!["one of the pages has no table of numbers".to_owned()];
    }
    let both = one.iter().filter_map(|(row, cells)| Some((row, bare(cells), bare(other.get(row)?))));
    both.filter(|(_, one, other)| one != other)
        .map(|(row, one, other)| format!("{row}: {one:?} and {other:?}"))
        .collect()
}

#[test]
fn pages_can_be_read() {
    let problems = pages().into_iter().flat_map(|page| {
        let text = read(&page);
        [too_wide(&page, &text), doubled(&page, &text)].concat()
    });
    assert_none(&problems.collect::<Vec<_>>());
}

#[test]
fn the_numbers_of_two_pages_are_the_same() {
    assert_none(&contradictions(&read(BENCHMARKS[0]), &read(BENCHMARKS[1])));
}

#[test]
fn a_page_that_can_not_be_read_is_found() {
    let wide = "word ".repeat(40);
    let page = format!("---\ntitle: {wide}\n---\n| {wide} |\n```\n{wide}\n```\n");
    assert_none(&too_wide("x", &page));
    assert_none(&too_wide("x", &format!("{page}(https://{})\n", "x".repeat(200))));
    assert_eq!(too_wide("x", &format!("{page}{wide}\n")).len(), 1);
    assert_eq!(doubled("x", "**A.** b\n\n**C.** d\n\n**A.** e\n").len(), 1);
    let table = |size: &str| format!("| | ours | hashicorp/aws 5 |\n|---|---|---|\n| size | {size} | 9 |\n\nMore.\n");
    assert_none(&contradictions(&table("1"), &table("1 (of two)")));
    assert_eq!(contradictions(&table("1"), &table("2")).len(), 1);
    assert_eq!(contradictions(&table("1"), "none").len(), 1);
}
