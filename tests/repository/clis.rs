//! The acceptance tests that every CLI is to pass exist: a name that matches none would run nothing, and pass.

use crate::{assert_none, read};

fn problems(names: &str, text_of: &dyn Fn(&str) -> String) -> Vec<String> {
    let is_missing = |name: &&str| {
        let (module, test) = name.split_once("::").unwrap_or_default();
        !text_of(module).contains(&format!("#[test]\nfn {test}()"))
    };
    let missing = names.lines().filter(is_missing);
    missing
        .map(|name| {
            format!("tests/acceptance/every-cli.txt: there is no test `{name}`. Name the one that it has become.")
        })
        .collect()
}

#[test]
fn the_tests_for_every_cli_exist() {
    let names = read("tests/acceptance/every-cli.txt");
    assert!(names.lines().count() >= 10, "{names}");
    assert_none(&problems(&names, &|module| read(format!("tests/acceptance/{module}.rs"))));
}

#[test]
fn a_test_that_is_gone_is_found() {
    let text = |_: &str| "#[test]\nfn a() {}\nfn b() {}\n".to_owned();
    assert_eq!(problems("x::a\n", &text), [""; 0]);
    assert_eq!(problems("x::b\nx::c\n", &text).len(), 2);
}
