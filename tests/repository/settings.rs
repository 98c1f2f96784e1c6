//! A setting of the NLB is written in few places: its attribute, its row, and a rule or a default where it has one of its own.

use std::collections::BTreeSet;

use talosendpoint::endpoint::nlb::model::settings::SETTINGS;

use crate::assert_none;
use crate::source::Source;

/// In how many files of the endpoint it may be named. The list of names counts as one with the schema.
const MOST: usize = 3;

/// Where a name is given to the constant that the others use.
const NAMES: &str = "endpoint/nlb/model/schema/names.rs";

/// The constant that holds the name of an attribute.
fn constant(names: &Source, attribute: &str) -> Option<String> {
    let line = names.text.lines().find(|line| line.ends_with(&format!("= \"{attribute}\";")))?;
    Some(format!("names::{}", line.strip_prefix("pub const ")?.split(':').next()?))
}

fn problems(attributes: &[&str], sources: &[Source]) -> Vec<String> {
    let Some(names) = sources.iter().find(|source| source.path == NAMES) else {
        return vec![format!("src/{NAMES}: doesn't exist. The names of attributes are constants there.")];
    };
    let mut problems = Vec::new();
    for attribute in attributes {
        let Some(constant) = constant(names, attribute) else {
            problems.push(format!("src/{NAMES}: no constant is \"{attribute}\". Add one."));
            continue;
        };
        // The words of hashicorp/aws are in `migration`, and many are the same.
        let of_nlb = sources.iter().filter(|source| {
            source.path.starts_with("endpoint/nlb/")
                && !source.path.starts_with("endpoint/nlb/migration/")
                && !source.is_test()
        });
        let naming: BTreeSet<&str> = of_nlb
            .filter(|source| source.names(&constant) || source.literals_have(attribute))
            .map(|source| source.path.as_str())
            .filter(|path| *path != NAMES)
            .collect();
        if naming.len() > MOST {
            let files: Vec<&str> = naming.into_iter().collect();
            problems.push(format!(
                "{attribute}: named in {} files ({}), {MOST} at most. What is done with every setting is a loop over SETTINGS; what only \
                 this one needs has one place.",
                files.len(),
                files.join(", ")
            ));
        }
    }
    problems
}

#[test]
fn a_setting_is_named_in_few_files() {
    let attributes: Vec<&str> = SETTINGS.iter().filter_map(|setting| setting.attribute.last().copied()).collect();
    assert_none(&problems(&attributes, &Source::all()));
}

#[test]
fn a_setting_named_everywhere_is_found() {
    let names = Source::new(NAMES, "pub const COLOUR: &str = \"colour\";\n");
    let with = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(path, text)| Source::new(&format!("endpoint/nlb/{path}"), text));
        problems(&["colour"], &files.chain([names.clone()]).collect::<Vec<_>>()).len()
    };
    let use_it = "fn f() { names::COLOUR }";
    let three = [("model/schema.rs", use_it), ("model/settings.rs", use_it), ("plan/rules.rs", use_it)];
    assert_eq!(with(&three), 0);
    let and = |path: &'static str, text: &'static str| [three.to_vec(), vec![(path, text)]].concat();
    assert_eq!(with(&and("plan/diff.rs", use_it)), 1);
    assert_eq!(with(&and("plan/diff.rs", "fn f() { \"colour\" }")), 1, "under its own name too");
    assert_eq!(with(&and("plan/diff.rs", "fn f() { \"Set `colour` to `red`.\" }")), 0, "users read of it");
    assert_eq!(with(&and("plan/diff/tests.rs", use_it)), 0);
    assert_eq!(problems(&["shape"], std::slice::from_ref(&names)).len(), 1);
}
