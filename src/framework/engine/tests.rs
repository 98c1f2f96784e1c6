//! The engine's operations over a scripted provider.

use std::future::pending;

use futures_util::FutureExt;
use serde_json::json;

use super::sample::{Script, object, thing};
use super::*;
use crate::framework::function::FunctionError;
use crate::framework::progress::Progress;
use crate::framework::resource::{Plan, ReadResponse};
use crate::framework::ty::Type;
use crate::framework::value::Object;

mod preflight;

const NONE: Value = Value::Null;

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("the sample waits for nothing")
}

fn private(text: &str) -> Private {
    let mut private = Private::new();
    private.set("k", json!(text));
    private
}

fn plan(script: Script, prior: Value, config: Value) -> PlanResponse {
    let proposed = config.clone();
    let request = PlanRequest { config, prior, proposed, private: private("p") };
    now(script.engine().plan("sample", request, pending()))
}

fn apply(script: Script, prior: Value, planned: Value) -> StateResponse {
    let config = if planned.is_null() { NONE } else { thing("a".into(), NONE, NONE) };
    now(script.engine().apply("sample", ApplyRequest { config, prior, planned, private: private("p") }))
}

fn titles(diagnostics: &Diagnostics) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic.title.as_str()).collect()
}

fn config() -> Value {
    thing("a".into(), NONE, NONE)
}

fn planned() -> Value {
    thing("a".into(), 1.into(), Value::UNKNOWN)
}

fn state() -> Value {
    thing("a".into(), 1.into(), "i-1".into())
}

// --- plan -------------------------------------------------------------------------------------------

#[test]
fn a_create_an_update_a_replacement_and_no_change() {
    assert_eq!(plan(Script::default(), NONE, config()).planned, planned());
    assert_eq!(plan(Script::default(), state(), config()).planned, state());
    let update = plan(Script::default(), state(), thing("a".into(), 2.into(), NONE));
    assert_eq!((update.planned, update.replace), (thing("a".into(), 2.into(), Value::UNKNOWN), vec![]));
    let replacement = plan(Script::default(), state(), thing("b".into(), NONE, NONE));
    assert_eq!(replacement.replace, [Path::of("name")]);
    assert_eq!(replacement.private, private("p"));
}

#[test]
fn a_destroy_asks_the_resource() {
    let plan_destroy = |prior: &Object, diagnostics: &mut Diagnostics| {
        diagnostics.push(Diagnostic::failed(prior["id"].as_str().unwrap(), ""));
    };
    let response = plan(Script { plan_destroy, ..Script::default() }, state(), NONE);
    assert_eq!((response.planned, titles(&response.diagnostics)), (NONE, vec!["i-1"]));
    let panics = plan(Script { plan_destroy: |_, _| panic!("boom"), ..Script::default() }, state(), NONE);
    assert_eq!((panics.planned, titles(&panics.diagnostics)), (NONE, vec!["The provider panicked"]));
}

#[test]
fn a_default_of_the_resource_is_known_and_wins_over_the_stored_one() {
    let defaults = |config: &Object, planned: &mut Object| {
        assert!(planned["id"].is_unknown(), "no stored value may look like a given one");
        planned.insert("id".into(), format!("of-{}", config["name"].as_str().unwrap()).into());
    };
    let script = || Script { defaults, ..Script::default() };
    let completed = thing("a".into(), 1.into(), "of-a".into());
    assert_eq!(plan(script(), NONE, config()).planned, completed);
    assert_eq!(plan(script(), state(), config()).planned, completed);
    assert_eq!(plan(script(), completed.clone(), config()).planned, completed);
}

#[test]
fn a_default_of_null_is_decided_too() {
    let nothing = |_: &Object, planned: &mut Object| drop(planned.insert("id".into(), NONE));
    let script = || Script { defaults: nothing, ..Script::default() };
    let without = |size: i64| thing("a".into(), size.into(), NONE);
    assert_eq!(plan(script(), NONE, config()).planned, without(1));
    assert_eq!(plan(script(), without(1), thing("a".into(), 2.into(), NONE)).planned, without(2));
    assert_eq!(plan(script(), state(), config()).planned, without(1), "what is stored doesn't win over it");
}

#[test]
fn a_resource_may_not_change_what_is_configured() {
    let defaults = |_: &Object, planned: &mut Object| drop(planned.insert("name".into(), "z".into()));
    let response = plan(Script { defaults, ..Script::default() }, NONE, config());
    assert_eq!(titles(&response.diagnostics), ["Plan departs from the configuration"]);
    assert_eq!(response.planned, planned());
    let response = plan(
        Script { plan: |p| drop(p.planned.insert("name".into(), "z".into())), ..Script::default() },
        NONE,
        config(),
    );
    assert_eq!(titles(&response.diagnostics), ["Plan departs from the configuration"]);
    let response = plan(
        Script { plan: |p| drop(p.planned.insert("id".into(), true.into())), ..Script::default() },
        NONE,
        config(),
    );
    assert_eq!((titles(&response.diagnostics), response.planned), (vec!["Unexpected type"], planned()));
}

#[test]
fn the_resources_plan_may_set_replace_and_remember() {
    let hook = |p: &mut Plan<'_>| {
        p.planned.insert("id".into(), "known".into());
        p.private.set("more", json!(1));
        p.replace.extend([Path::of("size"), Path::of("nowhere"), Path::of("size"), Path::of("id")]);
    };
    let response = plan(Script { plan: hook, ..Script::default() }, state(), thing("a".into(), 2.into(), NONE));
    assert_eq!(response.planned, thing("a".into(), 2.into(), "known".into()));
    assert_eq!(response.replace, [Path::of("id"), Path::of("size")]);
    assert!(response.private.get("more").is_some());
    let create = plan(Script { plan: hook, ..Script::default() }, NONE, config());
    assert_eq!(create.replace, [], "a create replaces nothing");
}

#[test]
fn a_panic_while_planning_is_a_diagnostic() {
    let panics = [
        Script { plan: |_| panic!("boom"), ..Script::default() },
        Script { defaults: |_, _| panic!("boom"), ..Script::default() },
    ];
    for script in panics {
        let response = plan(script, NONE, config());
        assert_eq!(titles(&response.diagnostics), ["The provider panicked"]);
        assert_eq!(response.planned, planned());
    }
}

#[test]
fn bad_requests_are_diagnostics() {
    assert!(plan(Script::default(), NONE, object([])).diagnostics.has_error());
    assert!(plan(Script::default(), object([]), config()).diagnostics.has_error());
    assert!(plan(Script::default(), NONE, Value::UNKNOWN).diagnostics.has_error());
    let engine = Script::default().engine();
    assert_eq!(titles(&engine.validate_resource("nothing", config())), ["Unknown resource type"]);
    assert_eq!(titles(&engine.validate_data_source("nothing", config())), ["Unknown data source"]);
}

// --- apply ------------------------------------------------------------------------------------------

fn making(
    make: impl Fn(crate::framework::resource::ApplyRequest, &Progress) -> Diagnostics + Send + Sync + 'static,
) -> Script {
    Script { make: Box::new(make), ..Script::default() }
}

fn fields(value: Value) -> Object {
    value.into_object().unwrap()
}

#[test]
fn create_update_and_delete_answer_with_what_was_told() {
    let created = apply(Script::default(), NONE, planned());
    assert_eq!((created.state, created.private, created.diagnostics), (state(), private("p"), Diagnostics::new()));
    let updated = apply(Script::default(), state(), thing("a".into(), 2.into(), "i-1".into()));
    assert_eq!((updated.state, updated.diagnostics), (thing("a".into(), 2.into(), "i-1".into()), Diagnostics::new()));
    let deleted = apply(Script::default(), state(), NONE);
    assert!(deleted.state.is_null() && deleted.diagnostics.is_empty());
    assert!(apply(Script::default(), NONE, NONE).diagnostics.is_empty());
}

#[test]
fn a_panic_answers_with_the_last_thing_told() {
    let before = apply(making(|_, _| panic!("boom")), NONE, planned());
    assert!(before.state.is_null());
    assert!(before.diagnostics.iter().any(|d| d.title == "The provider panicked" && !d.detail.contains("boom")));
    let half = apply(
        making(|request, progress| {
            progress.report(request.planned, private("reported"));
            panic!("boom")
        }),
        NONE,
        planned(),
    );
    assert_eq!((half.state, half.private), (thing("a".into(), 1.into(), NONE), private("reported")));
    assert_eq!(titles(&half.diagnostics), ["The provider panicked"]);
    let update = apply(making(|_, _| panic!("boom")), state(), thing("a".into(), 2.into(), "i-1".into()));
    assert_eq!(update.state, state());
    let delete = apply(Script { delete: Box::new(|_, _| panic!("boom")), ..Script::default() }, state(), NONE);
    assert_eq!((delete.state, delete.private), (state(), private("p")));
}

#[test]
fn an_error_answers_with_the_last_thing_told() {
    let failed = || Diagnostics::from(Diagnostic::failed("no", "no"));
    let half = apply(
        making(move |request, progress| {
            progress.report(request.planned, request.private);
            failed()
        }),
        NONE,
        planned(),
    );
    assert_eq!((half.state, titles(&half.diagnostics)), (thing("a".into(), 1.into(), NONE), vec!["no"]));
    let update = apply(making(move |_, _| failed()), state(), thing("a".into(), 2.into(), "i-1".into()));
    assert_eq!((update.state, titles(&update.diagnostics)), (state(), vec!["no"]));
    let delete = apply(Script { delete: Box::new(move |_, _| failed()), ..Script::default() }, state(), NONE);
    assert_eq!((delete.state, titles(&delete.diagnostics)), (state(), vec!["no"]));
}

#[test]
fn success_that_says_the_wrong_thing_is_a_bug() {
    let say = |value: Value| {
        move |_: crate::framework::resource::ApplyRequest, progress: &Progress| {
            progress.report(fields(value.clone()), Private::new());
            Diagnostics::new()
        }
    };
    for (script, title) in [
        (making(|_, _| Diagnostics::new()), "Nothing made"),
        (making(say(planned())), "Value still unknown"),
        (making(say(thing("b".into(), 1.into(), "i".into()))), "Result differs from the plan"),
        (making(say(object([("name", "a".into())]))), "Unexpected type"),
    ] {
        assert_eq!(titles(&apply(script, NONE, planned()).diagnostics)[0], title);
    }
    let misfit = apply(making(say(object([("name", "a".into()), ("size", true.into())]))), NONE, planned());
    assert_eq!(misfit.state, thing("a".into(), NONE, NONE), "what fits is saved all the same");
    let secret = apply(making(say(thing("hunter2".into(), 1.into(), "i".into()))), NONE, planned());
    assert!(secret.diagnostics.iter().all(|d| !d.detail.contains("hunter2")));
    let silent = apply(Script { delete: Box::new(|_, _| Diagnostics::new()), ..Script::default() }, state(), NONE);
    assert_eq!((titles(&silent.diagnostics), silent.state), (vec!["Not deleted"], state()));
    let forgetful = apply(making(|_, _| Diagnostics::new()), state(), thing("a".into(), 2.into(), "i-1".into()));
    assert_eq!(titles(&forgetful.diagnostics), ["Result differs from the plan"]);
}

#[test]
fn an_impossible_request_touches_nothing() {
    let refused = apply(Script::default(), state(), object([]));
    assert_eq!((refused.state, refused.private), (state(), private("p")));
    assert!(refused.diagnostics.has_error());
}

#[test]
fn stop_reaches_running_work_and_a_new_configuration_forgets_it() {
    let engine = making(|request, _| {
        let stopped = request.stop.is_stopped().to_string();
        Diagnostic::failed(stopped, "").into()
    })
    .engine();
    let title = |engine: &Engine| {
        let request = ApplyRequest { config: config(), prior: NONE, planned: planned(), private: Private::new() };
        now(engine.apply("sample", request)).diagnostics.iter().next().map(|d| d.title.clone())
    };
    assert_eq!(title(&engine).as_deref(), Some("false"));
    engine.stop();
    assert_eq!(title(&engine).as_deref(), Some("true"));
    assert!(now(engine.configure(object([]))).is_empty());
    assert_eq!(title(&engine).as_deref(), Some("false"));
}

// --- read, import, upgrade --------------------------------------------------------------------------

fn read(read: fn(crate::framework::resource::ReadRequest) -> ReadResponse) -> StateResponse {
    now(Script { read, ..Script::default() }.engine().read("sample", state(), private("p")))
}

#[test]
fn a_read_answers_what_is_there() {
    let same =
        read(|request| ReadResponse { state: Some(request.state), private: request.private, ..Default::default() });
    assert_eq!((same.state, same.private), (state(), private("p")));
    assert!(read(|_| ReadResponse::default()).state.is_null(), "gone");
    let null = now(Script::default().engine().read("sample", NONE, Private::new()));
    assert!(null.state.is_null() && null.diagnostics.is_empty());
    let unknown = now(Script::default().engine().read("sample", planned(), Private::new()));
    assert!(unknown.diagnostics.has_error());
}

#[test]
fn a_read_that_goes_wrong_keeps_everything() {
    for bad in [
        read(|_| panic!("boom")),
        read(|_| ReadResponse { diagnostics: Diagnostic::failed("no", "").into(), ..Default::default() }),
        read(|_| ReadResponse { state: Some(Object::new()), ..Default::default() }),
        read(|_| ReadResponse { state: Some(fields(planned())), ..Default::default() }),
    ] {
        assert_eq!((bad.state, bad.private), (state(), private("p")));
        assert!(bad.diagnostics.has_error());
    }
}

#[test]
fn an_import_fills_what_is_missing_with_null() {
    let import = |import| now(Script { import, ..Script::default() }.engine().import("sample", "x".into()));
    let found = import(|request| ReadResponse {
        state: Some(fields(object([("id", request.id.into())]))),
        private: private("imported"),
        ..Default::default()
    });
    assert_eq!((found.state, found.private), (thing(NONE, NONE, "x".into()), private("imported")));
    assert_eq!(titles(&import(|_| ReadResponse::default()).diagnostics), ["Cannot import a missing object"]);
    assert_eq!(titles(&import(|_| panic!("boom")).diagnostics), ["The provider panicked"]);
    let foreign = import(|_| ReadResponse { state: Some(fields(object([("foreign", NONE)]))), ..Default::default() });
    assert!(foreign.state.is_null() && foreign.diagnostics.has_error());
}

#[test]
fn state_is_upgraded_or_refused_and_never_lost() {
    let engine = |upgrade| Script { upgrade, ..Script::default() }.engine();
    let old = || object([("title", "a".into())]);
    let good = engine(|old| Ok(fields(thing(old["title"].clone(), 1.into(), NONE))));
    assert_eq!(good.upgrade("sample", 2, state()).state, state());
    assert_eq!(good.upgrade("sample", 1, old()).state, thing("a".into(), 1.into(), NONE));
    assert_eq!(good.stored_type("sample", 1).unwrap(), Type::object([("title", Type::String)]));
    assert!(good.stored_type("sample", 7).is_err());
    assert!(good.stored_type("nothing", 2).is_err());
    let bad = [
        good.upgrade("sample", 7, old()),
        good.upgrade("sample", 1, state()),
        good.upgrade("sample", 2, NONE),
        engine(Ok).upgrade("sample", 1, old()),
        engine(|_| Err(Diagnostics::new())).upgrade("sample", 1, old()),
        engine(|_| panic!("boom")).upgrade("sample", 1, old()),
    ];
    for answer in bad {
        assert!(answer.state.is_null() && answer.diagnostics.has_error(), "{answer:?}");
    }
}

#[test]
fn a_stored_object_is_noted_before_anything_else_happens_to_it() {
    let noted = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&noted);
    let note_stored = Box::new(move |state: &Object| notes.lock().unwrap().push(Value::Object(state.clone())));
    let engine = Script { note_stored, upgrade: |_| Ok(fields(state())), ..Script::default() }.engine();
    engine.upgrade("sample", 2, thing("b".into(), 1.into(), NONE));
    engine.upgrade("sample", 1, object([("title", "a".into())]));
    engine.upgrade("sample", 1, state());
    assert_eq!(*noted.lock().unwrap(), [thing("b".into(), 1.into(), NONE), state()], "what is no state is not noted");
}

// --- data sources and functions ---------------------------------------------------------------------

#[test]
fn a_data_source_gives_a_known_object() {
    let data = |data| now(Script { data, ..Script::default() }.engine().read_data_source("sample", config()));
    let (value, diagnostics) = data(|mut config| {
        config.insert("id".into(), "i-1".into());
        (Some(config), Diagnostics::new())
    });
    assert_eq!((value, diagnostics), (state(), Diagnostics::new()), "with defaults");
    for (value, diagnostics) in [
        data(|_| (None, Diagnostics::new())),
        data(|_| (Some(Object::new()), Diagnostics::new())),
        data(|_| (Some(fields(planned())), Diagnostics::new())),
        data(|_| (Some(fields(thing("z".into(), 1.into(), NONE))), Diagnostics::new())),
        data(|_| panic!("boom")),
        now(Script::default().engine().read_data_source("sample", planned())),
    ] {
        assert!(value.is_null() && diagnostics.has_error());
    }
}

#[test]
fn a_function_is_called_only_with_what_fits() {
    let call = |arguments: Vec<Value>| Script::default().engine().call_function("sample", arguments);
    assert_eq!(call(vec!["a".into()]), Ok("a".into()));
    assert_eq!(call(vec!["a".into(), 1.into(), NONE]), Ok("a".into()));
    let argument = |result: Result<Value, FunctionError>| result.unwrap_err().argument;
    assert_eq!(argument(call(vec![])), None);
    assert_eq!(argument(call(vec![NONE])), Some(0));
    assert_eq!(argument(call(vec![true.into()])), Some(0));
    assert_eq!(argument(call(vec!["a".into(), Value::UNKNOWN])), Some(1));
    assert_eq!(argument(call(vec!["a".into(), 1.into(), "b".into()])), Some(2));
    assert!(Script::default().engine().call_function("nothing", vec![]).is_err());
    for wrong in [|_: &[Value]| Ok(true.into()), |_: &[Value]| Ok(Value::UNKNOWN), |_: &[Value]| panic!("boom")] {
        let result = Script { call: wrong, ..Script::default() }.engine().call_function("sample", vec!["a".into()]);
        assert!(result.unwrap_err().text.contains("bug in the provider"));
    }
}
