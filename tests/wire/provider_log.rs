//! What the log says of a request: which, about what, how long; never a value.

use std::time::Instant;

use talosendpoint::{framework::value::Value, protocol::pb::tfplugin6 as pb};
use tokio::time::{Duration, sleep};

use crate::{
    client::{Launch, PATIENCE},
    provider_core::{packed, program, schema_type, schemas},
};

#[tokio::test]
async fn every_request_is_logged_without_its_values() {
    const NAME: &str = "fixture_everything";
    let ty = schema_type(&schemas(program()).await.resource_schemas[NAME]);
    let config = crate::provider_core::object(&ty, [("name", "hunter2".into()), ("password", "hunter2".into())]);
    let plugin = Launch::of(program()).env("TF_LOG_PROVIDER", "TRACE").start().await;
    let mut client = plugin.provider().await;
    let request = pb::plan_resource_change::Request {
        type_name: NAME.into(),
        prior_state: Some(packed(&Value::Null, &ty)),
        proposed_new_state: Some(packed(&config, &ty)),
        config: Some(packed(&config, &ty)),
        ..Default::default()
    };
    client.plan_resource_change(request).await.unwrap();
    let misfit = pb::DynamicValue { msgpack: b"\xa7hunter2".to_vec(), json: Vec::new() };
    let request = pb::validate_resource_config::Request {
        type_name: NAME.into(),
        config: Some(misfit),
        client_capabilities: None,
    };
    client.validate_resource_config(request).await.unwrap();
    let begun = Instant::now();
    while !plugin.stderr().contains("ValidateResourceConfig") && begun.elapsed() < PATIENCE {
        sleep(Duration::from_millis(10)).await;
    }
    let log = plugin.stderr();
    for rpc in ["PlanResourceChange", "ValidateResourceConfig"] {
        let line =
            log.lines().find(|line| line.contains(rpc)).unwrap_or_else(|| panic!("{rpc} is not in the log: {log}"));
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&line["@level"], &line["tf_rpc"], &line["tf_resource_type"]),
            (&"debug".into(), &rpc.into(), &NAME.into())
        );
        assert!(line["tf_req_duration_ms"].as_str().is_some_and(|text| text.parse::<u64>().is_ok()), "{line}");
    }
    assert!(!log.contains("hunter2"), "{log}");
}
