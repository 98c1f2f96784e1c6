//! Reading what is stored, and data sources.

use super::consistency::{planned, shape};
use super::{Engine, StateResponse, defaults, isolate};
use crate::framework::data_source::DataSource;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::private::Private;
use crate::framework::resource::ReadRequest;
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};

impl Engine {
    /// Reads a stored object. With an error the stored object stays.
    pub async fn read(&self, name: &str, state: Value, private: Private) -> StateResponse {
        if state.is_null() {
            return StateResponse { state, private, diagnostics: Diagnostics::new() };
        }
        let kept = |diagnostics: Diagnostics| StateResponse {
            state: state.clone().unknowns_as_null(),
            private: private.clone(),
            diagnostics,
        };
        let resource = match self.resource(name) {
            Ok(resource) => resource,
            Err(diagnostic) => return kept(diagnostic.into()),
        };
        let object = match stored(resource.schema(), &state) {
            Ok(object) => object,
            Err(diagnostics) => return kept(diagnostics),
        };
        let request = ReadRequest { state: object, private: private.clone(), stop: self.current_stop() };
        let mut response = match isolate::future(resource.read(request)).await {
            Ok(response) => response,
            Err(panic) => return kept(panic.into()),
        };
        if let Some(object) = &response.state {
            response.diagnostics.append(unsaveable(resource.schema(), object, "object read"));
        }
        if response.diagnostics.has_error() {
            return kept(response.diagnostics);
        }
        let state = response.state.map_or(Value::Null, Value::Object);
        StateResponse { state, private: response.private, diagnostics: response.diagnostics }
    }

    /// Reads a data source.
    pub async fn read_data_source(&self, name: &str, config: Value) -> (Value, Diagnostics) {
        let source = match self.data_source(name) {
            Ok(source) => source,
            Err(diagnostic) => return (Value::Null, diagnostic.into()),
        };
        let config = match stored(source.schema(), &config) {
            Ok(config) => config,
            Err(diagnostics) => return (Value::Null, diagnostics),
        };
        let defaulted = defaults::with_defaults(&source.schema().attributes, &config);
        match isolate::future(source.read(defaulted, self.current_stop())).await {
            Ok((object, diagnostics)) => found(source, &config, object, diagnostics),
            Err(panic) => (Value::Null, panic.into()),
        }
    }
}

/// The answer of a data source: an object that says what the configuration says, or an error.
fn found(
    source: &dyn DataSource,
    config: &Object,
    object: Option<Object>,
    mut diagnostics: Diagnostics,
) -> (Value, Diagnostics) {
    if diagnostics.has_error() {
        return (Value::Null, diagnostics);
    }
    let Some(object) = object else {
        diagnostics.push(Diagnostic::bug("Nothing read", "The provider reported success, but it read nothing."));
        return (Value::Null, diagnostics);
    };
    diagnostics.append(unsaveable(source.schema(), &object, "object read"));
    if !diagnostics.has_error() {
        let departures = planned::departures(&source.schema().attributes, config, None, &object);
        diagnostics.append(planned::diagnostics(departures, "The data source"));
    }
    if diagnostics.has_error() { (Value::Null, diagnostics) } else { (Value::Object(object), diagnostics) }
}

/// A wholly known object of the schema.
pub(super) fn stored(schema: &Schema, value: &Value) -> Result<Object, Diagnostics> {
    let object = shape::object(schema, value.clone(), "given object")?;
    let unknown = shape::unknown_values(value, "given object");
    if unknown.is_empty() { Ok(object) } else { Err(unknown) }
}

/// Why `object` cannot be saved as it is.
pub(super) fn unsaveable(schema: &Schema, object: &Object, what: &str) -> Diagnostics {
    let value = Value::Object(object.clone());
    let mut diagnostics = shape::misshapen(schema, &value, what);
    diagnostics.append(shape::unknown_values(&value, what));
    diagnostics
}
