//! Objects come, change and go.

use talosendpoint::framework::{
    path::{Path, Step},
    value::{Object, Value},
};
use talosendpoint::protocol::pb::tfplugin6::{self as pb, attribute_path::step::Selector};

use crate::provider_core::{Change, Core, errors, packed, unpacked};

const EVERYTHING: &str = "fixture_everything";

fn member(key: &str) -> Value {
    let members = [("key", key.into()), ("port", Value::Null), ("made", Value::Null)];
    let deep = Value::list([Value::Object(Object::from([("leaf".into(), Value::Null)]))]);
    let members = members.into_iter().chain([("deep", deep)]);
    Value::Object(members.map(|(name, value)| (name.into(), value)).collect())
}

/// A configuration that uses every attribute.
fn full(core: &Core, name: &str) -> Value {
    let number = |text: &str| Value::Number(text.parse().unwrap());
    let keyed = |key: &str| Value::Object(Object::from([("key".into(), key.into())]));
    core.object(
        EVERYTHING,
        [
            ("name", name.into()),
            ("flag", true.into()),
            ("count_of", Value::from(1000)),
            ("ratio", number("0.1")),
            ("mode", "slow".into()),
            ("password", "hunter2".into()),
            ("texts", Value::list(["b".into(), "a".into(), Value::Null])),
            ("tags", Value::Map([("k".into(), "\u{e9}".into())].into())),
            ("zones", Value::set(["z".into(), "a".into()])),
            ("matrix", Value::list([Value::list([number("9223372036854775808"), number("1e400")]), Value::list([])])),
            (
                "record",
                Value::Object(Object::from([("a".into(), Value::Null), ("b".into(), Value::set([number("1.5")]))])),
            ),
            ("single", member("s")),
            ("listed", Value::list([member("l0"), member("l1")])),
            ("unordered", Value::set([keyed("u1"), keyed("u0")])),
            ("named", Value::Map([("n".into(), member("n"))].into())),
        ],
    )
}

fn replaced(answer: &pb::plan_resource_change::Response) -> Vec<String> {
    let paths = answer.requires_replace.iter().map(|path| {
        let path = path.steps.iter().fold(Path::root(), |path, step| match step.selector.clone().unwrap() {
            Selector::AttributeName(name) => path.attribute(&name),
            Selector::ElementKeyString(key) => path.key(&key),
            Selector::ElementKeyInt(index) => path.index(u64::try_from(index).unwrap()),
        });
        assert!(matches!(path.steps()[0], Step::Attribute(_)));
        path.to_string()
    });
    paths.collect()
}

#[tokio::test]
async fn every_kind_of_attribute_from_create_to_destroy() {
    let core = Core::fixture().await;
    let config = full(&core, "first");
    assert_eq!(core.validate(EVERYTHING, &config).await, []);

    let create = Change::create(config.clone());
    let planned = core.plan(EVERYTHING, &create).await;
    let planned_value = unpacked(planned.planned_state.clone(), &core.resource(EVERYTHING));
    for name in ["id", "revision"] {
        assert!(planned_value.attribute(name).unwrap().is_unknown(), "{name}");
    }
    assert_eq!(planned_value.attribute("ratio"), config.attribute("ratio"), "0.1 stays exactly 0.1");
    let listed = &planned_value.attribute("listed").unwrap().elements().unwrap()[1];
    assert_eq!(listed.attribute("port"), Some(&Value::from(6443)), "nested defaults are in the plan");
    assert_eq!(replaced(&planned), [""; 0], "a create replaces nothing");

    let created = core.change(EVERYTHING, &create).await;
    assert_eq!(created.0.attribute("id"), Some(&"made".into()));
    let read = core.read(EVERYTHING, &created.0, &created.1).await;
    assert_eq!((unpacked(read.new_state, &core.resource(EVERYTHING)), read.private), created.clone());

    let same = core.plan(EVERYTHING, &Change::update(created.clone(), config.clone())).await;
    assert_eq!(unpacked(same.planned_state, &core.resource(EVERYTHING)), created.0, "nothing to change is no change");

    let Value::Object(mut changed) = config.clone() else { panic!("an object") };
    changed.insert("flag".into(), Value::Null);
    changed.insert("mode".into(), Value::Null);
    let update = Change::update(created.clone(), Value::Object(changed));
    let planned = core.plan(EVERYTHING, &update).await;
    let value = unpacked(planned.planned_state.clone(), &core.resource(EVERYTHING));
    assert_eq!(value.attribute("id"), created.0.attribute("id"), "kept");
    assert!(value.attribute("revision").unwrap().is_unknown(), "not kept");
    assert_eq!(value.attribute("mode"), Some(&"fast".into()), "back to the default");
    let updated = core.change(EVERYTHING, &update).await;

    let destroy = Change::destroy(updated);
    let planned = core.plan(EVERYTHING, &destroy).await;
    assert!(unpacked(planned.planned_state.clone(), &core.resource(EVERYTHING)).is_null());
    let gone = core.apply(EVERYTHING, &destroy, &planned).await;
    assert_eq!(errors(&gone.diagnostics), [""; 0]);
    assert!(unpacked(gone.new_state, &core.resource(EVERYTHING)).is_null());
}

#[tokio::test]
async fn a_replacement_is_planned_twice() {
    let core = Core::fixture().await;
    let created = core.change(EVERYTHING, &Change::create(full(&core, "first"))).await;
    let planned = core.plan(EVERYTHING, &Change::update(created, full(&core, "second"))).await;
    assert_eq!(replaced(&planned), ["name"]);
    // The second call: no prior object, but the private data that the first one planned.
    let again = Change { private: planned.planned_private, ..Change::create(full(&core, "second")) };
    let again = core.plan(EVERYTHING, &again).await;
    assert_eq!(errors(&again.diagnostics), [""; 0]);
    let value = unpacked(again.planned_state, &core.resource(EVERYTHING));
    assert!(value.attribute("id").unwrap().is_unknown(), "a new object has a new id");
}

#[tokio::test]
async fn a_plan_with_unknown_values_is_kept_when_they_are_known() {
    let core = Core::fixture().await;
    let Value::Object(mut config) = full(&core, "first") else { panic!("an object") };
    for name in ["password", "texts", "single", "mode", "unordered"] {
        config.insert(name.into(), Value::UNKNOWN);
    }
    let config = Value::Object(config);
    assert_eq!(core.validate(EVERYTHING, &config).await, [], "unknown is never wrong");
    let planned = core.plan(EVERYTHING, &Change::create(config)).await;
    assert_eq!(errors(&planned.diagnostics), [""; 0]);
    let before = unpacked(planned.planned_state, &core.resource(EVERYTHING));
    let planned = core.plan(EVERYTHING, &Change::create(full(&core, "first"))).await;
    let after = unpacked(planned.planned_state, &core.resource(EVERYTHING));
    for (name, value) in before.entries().unwrap() {
        assert!(!value.is_wholly_known() || after.attribute(name) == Some(value), "{name} changed");
    }
}

#[tokio::test]
async fn configurations_that_terraform_lets_pass_are_refused() {
    let core = Core::fixture().await;
    let refused = |name: &'static str, value: Value| {
        let Value::Object(mut config) = full(&core, "first") else { panic!("an object") };
        config.insert(name.into(), value);
        Value::Object(config)
    };
    let Value::Object(mut keyless) = member("x") else { panic!("an object") };
    keyless.insert("key".into(), Value::Null);
    let cases = [
        ("name", Value::Null),
        ("id", "mine".into()),
        ("count_of", Value::from(1001)),
        ("mode", "other".into()),
        ("single", Value::Object(keyless.clone())),
        ("named", Value::Map([("n".into(), Value::Object(keyless))].into())),
    ];
    for (name, value) in cases {
        let diagnostics = core.validate(EVERYTHING, &refused(name, value)).await;
        assert_eq!(errors(&diagnostics).len(), 1, "{name}: {diagnostics:?}");
        let steps = &diagnostics[0].attribute.as_ref().expect("a place").steps;
        assert_eq!(steps[0].selector, Some(Selector::AttributeName(name.into())));
        assert!(!diagnostics[0].detail.contains("hunter2"));
    }
    let diagnostics = core.validate(EVERYTHING, &refused("old", "x".into())).await;
    assert_eq!((diagnostics.len(), errors(&diagnostics).len()), (1, 0), "deprecated is a warning: {diagnostics:?}");
}

#[tokio::test]
async fn provider_block_and_data_source() {
    let core = Core::fixture().await;
    let ty = core.data_source("fixture_echo");
    let config = crate::provider_core::object(&ty, [("input", "ab".into()), ("times", Value::from(2))]);
    let mut client = core.client.clone();
    let request = pb::validate_data_resource_config::Request {
        type_name: "fixture_echo".into(),
        config: Some(packed(&config, &ty)),
    };
    assert_eq!(client.validate_data_resource_config(request).await.unwrap().into_inner().diagnostics, []);
    let request = pb::read_data_source::Request {
        type_name: "fixture_echo".into(),
        config: Some(packed(&config, &ty)),
        ..Default::default()
    };
    let answer = client.read_data_source(request).await.unwrap().into_inner();
    assert_eq!(unpacked(answer.state, &ty).attribute("output"), Some(&"abab".into()));

    let ty = core.provider();
    for (config, expected) in [
        (crate::provider_core::object(&ty, []), 0),
        (crate::provider_core::object(&ty, [("token", Value::UNKNOWN)]), 0),
        (crate::provider_core::object(&ty, [("mishap", "fail:configure".into())]), 1),
    ] {
        let config = Some(packed(&config, &ty));
        let request = pb::validate_provider_config::Request { config: config.clone() };
        assert_eq!(client.validate_provider_config(request).await.unwrap().into_inner().diagnostics, []);
        let request = pb::configure_provider::Request { config, ..Default::default() };
        let diagnostics = client.configure_provider(request).await.unwrap().into_inner().diagnostics;
        assert_eq!(errors(&diagnostics).len(), expected, "{diagnostics:?}");
    }
}
