//! Links lead somewhere, wherever a page is read: a registry doesn't resolve a relative link, so pages under `docs/` have none.

use std::fs;
use std::path::Path;

use crate::{assert_none, root};

/// Where the Terraform registry shows `docs/`.
pub const REGISTRY: &str = "https://registry.terraform.io/providers/talosendpoint/talosendpoint/latest/docs";

/// Where the repository is read.
pub const FORGE: &str = "https://github.com/talosendpoint/terraform-provider-talosendpoint";

/// What is wrong with the links of the page at `path`, under the repository `root`.
fn problems(root: &Path, path: &str, page: &str) -> Vec<String> {
    let folder = root.join(path).parent().unwrap().to_owned();
    let links = page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let problem = |link: &str| {
        let target = link.split('#').next().unwrap();
        if target.is_empty() {
            let anchor = link.trim_start_matches('#');
            let exists = page.contains(&format!("<a id=\"{anchor}\">")) || anchors(page).any(|found| found == anchor);
            return (!exists).then(|| format!("{path}: the page has no place #{anchor}."));
        }
        if let Some(rest) = link.strip_prefix(REGISTRY) {
            let name = rest.trim_start_matches('/').split('#').next().unwrap();
            let name = if name.is_empty() { "index" } else { name };
            let exists = root.join("docs").join(format!("{name}.md")).is_file();
            return (!exists).then(|| format!("{path}: {link} leads to no page: there is no docs/{name}.md."));
        }
        if let Some(rest) = link.strip_prefix(FORGE) {
            let file = rest.strip_prefix("/blob/main/")?;
            return (!root.join(file).exists()).then(|| format!("{path}: {link} leads to no file."));
        }
        if target.contains("://") || target.starts_with("mailto:") {
            return None;
        }
        if path.starts_with("docs/") {
            return Some(format!(
                "{path}: a registry doesn't resolve {link:?}. Begin it with {REGISTRY} or {FORGE}/blob/main."
            ));
        }
        (!folder.join(target).exists()).then(|| format!("{path}: {link:?} leads to no file."))
    };
    links.filter_map(problem).collect()
}

/// The places that headings make.
fn anchors(page: &str) -> impl Iterator<Item = String> + '_ {
    page.lines().filter(|line| line.starts_with('#')).map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
    })
}

/// Every page of the repository, by path.
fn pages() -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    ["docs", "examples", ".github"].iter().map(|top| root().join(top)).filter(|top| top.is_dir()).for_each(|top| {
        collect(&top, &mut found);
    });
    for entry in fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            found.push((path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

#[test]
fn every_link_leads_somewhere_in_a_registry_too() {
    let pages = pages();
    assert!(pages.len() >= 20, "are the pages found?");
    assert_none(&pages.iter().flat_map(|(path, page)| problems(&root(), path, page)).collect::<Vec<_>>());
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let count = |path: &str, page: &str| problems(&root(), path, page).len();
    for (link, wrong) in [
        (format!("{REGISTRY}/guides/troubleshooting"), 0),
        (REGISTRY.to_owned(), 0),
        (format!("{REGISTRY}/guides/none"), 1),
        (format!("{FORGE}/blob/main/README.md"), 0),
        (format!("{FORGE}/blob/main/NONE.md"), 1),
        (format!("{FORGE}/issues"), 0),
        ("vip-links.md".to_owned(), 1),
        ("#a-place".to_owned(), 0),
        ("#none".to_owned(), 1),
        ("https://www.talos.dev".to_owned(), 0),
    ] {
        assert_eq!(count("docs/guides/x.md", &format!("## A place\n[x]({link})\n")), wrong, "{link}");
    }
    assert_eq!(count("README.md", "[x](docs/index.md) [y](docs/none.md)"), 1);
}
