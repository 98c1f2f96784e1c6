//! Large values, both ways. One at a time: each takes several times its size in memory, here and in the provider.

use talosendpoint::framework::value::Value;
use talosendpoint::protocol::{MESSAGE_LIMIT, REQUEST_LIMIT};

use crate::provider_core::{Change, Core, errors, unpacked};

const BIG: &str = "fixture_big";

fn of(size: usize) -> Value {
    Value::from(i64::try_from(size).unwrap())
}

#[tokio::test]
async fn requests_of_60_and_answers_of_200_megabytes_pass() {
    let core = Core::fixture().await;
    let ty = core.resource(BIG);
    // A plan holds the text three times in the request.
    let config = core.object(BIG, [("size", Value::from(0)), ("input", "i".repeat(20_000_000).into())]);
    let planned = core.plan(BIG, &Change::create(config.clone())).await;
    let planned = unpacked(planned.planned_state, &ty);
    assert!(planned.attribute("input") == config.attribute("input"), "what was written comes back in the plan");
    let config = core.object(BIG, [("size", Value::from(0)), ("input", "i".repeat(60_000_000).into())]);
    assert_eq!(core.validate(BIG, &config).await, []);
    for size in [5_000_000, 60_000_000, 200_000_000] {
        let read = core.read(BIG, &core.object(BIG, [("size", of(size))]), b"").await;
        let read = unpacked(read.new_state, &ty);
        let content = read.attribute("content").and_then(Value::as_str).map_or(0, str::len);
        assert_eq!(content, size);
        if size < REQUEST_LIMIT {
            let again = core.read(BIG, &read, b"").await;
            assert!(unpacked(again.new_state, &ty) == read, "{size} bytes both ways");
        }
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_and_loses_nothing() {
    let core = Core::fixture().await;
    let ty = core.resource(BIG);
    let config = core.object(BIG, [("size", Value::from(0)), ("input", "i".repeat(REQUEST_LIMIT).into())]);
    assert_eq!(errors(&core.validate(BIG, &config).await), ["Request too large"]);
    let state = core.object(BIG, [("size", of(1)), ("content", "c".repeat(REQUEST_LIMIT).into())]);
    let answer = core.read(BIG, &state, b"{\"k\":1}").await;
    assert_eq!(errors(&answer.diagnostics), ["Request too large"]);
    assert!(unpacked(answer.new_state, &ty) == state && answer.private == b"{\"k\":1}", "the stored object stays");
    assert!(core.alive().await);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_an_error_and_not_the_end() {
    let core = Core::fixture().await;
    let state = core.object(BIG, [("size", of(MESSAGE_LIMIT + 1))]);
    let request = talosendpoint::protocol::pb::tfplugin6::read_resource::Request {
        type_name: BIG.into(),
        current_state: Some(crate::provider_core::packed(&state, &core.resource(BIG))),
        ..Default::default()
    };
    let status = core.client.clone().read_resource(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::OutOfRange, "{status:?}");
    assert!(core.alive().await);
}

#[tokio::test]
async fn a_million_values_are_too_many_however_few_bytes_they_take() {
    let core = Core::fixture().await;
    let everything = "fixture_everything";
    let with = |nulls: usize| {
        let texts = Value::List(vec![Value::Null; nulls]);
        core.object(everything, [("name", "n".into()), ("texts", texts)])
    };
    assert_eq!(errors(&core.validate(everything, &with(1_000_001)).await), ["Request too large"]);
    assert_eq!(core.validate(everything, &with(100_000)).await, []);
    // The parts of a request count together: each of these is half of it.
    let change = Change { config: with(400_000), prior: with(400_000), private: Vec::new() };
    assert_eq!(errors(&core.plan(everything, &change).await.diagnostics), ["Request too large"]);
    let json = format!(r#"{{"name":"n","texts":[{}]}}"#, vec!["0"; 1_000_001].join(","));
    assert_eq!(errors(&core.upgrade(everything, 0, &json).await.diagnostics), ["Request too large"]);
    let private = format!(r#"{{"k":[{}]}}"#, vec!["0"; 1_000_001].join(","));
    let read = core.read(everything, &with(0), private.as_bytes()).await;
    assert_eq!(errors(&read.diagnostics), ["Request too large"]);
    assert!(core.alive().await);
}
