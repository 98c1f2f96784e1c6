//! Pages that are written by hand: what the index says of them, and which tests show their statements.

use std::fs;
use std::path::Path;

use super::links::REGISTRY;
use crate::{assert_none, read, root};

/// The page whose statements are listed with their tests in [`STATEMENTS`].
const LINE_BY_LINE: &str = "docs/guides/guide-line-by-line.md";

/// `| STATEMENT | `PROGRAM: test` |`, one a line.
const STATEMENTS: &str = "tests/guide/statements.md";

/// Title, address and description of every guide: those to start with come first, the others by title.
pub fn all() -> Vec<[String; 3]> {
    let entries = fs::read_dir(root().join("docs/guides")).unwrap().map(|entry| entry.unwrap().path());
    let guides = entries.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let (title, description) = head(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|| panic!("docs/guides/{name}.md: begin it as the other guides begin"));
        (!name.starts_with("getting-started"), [title, format!("{REGISTRY}/guides/{name}"), description])
    });
    let mut guides: Vec<(bool, [String; 3])> = guides.collect();
    guides.sort();
    guides.into_iter().map(|(_, guide)| guide).collect()
}

/// Title and description at the head of a page, in the form that a registry reads.
fn head(page: &str) -> Option<(String, String)> {
    let (head, _) = page.strip_prefix("---\n")?.split_once("\n---\n")?;
    let title = head.strip_prefix("page_title: \"")?.split_once("\"\n")?.0;
    let description = head.split_once("\ndescription: |-\n  ")?.1;
    Some((title.to_owned(), description.to_owned()))
}

/// The tests that `list` names and that no file under `tests` has, and statements that `page` doesn't have.
fn problems(list: &str, page: &str, tests: &Path) -> Vec<String> {
    let rows = list.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.rsplit_once(" | "));
    let rows = rows.filter(|(_, named)| named.starts_with('`'));
    rows.flat_map(|(statement, named)| {
        let gone = (!page.contains(&format!("\n| {statement} | ")))
            .then(|| format!("{STATEMENTS}: {LINE_BY_LINE} has no statement {statement:?}."));
        gone.into_iter().chain(missing_tests(named, tests)).collect::<Vec<_>>()
    })
    .collect()
}

fn missing_tests(text: &str, tests: &Path) -> Vec<String> {
    let named = text.split('`').skip(1).step_by(2);
    let missing = named.filter(|name| {
        !name.split_once(": ").is_some_and(|(program, test)| {
            let folder = tests.join(program);
            folder.is_dir() && holds(&folder, test)
        })
    });
    missing.map(|name| format!("{STATEMENTS}: there is no test `{name}`.")).collect()
}

/// True if a file under `folder` has a test of that name, or is a module of that name.
fn holds(folder: &Path, test: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, test);
        }
        path.file_stem().is_some_and(|stem| stem == test)
            || fs::read_to_string(&path).is_ok_and(|text| text.contains(&format!("fn {test}()")))
    })
}

#[test]
fn the_statements_and_the_tests_that_show_them_exist() {
    let list = read(STATEMENTS);
    assert!(list.matches("\n| ").count() > 8, "{STATEMENTS} lists too little");
    assert_none(&problems(&list, &read(LINE_BY_LINE), &root().join("tests")));
}

#[test]
fn a_statement_or_a_test_that_is_gone_is_found() {
    let tests = root().join("tests");
    let page = "\n| a | b |\n";
    let found = |list: &str| problems(list, page, &tests).len();
    assert_eq!(found("| statement | test |\n|---|---|\n"), 0);
    assert_eq!(found("| a | `repository: a_statement_or_a_test_that_is_gone_is_found` |"), 0);
    assert_eq!(found("| a | `repository: no_such_test` |"), 1);
    assert_eq!(found("| a | `no_such_program: no_such_test` |"), 1);
    assert_eq!(found("| c | `repository: a_statement_or_a_test_that_is_gone_is_found` |"), 1);
}

#[test]
fn every_guide_begins_as_a_registry_wants_it() {
    assert!(all().len() >= 10, "are the guides found?");
    assert_eq!(
        head("---\npage_title: \"A\"\nsubcategory: \"\"\ndescription: |-\n  B.\n---\n"),
        Some(("A".into(), "B.".into()))
    );
    assert_eq!(head("# A\n"), None);
}
