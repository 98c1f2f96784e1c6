//! Finding objects that exist: `terraform query`.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::{self, BoxStream};

use super::import::filled;
use super::read::{stored, unsaveable};
use super::{Engine, defaults, isolate};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::list_resource::{List, ListRequest, ListResource, Listed};
use crate::framework::resource::Resource;
use crate::framework::stop::Stop;
use crate::framework::value::Value;

/// What is asked of a list resource.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// The filters.
    pub config: Value,
    /// Whether the objects themselves are wanted.
    pub include_object: bool,
    /// How many objects are wanted at most; none for all.
    pub limit: Option<usize>,
}

/// An object that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its identity, whole; none where there is a problem with it.
    pub identity: Option<Value>,
    /// What a person calls it.
    pub display_name: String,
    /// The object, where it was asked for and could be had.
    pub object: Option<Value>,
    /// What is wrong with this one; others may be right.
    pub problems: Diagnostics,
}

/// The answer to a [`ListQuery`]; an error is the last item.
pub type FoundObjects = BoxStream<'static, Result<Found, Diagnostics>>;

impl Engine {
    /// What a list resource finds, asked for only as far as the answer is read.
    pub fn list(&self, name: &str, query: ListQuery) -> FoundObjects {
        let ListQuery { config, include_object, limit } = query;
        match self.listing(name, &config, include_object) {
            Ok((resource, list)) => {
                let (stop, left) = (self.current_stop(), limit.unwrap_or(usize::MAX));
                let rest = Rest { resource, list, include_object, left, stop };
                stream::unfold(Some(rest), |rest| async { rest?.next().await }).boxed()
            }
            Err(problems) => stream::iter([Err(problems)]).boxed(),
        }
    }

    fn listing(
        &self,
        name: &str,
        config: &Value,
        include_object: bool,
    ) -> Result<(Arc<dyn Resource>, List), Diagnostics> {
        let of_type = self.list_resource(name)?;
        let resource = self.resources.get(name).ok_or_else(|| super::unknown_name("resource type", name))?;
        let config = stored(of_type.schema(), config)?;
        let config = defaults::with_defaults(&of_type.schema().attributes, &config);
        let request = ListRequest { config, include_object, stop: self.current_stop() };
        Ok((Arc::clone(resource), isolate::call(|| of_type.list(request))?))
    }

    pub(super) fn list_resource(&self, name: &str) -> Result<&dyn ListResource, Diagnostic> {
        self.list_resources.get(name).map(|one| &**one).ok_or_else(|| super::unknown_name("list resource", name))
    }
}

/// A list that hasn't ended.
struct Rest {
    resource: Arc<dyn Resource>,
    list: List,
    include_object: bool,
    left: usize,
    stop: Stop,
}

impl Rest {
    /// The next object and what is left then; none at the end, and after an error. The user's stop is one: a list has nothing to bring to
    /// an end.
    async fn next(mut self) -> Option<(Result<Found, Diagnostics>, Option<Rest>)> {
        self.left = self.left.checked_sub(1)?;
        let next = {
            let stopped = std::pin::pin!(self.stop.stopped());
            let next = std::pin::pin!(isolate::future(self.list.next()));
            match select(stopped, next).await {
                Either::Left(((), _)) => Some(Err(interrupted().into())),
                Either::Right((next, _)) => next.unwrap_or_else(|panic| Some(Err(panic.into()))),
            }
        }?;
        match next {
            Ok(listed) => Some((Ok(self.checked(listed)), Some(self))),
            Err(problems) => Some((Err(problems), None)),
        }
    }

    /// What Terraform would find wrong, is reported here.
    fn checked(&self, listed: Listed) -> Found {
        let Listed { identity, display_name, object } = listed;
        let schema = self.resource.schema();
        let mut problems = Diagnostics::new();
        let identity = self.resource.identity().and_then(|of_type| of_type.of(&Value::Object(identity)));
        if identity.is_none() {
            let detail = format!("The provider listed a {} without saying which one it is.", self.resource.name());
            problems.push(Diagnostic::bug("Listed without an identity", detail));
        }
        let object = object.filter(|_| self.include_object).map(|object| filled(schema, object)).filter(|object| {
            let unsaveable = unsaveable(schema, object, "listed object");
            let is_right = unsaveable.is_empty();
            problems.append(unsaveable);
            is_right
        });
        Found { identity, display_name, object: object.map(Value::Object), problems }
    }
}

fn interrupted() -> Diagnostic {
    Diagnostic::failed("Interrupted", "Interrupted on your request: the list is not complete.")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::framework::engine::sample::{Script, object, thing};

    fn query(include_object: bool, limit: Option<usize>) -> ListQuery {
        ListQuery { config: object([("count", 3.into())]), include_object, limit }
    }

    fn listed(number: usize) -> Listed {
        let id = format!("i-{number}");
        let Value::Object(object) = thing("a".into(), 1.into(), id.as_str().into()) else { panic!("an object") };
        Listed { identity: object.clone(), display_name: id, object: Some(object) }
    }

    async fn names(script: Script, query: ListQuery) -> Vec<String> {
        let found = script.engine().list("sample", query).collect::<Vec<_>>().await;
        let text = |one: Result<Found, Diagnostics>| match one {
            Ok(found) if found.problems.is_empty() => found.display_name,
            Ok(found) => found.problems.into_iter().map(|one| one.title).collect(),
            Err(problems) => problems.into_iter().map(|one| one.title).collect(),
        };
        found.into_iter().map(text).collect()
    }

    #[tokio::test]
    async fn a_list_is_read_up_to_its_limit_and_no_further() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let endless = |_| {
            stream::iter(0..).map(|number| Ok(listed(ASKED.fetch_max(number, Ordering::SeqCst).max(number)))).boxed()
        };
        assert_eq!(names(Script { list: endless, ..Script::default() }, query(false, Some(2))).await, ["i-0", "i-1"]);
        assert_eq!(ASKED.load(Ordering::SeqCst), 1, "what is beyond the limit is never asked for");
        assert_eq!(names(Script { list: endless, ..Script::default() }, query(false, Some(0))).await, [""; 0]);
    }

    #[tokio::test]
    async fn a_stop_ends_the_list_at_once() {
        let engine = Script { list: |_| stream::pending().boxed(), ..Script::default() }.engine();
        let mut list = engine.list("sample", query(false, None));
        let mut next = list.next();
        assert!(futures_util::poll!(&mut next).is_pending());
        engine.stop();
        assert!(matches!(next.await, Some(Err(problems)) if problems.iter().any(|one| one.title == "Interrupted")));
        assert!(list.next().await.is_none());
    }

    #[tokio::test]
    async fn the_object_is_there_where_it_is_asked_for() {
        let three = |request: ListRequest| {
            let count = request.config["count"].as_i64().and_then(|count| usize::try_from(count).ok()).unwrap();
            stream::iter((0..count).map(|number| Ok(listed(number)))).boxed()
        };
        for include_object in [false, true] {
            let engine = Script { list: three, ..Script::default() }.engine();
            let found: Vec<_> = engine.list("sample", query(include_object, None)).map(Result::unwrap).collect().await;
            let ids: Vec<_> = found.iter().map(|one| one.identity.clone()).collect();
            assert_eq!(ids, ["i-0", "i-1", "i-2"].map(|id| Some(object([("id", id.into())]))));
            let whole = found[2].object.clone();
            assert_eq!(whole, include_object.then(|| thing("a".into(), 1.into(), "i-2".into())));
        }
    }

    #[tokio::test]
    async fn an_error_or_a_panic_ends_the_list() {
        let failing =
            |_| stream::iter([Ok(listed(0)), Err(Diagnostic::failed("Denied", "").into()), Ok(listed(1))]).boxed();
        assert_eq!(names(Script { list: failing, ..Script::default() }, query(false, None)).await, ["i-0", "Denied"]);
        let panicking =
            |_| stream::iter(0..2).map(|number| Ok(listed(if number == 1 { panic!("x") } else { 0 }))).boxed();
        let found = names(Script { list: panicking, ..Script::default() }, query(false, None)).await;
        assert_eq!(found, ["i-0", "The provider panicked"]);
        let found = names(Script { list: |_| panic!("x"), ..Script::default() }, query(false, None)).await;
        assert_eq!(found, ["The provider panicked"]);
    }

    #[tokio::test]
    async fn what_names_nothing_or_fits_no_schema_is_our_fault() {
        let nameless =
            |_| stream::iter([Ok(Listed { identity: Default::default(), ..listed(0) }), Ok(listed(1))]).boxed();
        let found = names(Script { list: nameless, ..Script::default() }, query(false, None)).await;
        assert_eq!(found, ["Listed without an identity", "i-1"], "the others are right");
        let odd = |_| {
            let mut odd = listed(0);
            odd.object.as_mut().unwrap().insert("size".to_owned(), "much".into());
            stream::iter([Ok(odd), Ok(listed(1))]).boxed()
        };
        let found = names(Script { list: odd, ..Script::default() }, query(true, None)).await;
        assert_eq!(found, ["Unexpected type", "i-1"]);
        assert_eq!(names(Script { list: odd, ..Script::default() }, query(false, None)).await, ["i-0", "i-1"]);
        let engine = Script::default().engine();
        let unknown: Vec<_> = engine.list("other", query(false, None)).collect().await;
        assert!(matches!(unknown.as_slice(), [Err(_)]), "{unknown:?}");
    }
}
