//! Identities: their schemas, those of objects in answers, and those that Terraform sends.

use super::decode::{self, Named, resource_type};
use super::encode;
use super::json::Extra;
use super::pb::tfplugin6 as pb;
use super::schema::type_json;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::engine::Engine;
use crate::framework::identity::Identity;
use crate::framework::schema::{Attribute, Schema};
use crate::framework::ty::Type;
use crate::framework::value::Value;

pub(super) fn schemas(engine: &Engine) -> pb::get_resource_identity_schemas::Response {
    let with_identity = engine.resources().iter().filter_map(|(name, it)| Some((*name, it.schema(), it.identity()?)));
    let schemas = with_identity.map(|(name, schema, identity)| (name.to_owned(), self::schema(identity, schema)));
    pb::get_resource_identity_schemas::Response { identity_schemas: schemas.collect(), diagnostics: Vec::new() }
}

/// The identity's attributes are described where the schema describes them. An import needs each that can't be null.
fn schema(identity: &Identity, schema: &Schema) -> pb::ResourceIdentitySchema {
    use pb::resource_identity_schema::IdentityAttribute;
    let mut parts: Vec<&Attribute> =
        schema.attributes.iter().filter(|attribute| identity.attributes.contains(&attribute.name)).collect();
    parts.sort_by_key(|attribute| attribute.name);
    let identity_attributes = parts.into_iter().map(|attribute| IdentityAttribute {
        name: attribute.name.to_owned(),
        r#type: type_json(&attribute.value_type()),
        required_for_import: !identity.is_optional(attribute.name),
        optional_for_import: identity.is_optional(attribute.name),
        description: attribute.description.to_owned(),
    });
    pb::ResourceIdentitySchema { version: identity.version, identity_attributes: identity_attributes.collect() }
}

/// What names the object, if it exists and has such a thing.
pub(super) fn of_object(
    name: &str,
    object: &Value,
    ty: &Type,
    engine: &Engine,
) -> Result<Option<pb::ResourceIdentityData>, Diagnostics> {
    let Some(identity) = engine.identity(name) else { return Ok(None) };
    let Some(parts) = identity.of(object) else { return Ok(None) };
    Ok(Some(pb::ResourceIdentityData { identity_data: Some(encode::value(&parts, &identity.object_type(ty))?) }))
}

/// An import by id or, with a Terraform that has it, by identity.
pub(super) fn import(
    message: pb::import_resource_state::Request,
    engine: &Engine,
) -> Result<Named<String>, Diagnostics> {
    let pb::import_resource_state::Request { type_name: name, id, client_capabilities: _, identity } = message;
    let ty = resource_type(&name, engine)?;
    let id = match identity {
        Some(data) if id.is_empty() => import_id(&name, &ty, data, engine)?,
        _ => id,
    };
    Ok(Named { name, ty, request: id })
}

fn import_id(name: &str, ty: &Type, data: pb::ResourceIdentityData, engine: &Engine) -> Result<String, Diagnostics> {
    let Some(identity) = engine.identity(name) else {
        let detail = format!("A {name} has no identity to import by. Give the import block an `id`.");
        return Err(Diagnostic::failed("Import by identity is not supported", detail).into());
    };
    let parts = decode::value("identity", data.identity_data, &identity.object_type(ty))?;
    match identity.of(&parts) {
        Some(Value::Object(parts)) => Ok((identity.import_id)(&parts)?),
        _ => {
            let required = identity.attributes.iter().filter(|name| !identity.is_optional(name));
            let names = required.copied().collect::<Vec<_>>().join("`, `");
            let detail =
                format!("The identity of a {name} is `{names}`: give each of them a value, or the block an `id`.");
            Err(Diagnostic::failed("Incomplete identity", detail).into())
        }
    }
}

/// An identity as it was stored; there is one version of each so far.
pub(super) fn upgrade(
    message: pb::upgrade_resource_identity::Request,
    engine: &Engine,
) -> Result<pb::upgrade_resource_identity::Response, Diagnostics> {
    let pb::upgrade_resource_identity::Request { type_name: name, version, raw_identity } = message;
    let whole = resource_type(&name, engine)?;
    match engine.identity(&name) {
        Some(identity) if identity.version == version => {
            let ty = identity.object_type(&whole);
            let parts = decode::raw_state_value(raw_identity, &ty, Extra::Refused)?;
            let upgraded_identity = Some(pb::ResourceIdentityData { identity_data: Some(encode::value(&parts, &ty)?) });
            Ok(pb::upgrade_resource_identity::Response { upgraded_identity, diagnostics: Vec::new() })
        }
        _ => {
            let detail = format!(
                "The identity of this {name} was stored in version {version}, which this provider cannot read. Use the \
                 version of the provider that wrote it, or a newer one."
            );
            Err(Diagnostic::failed("Unknown identity version", detail).into())
        }
    }
}
