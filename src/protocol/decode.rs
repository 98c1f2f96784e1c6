//! Messages to requests of the engine.
//!
//! Every message is taken apart completely, so that a new field of the protocol is a compile error here until somebody has decided
//! about it. What is passed over: `provider_meta` (we have no schema for it), identities (they are part of the state) and
//! `client_capabilities` (nothing is deferred and nothing is write-only).

use super::codec::{CodecError, Problem};
use super::error_response::{foreign_type, too_large};
use super::json::{self, Extra};
use super::limits::MAX_VALUES;
use super::msgpack;
use super::pb::tfplugin6 as pb;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::engine::{ApplyRequest, Engine, ListQuery, PlanRequest};
use crate::framework::function::FunctionError;
use crate::framework::number::NumberError;
use crate::framework::path::Path;
use crate::framework::private::Private;
use crate::framework::ty::Type;
use crate::framework::value::Value;

/// A part of a request that all requests of that name have in common: whose value it is, and the value.
pub(super) struct Named<T> {
    /// The resource type, data source type or function.
    pub name: String,
    /// Its schema's type.
    pub ty: Type,
    /// What is asked.
    pub request: T,
}

pub(super) fn provider_config(config: Option<pb::DynamicValue>, engine: &Engine) -> Result<Value, Diagnostics> {
    value("config", config, &engine.provider_schema().object_type())
}

pub(super) fn validate_resource(
    message: pb::validate_resource_config::Request,
    engine: &Engine,
) -> Result<Named<Value>, Diagnostics> {
    let pb::validate_resource_config::Request { type_name: name, config, client_capabilities: _ } = message;
    let ty = resource_type(&name, engine)?;
    let request = value("config", config, &ty)?;
    Ok(Named { name, ty, request })
}

pub(super) fn generate(
    message: pb::generate_resource_config::Request,
    engine: &Engine,
) -> Result<Named<Value>, Diagnostics> {
    let pb::generate_resource_config::Request { type_name: name, state } = message;
    let ty = resource_type(&name, engine)?;
    let request = value("state", state, &ty)?;
    Ok(Named { name, ty, request })
}

pub(super) fn plan(
    message: pb::plan_resource_change::Request,
    engine: &Engine,
) -> Result<Named<PlanRequest>, Diagnostics> {
    let pb::plan_resource_change::Request {
        type_name: name,
        prior_state,
        proposed_new_state,
        config,
        prior_private,
        provider_meta: _,
        client_capabilities: _,
        prior_identity: _,
    } = message;
    let ty = resource_type(&name, engine)?;
    let mut parts = Parts::default();
    let request = PlanRequest {
        config: parts.value("config", config, &ty)?,
        prior: parts.value("prior_state", prior_state, &ty)?,
        proposed: parts.value("proposed_new_state", proposed_new_state, &ty)?,
        private: parts.private("prior_private", &prior_private)?,
    };
    Ok(Named { name, ty, request })
}

pub(super) fn apply(
    message: pb::apply_resource_change::Request,
    engine: &Engine,
) -> Result<Named<ApplyRequest>, Diagnostics> {
    let pb::apply_resource_change::Request {
        type_name: name,
        prior_state,
        planned_state,
        config,
        planned_private,
        provider_meta: _,
        planned_identity: _,
    } = message;
    let ty = resource_type(&name, engine)?;
    let mut parts = Parts::default();
    let request = ApplyRequest {
        config: parts.value("config", config, &ty)?,
        prior: parts.value("prior_state", prior_state, &ty)?,
        planned: parts.value("planned_state", planned_state, &ty)?,
        private: parts.private("planned_private", &planned_private)?,
    };
    Ok(Named { name, ty, request })
}

pub(super) fn read(
    message: pb::read_resource::Request,
    engine: &Engine,
) -> Result<Named<(Value, Private)>, Diagnostics> {
    let pb::read_resource::Request {
        type_name: name,
        current_state,
        private: stored,
        provider_meta: _,
        client_capabilities: _,
        current_identity: _,
    } = message;
    let ty = resource_type(&name, engine)?;
    let mut parts = Parts::default();
    let request = (parts.value("current_state", current_state, &ty)?, parts.private("private", &stored)?);
    Ok(Named { name, ty, request })
}

pub(super) fn upgrade(
    message: pb::upgrade_resource_state::Request,
    engine: &Engine,
) -> Result<Named<(i64, Value)>, Diagnostics> {
    let pb::upgrade_resource_state::Request { type_name: name, version, raw_state } = message;
    let Some(current) = engine.resources().get(name.as_str()).map(|resource| resource.schema()) else {
        return Err(unknown_name("resource type", &name));
    };
    let stored = engine.stored_type(&name, version)?;
    let extra = if version == current.version { Extra::Ignored } else { Extra::Refused };
    let state = raw_state_value(raw_state, &stored, extra)?;
    Ok(Named { name, ty: current.object_type(), request: (version, state) })
}

/// An object whose provider gets another address.
pub(super) struct Moved {
    /// The version and the state that are stored.
    pub stored: Named<(i64, Value)>,
    /// The private state, which stays with it.
    pub private: Vec<u8>,
}

/// The state of an object whose provider gets another address.
///
/// Only the type is compared: a provider has several addresses (registries, mirrors, a namespace that changed), and other providers
/// have other prefixes in their types.
pub(super) fn moved(message: pb::move_resource_state::Request, engine: &Engine) -> Result<Moved, Diagnostics> {
    let pb::move_resource_state::Request {
        source_provider_address,
        source_type_name,
        source_schema_version: version,
        source_state: raw_state,
        target_type_name,
        source_private,
        source_identity: _,
        source_identity_schema_version: _,
    } = message;
    if source_type_name != target_type_name {
        let help = engine.resources().get(target_type_name.as_str()).map_or("", |target| target.instead_of_moving());
        // What has an identity can be found by it.
        let can_be_imported = engine.identity(&target_type_name).is_some();
        return Err(foreign_type(
            &source_type_name,
            &source_provider_address,
            &target_type_name,
            can_be_imported,
            help,
        ));
    }
    let stored = pb::upgrade_resource_state::Request { type_name: target_type_name, version, raw_state };
    Ok(Moved { stored: upgrade(stored, engine)?, private: source_private })
}

pub(super) fn validate_data_source(
    message: pb::validate_data_resource_config::Request,
    engine: &Engine,
) -> Result<Named<Value>, Diagnostics> {
    let pb::validate_data_resource_config::Request { type_name: name, config } = message;
    let ty = data_source_type(&name, engine)?;
    let request = value("config", config, &ty)?;
    Ok(Named { name, ty, request })
}

pub(super) fn read_data_source(
    message: pb::read_data_source::Request,
    engine: &Engine,
) -> Result<Named<Value>, Diagnostics> {
    let pb::read_data_source::Request { type_name: name, config, provider_meta: _, client_capabilities: _ } = message;
    let ty = data_source_type(&name, engine)?;
    let request = value("config", config, &ty)?;
    Ok(Named { name, ty, request })
}

pub(super) fn validate_list_resource(
    message: pb::validate_list_resource_config::Request,
    engine: &Engine,
) -> Result<Named<Value>, Diagnostics> {
    let pb::validate_list_resource_config::Request { type_name: name, config, include_resource_object: _, limit: _ } =
        message;
    let ty = list_resource_type(&name, engine)?;
    let request = value("config", config, &ty)?;
    Ok(Named { name, ty, request })
}

pub(super) fn list(message: pb::list_resource::Request, engine: &Engine) -> Result<Named<ListQuery>, Diagnostics> {
    let pb::list_resource::Request { type_name: name, config, include_resource_object, limit } = message;
    let ty = list_resource_type(&name, engine)?;
    let config = value("config", config, &ty)?;
    // Terraform always says how many; 0 is the field's default.
    let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0);
    Ok(Named { name, ty, request: ListQuery { config, include_object: include_resource_object, limit } })
}

/// The type is that of the result.
pub(super) fn call_function(
    message: pb::call_function::Request,
    engine: &Engine,
) -> Result<Named<Vec<Value>>, FunctionError> {
    let pb::call_function::Request { name, arguments } = message;
    let about = |argument, text| FunctionError { argument, text };
    let Some(function) = engine.functions().get(name.as_str()) else {
        return Err(about(None, format!("The provider has no function \"{name}\".")));
    };
    let signature = function.signature();
    let expected = signature.parameters.len();
    if arguments.len() > expected && signature.variadic.is_none() {
        return Err(about(Some(expected), format!("{expected} arguments expected, {} given.", arguments.len())));
    }
    let parameters = signature.parameters.iter().chain(signature.variadic.iter().cycle());
    let (mut parts, mut values) = (Parts::default(), Vec::new());
    for (index, (argument, parameter)) in arguments.into_iter().zip(parameters).enumerate() {
        let value = parts
            .dynamic_value(argument, &parameter.ty)
            .map_err(|error| about(Some(index), format!("The argument was not understood: {error}.")))?;
        values.push(value);
    }
    Ok(Named { name, ty: signature.result, request: values })
}

pub(super) fn resource_type(name: &str, engine: &Engine) -> Result<Type, Diagnostics> {
    let resource = engine.resources().get(name).ok_or_else(|| unknown_name("resource type", name))?;
    Ok(resource.schema().object_type())
}

fn data_source_type(name: &str, engine: &Engine) -> Result<Type, Diagnostics> {
    let source = engine.data_sources().get(name).ok_or_else(|| unknown_name("data source", name))?;
    Ok(source.schema().object_type())
}

fn list_resource_type(name: &str, engine: &Engine) -> Result<Type, Diagnostics> {
    let one = engine.list_resources().get(name).ok_or_else(|| unknown_name("list resource", name))?;
    Ok(one.schema().object_type())
}

fn unknown_name(kind: &str, name: &str) -> Diagnostics {
    let detail = format!(
        "This version of the provider has no {kind} \"{name}\". It may belong to a newer version, or have been removed."
    );
    Diagnostic::failed(format!("Unknown {kind}"), detail).into()
}

/// Reads the part `field` of a request. A part that is missing is null.
pub(super) fn value(field: &str, message: Option<pb::DynamicValue>, ty: &Type) -> Result<Value, Diagnostics> {
    Parts::default().value(field, message, ty)
}

/// What is read of one request: its parts share the number of values that it may hold.
struct Parts {
    left: usize,
}

impl Default for Parts {
    fn default() -> Parts {
        Parts { left: MAX_VALUES }
    }
}

impl Parts {
    fn value(&mut self, field: &str, message: Option<pb::DynamicValue>, ty: &Type) -> Result<Value, Diagnostics> {
        self.dynamic_value(message.unwrap_or_default(), ty).map_err(|error| malformed(field, &error))
    }

    fn dynamic_value(&mut self, message: pb::DynamicValue, ty: &Type) -> Result<Value, CodecError> {
        let pb::DynamicValue { msgpack, json } = message;
        if !msgpack.is_empty() {
            msgpack::decode_within(&msgpack, ty, &mut self.left)
        } else if !json.is_empty() {
            json::decode_within(&json, ty, Extra::Refused, &mut self.left)
        } else {
            Ok(Value::Null)
        }
    }

    fn private(&mut self, field: &str, bytes: &[u8]) -> Result<Private, Diagnostics> {
        self.left = self.left.checked_sub(json::values(bytes)).ok_or_else(too_many_values)?;
        // The parser's own message may quote what it read.
        Private::from_bytes(bytes).map_err(|_| {
            let detail = format!("The part `{field}` of Terraform's request is not what this provider stores there.");
            Diagnostic::bug("Private data was not understood", detail).into()
        })
    }
}

fn too_many_values() -> Diagnostics {
    too_large(&format!("more than {MAX_VALUES} values"))
}

pub(super) fn raw_state_value(message: Option<pb::RawState>, ty: &Type, extra: Extra) -> Result<Value, Diagnostics> {
    let pb::RawState { json, flatmap } = message.unwrap_or_default();
    if json.is_empty() && !flatmap.is_empty() {
        let detail = "The stored state has the form that Terraform used before version 0.12, when this provider didn't \
                      exist. Remove the object from the state and import it.";
        return Err(Diagnostic::failed("Stored state is too old", detail).into());
    }
    json::decode(&json, ty, extra).map_err(|error| {
        if let Problem::TooManyValues = error.problem {
            return too_many_values();
        }
        let detail = format!(
            "The stored state of this object does not fit the schema version that it was stored with: {error}. If the \
             state was edited by hand, restore a backup, or remove the object from the state and import it."
        );
        Diagnostic::failed("Stored state was not understood", detail).at(error.path).into()
    })
}

fn malformed(field: &str, error: &CodecError) -> Diagnostics {
    if let Problem::Number(NumberError::TooLarge) = error.problem {
        let detail = format!(
            "The number is too large, or too close to zero: {error}. No setting of this provider takes such a number."
        );
        return Diagnostic::invalid(error.path.clone(), "Number out of range", detail).into();
    }
    if let Problem::TooManyValues = error.problem {
        return too_many_values();
    }
    let detail = format!("The part `{field}` of Terraform's request does not fit the schema: {error}.");
    let path = if field == "config" { error.path.clone() } else { Path::root() };
    Diagnostic::bug("Request was not understood", detail).at(path).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terraform sends a number that no machine word holds as text.
    #[test]
    fn a_number_without_end_is_reported_at_its_attribute() {
        let ty = Type::object([("port", Type::Number)]);
        for text in ["1e20001", "-1e20001", "1e-20001", "1e-9223372036854775808", "1e99999999999999999999"] {
            let mut msgpack = b"\x81\xa4port".to_vec();
            msgpack.extend([0xd9, u8::try_from(text.len()).unwrap()]);
            msgpack.extend(text.bytes());
            let json = format!("{{\"port\":{text}}}").into_bytes();
            for message in
                [pb::DynamicValue { msgpack, json: Vec::new() }, pb::DynamicValue { msgpack: Vec::new(), json }]
            {
                let refused = Parts::default().value("config", Some(message), &ty).unwrap_err();
                let told: Vec<_> = refused.iter().map(|one| (one.path.to_string(), one.title.as_str())).collect();
                assert_eq!(told, [("port".to_owned(), "Number out of range")], "{text}");
            }
        }
    }
}
