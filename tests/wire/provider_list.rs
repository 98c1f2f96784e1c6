//! Lists of objects that exist, as `terraform query` asks for them: read as far as the client wants, and no further.

use std::time::{Duration, Instant};

use talosendpoint::{framework::value::Value, protocol::pb::tfplugin6 as pb};
use tokio::time::{sleep, timeout};
use tonic::Streaming;

use crate::{
    client::{Launch, PATIENCE},
    provider_core::{Core, check_severities, errors, identity_type, object, packed, program, schema_type, unpacked},
};

const UNRULY: &str = "fixture_unruly";

/// The fixture, which logs what it does.
async fn start() -> Core {
    let core = Core::fixture().await;
    let plugin = Launch::of(program()).env("TF_LOG_PROVIDER", "WARN").start().await;
    let client = plugin.provider().await;
    Core { plugin, client, ..core }
}

fn config<const N: usize>(core: &Core, given: [(&str, Value); N]) -> Option<pb::DynamicValue> {
    let ty = schema_type(&core.schemas.list_resource_schemas[UNRULY]);
    Some(packed(&object(&ty, given), &ty))
}

async fn list(core: &Core, request: pb::list_resource::Request) -> Streaming<pb::list_resource::Event> {
    core.client.clone().list_resource(request).await.expect("a stream").into_inner()
}

fn request<const N: usize>(core: &Core, given: [(&str, Value); N], limit: i64) -> pb::list_resource::Request {
    pb::list_resource::Request {
        type_name: UNRULY.into(),
        config: config(core, given),
        include_resource_object: false,
        limit,
    }
}

async fn next(events: &mut Streaming<pb::list_resource::Event>) -> Option<pb::list_resource::Event> {
    let event = timeout(PATIENCE, events.message()).await.expect("an event in time").expect("no error of the RPC")?;
    check_severities(&event.diagnostic);
    Some(event)
}

async fn all(core: &Core, request: pb::list_resource::Request) -> Vec<pb::list_resource::Event> {
    let mut events = list(core, request).await;
    let mut found = Vec::new();
    while let Some(event) = next(&mut events).await {
        found.push(event);
    }
    found
}

/// The first word of a display name is the id.
fn id(event: &pb::list_resource::Event) -> &str {
    event.display_name.split_whitespace().next().unwrap_or_default()
}

#[tokio::test]
async fn every_object_has_its_identity_and_the_rest_where_it_is_wanted() {
    let core = start().await;
    for include_resource_object in [false, true] {
        let request =
            pb::list_resource::Request { include_resource_object, ..request(&core, [("number", 3.into())], 100) };
        let found = all(&core, request).await;
        assert_eq!(found.iter().map(id).collect::<Vec<_>>(), ["id-0", "id-1", "id-2"]);
        for event in found {
            let identity = unpacked(event.identity.clone().and_then(|data| data.identity_data), &identity_type());
            assert_eq!(identity, Value::Object([("id".to_owned(), id(&event).into())].into()));
            let object = event.resource_object.clone().map(|object| unpacked(Some(object), &core.resource(UNRULY)));
            assert_eq!(object.is_some(), include_resource_object);
            let own = object.iter().filter_map(|object| object.attribute("id")?.as_str()).all(|own| own == id(&event));
            assert!(own && errors(&event.diagnostic).is_empty());
        }
    }
}

#[tokio::test]
async fn a_list_ends_at_its_limit() {
    let core = start().await;
    let found = all(&core, request(&core, [], 5)).await;
    assert_eq!(found.len(), 5);
    assert!(made(&core).await <= 5, "what is beyond the limit is never made");
    // Without a limit it is the client that stops.
    assert_eq!(all(&core, request(&core, [("number", 7.into())], 0)).await.len(), 7);
}

/// How many objects the list had made when it was dropped.
async fn made(core: &Core) -> u64 {
    let begun = Instant::now();
    loop {
        let log = core.plugin.stderr();
        if let Some(line) = log.lines().rfind(|line| line.contains("the list was dropped")) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            return line["made"].as_str().map_or_else(|| line["made"].as_u64().unwrap(), |text| text.parse().unwrap());
        }
        assert!(begun.elapsed() < PATIENCE, "the list goes on: {log}");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_client_that_cancels_ends_the_list() {
    let core = start().await;
    let mut events = list(&core, request(&core, [], 0)).await;
    for number in 0..2 {
        assert_eq!(id(&next(&mut events).await.expect("an object")), format!("id-{number}"));
    }
    drop(events);
    let made = made(&core).await;
    assert!(made < 10_000, "{made} objects: a list is made as it is read");
    assert!(core.alive().await);
}

#[tokio::test]
async fn a_list_that_waits_ends_with_its_client_and_with_the_process() {
    let core = start().await;
    let waiting = || request(&core, [("mishap", "wait:third".into())], 0);
    let mut events = list(&core, waiting()).await;
    for _ in 0..2 {
        next(&mut events).await.expect("an object");
    }
    drop(events);
    assert_eq!(made(&core).await, 2);
    let mut events = list(&core, waiting()).await;
    next(&mut events).await.expect("an object");
    core.plugin.assert_ends_promptly("a list is open").await;
}

#[tokio::test]
async fn what_goes_wrong_is_the_last_event() {
    let core = start().await;
    for (mishap, before, error) in [
        ("fail:begin", 0, "Failed on demand"),
        ("panic:begin", 0, "The provider panicked"),
        ("fail:third", 2, "Failed on demand"),
        ("panic:third", 2, "The provider panicked"),
    ] {
        let mut found = all(&core, request(&core, [("mishap", mishap.into())], 0)).await;
        let last = found.pop().expect("an event");
        assert_eq!(errors(&last.diagnostic), [error], "{mishap}");
        assert!(last.identity.is_none(), "{mishap}");
        assert_eq!(found.iter().filter(|event| event.diagnostic.is_empty()).count(), before, "{mishap}");
    }
    let unknown = pb::list_resource::Request { type_name: "fixture_big".into(), ..request(&core, [], 1) };
    let found = all(&core, unknown).await;
    assert_eq!(found.iter().flat_map(|event| errors(&event.diagnostic)).collect::<Vec<_>>(), ["Unknown list resource"]);
    assert!(core.alive().await);
}

#[tokio::test]
async fn what_is_wrong_with_one_object_is_in_its_own_event() {
    let core = start().await;
    for (mishap, title) in [("odd:third", "Unexpected type"), ("odd_identity:third", "Answer does not fit the schema")]
    {
        let has_identity = mishap == "odd:third";
        let request = request(&core, [("mishap", mishap.into()), ("number", 4.into())], 0);
        let found = all(&core, pb::list_resource::Request { include_resource_object: true, ..request }).await;
        assert_eq!(found.iter().map(id).collect::<Vec<_>>(), ["id-0", "id-1", "id-2", "id-3"], "{mishap}");
        for event in found {
            let is_odd = id(&event) == "id-2";
            let said: Vec<&str> = event.diagnostic.iter().map(|problem| problem.summary.as_str()).collect();
            assert_eq!(said, if is_odd { vec![title] } else { vec![] });
            assert_eq!(errors(&event.diagnostic), Vec::<&str>::new(), "a CLI ends its list at the first error");
            assert_eq!(event.identity.is_some(), !is_odd || has_identity, "{mishap}");
            assert_eq!(event.resource_object.is_some(), !is_odd || !has_identity, "{mishap}");
            assert!(event.diagnostic.iter().all(|problem| problem.detail.contains("\"id-2 ")), "{mishap}");
        }
    }
    assert!(core.alive().await);
}

#[tokio::test]
async fn filters_are_validated() {
    let core = start().await;
    let validate = async |given| {
        let request = pb::validate_list_resource_config::Request {
            type_name: UNRULY.into(),
            config: config(&core, given),
            ..Default::default()
        };
        core.client.clone().validate_list_resource_config(request).await.unwrap().into_inner().diagnostics
    };
    assert_eq!(validate([("number", 3.into())]).await, []);
    assert_eq!(validate([("number", Value::UNKNOWN)]).await, [], "an unknown value is never wrong");
    assert_eq!(errors(&validate([("number", 0.into())]).await), ["Invalid value"]);
    assert_eq!(errors(&validate([("mishap", "fail:validate".into())]).await), ["Failed on demand"]);
    assert_eq!(errors(&validate([("mishap", "panic:validate".into())]).await), ["The provider panicked"]);
}

/// Ctrl-C: a list has nothing to bring to an end.
#[tokio::test]
async fn a_stop_ends_the_list() {
    let core = start().await;
    let mut events = list(&core, request(&core, [("mishap", "wait:third".into())], 0)).await;
    for _ in 0..2 {
        next(&mut events).await.expect("an object");
    }
    core.client.clone().stop_provider(pb::stop_provider::Request {}).await.unwrap();
    let last = next(&mut events).await.expect("the reason");
    assert_eq!(errors(&last.diagnostic), ["Interrupted"]);
    assert!(next(&mut events).await.is_none());
    assert_eq!(made(&core).await, 2);
}
