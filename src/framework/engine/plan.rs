//! Planning: from what the user wrote and what is stored to the object that is to be.

use super::consistency::{planned, shape};
use super::{Engine, PlanRequest, PlanResponse, defaults, isolate, replace};
use crate::framework::diagnostic::Diagnostics;
use crate::framework::path::Path;
use crate::framework::private::Private;
use crate::framework::resource::{Plan, Resource};
use crate::framework::schema::Schema;
use crate::framework::value::{Object, Value};

impl Engine {
    /// Plans a create, an update or a destroy. What asks the outside world for it is given up when `time_up` comes, usually after
    /// [`PREFLIGHT_LIMIT`](super::PREFLIGHT_LIMIT).
    pub async fn plan(
        &self,
        name: &str,
        request: PlanRequest,
        time_up: impl Future<Output = ()> + Send,
    ) -> PlanResponse {
        let PlanRequest { config, prior, proposed, private } = request;
        // Where the engine gives up, Terraform's own merge is the answer that surprises least.
        let refused = |diagnostics: Diagnostics| PlanResponse {
            planned: proposed.clone(),
            replace: Vec::new(),
            private: private.clone(),
            diagnostics,
        };
        let resource = match self.resource(name) {
            Ok(resource) => resource,
            Err(diagnostic) => return refused(diagnostic.into()),
        };
        let prior = match stored(resource.schema(), prior) {
            Ok(prior) => prior,
            Err(diagnostics) => return refused(diagnostics),
        };
        let (config, response) = match config {
            Value::Null => (None, destroy(resource, prior.as_ref(), private)),
            config => match shape::object(resource.schema(), config, "configuration") {
                Ok(config) => {
                    let response = create_or_update(resource, &config, prior.as_ref(), private);
                    (Some(config), response)
                }
                Err(diagnostics) => return refused(diagnostics),
            },
        };
        self.preflight(resource, config.as_ref(), prior.as_ref(), response, time_up).await
    }
}

/// The stored object, if there is one.
fn stored(schema: &Schema, prior: Value) -> Result<Option<Object>, Diagnostics> {
    if prior.is_null() { Ok(None) } else { shape::object(schema, prior, "stored state").map(Some) }
}

fn destroy(resource: &dyn Resource, prior: Option<&Object>, private: Private) -> PlanResponse {
    let diagnostics = prior.map_or_else(Diagnostics::new, |prior| {
        isolate::call(|| {
            let mut diagnostics = Diagnostics::new();
            resource.plan_destroy(prior, &private, &mut diagnostics);
            diagnostics
        })
        .unwrap_or_else(Diagnostics::from)
    });
    PlanResponse { planned: Value::Null, replace: Vec::new(), private, diagnostics }
}

/// The plan of a create or an update, before anything outside is asked.
pub(super) fn create_or_update(
    resource: &dyn Resource,
    config: &Object,
    prior: Option<&Object>,
    private: Private,
) -> PlanResponse {
    let schema = resource.schema();
    let mut diagnostics = Diagnostics::new();
    let completed = completed(resource, config, &mut diagnostics);
    let planned = planned_values(schema, &completed, prior);
    let replace = match prior {
        Some(prior) => replace::required(&schema.attributes, prior, &planned),
        None => Vec::new(),
    };
    let draft = Draft { planned, replace, private };
    let draft = resource_plan(resource, config, prior, draft, &mut diagnostics);
    let planned = Value::Object(draft.planned);
    let replace = match prior {
        Some(prior) => replace::tidy(draft.replace, &Value::Object(prior.clone()), &planned),
        None => Vec::new(),
    };
    PlanResponse { planned, replace, private: draft.private, diagnostics }
}

/// What the user wrote, with the defaults of the schema and of the resource. What is left to the provider is open.
pub(super) fn completed(resource: &dyn Resource, config: &Object, diagnostics: &mut Diagnostics) -> Object {
    let schema = resource.schema();
    let defaults = defaults::opened(&schema.attributes, &defaults::with_defaults(&schema.attributes, config));
    let result = isolate::call(|| {
        let mut object = defaults.clone();
        resource.defaults(config, &mut object);
        object
    });
    let problems = match &result {
        Ok(object) => checked(schema, config, None, object, "The resource's own default"),
        Err(panic) => panic.clone().into(),
    };
    match result {
        Ok(object) if problems.is_empty() => object,
        _ => {
            diagnostics.append(problems);
            defaults
        }
    }
}

/// The stored object, if nothing changes it; else `completed` with open values kept or unknown.
fn planned_values(schema: &Schema, completed: &Object, prior: Option<&Object>) -> Object {
    match prior {
        Some(prior) if defaults::with_prior(&schema.attributes, completed, Some(prior)) == *prior => prior.clone(),
        _ => defaults::with_unknowns(&schema.attributes, completed, prior),
    }
}

/// What a resource may still change.
#[derive(Clone)]
struct Draft {
    planned: Object,
    replace: Vec<Path>,
    private: Private,
}

/// The draft after the resource's own plan; as it was, if that plan broke a rule.
fn resource_plan(
    resource: &dyn Resource,
    config: &Object,
    prior: Option<&Object>,
    draft: Draft,
    diagnostics: &mut Diagnostics,
) -> Draft {
    let result = isolate::call(|| {
        let mut new = draft.clone();
        let mut diagnostics = Diagnostics::new();
        resource.plan(&mut Plan {
            config,
            prior,
            planned: &mut new.planned,
            private: &mut new.private,
            replace: &mut new.replace,
            diagnostics: &mut diagnostics,
        });
        (new, diagnostics)
    });
    match result {
        Ok((new, found)) => {
            diagnostics.append(found);
            let problems = checked(resource.schema(), config, prior, &new.planned, "The resource's plan");
            let sound = problems.is_empty();
            diagnostics.append(problems);
            if sound { new } else { draft }
        }
        Err(panic) => {
            diagnostics.push(panic);
            draft
        }
    }
}

/// What is wrong with a planned object: a misfit with the schema, or a departure from the configuration.
fn checked(schema: &Schema, config: &Object, prior: Option<&Object>, planned: &Object, who: &str) -> Diagnostics {
    let misshapen = shape::misshapen(schema, &Value::Object(planned.clone()), &format!("object of {}", lower(who)));
    if !misshapen.is_empty() {
        return misshapen;
    }
    planned::diagnostics(planned::departures(&schema.attributes, config, prior, planned), who)
}

fn lower(who: &str) -> String {
    who.replacen('T', "t", 1)
}
