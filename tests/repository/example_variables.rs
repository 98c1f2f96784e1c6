//! Terraform drops members that a variable's object type doesn't name, without a word. So the object types of the examples have every member
//! that the attribute behind them has.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use talosendpoint::framework::provider::Provider;
use talosendpoint::framework::schema::{Attribute, AttributeType, Behaviour};
use talosendpoint::provider::TalosEndpoint;

use crate::{assert_none, root};

const TREE: &str = "examples";

/// Members that an example leaves out with intent: folder, variable and member, and why.
const LEFT_OUT: [(&str, &str, &[&str], &str); 3] = [
    (
        "terraform/modules/endpoint",
        "control_plane",
        &[
            "additional_addresses",
            "device_selector",
            "endpoint",
            "gateway",
            "additional_gateway",
            "dhcp",
            "interface",
            "link_alias",
            "route_priority",
            "vlan_id",
        ],
        "one type for all kinds, which have the address in common",
    ),
    (
        "terraform/cluster/proxmox",
        "control_plane",
        &["device_selector", "link_alias"],
        "a virtual machine of one network device, which `interface` names",
    ),
    (
        "terraform/cluster/proxmox",
        "additional_vips",
        &["device_selector", "link_alias"],
        "a virtual machine of one network device, which `interface` names",
    ),
];

/// A configuration of one folder: its blocks, by their heads.
struct Folder {
    path: PathBuf,
    blocks: Vec<(Vec<String>, String)>,
}

impl Folder {
    fn read(path: &Path) -> Folder {
        let mut files: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "tf"));
        files.sort();
        let text: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        Folder { path: path.to_owned(), blocks: blocks(&text) }
    }

    fn name(&self) -> String {
        self.path.strip_prefix(root().join(TREE)).unwrap().display().to_string()
    }

    /// The type of a variable, as it is written.
    fn variable(&self, name: &str) -> Option<String> {
        let head = ["variable".to_owned(), name.to_owned()];
        let (_, body) = self.blocks.iter().find(|(found, _)| *found == head)?;
        let from = body.lines().position(|line| line.trim_start().starts_with("type "))?;
        let rest: String = body.lines().skip(from).map(|line| format!("{line}\n")).collect();
        let text = rest.split_once('=')?.1;
        let mut depth = 0;
        let end = text.char_indices().find(|(_, c)| {
            depth += i32::from("({".contains(*c)) - i32::from(")}".contains(*c));
            depth == 0 && *c == '\n'
        });
        Some(text[..end.map_or(text.len(), |(at, _)| at)].trim().to_owned())
    }

    /// The attributes that are a variable and nothing else: the block's head, attribute and variable.
    fn passed(&self) -> impl Iterator<Item = (&[String], &str, &str)> {
        self.blocks.iter().flat_map(|(head, body)| {
            let lines = body.lines().filter_map(|line| line.split_once('='));
            lines.filter_map(move |(attribute, value)| {
                Some((head.as_slice(), attribute.trim(), value.trim().strip_prefix("var.")?))
            })
        })
    }
}

/// Blocks that begin in the first column: `resource "a" "b" {` is `["resource", "a", "b"]`.
fn blocks(text: &str) -> Vec<(Vec<String>, String)> {
    let mut found: Vec<(Vec<String>, String)> = Vec::new();
    for line in text.lines() {
        match line.strip_suffix('{').filter(|_| line.starts_with(char::is_alphabetic)) {
            Some(head) => {
                let words = head.split_whitespace().map(|word| word.trim_matches('"').to_owned());
                found.push((words.collect(), String::new()));
            }
            None => found.last_mut().into_iter().for_each(|(_, body)| *body += &format!("{line}\n")),
        }
    }
    found
}

/// What a type expression says of objects.
#[derive(Debug, PartialEq)]
enum Written {
    Object(BTreeMap<String, Written>),
    Collection(Box<Written>),
    Other,
}

/// Parses `map(object({ a = string, b = optional(number) }))`.
fn parse(text: &str) -> Written {
    let text = text.trim();
    let inside = |name: &str| text.strip_prefix(name)?.trim().strip_prefix('(')?.strip_suffix(')');
    if let Some(members) = inside("object") {
        let members = members.trim().trim_start_matches('{').trim_end_matches('}');
        let named = split(members).into_iter().filter_map(|member| {
            let (name, ty) = member.split_once('=')?;
            Some((name.trim().to_owned(), parse(ty)))
        });
        return Written::Object(named.collect());
    }
    if let Some(inner) = inside("optional") {
        return parse(split(inner).first().copied().unwrap_or_default());
    }
    let element = ["map", "list", "set"].into_iter().find_map(inside);
    element.map_or(Written::Other, |element| match parse(element) {
        Written::Other => Written::Other,
        inner => Written::Collection(Box::new(inner)),
    })
}

/// Splits at commas and ends of lines that stand in no brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        depth += i32::from("({".contains(c)) - i32::from(")}".contains(c));
        if depth == 0 && ",\n".contains(c) {
            parts.push(&text[from..at]);
            from = at + 1;
        }
    }
    parts.push(&text[from..]);
    parts
}

/// What differs between an object type and the members of an attribute: left out, or not there.
fn differences(written: &Written, members: &[Attribute], path: &str, found: &mut Vec<(String, &'static str)>) {
    let Written::Object(written) = written else {
        if let Written::Collection(element) = written {
            differences(element, members, path, found);
        }
        return;
    };
    let place = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let settable = members.iter().filter(|member| !matches!(member.behaviour, Behaviour::Computed));
    for member in settable {
        match (written.get(member.name), &member.ty) {
            (None, _) => found.push((place(member.name), "is left out: Terraform drops it without a word. Add it")),
            (Some(inner), AttributeType::Nested(_, members)) => {
                differences(inner, members, &place(member.name), found);
            }
            _ => {}
        }
    }
    for name in written.keys().filter(|name| !members.iter().any(|member| member.name == **name)) {
        found.push((place(name), "is no member of the attribute: Terraform drops it without a word. Remove it"));
    }
}

/// The nested attributes that a variable becomes, directly or through a module.
fn attributes(folders: &[Folder], folder: &Folder, variable: &str) -> Vec<(String, Vec<Attribute>)> {
    let resources = TalosEndpoint::default().resources();
    let mut found = Vec::new();
    for (head, attribute, _) in folder.passed().filter(|(.., passed)| *passed == variable) {
        match head {
            [block, kind, _] if block == "resource" => {
                let resource = resources.iter().find(|resource| resource.name() == kind.as_str());
                let attribute = resource.and_then(|resource| resource.schema().attribute(attribute));
                if let Some(AttributeType::Nested(_, members)) = attribute.map(|attribute| &attribute.ty) {
                    found.push((kind.clone(), members.clone()));
                }
            }
            [block, _] if block == "module" => {
                let (_, body) = folder.blocks.iter().find(|(other, _)| other == head).unwrap();
                let source = body.lines().find_map(|line| line.trim().strip_prefix("source")?.split('"').nth(1));
                let target = source.and_then(|source| folder.path.join(source).canonicalize().ok());
                let target = folders.iter().find(|other| Some(&other.path) == target.as_ref());
                found.extend(target.into_iter().flat_map(|target| attributes(folders, target, attribute)));
            }
            _ => {}
        }
    }
    found
}

fn problems(folders: &[Folder]) -> Vec<String> {
    let mut problems = Vec::new();
    for folder in folders {
        let variables = folder.blocks.iter().filter(|(head, _)| head.first().is_some_and(|kind| kind == "variable"));
        for variable in variables.filter_map(|(head, _)| head.get(1)) {
            let written = parse(&folder.variable(variable).unwrap_or_default());
            for (kind, members) in attributes(folders, folder, variable) {
                let mut found = Vec::new();
                differences(&written, &members, "", &mut found);
                let excused = |member: &str| {
                    LEFT_OUT.iter().any(|(place, name, members, _)| {
                        *place == folder.name() && name == variable && members.contains(&member)
                    })
                };
                problems.extend(found.into_iter().filter(|(member, _)| !excused(member)).map(|(member, what)| {
                    format!(
                        "{TREE}/{}: variable {variable:?} ({kind}): `{member}` {what}, or say in LEFT_OUT why not.",
                        folder.name()
                    )
                }));
            }
        }
    }
    problems
}

fn all() -> Vec<Folder> {
    fn collect(folder: &Path, found: &mut Vec<Folder>) {
        let entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        if entries.iter().any(|path| path.extension().is_some_and(|extension| extension == "tf")) {
            found.push(Folder::read(folder));
        }
        entries.iter().filter(|path| path.is_dir()).for_each(|path| collect(path, found));
    }
    let mut found = Vec::new();
    collect(&root().join(TREE), &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

#[test]
fn object_types_of_examples_have_every_member() {
    assert_none(&problems(&all()));
}

/// The examples do pass objects on; else the test above would hold whatever they say.
#[test]
fn the_objects_of_the_examples_are_found() {
    let folders = all();
    let kinds = |name: &str, variable: &str| {
        let folder = folders.iter().find(|folder| folder.name() == name).unwrap();
        attributes(&folders, folder, variable).into_iter().map(|(kind, _)| kind).collect::<Vec<String>>()
    };
    assert_eq!(kinds("terraform/cluster/baremetal", "load_balancers"), ["talosendpoint_haproxy"]);
    assert_eq!(kinds("terraform/cluster/proxmox", "control_plane"), ["talosendpoint_vip"]);
    let all = ["talosendpoint_haproxy", "talosendpoint_vip", "talosendpoint_static"];
    assert_eq!(kinds("terraform/modules/endpoint", "control_plane"), all);
}

#[test]
fn a_member_too_few_or_too_many_is_found() {
    let text = "resource \"talosendpoint_haproxy\" \"this\" {\n  load_balancers = var.machines\n}\n\
                variable \"machines\" {\n  type = map(object({\n    address   = string\n    priority  = optional(number)\n    \
                interface = optional(string)\n    colour    = optional(object({ red = number }))\n  }))\n}\n";
    let folder = Folder { path: root().join(TREE).join("modules/x"), blocks: blocks(text) };
    let found = problems(&[folder]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("`vip_interface` is left out") && found[1].contains("`colour` is no member"),
        "{found:?}"
    );
}
