//! State from earlier: stored as JSON, of older schemas, imported.

use std::collections::BTreeMap;

use talosendpoint::{framework::value::Value, protocol::pb::tfplugin6 as pb};

use crate::provider_core::{Change, Core, errors, identity_type, packed, stored, unpacked};

const VERSIONED: &str = "fixture_versioned";
const UNRULY: &str = "fixture_unruly";

#[tokio::test]
async fn what_apply_made_is_read_from_state_unchanged() {
    let core = Core::fixture().await;
    for name in ["fixture_everything", VERSIONED, UNRULY] {
        let config = match name {
            "fixture_everything" => {
                core.object(name, [("name", "a".into()), ("ratio", Value::Number("0.1".parse().unwrap()))])
            }
            VERSIONED => core
                .object(name, [("title", "a".into()), ("size", Value::Number("9223372036854775808".parse().unwrap()))]),
            _ => core.object(name, []),
        };
        let (made, _) = core.change(name, &Change::create(config)).await;
        let version = core.schemas.resource_schemas[name].version;
        let answer = core.upgrade(name, version, &stored(&made, &core.resource(name))).await;
        assert_eq!(answer.diagnostics, []);
        assert_eq!(unpacked(answer.upgraded_state, &core.resource(name)), made);
    }
}

#[tokio::test]
async fn every_version_is_upgraded() {
    let core = Core::fixture().await;
    let ty = core.resource(VERSIONED);
    let number = |text: &str| Value::Number(text.parse().unwrap());
    let cases = [
        (0, r#"{"label":"a"}"#, core.object(VERSIONED, [("title", "a".into())])),
        (1, r#"{"title":"a","size":"7"}"#, core.object(VERSIONED, [("title", "a".into()), ("size", Value::from(7))])),
        (2, r#"{"title":"a"}"#, core.object(VERSIONED, [("title", "a".into())])),
        (
            2,
            r#"{"title":"a","size":0.1,"gone":[{}]}"#,
            core.object(VERSIONED, [("title", "a".into()), ("size", number("0.1"))]),
        ),
        (
            2,
            " {\n\"title\" : \"a\", \"size\" : \"3.50\" } ",
            core.object(VERSIONED, [("title", "a".into()), ("size", number("3.5"))]),
        ),
    ];
    for (version, json, expected) in cases {
        let answer = core.upgrade(VERSIONED, version, json).await;
        assert_eq!(answer.diagnostics, [], "{version} {json}");
        assert_eq!(unpacked(answer.upgraded_state, &ty), expected, "{version} {json}");
    }
}

#[tokio::test]
async fn state_that_is_not_understood_is_an_error_and_never_gone() {
    let core = Core::fixture().await;
    // `Core::upgrade` fails where neither a state nor an error comes.
    for (version, json) in [
        (3, r#"{"title":"a"}"#),
        (-1, r#"{"title":"a"}"#),
        (0, r#"{"label":"fail"}"#),
        (0, r#"{"label":"a","gone":1}"#),
        (2, "null"),
        (2, ""),
        (2, "[]"),
        (2, "{"),
        (2, r#"{"title":{"a":1}}"#),
        (2, r#"{"title":"a","size":"large"}"#),
    ] {
        let answer = core.upgrade(VERSIONED, version, json).await;
        assert_eq!(errors(&answer.diagnostics).len(), 1, "{version} {json}");
        assert!(!answer.diagnostics[0].detail.contains("large"), "values are not quoted");
    }
    let flatmap = BTreeMap::from([("title".to_owned(), "a".to_owned())]);
    let request = pb::upgrade_resource_state::Request {
        type_name: VERSIONED.into(),
        version: 2,
        raw_state: Some(pb::RawState { json: Vec::new(), flatmap }),
    };
    let answer = core.client.clone().upgrade_resource_state(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics), ["Stored state is too old"]);
}

#[tokio::test]
async fn an_object_of_the_same_type_moves_with_all_that_is_stored() {
    let core = Core::fixture().await;
    let moved = |from: &str, version: i64, json: &str| {
        let request = pb::move_resource_state::Request {
            source_provider_address: "registry.example.com/somebody/else".into(),
            source_type_name: from.to_owned(),
            source_schema_version: version,
            source_state: Some(pb::RawState { json: json.into(), flatmap: BTreeMap::new() }),
            target_type_name: VERSIONED.into(),
            source_private: b"kept".to_vec(),
            ..Default::default()
        };
        let mut client = core.client.clone();
        async move { client.move_resource_state(request).await.unwrap().into_inner() }
    };
    for (version, json) in [(2, r#"{"title":"a"}"#), (0, r#"{"label":"a"}"#)] {
        let answer = moved(VERSIONED, version, json).await;
        assert_eq!(errors(&answer.diagnostics), [""; 0]);
        let state = unpacked(answer.target_state, &core.resource(VERSIONED));
        let upgraded = core.upgrade(VERSIONED, version, json).await.upgraded_state;
        assert_eq!(state, unpacked(upgraded, &core.resource(VERSIONED)));
        assert_eq!(answer.target_private, b"kept");
    }
    let answer = moved(UNRULY, 2, r#"{"title":"a"}"#).await;
    assert_eq!(errors(&answer.diagnostics), ["Other type of resource"]);
    assert!(answer.diagnostics[0].detail.contains(UNRULY) && answer.target_state.is_none());
    assert_eq!(errors(&moved(VERSIONED, 7, "{}").await.diagnostics), ["Unknown state version"]);
}

#[tokio::test]
async fn an_import_is_followed_by_a_read() {
    let core = Core::fixture().await;
    let import = |type_name: &str, id: &str| {
        let (mut client, type_name, id) = (core.client.clone(), type_name.to_owned(), id.to_owned());
        async move {
            let request = pb::import_resource_state::Request { type_name, id, ..Default::default() };
            client.import_resource_state(request).await.unwrap().into_inner()
        }
    };
    let answer = import(UNRULY, "id-7").await;
    assert_eq!((errors(&answer.diagnostics), answer.deferred), (Vec::new(), None));
    let [imported] = answer.imported_resources.as_slice() else { panic!("exactly one object") };
    assert_eq!(imported.type_name, UNRULY);
    let state = unpacked(imported.state.clone(), &core.resource(UNRULY));
    assert_eq!(state.attribute("id"), Some(&"id-7".into()));
    let read = core.read(UNRULY, &state, &imported.private).await;
    assert_eq!(errors(&read.diagnostics), [""; 0]);
    assert_eq!((unpacked(read.new_state, &core.resource(UNRULY)), &read.private), (state, &imported.private));
    assert!(!imported.private.is_empty(), "what import remembered is kept");

    for (name, id) in [(UNRULY, "gone"), (UNRULY, "fail:import"), (VERSIONED, "any"), ("fixture_nothing", "any")] {
        let answer = import(name, id).await;
        assert_eq!(errors(&answer.diagnostics).len(), 1, "{name} {id}");
        assert_eq!(answer.imported_resources, [], "{name} {id}");
    }
}

#[tokio::test]
async fn an_import_goes_by_identity_too() {
    let core = Core::fixture().await;
    let import = |type_name: &str, identity_data: Option<pb::DynamicValue>| {
        let (mut client, type_name) = (core.client.clone(), type_name.to_owned());
        async move {
            let identity = Some(pb::ResourceIdentityData { identity_data });
            let request = pb::import_resource_state::Request { type_name, identity, ..Default::default() };
            client.import_resource_state(request).await.unwrap().into_inner()
        }
    };
    let identity = packed(&Value::Object([("id".to_owned(), "id-7".into())].into()), &identity_type());
    let answer = import(UNRULY, Some(identity.clone())).await;
    assert_eq!(errors(&answer.diagnostics), [""; 0]);
    let [imported] = answer.imported_resources.as_slice() else { panic!("exactly one object") };
    let state = unpacked(imported.state.clone(), &core.resource(UNRULY));
    assert_eq!(state.attribute("id"), Some(&"id-7".into()));
    assert_eq!(imported.identity, Some(pb::ResourceIdentityData { identity_data: Some(identity) }));

    assert_eq!(errors(&import(UNRULY, None).await.diagnostics), ["Incomplete identity"]);
    let nothing = Some(pb::DynamicValue::default());
    assert_eq!(errors(&import(VERSIONED, nothing).await.diagnostics), ["Import by identity is not supported"]);
}

#[tokio::test]
async fn a_stored_identity_is_read_in_its_own_version_alone() {
    let core = Core::fixture().await;
    let upgrade = |type_name: &str, version: i64, json: &str| {
        let raw_identity = Some(pb::RawState { json: json.into(), flatmap: BTreeMap::new() });
        let request = pb::upgrade_resource_identity::Request { type_name: type_name.into(), version, raw_identity };
        let mut client = core.client.clone();
        async move { client.upgrade_resource_identity(request).await.unwrap().into_inner() }
    };
    let answer = upgrade(UNRULY, 0, r#"{"id":"id-7"}"#).await;
    assert_eq!(errors(&answer.diagnostics), [""; 0]);
    let parts = unpacked(answer.upgraded_identity.unwrap().identity_data, &identity_type());
    assert_eq!(parts.attribute("id"), Some(&"id-7".into()));
    for (name, version, json) in
        [(UNRULY, 1, "{}"), (UNRULY, 0, r#"{"di":"x"}"#), (VERSIONED, 0, "{}"), ("no", 0, "{}")]
    {
        let answer = upgrade(name, version, json).await;
        assert_eq!(errors(&answer.diagnostics).len(), 1, "{name} {version} {json}");
        assert_eq!(answer.upgraded_identity, None);
    }
}
