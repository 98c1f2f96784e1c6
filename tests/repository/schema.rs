//! Every schema that the provider has, whatever resources come.

use std::collections::BTreeMap;

use talosendpoint::framework::engine::{provider_schema_problems, schema_problems};
use talosendpoint::framework::provider::Provider;
use talosendpoint::framework::schema::{Attribute, AttributeType, Behaviour, Schema};
use talosendpoint::framework::ty::Type;
use talosendpoint::provider::TalosEndpoint;

use crate::assert_none;

/// Resources that make no endpoint, and so have no contract to keep.
const NO_ENDPOINTS: [&str; 3] =
    ["talosendpoint_haproxy_deployment", "talosendpoint_nlb_attachment", "talosendpoint_ready"];

/// Names of what is public, or is only the place of a secret.
const NO_SECRETS: [&str; 3] = ["host_key", "private_key_path", "public_key"];

/// What every endpoint exports.
fn contract() -> BTreeMap<&'static str, Type> {
    let texts = || Type::list(Type::String);
    BTreeMap::from([
        ("host", Type::String),
        ("kubernetes_api_endpoint", Type::String),
        ("talos_api_endpoint", Type::String),
        ("talosctl_endpoints", texts()),
        ("machine_cert_sans", texts()),
        ("api_server_cert_sans", texts()),
        ("control_plane_config_patches", texts()),
        ("worker_config_patches", texts()),
        ("nodes", Type::map(Type::object([("address", Type::String), ("endpoint", Type::String)]))),
        ("patches", Type::map(texts())),
    ])
}

/// What every endpoint takes.
fn inputs() -> BTreeMap<&'static str, Type> {
    BTreeMap::from([("additional_names", Type::list(Type::String)), ("talos_version", Type::String)])
}

/// Calls `look` with the path of every attribute.
pub fn walk<'a>(attributes: &'a [Attribute], path: &str, look: &mut impl FnMut(&str, &'a Attribute)) {
    for attribute in attributes {
        let path = if path.is_empty() { attribute.name.to_owned() } else { format!("{path}.{}", attribute.name) };
        look(&path, attribute);
        if let AttributeType::Nested(_, members) = &attribute.ty {
            walk(members, &path, look);
        }
    }
}

/// What the framework's own rules don't know: secrets, and descriptions that were copied.
fn problems(schema: &Schema) -> Vec<String> {
    let mut problems = Vec::new();
    let mut described: BTreeMap<&str, (&str, String)> = BTreeMap::new();
    walk(&schema.attributes, "", &mut |path, attribute| {
        let words = ["key", "token", "password", "passphrase", "secret"];
        let secret =
            attribute.name.split('_').any(|word| words.contains(&word)) && !NO_SECRETS.contains(&attribute.name);
        if secret && !attribute.sensitive {
            problems.push(format!("{path}: sounds like a secret. Make it sensitive(), or name it otherwise."));
        }
        // Members of one name in several objects may well mean the same.
        let (name, other) = described.entry(attribute.description).or_insert((attribute.name, path.to_owned()));
        if *name != attribute.name {
            problems.push(format!("{path}: has the description of `{other}`. Say what is meant here."));
        }
    });
    problems
}

fn contract_problems(schema: &Schema) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, ty) in contract() {
        match schema.attribute(name) {
            None => problems.push(format!("{name}: every endpoint exports it. Add contract::outputs() to the schema.")),
            Some(attribute) => {
                if attribute.value_type() != ty {
                    problems.push(format!("{name}: {:?} instead of {ty:?}, as everywhere.", attribute.value_type()));
                }
                if !matches!(attribute.behaviour, Behaviour::Computed | Behaviour::OptionalComputed) {
                    problems.push(format!("{name}: an output must be computed."));
                }
            }
        }
    }
    problems
}

fn input_problems(schema: &Schema) -> Vec<String> {
    let lacking = inputs().into_iter().filter(|(name, ty)| {
        let given = [Behaviour::Optional, Behaviour::OptionalComputed, Behaviour::Required];
        let same = |attribute: &Attribute| attribute.value_type() == *ty && given.contains(&attribute.behaviour);
        !schema.attribute(name).is_some_and(same)
    });
    lacking.map(|(name, ty)| format!("{name}: every endpoint takes it, as {}.", ty.describe())).collect()
}

fn of(name: &str, problems: Vec<String>) -> impl Iterator<Item = String> {
    problems.into_iter().map(move |problem| format!("{name}: {problem}"))
}

#[test]
fn every_schema_follows_the_rules() {
    let provider = TalosEndpoint::default();
    let block = Provider::schema(&provider);
    let mut found: Vec<String> =
        of("provider", provider_schema_problems(block)).chain(of("provider", problems(block))).collect();
    let resources = provider.resources();
    assert!(!resources.is_empty());
    for resource in &resources {
        found.extend(of(resource.name(), schema_problems(resource.schema())));
        found.extend(of(resource.name(), problems(resource.schema())));
        if !NO_ENDPOINTS.contains(&resource.name()) {
            found.extend(of(resource.name(), contract_problems(resource.schema())));
            found.extend(of(resource.name(), input_problems(resource.schema())));
        }
    }
    for source in &provider.data_sources() {
        found.extend(of(source.name(), schema_problems(source.schema())));
        found.extend(of(source.name(), problems(source.schema())));
    }
    for list in &provider.list_resources() {
        found.extend(of(list.name(), provider_schema_problems(list.schema())));
        found.extend(of(list.name(), problems(list.schema())));
        if !resources.iter().any(|one| one.name() == list.name() && one.identity().is_some()) {
            found.push(format!("{}: what is listed is a resource with an identity.", list.name()));
        }
    }
    assert_none(&found);
}

#[test]
fn a_bad_schema_is_found() {
    let schema = |attributes| Schema { version: 0, description: "Something.", attributes };
    let api_key = || Attribute::string("api_key").describe("The key.");
    assert_eq!(problems(&schema(vec![api_key()])).len(), 1);
    assert_none(&problems(&schema(vec![api_key().sensitive(), Attribute::string("keyboard").describe("Keys.")])));
    assert_eq!(problems(&schema(vec![Attribute::string("passphrase").describe("It.")])).len(), 1);
    assert_eq!(problems(&schema(vec![Attribute::string("private_key").describe("It.")])).len(), 1);
    assert_none(&problems(&schema(vec![Attribute::string("host_key").describe("Of a host.")])));
    let copied = vec![Attribute::string("a").describe("It."), Attribute::string("b").describe("It.")];
    assert_eq!(problems(&schema(copied)).len(), 1);

    let good: Vec<Attribute> =
        contract().into_iter().map(|(name, ty)| Attribute::plain(name, ty).computed().describe("It.")).collect();
    assert_none(&contract_problems(&schema(good.clone())));
    assert_eq!(contract_problems(&schema(good[1..].to_vec())).len(), 1);
    let taken = inputs().into_iter().map(|(name, ty)| Attribute::plain(name, ty).describe("It.")).collect();
    assert_none(&input_problems(&schema(taken)));
    assert_eq!(input_problems(&schema(good.clone())).len(), inputs().len());
    let other_type = Attribute::string("patches").computed().describe("It.");
    let without = good.iter().filter(|attribute| attribute.name != "patches").cloned();
    assert_eq!(contract_problems(&schema(without.chain([other_type]).collect())).len(), 1);
    let input = Attribute::string("host").describe("It.");
    let without = good.iter().filter(|attribute| attribute.name != "host").cloned();
    assert_eq!(contract_problems(&schema(without.chain([input]).collect())).len(), 1);
    assert!(!schema_problems(&schema(vec![Attribute::string("camelCase").describe("no full stop")])).is_empty());
}
