//! What the provider offers, as Terraform asks for it before anything else.

use std::collections::BTreeMap;

use super::pb::tfplugin6 as pb;
use super::schema;
use crate::framework::engine::Engine;

pub(super) fn metadata(engine: &Engine) -> pb::get_metadata::Response {
    use pb::get_metadata::{DataSourceMetadata, FunctionMetadata, ListResourceMetadata, ResourceMetadata, Response};
    let resources = engine.resources().keys().map(|name| ResourceMetadata { type_name: (*name).to_owned() });
    let sources = engine.data_sources().keys().map(|name| DataSourceMetadata { type_name: (*name).to_owned() });
    let lists = engine.list_resources().keys().map(|name| ListResourceMetadata { type_name: (*name).to_owned() });
    let functions = engine.functions().keys().map(|name| FunctionMetadata { name: (*name).to_owned() });
    Response {
        server_capabilities: capabilities(),
        resources: resources.collect(),
        data_sources: sources.collect(),
        list_resources: lists.collect(),
        functions: functions.collect(),
        ..Response::default()
    }
}

pub(super) fn provider_schema(engine: &Engine) -> pb::get_provider_schema::Response {
    let resources = engine.resources().iter();
    let sources = engine.data_sources().iter();
    let lists = engine.list_resources().iter();
    pb::get_provider_schema::Response {
        provider: Some(schema::schema(engine.provider_schema())), // Terraform refuses a provider without one, even an empty one
        resource_schemas: resources.map(|(name, it)| ((*name).to_owned(), schema::schema(it.schema()))).collect(),
        data_source_schemas: sources.map(|(name, it)| ((*name).to_owned(), schema::schema(it.schema()))).collect(),
        list_resource_schemas: lists.map(|(name, it)| ((*name).to_owned(), schema::schema(it.schema()))).collect(),
        functions: functions(engine),
        server_capabilities: capabilities(),
        ..pb::get_provider_schema::Response::default()
    }
}

pub(super) fn functions(engine: &Engine) -> BTreeMap<String, pb::Function> {
    let named = engine.functions().iter();
    named.map(|(name, function)| ((*name).to_owned(), schema::function(&function.signature()))).collect()
}

fn capabilities() -> Option<pb::ServerCapabilities> {
    Some(pb::ServerCapabilities {
        plan_destroy: true,
        // Every request is understood in a process that was never asked for its schema.
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: true,
    })
}
