//! Large values, both ways. One at a time: each takes several times its size in memory, here and in the provider.

use talosendpoint::framework::value::Value;

use crate::provider_core::{Change, Core, unpacked};

const BIG: &str = "fixture_big";

#[tokio::test]
async fn values_of_5_70_and_200_megabytes_pass() {
    for megabytes in [5, 70, 200] {
        let size = megabytes * 1_000_000;
        let core = Core::fixture().await;
        // A large request: what was written comes back in the plan.
        let config = core.object(BIG, [("size", Value::from(0)), ("input", "i".repeat(size).into())]);
        if megabytes < 200 {
            // A plan holds the text three times in the request: that must stay below the limit of 256 MiB.
            let planned = core.plan(BIG, &Change::create(config.clone())).await;
            let planned = unpacked(planned.planned_state, &core.resource(BIG));
            assert!(planned.attribute("input") == config.attribute("input"), "{megabytes} MB of input");
        } else {
            assert_eq!(core.validate(BIG, &config).await, [], "{megabytes} MB of input");
        }
        // A large answer.
        let small = core.object(BIG, [("size", Value::from(i64::try_from(size).unwrap()))]);
        let read = unpacked(core.read(BIG, &small, b"").await.new_state, &core.resource(BIG));
        let content = read.attribute("content").and_then(Value::as_str).map_or(0, str::len);
        assert_eq!(content, size, "{megabytes} MB of output");
        // Both.
        let again = core.read(BIG, &read, b"").await;
        assert!(unpacked(again.new_state, &core.resource(BIG)) == read);
    }
}

#[tokio::test]
async fn beyond_the_limit_is_an_error_and_not_the_end() {
    let core = Core::fixture().await;
    let size = talosendpoint::protocol::MESSAGE_LIMIT + 1;
    let state = core.object(BIG, [("size", Value::from(i64::try_from(size).unwrap()))]);
    let request = talosendpoint::protocol::pb::tfplugin6::read_resource::Request {
        type_name: BIG.into(),
        current_state: Some(crate::provider_core::packed(&state, &core.resource(BIG))),
        ..Default::default()
    };
    let status = core.client.clone().read_resource(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::OutOfRange, "{status:?}");
    assert!(core.alive().await);
}
