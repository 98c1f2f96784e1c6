//! No two files import each other, directly or by way of others: each can be read after those that it uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::assert_none;
use crate::source::Source;

/// The files that each file imports. What a file declares or only hands on (`mod`, `pub use`) isn't an import, nor is what its tests use.
fn imports(sources: &[Source]) -> BTreeMap<&str, BTreeSet<&str>> {
    let production: Vec<&Source> = sources.iter().filter(|source| !source.is_test()).collect();
    let by_module: BTreeMap<Vec<&str>, &str> =
        production.iter().map(|source| (source.module(), source.path.as_str())).collect();
    let file_of = |path: &[String]| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        (1..=path.len()).rev().find_map(|length| by_module.get(&path[..length]).copied())
    };
    let mut imports = BTreeMap::new();
    for source in production {
        let used = source.imported_paths();
        let files: BTreeSet<&str> =
            used.iter().filter_map(|path| file_of(path)).filter(|file| *file != source.path).collect();
        imports.insert(source.path.as_str(), files);
    }
    imports
}

/// Every circle once, as the files on it.
fn problems(sources: &[Source]) -> Vec<String> {
    let imports = imports(sources);
    let mut problems = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for start in imports.keys().copied() {
        if seen.contains(start) {
            continue;
        }
        let circle: BTreeSet<&str> =
            reachable(start, &imports).into_iter().filter(|file| reachable(file, &imports).contains(start)).collect();
        if !circle.is_empty() {
            problems.push(format!(
                "src/{}: these files import each other in a circle. Move what both need to a file that both may import, or pass it in.",
                circle.iter().copied().collect::<Vec<_>>().join(", src/")
            ));
        }
        seen.extend(circle);
    }
    problems
}

/// The files that are imported from `start`, by any number of steps.
fn reachable<'a>(start: &str, imports: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = imports.get(start).into_iter().flatten().copied().collect();
    while let Some(file) = open.pop() {
        if found.insert(file) {
            open.extend(imports.get(file).into_iter().flatten().copied());
        }
    }
    found
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_none(&problems(&Source::all()));
}

#[test]
fn a_circle_is_found() {
    let file = |path: &str, text: &str| Source::new(path, text);
    let one_way = [
        file("a/mod.rs", "pub mod b; pub mod c; use self::c::C;"),
        file("a/b.rs", "use super::c::C; #[cfg(test)]\nmod tests { use super::d; }"),
        file("a/c.rs", ""),
        file("a/c/tests.rs", "use crate::a::b::B;"),
    ];
    assert_none(&problems(&one_way));
    let with = |path: &str, text: &str| {
        let mut files: Vec<Source> = one_way.iter().filter(|file| file.path != path).cloned().collect();
        files.push(file(path, text));
        problems(&files).len()
    };
    assert_eq!(with("a/c.rs", "use super::b::B;"), 1, "there and back");
    assert_eq!(with("a/c.rs", "fn f() { crate::a::b::f() }"), 1, "a path without `use`");
    assert_eq!(with("a/c.rs", "use super::d::D;"), 1, "an item of mod.rs, which imports this file");
    assert_eq!(with("a/mod.rs", "pub mod b; pub mod c; pub use self::c::C;"), 0, "a re-export is no import");
    let around = [file("x.rs", "use crate::y;"), file("y.rs", "use crate::z;"), file("z.rs", "use crate::x;")];
    assert_eq!(problems(&around).len(), 1, "one circle of three is reported once");
}
