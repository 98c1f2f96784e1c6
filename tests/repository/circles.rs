//! No two files lead to each other: whoever reads one must not have to know the other first.

use std::collections::{BTreeMap, BTreeSet};

use crate::assert_none;
use crate::source::Source;

/// What each file uses, by path; tests neither use nor are used here.
fn uses(sources: &[Source]) -> BTreeMap<&str, BTreeSet<&str>> {
    let by_module: BTreeMap<Vec<&str>, &Source> =
        sources.iter().filter(|source| !source.is_test(sources)).map(|source| (source.module(), source)).collect();
    let mut uses = BTreeMap::new();
    for source in by_module.values() {
        let paths = source.own_paths();
        let used = paths.iter().filter_map(|path| file_of(path, &by_module));
        uses.insert(source.path.as_str(), used.filter(|path| *path != source.path).collect());
    }
    uses
}

/// The file in which what a path leads to is written.
fn file_of<'a>(path: &[String], by_module: &BTreeMap<Vec<&str>, &'a Source>) -> Option<&'a str> {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let length = (1..=names.len()).rev().find(|length| by_module.contains_key(&names[..*length]))?;
    let source = by_module[&names[..length]];
    // A re-export leads on to where the thing is.
    let exported = names.get(length).and_then(|name| source.re_exported(name));
    let further = exported.and_then(|further| file_of(&further, by_module));
    Some(further.unwrap_or(source.path.as_str()))
}

/// Every circle: the files from each of which each of the others can be reached.
fn circles(uses: &BTreeMap<&str, BTreeSet<&str>>) -> BTreeSet<Vec<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = uses.keys().map(|from| (*from, reach(from, uses))).collect();
    let mut found = BTreeSet::new();
    for (from, to) in &reached {
        let circle = to.iter().filter(|other| reached.get(**other).is_some_and(|back| back.contains(from)));
        let circle: Vec<String> = circle.map(|file| (*file).to_owned()).collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found
}

fn reach<'a>(from: &str, uses: &BTreeMap<&str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = uses.get(from).into_iter().flatten().copied().collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(uses.get(file).into_iter().flatten());
        }
    }
    reached
}

/// Circles that are known and about to be mended.
const KNOWN: [&str; 2] = ["endpoint/nlb/", "endpoint/nlb_attachment/"];

fn problems(sources: &[Source]) -> Vec<String> {
    let circles = circles(&uses(sources));
    let new =
        circles.iter().filter(|circle| !KNOWN.iter().any(|folder| circle.iter().all(|file| file.starts_with(folder))));
    let problems = new.map(|circle| {
        format!(
            "src/{} use each other in a circle. Move what both need into a file of its own, or pass it as an argument.",
            circle.join(", src/")
        )
    });
    problems.collect()
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    assert_none(&problems(&Source::all()));
}

#[test]
fn a_circle_is_found_however_long_it_is() {
    let file = |path: &str, text: &str| Source::new(path, text);
    let two =
        [file("plugin/a.rs", "use super::b::B;"), file("plugin/b.rs", "pub struct B; fn f(_: crate::plugin::a::A) {}")];
    assert_eq!(problems(&two).len(), 1);
    let three = [
        file("a.rs", "use crate::b::{self, B};"),
        file("b/mod.rs", "pub use c::C; pub struct B;"),
        file("b/c.rs", "use crate::a::A; pub struct C;"),
        file("d.rs", "use crate::a::A;"),
    ];
    assert_none(&problems(&three));
    let through = [file("a.rs", "use crate::b::C;")].into_iter().chain(three[1..].to_vec()).collect::<Vec<_>>();
    assert_eq!(problems(&through).len(), 1, "a re-export leads to the file behind it");
}

#[test]
fn tests_and_parents_that_name_their_children_make_no_circle() {
    let file = |path: &str, text: &str| Source::new(path, text);
    assert_none(&problems(&[
        file("a.rs", "mod b;\nfn f() { b::g(); }\n#[cfg(test)]\nmod sample;\n"),
        file("a/b.rs", "use super::f;"),
        file("a/sample.rs", "use crate::c::C;"),
        file("c.rs", "use crate::a::sample;\n#[cfg(test)]\nmod tests { use crate::a::f; }"),
    ]));
}
