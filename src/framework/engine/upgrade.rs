//! Stored state of older versions of a schema.

use super::consistency::shape;
use super::{Engine, StateResponse, isolate, read};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::private::Private;
use crate::framework::resource::{Resource, Upgrader};
use crate::framework::ty::Type;
use crate::framework::value::{Object, Value};

impl Engine {
    /// The type in which state of schema version `version` was stored.
    ///
    /// # Errors
    /// If the resource or the version is not known.
    pub fn stored_type(&self, name: &str, version: i64) -> Result<Type, Diagnostics> {
        let resource = self.resource(name)?;
        if version == resource.schema().version {
            return Ok(resource.schema().object_type());
        }
        Ok(upgrader(resource, version)?.schema.object_type())
    }

    /// Brings state of schema version `version`, decoded with [`Engine::stored_type`], to the current version. Never answers null
    /// without an error: Terraform would take the object for gone.
    pub fn upgrade(&self, name: &str, version: i64, state: Value) -> StateResponse {
        let upgraded = || -> Result<Object, Diagnostics> {
            let resource = self.resource(name)?;
            let object = if version == resource.schema().version {
                shape::object(resource.schema(), state, "stored state")?
            } else {
                let upgrader = upgrader(resource, version)?;
                let old = shape::object(&upgrader.schema, state, "stored state")?;
                isolate::call(|| (upgrader.upgrade)(old))??
            };
            let problems = read::unsaveable(resource.schema(), &object, "upgraded state");
            if !problems.is_empty() {
                return Err(problems);
            }
            isolate::call(|| resource.note_stored(&object))?;
            Ok(object)
        };
        match upgraded() {
            Ok(object) => {
                StateResponse { state: Value::Object(object), private: Private::new(), diagnostics: Diagnostics::new() }
            }
            Err(diagnostics) if diagnostics.has_error() => StateResponse::none(diagnostics),
            Err(mut diagnostics) => {
                diagnostics
                    .push(Diagnostic::bug("State not upgraded", "The upgrade gave neither a state nor an error."));
                StateResponse::none(diagnostics)
            }
        }
    }
}

fn upgrader(resource: &dyn Resource, version: i64) -> Result<Upgrader, Diagnostic> {
    isolate::call(|| resource.upgraders())?.into_iter().find(|upgrader| upgrader.from == version).ok_or_else(|| {
        let detail = format!(
            "The state of this {} was stored by schema version {version}, which this provider (version {} of the \
             schema) cannot read. Use the version of the provider that wrote it, or a newer one.",
            resource.name(),
            resource.schema().version
        );
        Diagnostic::failed("Unknown state version", detail)
    })
}
