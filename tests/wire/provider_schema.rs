//! What a provider offers: legal for Terraform, the same in every process. The fixture's and the real provider's alike.

use std::{collections::BTreeSet, path::Path};

use prost::Message;
use talosendpoint::{framework::ty::Type, protocol::pb::tfplugin6 as pb};

use crate::{
    client::Launch,
    provider_core::{attribute_type, check_severities, named_type, program, schemas},
    provider_raw::call,
};

/// The programs that all of this holds for.
pub fn programs() -> Vec<&'static Path> {
    vec![program(), crate::fixture::provider()]
}

#[tokio::test]
async fn identities_are_legal() {
    for program in programs() {
        let offer = schemas(program).await;
        let plugin = Launch::of(program).start().await;
        let answer = call(&plugin.channel().await, "GetResourceIdentitySchemas", Vec::new()).await.unwrap();
        let answer = pb::get_resource_identity_schemas::Response::decode(answer.as_slice()).unwrap();
        assert!(!answer.identity_schemas.is_empty() && answer.diagnostics.is_empty());
        for (name, identity) in answer.identity_schemas {
            let attributes = &offer.resource_schemas[&name].block.as_ref().unwrap().attributes;
            assert!(identity.version >= 0 && !identity.identity_attributes.is_empty(), "{name}");
            for part in identity.identity_attributes {
                let same = attributes.iter().find(|attribute| attribute.name == part.name).expect("in the schema");
                assert_eq!(part.r#type, same.r#type, "{name}.{}", part.name);
                assert!(
                    [r#""string""#, r#""number""#, r#""bool""#].map(str::as_bytes).contains(&part.r#type.as_slice())
                );
                assert!(part.required_for_import != part.optional_for_import, "{name}.{}", part.name);
            }
        }
    }
}

/// Terraform refuses a list resource without a resource of the same name that has an identity.
#[tokio::test]
async fn what_is_listed_has_an_identity() {
    for program in programs() {
        let offer = schemas(program).await;
        let plugin = Launch::of(program).start().await;
        let request = pb::get_resource_identity_schemas::Request {};
        let identities = plugin.provider().await.get_resource_identity_schemas(request).await.unwrap().into_inner();
        assert!(!offer.list_resource_schemas.is_empty(), "{}", program.display());
        for (name, schema) in &offer.list_resource_schemas {
            assert!(offer.resource_schemas.contains_key(name), "{name}");
            assert!(identities.identity_schemas.contains_key(name), "{name}");
            let attributes = &schema.block.as_ref().unwrap().attributes;
            assert!(attributes.iter().all(|filter| !filter.computed), "{name}: nobody computes a filter");
        }
    }
}

#[tokio::test]
async fn two_starts_answer_the_same_bytes() {
    for program in programs() {
        let mut answers = Vec::new();
        for _ in 0..2 {
            let plugin = Launch::of(program).start().await;
            let channel = plugin.channel().await;
            let mut bytes = Vec::new();
            for rpc in ["GetProviderSchema", "GetMetadata", "GetFunctions", "GetResourceIdentitySchemas"] {
                bytes.push(call(&channel, rpc, Vec::new()).await.unwrap());
            }
            answers.push(bytes);
        }
        assert!(answers[0] == answers[1], "{}", program.display());
        assert!(answers[0][0].len() > 100 && answers[0][0].len() < 64 << 20, "Terraform reads no larger schema");
        assert!(!answers[0][3].is_empty(), "identities");
    }
}

#[tokio::test]
async fn schemas_are_legal() {
    const RESERVED: [&str; 9] =
        ["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "alias", "version"];
    for program in programs() {
        let offer = schemas(program).await;
        check_severities(&offer.diagnostics);
        assert_eq!(offer.diagnostics, []);
        let capabilities = offer.server_capabilities.unwrap();
        assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
        assert!(capabilities.move_resource_state && capabilities.generate_resource_config);
        let provider = offer.provider.expect("a schema of the provider block");
        let lists = offer.list_resource_schemas.values();
        let schemas = offer.resource_schemas.values().chain(offer.data_source_schemas.values());
        for schema in schemas.chain(lists).chain([&provider]) {
            assert!(schema.version >= 0);
            let block = schema.block.as_ref().expect("a block");
            assert!(!block.description.is_empty());
            assert_eq!(block.description_kind(), pb::StringKind::Markdown);
            check_attributes(&block.attributes);
            assert!(block.attributes.iter().all(|attribute| !RESERVED.contains(&attribute.name.as_str())));
        }
        for (name, function) in &offer.functions {
            check_function(name, function);
        }
    }
}

fn check_attributes(attributes: &[pb::schema::Attribute]) {
    let names: Vec<&str> = attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let sorted: Vec<&str> = names.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!(names, sorted, "in order, each once");
    let pattern = regex::Regex::new("^[a-z_][a-z0-9_]*$").unwrap();
    for attribute in attributes {
        let name = &attribute.name;
        assert!(pattern.is_match(name), "{name}");
        assert!(attribute.required || attribute.optional || attribute.computed, "{name}");
        assert!(!attribute.required || !(attribute.optional || attribute.computed), "{name}");
        assert!(!attribute.write_only, "{name}");
        assert_eq!(attribute.deprecated, !attribute.deprecation_message.is_empty(), "{name}");
        assert!(attribute.description.ends_with('.'), "{name}: {}", attribute.description);
        assert_eq!(attribute.description_kind(), pb::StringKind::Markdown, "{name}");
        // Spelt without spaces, as Terraform's own: `type_bytes` are compared by some tools.
        assert!(!attribute.r#type.contains(&b' '), "{name}");
        attribute_type(attribute);
        if let Some(nested) = &attribute.nested_type {
            check_attributes(&nested.attributes);
        }
    }
}

fn check_function(name: &str, function: &pb::Function) {
    let identifier = regex::Regex::new("^[a-z][a-z0-9_]*$").unwrap();
    assert!(identifier.is_match(name), "{name}");
    let returned = function.r#return.as_ref().expect("a result");
    let parameters: Vec<&pb::function::Parameter> =
        function.parameters.iter().chain(&function.variadic_parameter).collect();
    let names: BTreeSet<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names.len(), parameters.len(), "{name}");
    assert!(names.iter().all(|name| identifier.is_match(name)), "{name}");
    let types = parameters.iter().map(|parameter| &parameter.r#type).chain([&returned.r#type]);
    for bytes in types {
        named_type(&serde_json::from_slice(bytes).unwrap());
    }
    assert!(!function.summary.is_empty() && !function.description.is_empty(), "{name}");
}

#[tokio::test]
async fn metadata_names_what_the_schema_describes() {
    for program in programs() {
        let offer = schemas(program).await;
        let plugin = Launch::of(program).start().await;
        let mut client = plugin.provider().await;
        let metadata = client.get_metadata(pb::get_metadata::Request {}).await.unwrap().into_inner();
        assert_eq!(metadata.server_capabilities, offer.server_capabilities);
        assert!(metadata.resources.iter().map(|it| &it.type_name).eq(offer.resource_schemas.keys()));
        assert!(metadata.data_sources.iter().map(|it| &it.type_name).eq(offer.data_source_schemas.keys()));
        assert!(metadata.list_resources.iter().map(|it| &it.type_name).eq(offer.list_resource_schemas.keys()));
        assert!(metadata.functions.iter().map(|it| &it.name).eq(offer.functions.keys()));
        let functions = client.get_functions(pb::get_functions::Request {}).await.unwrap().into_inner();
        assert_eq!(functions.functions, offer.functions);
        assert_eq!(functions.diagnostics, []);
    }
}

#[tokio::test]
async fn the_fixture_has_every_kind_of_attribute() {
    let offer = schemas(program()).await;
    let ty = crate::provider_core::schema_type(&offer.resource_schemas["fixture_everything"]);
    let Type::Object(attributes) = &ty else { panic!("an object type") };
    assert_eq!(attributes["matrix"], Type::list(Type::list(Type::Number)));
    assert_eq!(attributes["record"], Type::object([("a", Type::String), ("b", Type::set(Type::Number))]));
    let nested = ["single", "listed", "unordered", "named"].map(|name| attributes[name].describe());
    assert!(nested[0].starts_with("object(") && nested[1].starts_with("list(object("), "{nested:?}");
    assert!(nested[2].starts_with("set(object(") && nested[3].starts_with("map(object("), "{nested:?}");
}
