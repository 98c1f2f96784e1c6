//! Panics, errors and a user who presses Ctrl-C: what exists is never lost, and the process goes on.

use std::time::Duration;

use talosendpoint::{framework::value::Value, protocol::pb::tfplugin6 as pb};
use tokio::time::{sleep, timeout};

use crate::{
    client::PATIENCE,
    provider_core::{Change, Core, errors, object, packed, unpacked},
};

const UNRULY: &str = "fixture_unruly";

fn config(core: &Core, mishap: &str) -> Value {
    core.object(UNRULY, [("mishap", mishap.into()), ("value", "new".into())])
}

/// An object that exists, with `mishap` in its state.
fn existing(core: &Core, mishap: &str) -> (Value, Vec<u8>) {
    let given = [("mishap", mishap.into()), ("value", "old".into()), ("id", "id-1".into()), ("step", "whole".into())];
    (core.object(UNRULY, given), br#"{"whole":true}"#.to_vec())
}

fn private(bytes: &[u8], key: &str) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|private| private.get(key).is_some())
}

#[tokio::test]
async fn a_panic_in_any_phase_is_an_error_and_nothing_more() {
    let core = Core::fixture().await;
    let ty = core.resource(UNRULY);
    let panicked = |diagnostics: &[pb::Diagnostic]| {
        assert_eq!(errors(diagnostics), ["The provider panicked"], "{diagnostics:?}");
        let texts: Vec<&str> = diagnostics.iter().map(|it| it.detail.as_str()).collect();
        assert!(!texts.join("").contains("stack backtrace"), "{texts:?}");
    };
    panicked(&core.validate(UNRULY, &config(&core, "panic:validate")).await);
    panicked(&core.plan(UNRULY, &Change::create(config(&core, "panic:plan"))).await.diagnostics);
    panicked(&core.plan(UNRULY, &Change::destroy(existing(&core, "panic:plan_destroy"))).await.diagnostics);

    let (state, stored) = existing(&core, "panic:read");
    let answer = core.read(UNRULY, &state, &stored).await;
    panicked(&answer.diagnostics);
    assert_eq!((unpacked(answer.new_state, &ty), answer.private), (state, stored), "the stored object stays");

    let create = Change::create(config(&core, "panic:create"));
    let planned = core.plan(UNRULY, &create).await;
    let answer = core.apply(UNRULY, &create, &planned).await;
    panicked(&answer.diagnostics);
    assert!(unpacked(answer.new_state, &ty).is_null(), "nothing was made");

    let create = Change::create(config(&core, "panic:create_half"));
    let planned = core.plan(UNRULY, &create).await;
    let answer = core.apply(UNRULY, &create, &planned).await;
    panicked(&answer.diagnostics);
    assert_eq!(unpacked(answer.new_state, &ty).attribute("id"), Some(&"id-1".into()), "what was made is kept");
    assert!(private(&answer.private, "half"));

    let update = Change::update(existing(&core, ""), config(&core, "panic:update"));
    let planned = core.plan(UNRULY, &update).await;
    let answer = core.apply(UNRULY, &update, &planned).await;
    panicked(&answer.diagnostics);
    assert_eq!(unpacked(answer.new_state, &ty), update.prior);
    assert!(private(&answer.private, "whole"));

    let destroy = Change::destroy(existing(&core, "panic:delete"));
    let planned = core.plan(UNRULY, &destroy).await;
    let answer = core.apply(UNRULY, &destroy, &planned).await;
    panicked(&answer.diagnostics);
    assert_eq!(unpacked(answer.new_state, &ty), destroy.prior);
    assert!(private(&answer.private, "whole"));
    assert!(core.alive().await);
}

#[tokio::test]
async fn a_preflight_that_hangs_or_panics_holds_up_no_plan() {
    let core = Core::fixture().await;
    for mishap in ["wait:preflight", "panic:preflight"] {
        let create = Change::create(config(&core, mishap));
        for change in [create, Change::destroy(existing(&core, mishap))] {
            let planned = timeout(PATIENCE, core.plan(UNRULY, &change)).await.expect("a plan in time");
            assert!(planned.diagnostics.is_empty(), "{:?}", planned.diagnostics);
            assert_eq!(unpacked(planned.planned_state, &core.resource(UNRULY)).is_null(), change.config.is_null());
            assert!(!private(&planned.planned_private, "preflight"), "what was begun counts for nothing");
        }
    }
    let planned = core.plan(UNRULY, &Change::create(config(&core, "fail:preflight"))).await;
    assert_eq!(errors(&planned.diagnostics), ["Failed on demand"], "what it finds is said");
    assert!(core.alive().await);
}

#[tokio::test]
async fn a_panic_outside_of_resources_too() {
    let core = Core::fixture().await;
    let mut client = core.client.clone();
    for phase in ["validate", "configure"] {
        let config = object(&core.provider(), [("mishap", format!("panic:{phase}").into())]);
        let config = Some(packed(&config, &core.provider()));
        let diagnostics = if phase == "validate" {
            let request = pb::validate_provider_config::Request { config };
            client.validate_provider_config(request).await.unwrap().into_inner().diagnostics
        } else {
            let request = pb::configure_provider::Request { config, ..Default::default() };
            client.configure_provider(request).await.unwrap().into_inner().diagnostics
        };
        assert_eq!(errors(&diagnostics), ["The provider panicked"], "{phase}");
    }
    let ty = core.data_source("fixture_echo");
    let config = |mishap: &str| Some(packed(&object(&ty, [("mishap", mishap.into()), ("input", "a".into())]), &ty));
    let request = pb::validate_data_resource_config::Request {
        type_name: "fixture_echo".into(),
        config: config("panic:validate"),
    };
    let answer = client.validate_data_resource_config(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics), ["The provider panicked"]);
    let request = pb::read_data_source::Request {
        type_name: "fixture_echo".into(),
        config: config("panic:read"),
        ..Default::default()
    };
    let answer = client.read_data_source(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics), ["The provider panicked"]);
    let request = pb::import_resource_state::Request {
        type_name: UNRULY.into(),
        id: "panic:import".into(),
        ..Default::default()
    };
    let answer = client.import_resource_state(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics), ["The provider panicked"]);
    assert_eq!(answer.imported_resources, []);
    let answer = core.upgrade("fixture_versioned", 0, r#"{"label":"panic"}"#).await;
    assert_eq!(errors(&answer.diagnostics), ["The provider panicked"]);
    let request = pb::call_function::Request { name: "boom".into(), arguments: Vec::new() };
    let answer = client.call_function(request).await.unwrap().into_inner();
    assert!(answer.error.unwrap().text.contains("panicked") && answer.result.is_none());
    assert!(core.alive().await);
}

#[tokio::test]
async fn what_a_failed_apply_has_done_is_in_its_answer() {
    let core = Core::fixture().await;
    let ty = core.resource(UNRULY);
    let half = |mishap: &str| (config(&core, mishap), mishap.ends_with("half"));
    for (config, exists) in [half("fail:create"), half("fail:create_half")] {
        let create = Change::create(config);
        let planned = core.plan(UNRULY, &create).await;
        let answer = core.apply(UNRULY, &create, &planned).await;
        assert_eq!(errors(&answer.diagnostics), ["Failed on demand"]);
        let state = unpacked(answer.new_state, &ty);
        assert_eq!(!state.is_null(), exists, "{state:?}");
        assert_eq!(private(&answer.private, "half"), exists);
        assert_eq!(state.attribute("step").is_some_and(|step| step == &"half".into()), exists);
    }
    for (config, changed) in [half("fail:update"), half("fail:update_half")] {
        let update = Change::update(existing(&core, ""), config);
        let planned = core.plan(UNRULY, &update).await;
        let answer = core.apply(UNRULY, &update, &planned).await;
        assert_eq!(errors(&answer.diagnostics), ["Failed on demand"]);
        let state = unpacked(answer.new_state, &ty);
        assert_eq!(state.attribute("value"), Some(&if changed { "new" } else { "old" }.into()), "what is really there");
        assert!(private(&answer.private, if changed { "half" } else { "whole" }));
    }
    let destroy = Change::destroy(existing(&core, "fail:delete"));
    let planned = core.plan(UNRULY, &destroy).await;
    let answer = core.apply(UNRULY, &destroy, &planned).await;
    assert_eq!(errors(&answer.diagnostics), ["Failed on demand"]);
    assert_eq!(unpacked(answer.new_state, &ty), destroy.prior);
    assert!(private(&answer.private, "whole"));

    let (state, stored) = existing(&core, "fail:read");
    let answer = core.read(UNRULY, &state, &stored).await;
    assert_eq!(errors(&answer.diagnostics), ["Failed on demand"]);
    assert_eq!((unpacked(answer.new_state, &ty), answer.private), (state, stored));
    let (state, stored) = existing(&core, "gone:read");
    let answer = core.read(UNRULY, &state, &stored).await;
    assert_eq!(errors(&answer.diagnostics), [""; 0]);
    assert!(unpacked(answer.new_state, &ty).is_null());
}

#[tokio::test]
async fn a_stop_ends_a_create_with_what_it_made() {
    let core = Core::fixture().await;
    let create = Change::create(config(&core, "wait:create_half"));
    let planned = core.plan(UNRULY, &create).await;
    // As Ctrl-C does: the signal reaches the whole process group, then StopProvider comes.
    let process = core.plugin.child.id().unwrap().to_string();
    let stopping = async {
        // The create has begun by then, even on a busy machine.
        sleep(Duration::from_secs(1)).await;
        assert!(std::process::Command::new("kill").args(["-INT", &process]).status().unwrap().success());
        sleep(Duration::from_millis(200)).await;
        let answer = core.client.clone().stop_provider(pb::stop_provider::Request {}).await.unwrap();
        assert_eq!(answer.into_inner().error, "");
    };
    let applying = timeout(PATIENCE, core.apply(UNRULY, &create, &planned));
    let (answer, ()) = tokio::join!(applying, stopping);
    let answer = answer.expect("the stop ends the create");
    assert_eq!(errors(&answer.diagnostics), ["Stopped"]);
    assert_eq!(unpacked(answer.new_state, &core.resource(UNRULY)).attribute("id"), Some(&"id-1".into()));
    assert!(private(&answer.private, "half"));
    assert!(core.alive().await, "other calls still come");
}

#[tokio::test]
async fn requests_do_not_wait_for_each_other() {
    let core = Core::fixture().await;
    let (state, stored) = existing(&core, "wait:read");
    let mut waiting = Vec::new();
    for _ in 0..10 {
        let ty = core.resource(UNRULY);
        let request = pb::read_resource::Request {
            type_name: UNRULY.into(),
            current_state: Some(packed(&state, &ty)),
            private: stored.clone(),
            ..Default::default()
        };
        let mut client = core.client.clone();
        waiting.push(tokio::spawn(async move { client.read_resource(request).await.unwrap().into_inner() }));
    }
    assert!(timeout(PATIENCE, core.alive()).await.expect("an answer while ten others wait"));
    // Stop is a signal and not an event: it also ends what has not begun yet.
    core.client.clone().stop_provider(pb::stop_provider::Request {}).await.unwrap();
    for answer in waiting {
        let answer = timeout(PATIENCE, answer).await.expect("an end").unwrap();
        assert_eq!(errors(&answer.diagnostics), ["Stopped"]);
    }
}
