//! One page, in the form that the Terraform and OpenTofu registries read.

use std::fmt::Write;

use talosendpoint::framework::function::{Parameter, Signature};
use talosendpoint::framework::schema::{Attribute, AttributeType, Behaviour, Nesting, Schema};
use talosendpoint::framework::ty::Type;
use talosendpoint::framework::value::Value;

use super::links::REGISTRY;

const PROVIDER: &str = "talosendpoint";

/// What a reader of a function's page must know of the CLI.
const FUNCTIONS_NEED: &str = "Provider functions need Terraform 1.8 or newer, or OpenTofu 1.7 or newer.";

/// How a resource is imported, as its page shows it.
#[derive(Default)]
pub struct Import {
    /// `import` blocks.
    pub block: Option<String>,
    /// The same by identity.
    pub identity: Option<String>,
    /// Commands of the shell.
    pub command: Option<String>,
}

/// A resource's name without the provider's: the registry's file names are made so.
pub fn short(name: &str) -> &str {
    name.strip_prefix(PROVIDER).and_then(|rest| rest.strip_prefix('_')).unwrap_or(name)
}

/// The group of the navigation in which a registry lists a resource or data source: where it is used.
fn subcategory(name: &str) -> &'static str {
    match short(name) {
        "nlb" | "nlb_attachment" => "AWS",
        "haproxy" | "haproxy_deployment" => "Bare metal",
        "vip" => "Proxmox and layer-2 networks",
        _ => "Every platform",
    }
}

/// The guide that begins with a resource or data source, as a paragraph of its page.
fn guide(name: &str) -> String {
    let (file, title) = match short(name) {
        "nlb" | "nlb_attachment" => ("getting-started-aws", "Getting started on AWS"),
        "haproxy" | "haproxy_deployment" => ("getting-started-haproxy", "Getting started with HAProxy and Keepalived"),
        "vip" => ("getting-started-vip", "Getting started on Proxmox and other layer-2 networks"),
        "static" => ("getting-started-static", "Getting started with an address that exists"),
        "ready" | "health" => ("readiness", "Waiting for the endpoint, and its health"),
        _ => return String::new(),
    };
    format!("\nGuide: [{title}]({REGISTRY}/guides/{file}).\n")
}

/// The page of the provider itself; each of `guides` is title, address and description.
pub fn provider(schema: &Schema, example: Option<&str>, guides: &[[String; 3]]) -> String {
    let mut page = head(&format!("Provider: {PROVIDER}"), None, schema.description);
    write!(page, "# {PROVIDER} Provider\n\n{}\n", schema.description).unwrap();
    page += &usage(example);
    page += "\n## Guides\n\n";
    for [title, address, description] in guides {
        writeln!(page, "- [{title}]({address}): {description}").unwrap();
    }
    page + &schema_section(schema)
}

/// The page of a resource.
pub fn resource(name: &str, schema: &Schema, example: Option<&str>, import: &Import) -> String {
    let mut page = head(&format!("{name} Resource - {PROVIDER}"), Some(subcategory(name)), schema.description);
    write!(page, "# {name} (Resource)\n\n{}\n{}", schema.description, guide(name)).unwrap();
    page += &usage(example);
    page += &schema_section(schema);
    if import.block.is_some() || import.command.is_some() {
        page += "\n## Import\n";
    }
    if let Some(text) = &import.block {
        write!(page, "\nWith Terraform 1.5 and newer, and OpenTofu, by a block:\n\n{}", block("terraform", text))
            .unwrap();
    }
    if let Some(text) = &import.identity {
        write!(page, "\nWith Terraform or OpenTofu 1.12 and newer, by identity:\n\n{}", block("terraform", text))
            .unwrap();
    }
    if let Some(text) = &import.command {
        write!(page, "\nBy the command:\n\n{}", block("shell", text)).unwrap();
    }
    page
}

/// The page of a data source.
pub fn data_source(name: &str, schema: &Schema, example: Option<&str>) -> String {
    let mut page = head(&format!("{name} Data Source - {PROVIDER}"), Some(subcategory(name)), schema.description);
    write!(page, "# {name} (Data Source)\n\n{}\n{}", schema.description, guide(name)).unwrap();
    page + &usage(example) + &schema_section(schema)
}

/// The page of a list resource.
pub fn list_resource(name: &str, schema: &Schema, example: Option<&str>) -> String {
    let mut page = head(&format!("{name} List Resource - {PROVIDER}"), Some(subcategory(name)), schema.description);
    write!(page, "# {name} (List Resource)\n\n{}\n{}", schema.description, guide(name)).unwrap();
    page + &usage(example) + &schema_section(schema)
}

/// The page of a function.
pub fn function(name: &str, signature: &Signature, example: Option<&str>) -> String {
    let mut page = head(&format!("{name} function - {PROVIDER}"), Some(""), signature.summary);
    write!(page, "# function: {name}\n\n{}\n\n{FUNCTIONS_NEED}\n", signature.description).unwrap();
    if let Some(instead) = signature.deprecated {
        write!(page, "\n~> **Deprecated.** {instead}\n").unwrap();
    }
    page += &usage(example);
    let parameters: Vec<&Parameter> = signature.parameters.iter().chain(&signature.variadic).collect();
    let names: Vec<String> =
        parameters.iter().map(|parameter| format!("{} {}", parameter.name, parameter.ty.describe())).collect();
    let dots = if signature.variadic.is_some() { "..." } else { "" };
    write!(
        page,
        "\n## Signature\n\n```text\n{name}({}{dots}) {}\n```\n",
        names.join(", "),
        signature.result.describe()
    )
    .unwrap();
    page += "\n## Arguments\n\n";
    for parameter in parameters {
        let null = if parameter.allow_null { ", Nullable" } else { "" };
        writeln!(page, "- `{}` ({}{null}) {}", parameter.name, type_name(&parameter.ty), parameter.description)
            .unwrap();
    }
    page
}

/// The registry's own part of a page. The page of the provider has no subcategory.
fn head(title: &str, subcategory: Option<&str>, description: &str) -> String {
    let subcategory = subcategory.map_or(String::new(), |text| format!("subcategory: \"{text}\"\n"));
    format!(
        "---\npage_title: \"{title}\"\n{subcategory}description: |-\n  {description}\n---\n\n<!-- Made by `make docs` from the schema and the examples: change those. -->\n\n"
    )
}

fn usage(example: Option<&str>) -> String {
    example.map(|text| format!("\n## Example Usage\n\n{}", block("terraform", text))).unwrap_or_default()
}

fn block(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}

fn schema_section(schema: &Schema) -> String {
    let mut page = String::from("\n## Schema\n");
    let groups = [
        ("Required", vec![Behaviour::Required]),
        ("Optional", vec![Behaviour::Optional, Behaviour::OptionalComputed]),
        ("Read-Only", vec![Behaviour::Computed]),
    ];
    for (title, behaviours) in groups {
        let lines = lines(&schema.attributes, &behaviours, "");
        if !lines.is_empty() {
            write!(page, "\n### {title}\n\n{lines}").unwrap();
        }
    }
    page + &nested_sections(&schema.attributes, "")
}

/// One section for each object with attributes of its own, depth first.
fn nested_sections(attributes: &[Attribute], prefix: &str) -> String {
    let mut page = String::new();
    for attribute in attributes {
        let AttributeType::Nested(_, members) = &attribute.ty else { continue };
        let path = join(prefix, attribute.name, ".");
        write!(page, "\n<a id=\"{}\"></a>\n### `{path}`\n", anchor(&path)).unwrap();
        let groups = [
            ("Required", vec![Behaviour::Required]),
            ("Optional", vec![Behaviour::Optional, Behaviour::OptionalComputed]),
            ("Read-Only", vec![Behaviour::Computed]),
        ];
        for (title, behaviours) in groups {
            let lines = lines(members, &behaviours, &path);
            if !lines.is_empty() {
                write!(page, "\n{title}:\n\n{lines}").unwrap();
            }
        }
        page += &nested_sections(members, &path);
    }
    page
}

fn lines(attributes: &[Attribute], behaviours: &[Behaviour], prefix: &str) -> String {
    let shown = attributes.iter().filter(|attribute| behaviours.contains(&attribute.behaviour));
    shown.map(|attribute| line(attribute, &join(prefix, attribute.name, "."))).collect()
}

/// What the schema knows about one attribute.
fn line(attribute: &Attribute, path: &str) -> String {
    let mut notes = vec![match &attribute.ty {
        AttributeType::Plain(ty) => type_name(ty),
        AttributeType::Nested(Nesting::Single, _) => "Attributes".to_owned(),
        AttributeType::Nested(Nesting::List, _) => "Attributes List".to_owned(),
        AttributeType::Nested(Nesting::Set, _) => "Attributes Set".to_owned(),
        AttributeType::Nested(Nesting::Map, _) => "Attributes Map".to_owned(),
    }];
    notes.extend(attribute.sensitive.then(|| "Sensitive".to_owned()));
    notes.extend(attribute.deprecated.map(|_| "Deprecated".to_owned()));
    let mut sentences = vec![attribute.description.to_owned()];
    if !attribute.description.contains("Default: ") {
        sentences.extend(scalar_default(attribute).map(|default| format!("Default: `{default}`.")));
    }
    if attribute.behaviour != Behaviour::Computed {
        sentences.extend(attribute.validators.iter().map(|check| format!("It {}.", check.sentence())));
    }
    sentences.extend(attribute.deprecated.map(str::to_owned));
    if attribute.requires_replace {
        sentences.push("Changing this replaces the resource.".to_owned());
    }
    if matches!(attribute.ty, AttributeType::Nested(..)) {
        sentences.push(format!("See [below](#{}).", anchor(path)));
    }
    format!("- `{}` ({}) {}\n", attribute.name, notes.join(", "), sentences.join(" "))
}

/// A default that can be written in one word: members of objects that are described once may differ in it.
fn scalar_default(attribute: &Attribute) -> Option<String> {
    match attribute.default_value()? {
        Value::Bool(value) => Some(value.to_string()),
        Value::String(value) => Some(value),
        number @ Value::Number(_) => number.as_i64().map(|number| number.to_string()),
        _ => None,
    }
}

fn anchor(path: &str) -> String {
    format!("nestedatt--{}", path.replace('.', "--"))
}

fn join(prefix: &str, name: &str, separator: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}{separator}{name}") }
}

/// A type in the registry's words.
fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Object(_) => "Object".to_owned(),
    }
}
