//! Finding an existing object by the name that the user gives.

use super::{Engine, StateResponse, isolate, read};
use crate::framework::diagnostic::Diagnostic;
use crate::framework::resource::ImportRequest;
use crate::framework::schema::Schema;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

impl Engine {
    /// Finds an existing object by the user's `id`. Attributes that the resource left out are null: a read follows.
    pub async fn import(&self, name: &str, id: String) -> StateResponse {
        let resource = match self.resource(name) {
            Ok(resource) => resource,
            Err(diagnostic) => return StateResponse::none(diagnostic),
        };
        let request = ImportRequest { id: id.clone(), stop: self.current_stop() };
        let mut response = match isolate::future(resource.import(request)).await {
            Ok(response) => response,
            Err(panic) => return StateResponse::none(panic),
        };
        let state = response.state.map(|object| filled(resource.schema(), object));
        match &state {
            Some(object) => response.diagnostics.append(read::unsaveable(resource.schema(), object, "imported object")),
            None if !response.diagnostics.has_error() => {
                let detail = format!(
                    "Nothing was found for \"{id}\" as a {name}. Check each part of it, and whether the provider \
                     asks the account, region or host that has the object."
                );
                response.diagnostics.push(Diagnostic::failed("Cannot import a missing object", detail));
            }
            None => {}
        }
        match state {
            Some(object) if !response.diagnostics.has_error() => StateResponse {
                state: Value::Object(object),
                private: response.private,
                diagnostics: response.diagnostics,
            },
            _ => StateResponse::none(response.diagnostics),
        }
    }
}

/// The object with null for every attribute that it lacks, at every depth.
pub(super) fn filled(schema: &Schema, object: Object) -> Object {
    match completed(&schema.object_type(), Value::Object(object)) {
        Value::Object(object) => object,
        _ => schema.null_object(),
    }
}

fn completed(ty: &Type, value: Value) -> Value {
    match (ty, value) {
        (Type::Object(types), Value::Object(mut object)) => {
            for (name, ty) in types {
                let value = object.remove(name).unwrap_or(Value::Null);
                object.insert(name.clone(), completed(ty, value));
            }
            Value::Object(object)
        }
        (Type::List(ty), Value::List(items)) => Value::list(items.into_iter().map(|item| completed(ty, item))),
        (Type::Set(ty), Value::Set(items)) => Value::set(items.into_iter().map(|item| completed(ty, item))),
        (Type::Map(ty), Value::Map(items)) => {
            Value::Map(items.into_iter().map(|(key, item)| (key, completed(ty, item))).collect())
        }
        (_, value) => value,
    }
}
