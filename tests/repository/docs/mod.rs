//! `docs/`, as the registry shows it, is made from the schemas and from `examples/`, and says nothing else.
//!
//! `make docs` writes it; the test fails where it differs. Only `docs/guides/` is written by hand.

mod page;
mod guides;
pub mod links;
mod titles;
mod prose;
mod registry;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use talosendpoint::framework::provider::Provider;
use talosendpoint::framework::schema::{Attribute, Nesting, Schema};
use talosendpoint::framework::ty::Type;
use talosendpoint::framework::validator::between;
use talosendpoint::provider::TalosEndpoint;

use crate::{assert_none, root};

/// Every page, by its path under `docs/`.
fn pages(provider: &dyn Provider, examples: &Path) -> BTreeMap<String, String> {
    let example = |path: String| fs::read_to_string(examples.join(path)).ok();
    let mut pages = BTreeMap::new();
    let provider_example = example("provider/provider.tf".to_owned());
    pages.insert("index.md".to_owned(), page::provider(provider.schema(), provider_example.as_deref(), &guides::all()));
    for resource in provider.resources() {
        let name = resource.name();
        let usage = example(format!("resources/{name}/resource.tf"));
        let import = page::Import {
            block: example(format!("resources/{name}/import-by-string-id.tf")),
            identity: example(format!("resources/{name}/import-by-identity.tf")),
            command: example(format!("resources/{name}/import.sh")),
        };
        let page = page::resource(name, resource.schema(), usage.as_deref(), &import);
        pages.insert(format!("resources/{}.md", page::short(name)), page);
    }
    for source in provider.data_sources() {
        let name = source.name();
        let usage = example(format!("data-sources/{name}/data-source.tf"));
        pages.insert(
            format!("data-sources/{}.md", page::short(name)),
            page::data_source(name, source.schema(), usage.as_deref()),
        );
    }
    for list in provider.list_resources() {
        let name = list.name();
        let usage = example(format!("list-resources/{name}/list-resource.tfquery.hcl"));
        pages.insert(
            format!("list-resources/{}.md", page::short(name)),
            page::list_resource(name, list.schema(), usage.as_deref()),
        );
    }
    for function in provider.functions() {
        let name = function.name();
        let usage = example(format!("functions/{name}/function.tf"));
        pages.insert(format!("functions/{name}.md"), page::function(name, &function.signature(), usage.as_deref()));
    }
    pages
}

/// The files under `folder`, by path.
fn files(folder: &Path) -> BTreeMap<String, String> {
    fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                collect(&path, &format!("{name}/"), found);
            } else {
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(folder, "", &mut found);
    found.retain(|name, _| !name.starts_with("guides/"));
    found
}

fn differences(wanted: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> Vec<String> {
    let stale = found
        .keys()
        .filter(|name| !wanted.contains_key(*name))
        .map(|name| format!("docs/{name}: no page is made from anything that exists. Remove it."));
    let other = wanted.iter().filter(|(name, page)| found.get(*name) != Some(page)).map(|(name, _)| {
        format!("docs/{name}: differs from the schema or the example that it is made from. Run `make docs` and read what changed.")
    });
    stale.chain(other).collect()
}

#[test]
fn the_pages_are_what_the_schemas_and_examples_say() {
    let wanted = pages(&TalosEndpoint::default(), &root().join("examples"));
    let folder = root().join("docs");
    if std::env::var("TALOSENDPOINT_GOLDEN").is_ok_and(|word| word == "write") {
        for stale in files(&folder).keys().filter(|name| !wanted.contains_key(*name)) {
            fs::remove_file(folder.join(stale)).unwrap();
        }
        for (name, page) in &wanted {
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), page).unwrap();
        }
        return;
    }
    assert_none(&differences(&wanted, &files(&folder)));
}

#[test]
fn everything_has_an_example() {
    let provider = TalosEndpoint::default();
    let resources = provider.resources().into_iter().map(|one| format!("resources/{}/resource.tf", one.name()));
    let sources = provider.data_sources().into_iter().map(|one| format!("data-sources/{}/data-source.tf", one.name()));
    let list = |name: &str| format!("list-resources/{name}/list-resource.tfquery.hcl");
    let lists = provider.list_resources().into_iter().map(|one| list(one.name()));
    let functions = provider.functions().into_iter().map(|one| format!("functions/{}/function.tf", one.name()));
    let missing = resources
        .chain(sources)
        .chain(lists)
        .chain(functions)
        .filter(|path| !root().join("examples").join(path).is_file());
    assert_none(&missing.map(|path| format!("examples/{path} is missing.")).collect::<Vec<_>>());
}

#[test]
fn a_page_shows_what_a_reader_must_know() {
    let inner =
        vec![Attribute::number("port").default(6443).check(between(1, 65535)).describe("Port. Default: `6443`.")];
    let schema = Schema {
        version: 0,
        description: "A thing.",
        attributes: vec![
            Attribute::string("name").required().requires_replace().describe("Its name."),
            Attribute::nested("api", Nesting::Map, inner).describe("What it serves."),
            Attribute::plain("names", Type::list(Type::String)).computed().describe("All names."),
            Attribute::string("password").sensitive().deprecated("Use `name`.").describe("Not said."),
        ],
    };
    let import = page::Import {
        block: Some("import {}\n".to_owned()),
        identity: Some("import { identity = {} }\n".to_owned()),
        command: Some("terraform import x y\n".to_owned()),
    };
    let page = page::resource("talosendpoint_thing", &schema, Some("resource {}\n"), &import);
    for line in [
        "# talosendpoint_thing (Resource)",
        "```terraform\nresource {}\n```",
        "### Required\n\n- `name` (String) Its name. Changing this replaces the resource.",
        "- `api` (Attributes Map) What it serves. See [below](#nestedatt--api).",
        "- `password` (String, Sensitive, Deprecated) Not said. Use `name`.",
        "### Read-Only\n\n- `names` (List of String) All names.",
        "<a id=\"nestedatt--api\"></a>\n### `api`\n\nOptional:\n\n- `port` (Number) Port. Default: `6443`. It must be a whole number from 1 to 65535.",
        "## Import\n\nWith Terraform 1.5 and newer, and OpenTofu, by a block:\n\n```terraform\nimport {}\n```\n\nWith Terraform or OpenTofu 1.12 and newer, by identity:\n\n```terraform\nimport { identity = {} }\n```\n\nBy the command:\n\n```shell\nterraform import x y\n```",
    ] {
        assert!(page.contains(line), "{line}\n--- is not in ---\n{page}");
    }
    assert!(page.starts_with("---\npage_title: \"talosendpoint_thing Resource - talosendpoint\"\n"), "{page}");
}

#[test]
fn a_page_that_differs_or_is_left_over_is_found() {
    let page = |text: &str| BTreeMap::from([("index.md".to_owned(), text.to_owned())]);
    assert_none(&differences(&page("a"), &page("a")));
    assert_eq!(differences(&page("a"), &page("b")).len(), 1);
    assert_eq!(differences(&BTreeMap::new(), &page("b")).len(), 1);
    assert_eq!(differences(&page("a"), &BTreeMap::new()).len(), 1);
}
