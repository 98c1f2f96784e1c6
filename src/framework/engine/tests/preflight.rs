//! What a preflight may do to a plan, and what it may not.

use std::future::{pending, ready};

use futures_util::future::BoxFuture;
use serde_json::json;

use super::*;
use crate::framework::resource::{Plan, Preflight};

fn preflight(preflight: for<'a> fn(Preflight<'a>) -> BoxFuture<'a, ()>) -> Script {
    Script { preflight, ..Script::default() }
}

/// Says what it was given, and remembers that it ran.
fn talkative(given: Preflight<'_>) -> BoxFuture<'_, ()> {
    let has = |object: Option<&Object>| if object.is_some() { "+" } else { "-" };
    let text = format!("{}{}{}", has(given.config), has(given.prior), has(given.planned));
    given.diagnostics.push(Diagnostic::warning(Path::root(), text, ""));
    given.private.set("ran", json!(given.replace.len()));
    Box::pin(ready(()))
}

#[test]
fn a_preflight_sees_every_change_and_the_apply_what_it_leaves() {
    let check = |prior, config, said: &str, replaced: usize| {
        let response = plan(preflight(talkative), prior, config);
        assert_eq!(titles(&response.diagnostics), [said]);
        assert_eq!(response.private.get("ran"), Some(&json!(replaced)));
        assert_eq!(response.private.get("k"), Some(&json!("p")));
    };
    check(NONE, config(), "+-+", 0);
    check(state(), thing("a".into(), 2.into(), NONE), "+++", 0);
    check(state(), thing("b".into(), NONE, NONE), "+++", 1);
    check(state(), NONE, "-+-", 0);
}

#[test]
fn a_preflight_that_fails_or_takes_too_long_counts_for_nothing() {
    fn endless(given: Preflight<'_>) -> BoxFuture<'_, ()> {
        drop(talkative(given));
        Box::pin(pending())
    }
    fn panics(given: Preflight<'_>) -> BoxFuture<'_, ()> {
        drop(talkative(given));
        panic!("boom")
    }
    for prior in [NONE, state()] {
        let request = |config: Value| PlanRequest {
            proposed: config.clone(),
            config,
            prior: prior.clone(),
            private: private("p"),
        };
        for config in [config(), NONE] {
            let without = now(Script::default().engine().plan("sample", request(config.clone()), pending()));
            let late = now(preflight(endless).engine().plan("sample", request(config.clone()), ready(())));
            let engine = preflight(endless).engine();
            engine.stop();
            let stopped = now(engine.plan("sample", request(config.clone()), pending()));
            let panicked = now(preflight(panics).engine().plan("sample", request(config), pending()));
            for response in [late, stopped, panicked] {
                assert_eq!(response.planned, without.planned);
                assert_eq!(response.private, without.private);
                assert_eq!(response.diagnostics, without.diagnostics);
            }
        }
    }
}

#[test]
fn a_preflight_that_waits_for_nothing_is_done_even_if_the_time_is_up() {
    let request = PlanRequest { config: config(), prior: NONE, proposed: config(), private: private("p") };
    let response = now(preflight(talkative).engine().plan("sample", request, ready(())));
    assert!(response.private.get("ran").is_some());
}

#[test]
fn a_plan_with_errors_asks_nothing_outside() {
    let script = || preflight(|_| panic!("asked"));
    let wrong = |p: &mut Plan<'_>| p.diagnostics.push(Diagnostic::failed("no", "no"));
    assert_eq!(titles(&plan(Script { plan: wrong, ..script() }, NONE, config()).diagnostics), ["no"]);
    let wrong = |_: &Object, diagnostics: &mut Diagnostics| diagnostics.push(Diagnostic::failed("no", "no"));
    assert_eq!(titles(&plan(Script { plan_destroy: wrong, ..script() }, state(), NONE).diagnostics), ["no"]);
}
