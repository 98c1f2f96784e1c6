//! Making a planned change, and answering with what is really there: after success, an error, a stop or a panic.

use super::consistency::{applied, shape};
use super::{ApplyRequest, Engine, StateResponse, isolate};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::private::Private;
use crate::framework::progress::Progress;
use crate::framework::resource::{self, DeleteRequest, Resource};
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};

impl Engine {
    /// Makes a planned change.
    pub async fn apply(&self, name: &str, request: ApplyRequest) -> StateResponse {
        let (prior, private) = (request.prior.clone(), request.private.clone());
        // An error that comes before anything was done leaves everything as it was.
        let untouched = |diagnostics| StateResponse { state: prior, private, diagnostics };
        let resource = match self.resource(name) {
            Ok(resource) => resource,
            Err(diagnostic) => return untouched(diagnostic.into()),
        };
        match Change::of(resource.schema(), request) {
            Ok(change) => change.make(resource, self).await,
            Err(diagnostics) => untouched(diagnostics),
        }
    }
}

/// A change that fits the schema.
enum Change {
    /// Nothing to be and nothing there.
    Nothing,
    /// An object to make or to change.
    Make { config: Object, planned: Object, prior: Option<Object>, private: Private },
    /// An object to remove.
    Delete { prior: Object, private: Private },
}

impl Change {
    fn of(schema: &Schema, request: ApplyRequest) -> Result<Change, Diagnostics> {
        let ApplyRequest { config, prior, planned, private } = request;
        let prior = match prior {
            Value::Null => None,
            prior => Some(shape::object(schema, prior, "stored state")?),
        };
        if planned.is_null() {
            return Ok(prior.map_or(Change::Nothing, |prior| Change::Delete { prior, private }));
        }
        let planned = shape::object(schema, planned, "planned object")?;
        let config = shape::object(schema, config, "configuration")?;
        Ok(Change::Make { config, planned, prior, private })
    }

    async fn make(self, resource: &dyn Resource, engine: &Engine) -> StateResponse {
        let stop = engine.current_stop();
        match self {
            Change::Nothing => StateResponse::none(Diagnostics::new()),
            Change::Make { config, planned, prior, private } => {
                let progress = match &prior {
                    Some(prior) => Progress::new(Some(prior.clone()), private.clone()),
                    None => Progress::new(None, Private::new()),
                };
                let create = prior.is_none();
                let expected = Value::Object(planned.clone());
                let request = resource::ApplyRequest { config, planned, prior, private, stop };
                let work =
                    if create { resource.create(request, &progress) } else { resource.update(request, &progress) };
                let diagnostics = isolate::future(work).await.unwrap_or_else(Diagnostics::from);
                made(resource.schema(), &expected, &progress, diagnostics)
            }
            Change::Delete { prior, private } => {
                let progress = Progress::new(Some(prior.clone()), private.clone());
                let request = DeleteRequest { prior, private, stop };
                let work = resource.delete(request, &progress);
                let diagnostics = isolate::future(work).await.unwrap_or_else(Diagnostics::from);
                deleted(resource.schema(), &progress, diagnostics)
            }
        }
    }
}

/// The answer to a create or an update.
fn made(schema: &Schema, planned: &Value, progress: &Progress, diagnostics: Diagnostics) -> StateResponse {
    let failed = diagnostics.has_error();
    let mut answer = answer(schema, progress, diagnostics);
    if failed || answer.diagnostics.has_error() {
        // Terraform checks nothing of an answer with an error, except that it is known.
        answer.state = answer.state.unknowns_as_null();
    } else if answer.state.is_null() {
        let text = "The provider reported success, but it did not say what it made.";
        answer.diagnostics.push(Diagnostic::bug("Nothing made", text));
    } else {
        answer.diagnostics.append(shape::unknown_values(&answer.state, "applied object"));
        answer.diagnostics.append(inconsistencies(planned, &answer.state));
        answer.state = answer.state.unknowns_as_null();
    }
    answer
}

/// The answer to a delete.
fn deleted(schema: &Schema, progress: &Progress, diagnostics: Diagnostics) -> StateResponse {
    let failed = diagnostics.has_error();
    let mut answer = answer(schema, progress, diagnostics);
    answer.state = answer.state.unknowns_as_null();
    if !failed && !answer.state.is_null() {
        let text = "The provider reported success, but it did not say that the object is gone.";
        answer.diagnostics.push(Diagnostic::bug("Not deleted", text));
    }
    answer
}

/// The last report, made to fit the schema: what cannot be saved would be lost.
fn answer(schema: &Schema, progress: &Progress, mut diagnostics: Diagnostics) -> StateResponse {
    let reported = progress.reported();
    let state = reported.state.map_or(Value::Null, |object| {
        let problems = shape::misshapen(schema, &Value::Object(object.clone()), "applied object");
        let fits = problems.is_empty();
        diagnostics.append(problems);
        Value::Object(if fits { object } else { shape::forced(schema, &object) })
    });
    StateResponse { state, private: reported.private, diagnostics }
}

/// The values themselves are not in the messages: they may be sensitive.
fn inconsistencies(planned: &Value, result: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for path in applied::inconsistencies(planned, result) {
        let known_as_unknown = shape::at(result, &path).is_none_or(|value| !value.is_wholly_known());
        // Reported already, as a value that is still unknown.
        if !known_as_unknown {
            let detail = format!("`{path}` is not what was planned.");
            diagnostics.push(Diagnostic::bug("Result differs from the plan", detail).at(path));
        }
    }
    diagnostics
}
