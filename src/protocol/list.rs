//! Lists of objects that exist: a stream, which is asked for more only as the client reads it, and dropped when the client cancels.

use std::panic::AssertUnwindSafe;

use futures_util::{Stream, StreamExt};
use prost::Message;
use tracing::debug;

use super::decode::{self, Named};
use super::encode;
use super::error_response::too_large;
use super::isolate::panicked;
use super::limits::REQUEST_LIMIT;
use super::pb::tfplugin6 as pb;
use crate::framework::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::framework::engine::{Engine, Found, FoundObjects};
use crate::framework::identity::Identity;
use crate::framework::ty::Type;
use crate::framework::value::Value;
use pb::list_resource::{Event, Request};

const RPC: &str = "ListResource";

/// The answer to `request`. What goes wrong with the list is its last event, and what goes wrong with an object is in its own.
pub(super) fn events(request: Request, engine: &Engine) -> impl Stream<Item = Event> + Send + 'static {
    let name = request.type_name.clone();
    debug!(tf_rpc = RPC, tf_resource_type = name, limit = request.limit, "list begun");
    let events = match started(request, engine) {
        Ok((list, types)) => list.map(move |found| found.map(|found| types.event(found))).boxed(),
        Err(problems) => futures_util::stream::iter([Err(problems)]).boxed(),
    };
    let events = events.map(|event| event.unwrap_or_else(failed));
    // The engine holds panics of a resource; this is for our own.
    AssertUnwindSafe(events).catch_unwind().map(|event| event.unwrap_or_else(|_| failed(panicked(RPC).into())))
}

fn started(request: Request, engine: &Engine) -> Result<(FoundObjects, Types), Diagnostics> {
    if request.encoded_len() > REQUEST_LIMIT {
        return Err(too_large(&format!("more than {} MiB", REQUEST_LIMIT >> 20)));
    }
    let Named { name, ty: _, request } = decode::list(request, engine)?;
    let object = decode::resource_type(&name, engine)?;
    let identity = engine.identity(&name).ok_or_else(|| {
        let detail = format!("A {name} is listed, and has no identity.");
        Diagnostic::bug("Listed without an identity", detail)
    })?;
    Ok((engine.list(&name, request), Types { object, identity }))
}

/// What an event is made by.
struct Types {
    object: Type,
    identity: &'static Identity,
}

impl Types {
    /// What can't be said of one object is its own problem: a warning, because a CLI ends its list at the first error.
    fn event(&self, found: Found) -> Event {
        let Found { identity, display_name, object, mut problems } = found;
        let mut encoded = |value: Option<Value>, ty: &Type| {
            encode::value(&value?, ty).map_err(|problem| problems.append(problem)).ok()
        };
        let identity = encoded(identity, &self.identity.object_type(&self.object));
        let resource_object = encoded(object, &self.object);
        let named = |problem: Diagnostic| {
            let detail = format!("{}\n\nThis is about \"{display_name}\".", problem.detail);
            Diagnostic { severity: Severity::Warning, detail, ..problem }
        };
        Event {
            identity: identity.map(|identity| pb::ResourceIdentityData { identity_data: Some(identity) }),
            resource_object,
            diagnostic: problems.into_iter().map(named).map(encode::diagnostic).collect(),
            display_name,
        }
    }
}

fn failed(reasons: Diagnostics) -> Event {
    Event { diagnostic: encode::diagnostics(reasons), ..Event::default() }
}
