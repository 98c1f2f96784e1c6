//! The part of planning that asks the outside world: bounded in time, and never a reason for a plan to fail by itself.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::{Engine, PlanResponse, isolate};
use crate::framework::diagnostic::Diagnostics;
use crate::framework::resource::{Preflight, Resource};
use crate::framework::stop::Stop;
use crate::framework::value::{Object, Value};

/// How long the outside world may hold up one plan. An answer of AWS takes a tenth of a second; what isn't there by now is found out by
/// the apply.
pub const PREFLIGHT_LIMIT: Duration = Duration::from_secs(2);

impl Engine {
    /// The plan after the resource's preflight. Where that panics, is given up at `time_up`, or ends with the user's stop, the plan is as
    /// it was before: what a preflight would have found, the apply still does.
    pub(super) async fn preflight(
        &self,
        resource: &dyn Resource,
        config: Option<&Object>,
        prior: Option<&Object>,
        mut response: PlanResponse,
        time_up: impl Future<Output = ()>,
    ) -> PlanResponse {
        if response.diagnostics.has_error() {
            return response;
        }
        let (mut private, mut diagnostics) = (response.private.clone(), Diagnostics::new());
        let preflight = resource.preflight(Preflight {
            config,
            prior,
            planned: object(&response.planned),
            replace: &response.replace,
            private: &mut private,
            diagnostics: &mut diagnostics,
        });
        if is_done(preflight, time_up, self.current_stop()).await {
            response.private = private;
            response.diagnostics.append(diagnostics);
        }
        response
    }
}

/// Whether `work` came to its own end. It begins in any case, so that what waits for nothing is always done.
async fn is_done(work: impl Future<Output = ()>, time_up: impl Future<Output = ()>, stop: Stop) -> bool {
    let (work, time_up, stopped) = (pin!(isolate::future(work)), pin!(time_up), pin!(stop.stopped()));
    matches!(select(work, select(time_up, stopped)).await, Either::Left((Ok(()), _)))
}

fn object(value: &Value) -> Option<&Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
