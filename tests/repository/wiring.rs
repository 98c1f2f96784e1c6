//! In every configuration that users copy, an endpoint goes through a local value, and the page says why.
//!
//! Terraform postpones a data source that names a managed resource to the apply while that resource has any change pending, known values
//! or not. Talos' machine configuration is such a data source: named directly, every node would be planned as changed with it.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use talosendpoint::framework::provider::Provider;
use talosendpoint::provider::TalosEndpoint;

use crate::{assert_none, root};

/// Blocks that name a resource as such: no value goes anywhere.
const FREE: [&str; 4] = ["locals", "moved", "import", "removed"];

/// What the sentence is known by.
const WHY: &str = "a data source that names";

/// Finds the endpoints in texts.
struct Finder {
    /// The resource itself, as in `local.endpoint = talosendpoint_vip.this`.
    reference: Regex,
    /// A value of it in prose or in a comment, where the resource alone may be spoken of.
    value: Regex,
}

impl Finder {
    /// For the resource types that export the endpoint contract.
    fn new() -> Finder {
        let resources = TalosEndpoint::default().resources();
        let kinds = resources.iter().filter(|kind| kind.schema().attribute("control_plane_config_patches").is_some());
        let kinds: Vec<&str> = kinds.map(|kind| kind.name()).collect();
        assert!(kinds.len() >= 4, "{kinds:?}");
        let kinds = kinds.join("|");
        Finder {
            reference: Regex::new(&format!(r"\b({kinds})\.\w")).unwrap(),
            value: Regex::new(&format!(r"\b({kinds})\.\w+(\[[^\]]*\])?\.\w|\(({kinds})\.\w")).unwrap(),
        }
    }

    /// What is wrong in a whole file or a snippet of HCL, formatted as `terraform fmt` does: blocks begin and end in the first column.
    fn in_hcl(&self, place: &str, hcl: &str) -> Vec<String> {
        let mut problems = Vec::new();
        let mut block = "";
        for (number, line) in hcl.lines().enumerate() {
            let opens = block.is_empty() && line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains('{');
            if opens {
                block = line.split_whitespace().next().unwrap_or_default();
            }
            let comment = line.trim_start().starts_with('#');
            let found = if comment { &self.value } else { &self.reference };
            if found.is_match(line) && (comment || !FREE.contains(&block)) {
                problems.push(format!(
                    "{place}:{}: `{}` names the endpoint directly. Let it go through `locals {{ endpoint = … }}`.",
                    number + 1,
                    line.trim()
                ));
            }
            if line == "}" || opens && line.ends_with('}') {
                block = "";
            }
        }
        problems
    }

    /// True if a local value holds an endpoint.
    fn has_local(&self, hcl: &str) -> bool {
        let mut inside = false;
        hcl.lines().any(|line| {
            inside = line.starts_with("locals") || inside && line != "}";
            inside && self.reference.is_match(line)
        })
    }

    /// What is wrong in a file of a configuration.
    fn in_configuration(&self, place: &str, hcl: &str) -> Vec<String> {
        let mut problems = self.in_hcl(place, hcl);
        let comments: Vec<&str> = hcl.lines().filter_map(|line| line.trim().strip_prefix("# ")).collect();
        if self.has_local(hcl) && !comments.join(" ").contains(WHY) {
            problems.push(format!("{place}: no comment says why the endpoint is a local value (\"{WHY} …\")."));
        }
        problems
    }

    /// What is wrong in a page: in its snippets, and in the code that its prose holds.
    fn in_page(&self, place: &str, page: &str) -> Vec<String> {
        let mut problems = Vec::new();
        let mut has_local = false;
        for (index, part) in page.split("```").enumerate() {
            if index % 2 == 0 {
                problems.extend(
                    self.value
                        .find_iter(part)
                        .map(|found| format!("{place}: the prose names `{}`. Write `local.endpoint`.", found.as_str())),
                );
            } else if let Some(hcl) = ["hcl\n", "terraform\n"].iter().find_map(|language| part.strip_prefix(language)) {
                problems.extend(self.in_hcl(place, hcl));
                has_local |= self.has_local(hcl);
            }
        }
        let words: Vec<&str> = page.split_whitespace().filter(|word| *word != "#").collect();
        if has_local && !words.join(" ").contains(WHY) {
            problems.push(format!("{place}: no sentence says why the endpoint is a local value (\"{WHY} …\")."));
        }
        problems
    }
}

/// Every page and every file of a configuration that users read.
fn files() -> Vec<PathBuf> {
    fn collect(path: &Path, found: &mut Vec<PathBuf>) {
        if path.is_dir() {
            fs::read_dir(path).unwrap().for_each(|entry| collect(&entry.unwrap().path(), found));
        } else {
            found.push(path.to_owned());
        }
    }
    let mut found = Vec::new();
    ["README.md", "CHANGELOG.md", "docs", "examples"].iter().for_each(|top| collect(&root().join(top), &mut found));
    found.sort();
    found
}

#[test]
fn every_endpoint_goes_through_a_local_value() {
    let finder = Finder::new();
    let (mut problems, mut locals) = (Vec::new(), 0);
    for file in files() {
        let place = file.strip_prefix(root()).unwrap().display().to_string();
        let text = fs::read_to_string(&file).unwrap();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("md") => problems.extend(finder.in_page(&place, &text)),
            Some("tf") => {
                locals += usize::from(finder.has_local(&text));
                problems.extend(finder.in_configuration(&place, &text));
            }
            _ => {}
        }
    }
    assert_none(&problems);
    assert!(locals >= 8, "only {locals} configurations have such a local value: are they found?");
}

#[test]
fn an_endpoint_that_is_named_directly_is_found() {
    let finder = Finder::new();
    let count = |hcl: &str| finder.in_configuration("x.tf", hcl).len();
    let local = "# Because a data source that names it waits.\nlocals { endpoint = talosendpoint_vip.this }\n";
    assert_eq!(count(local), 0);
    assert_eq!(count("locals {\n  endpoint = talosendpoint_vip.this\n}\n"), 1, "nobody says why");
    let used = |value: &str| format!("{local}data \"x\" \"y\" {{\n  a = {value}\n}}\n");
    assert_eq!(count(&used("local.endpoint.host")), 0);
    assert_eq!(count(&used("talosendpoint_nlb_attachment.this.id")), 0, "that is no endpoint");
    assert_eq!(count(&used("one(talosendpoint_nlb.this[*].host)")), 1);
    assert_eq!(count(&used("1\n  # talosendpoint_static.this.host")), 1, "in a comment");
    assert_eq!(count(&used("1\n  # of talosendpoint_static.this, as it is")), 0);
    assert_eq!(count("output \"x\" { value = talosendpoint_haproxy.this.host }\n"), 1);
    assert_eq!(count("moved {\n  to = talosendpoint_nlb.this\n}\n"), 0);
    let page = |text: &str| finder.in_page("x.md", text).len();
    assert_eq!(page("Use `cloud_init(talosendpoint_haproxy.this, \"a\")`."), 1);
    assert_eq!(page("`terraform import talosendpoint_nlb.this NAME`"), 0);
    assert_eq!(page(&format!("As\na data source that names it.\n```hcl\n{}```\n", used("local.endpoint.host"))), 0);
    assert_eq!(page("```hcl\nlocals { endpoint = talosendpoint_vip.this }\n```\n"), 1);
    assert_eq!(page("```hcl\na = talosendpoint_vip.this.host\n```\n"), 1);
    assert_eq!(page("```sh\nterraform state show talosendpoint_vip.this\n```\n"), 0);
}
