//! Pages that speak of files and commands speak of those that exist.

use std::collections::BTreeSet;

use crate::source::Source;
use crate::{assert_none, read};

/// Compares the table of modules in ARCHITECTURE.md, whose rows are `| [`]LAYER[`] | what it is | modules |`, with the files.
fn module_problems(page: &str, sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    let rows: Vec<(String, BTreeSet<String>)> = rows(page);
    let folders: BTreeSet<String> = sources.iter().filter_map(folder).collect();
    for folder in &folders {
        let Some((_, named)) = rows.iter().find(|(name, _)| name == folder) else {
            problems.push(format!("ARCHITECTURE.md: the table of modules has no row for `{folder}`. Add one."));
            continue;
        };
        let exist = modules_of(folder, sources);
        for module in exist.difference(named) {
            problems.push(format!(
                "ARCHITECTURE.md: the row `{folder}` doesn't name `{module}`. Add it, in reading order."
            ));
        }
        for module in named.difference(&exist) {
            problems
                .push(format!("ARCHITECTURE.md: the row `{folder}` names `{module}`, which doesn't exist. Remove it."));
        }
    }
    for (name, _) in rows.iter().filter(|(name, _)| !folders.contains(name)) {
        problems.push(format!("ARCHITECTURE.md: src/{name} doesn't exist. Remove its row."));
    }
    problems
}

/// The rows of the table: the folder, and what the last cell names.
fn rows(page: &str) -> Vec<(String, BTreeSet<String>)> {
    let table = page.split("\n## Modules").nth(1).unwrap_or_default();
    let table = table.split("\n## ").next().unwrap_or_default();
    let lines = table.lines().filter(|line| line.starts_with("| `"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
            let name = ticked(cells[0]).into_iter().next().unwrap_or_default();
            (name, ticked(cells[cells.len() - 1]).into_iter().collect())
        })
        .collect()
}

/// What stands between backticks.
fn ticked(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The folder that a row is due for: a layer, an endpoint or a room of it. Deeper folders are one module.
fn folder(source: &Source) -> Option<String> {
    match source.endpoint() {
        Some((kind, Some(room), _)) => Some(format!("endpoint/{kind}/{room}")),
        Some((kind, None, _)) => Some(format!("endpoint/{kind}")),
        None => source.path.split_once('/').map(|(layer, _)| layer.to_owned()),
    }
}

fn modules_of(folder: &str, sources: &[Source]) -> BTreeSet<String> {
    let inside = sources.iter().filter_map(|source| source.path.strip_prefix(&format!("{folder}/")));
    let names = inside.map(|rest| rest.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned());
    names.filter(|name| name != "mod" && name != "tests").collect()
}

/// Every `make NAME` of a page is a target.
fn command_problems(page: &str, text: &str, makefile: &str) -> Vec<String> {
    let targets: BTreeSet<&str> =
        makefile.lines().filter(|line| line.contains("## ")).filter_map(|line| Some(line.split_once(':')?.0)).collect();
    let named = text.match_indices("make ").filter(|(start, _)| {
        matches!(text[..*start].chars().next_back(), None | Some('`' | '\n')) || text[..*start].ends_with("    ")
    });
    let names = named.map(|(start, _)| {
        text[start + 5..].split(|c: char| !(c.is_ascii_lowercase() || c == '-')).next().unwrap_or_default()
    });
    let unknown = names.filter(|name| !targets.contains(name));
    unknown.map(|name| format!("{page}: there is no `make {name}`. Name a target of the Makefile.")).collect()
}

#[test]
fn the_architecture_page_names_exactly_the_modules_that_exist() {
    assert_none(&module_problems(&read("ARCHITECTURE.md"), &Source::all()));
}

#[test]
fn a_module_that_is_not_named_or_not_there_is_found() {
    let sources = [
        "framework/mod.rs",
        "framework/value.rs",
        "framework/engine/plan.rs",
        "endpoint/mod.rs",
        "endpoint/nlb/mod.rs",
        "endpoint/nlb/plan/diff.rs",
    ]
    .map(|path| Source::new(path, ""));
    let page = |framework: &str, endpoint: &str| {
        format!(
            "x\n## Modules\n| layer | is | modules |\n|---|---|---|\n| `framework` | `what` | {framework} |\n| `endpoint` | x | {endpoint} |\n| `endpoint/nlb` | x | `plan` |\n| `endpoint/nlb/plan` | x | `diff` |\n## More\n| `gone` | | |\n"
        )
    };
    assert_none(&module_problems(&page("`value` `engine`", "`nlb`"), &sources));
    assert_eq!(module_problems(&page("`engine`", "`nlb`"), &sources).len(), 1);
    assert_eq!(module_problems(&page("`value` `engine` `gone`", "`nlb`"), &sources).len(), 1);
    assert_eq!(module_problems(&page("`value` `engine`", "`nlb`"), &sources[..3]).len(), 3);
    assert_eq!(module_problems("## Modules\n", &sources).len(), 4);
}

#[test]
fn the_commands_that_pages_name_exist() {
    let makefile = read("Makefile");
    let problems: Vec<String> = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"]
        .into_iter()
        .flat_map(|page| command_problems(page, &read(page), &makefile))
        .collect();
    assert_none(&problems);
    assert_eq!(command_problems("x", "`make tset`\n    make demo\nwe make do", &makefile).len(), 1);
}
