//! Pages that are written by hand name tests as `PROGRAM: test`, and attributes: those exist.

use std::fs;
use std::path::Path;

use crate::{assert_none, root};

/// The tests that `page` names and that no file under `tests` has.
fn missing_tests(page: &str, tests: &Path) -> Vec<String> {
    let named = page.split('`').skip(1).step_by(2).filter_map(|text| text.split_once(": "));
    let named = named.filter(|(program, _)| tests.join(program).is_dir());
    let missing = named.filter(|(program, test)| !holds(&tests.join(program), test));
    missing.map(|(program, test)| format!("`{program}: {test}`: tests/{program} has no such test.")).collect()
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
fn the_tests_that_the_guide_names_exist() {
    for entry in fs::read_dir(root().join("docs/guides")).unwrap() {
        let page = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert_none(&missing_tests(&page, &root().join("tests")));
    }
}

#[test]
fn a_test_that_is_gone_is_found() {
    let tests = root().join("tests");
    assert_none(&missing_tests("`repository: a_test_that_is_gone_is_found` and `key: value`", &tests));
    assert_eq!(missing_tests("`repository: no_such_test`", &tests).len(), 1);
}
